"""Labelled dialogues about the training comparisons: what each sentence of a message does.

    for each in read_dialogues():      evals/datasets/training/*.dialogues.jsonl
        each.units                     sentences as agent.dialogue.acts.split cuts them
    read_dialogues(VALIDATION)         sentences of other writers, to measure with

README.md beside this module describes the files. Writers cut sentences where a second act begins;
the advisor does not, so a sentence may perform several acts.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.dialogue.acts import Act, Reply, context, split

FOLDER = Path(__file__).parent / "training"
VALIDATION = Path(__file__).parent / "validation"
SUFFIX = ".dialogues.jsonl"


@dataclass(frozen=True)
class Unit:
    """A sentence of a message, what it performs, and what was said before.

    `replaced` are earlier statements that no longer hold once it is said, `kept` those that do.
    """

    text: str
    acts: frozenset[Act]
    reply: Reply
    before: str
    replaced: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()

    @property
    def context(self) -> str:
        return context(self.reply, self.before)


@dataclass(frozen=True)
class Dialogue:
    """A dialogue about a comparison by one writer."""

    id: str
    writer: str
    units: tuple[Unit, ...]


def read_dialogues(folder: Path = FOLDER) -> list[Dialogue]:
    """Every dialogue of `folder`, in the order of files and lines; then single sentences and
    corrections, each a dialogue of one sentence.
    """
    found = [
        _dialogue(entry) for file in sorted(folder.glob(f"*{SUFFIX}")) for entry in _read(file)
    ]
    for file in sorted(folder.glob("utterances-*.jsonl")):
        found += [
            Dialogue(
                file.stem,
                file.stem,
                (Unit(entry["text"], frozenset(entry["acts"]), entry["reply"], entry["before"]),),
            )
            for entry in _read(file)
        ]
    for file in sorted(folder.glob("corrections*.jsonl")):
        found += [Dialogue(file.stem, file.stem, (_correction(entry),)) for entry in _read(file)]
    return found


def _read(file: Path) -> list[dict[str, Any]]:
    lines = file.read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line.strip()]


def _correction(entry: Mapping[str, Any]) -> Unit:
    case, gone = entry["case"], set(entry["replaces"])
    return Unit(
        entry["new"],
        frozenset((entry["act"],)),
        "advised",
        case[-1],
        tuple(text for place, text in enumerate(case) if place in gone),
        tuple(text for place, text in enumerate(case) if place not in gone),
    )


def _dialogue(entry: Mapping[str, Any]) -> Dialogue:
    return Dialogue(entry["id"], entry["writer"], tuple(_units(entry["turns"])))


def _units(turns: Sequence[Mapping[str, Any]]) -> Iterator[Unit]:
    reply: Reply = "none"
    before, texts = "", dict[str, str]()
    in_force: list[str] = []  # names of statements, as `replaces` has them
    for number, turn in enumerate(turns):
        pieces = turn["says"]
        names = [f"{number}.{place}" for place in range(len(pieces))]
        texts |= {name: piece["text"] for name, piece in zip(names, pieces, strict=True)}
        for text, parts in _aligned([piece["text"] for piece in pieces]):
            gone = {name for part in parts for name in pieces[part].get("replaces", ())}
            acts = frozenset(pieces[part]["act"] for part in parts)
            replaced = [name for name in in_force if name in gone]
            kept = [name for name in in_force if name not in gone]
            yield Unit(
                text,
                acts,
                reply,
                before,
                tuple(texts[name] for name in replaced),
                tuple(texts[name] for name in kept),
            )
            before = text
            in_force = kept
            said = [part for part in parts if pieces[part]["act"] in ("case", "correct")]
            in_force += [names[part] for part in said]
        reply = turn["reply"]


def _aligned(pieces: Sequence[str]) -> Iterator[tuple[str, tuple[int, ...]]]:
    """The sentences of a message, each with the places of the pieces that it overlaps."""
    message = " ".join(pieces)
    ends, end = [], -1
    for piece in pieces:
        end += len(piece) + 1
        ends.append(end)
    begin = 0
    for text in split(message):
        begin = message.index(text.split()[0], begin)
        stop = begin + len(text)
        starts = [0, *(each + 1 for each in ends[:-1])]
        inside = [
            place
            for place, (first, last) in enumerate(zip(starts, ends, strict=True))
            if first < stop and last > begin
        ]
        yield text, tuple(inside)
        begin = stop
