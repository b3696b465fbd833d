"""Messages that people might send, written by the model before anyone asks.

    imagine(model, comparison)  ->  {"best-for/…": ("Our ward …", …), "analysis/…": (…), …}

For each passage that gives a verdict they describe cases of it; for every other one they ask for
what its sentences state. They are what agent.probe learns from, so that words which the document
never uses are known too. A file beside the comparison, NAME.messages.jsonl, takes their place: one
JSON object a line, {"passage": id, "message": text}, the id empty where no passage is asked for;
what it does not speak of is imagined. The shipped comparison has one: its cases are told in many
voices, better than a small model tells them. What people really sent is better still. Drawn with
fixed seeds.
Not covered: whether a message is a good one. Most are; the probe averages over them.
"""

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

from agent.errors import InputUnusable
from agent.messages import open_block, text_block
from agent.model import Model
from agent.prompts import prompt
from knowledge.comparison import Comparison, Passage

ROUNDS = 3  # messages of each sender for each use case
MAX_TOKENS = 70
SHOWN_SENTENCES = 3  # of the use case, to its writer
MIN_WORDS = 3  # of a message that says something

Imagined = Mapping[str, Sequence[str]]  # passage id -> messages
Report = Callable[[int, int], None]


def imagine(
    model: Model,
    comparison: Comparison,
    report: Report = lambda done, total: None,
    known: Imagined | None = None,
) -> dict[str, tuple[str, ...]]:
    """For every passage but the `known` ones the messages of people whom it concerns; those that
    say nothing, or repeat an example of the prompt, are left out.
    """
    tasks = [task for task in _tasks(comparison) if task[0].id not in (known or {})]
    examples = prompt("imagine_messages") + prompt("imagine_questions")
    found: dict[str, list[str]] = {passage.id: [] for passage, _ in tasks}
    with model.turn() as turn:  # one for all: what a prompt shares with the last stays read
        for seed, (passage, messages) in enumerate(tasks):
            text = "".join(turn.stream(messages, MAX_TOKENS, stop=["\n"], seed=seed)).strip()
            if len(text.split()) >= MIN_WORDS and text not in examples:
                found[passage.id].append(text)
            report(seed + 1, len(tasks))
    return {passage: tuple(dict.fromkeys(texts)) for passage, texts in found.items()}


def _tasks(comparison: Comparison) -> Iterator[tuple[Passage, list[BaseMessage]]]:
    """What the model is to write, and about which passage."""
    senders = prompt("senders").splitlines()
    cases = comparison.recommending
    for case in cases:
        described = f"{case.heading}. {' '.join(case.sentences[:SHOWN_SENTENCES])}"
        if case.kind == "bottom-line":
            described = prompt("imagined_general_case")
        for sender in senders * ROUNDS:
            asked = prompt(
                "imagined_message", title=comparison.title, use_case=described, sender=sender
            )
            yield case, _writing(prompt("imagine_messages"), asked, "Message:")
    told = [
        (p, sentence) for p in comparison.passages if p not in cases for sentence in p.sentences
    ]
    for place, (passage, sentence) in enumerate(told):
        asked = prompt("imagined_question", sentence=sentence, sender=senders[place % len(senders)])
        yield passage, _writing(prompt("imagine_questions"), asked, "Question:")


def _writing(examples: str, asked: str, begun: str) -> list[BaseMessage]:
    return [SystemMessage(examples), HumanMessage([text_block(f"{asked}\n"), open_block(begun)])]


def messages_file(source: Path) -> Path:
    """Where the messages for the comparison in `source` lie, if there are any."""
    return source.with_suffix(".messages.jsonl")


def read_messages(file: Path, comparison: Comparison) -> dict[str, tuple[str, ...]]:
    """The messages of a file. Raises InputUnusable naming the line that is none."""
    known = {passage.id for passage in comparison.passages} | {""}
    found: dict[str, list[str]] = {}
    try:
        lines = file.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise InputUnusable(f"{file} cannot be read as UTF-8 text ({error}).") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
            passage, message = entry["passage"], entry["message"]
        except (ValueError, KeyError, TypeError) as error:
            raise InputUnusable(
                f'{file}:{number}: "{line[:60]}" is not {{"passage": id, "message": text}}.'
            ) from error
        if passage not in known:
            raise InputUnusable(
                f'{file}:{number}: {comparison.title} has no passage "{passage}". '
                f"Correct it, or remove the file to have messages written anew."
            )
        found.setdefault(passage, []).append(str(message))
    return {passage: tuple(messages) for passage, messages in found.items()}


def write_messages(file: Path, imagined: Imagined) -> None:
    """Writes the form that read_messages reads, whole or not at all. Raises OSError."""
    lines = [
        json.dumps({"passage": passage, "message": message}, ensure_ascii=False)
        for passage, messages in imagined.items()
        for message in messages
    ]
    partial = file.with_suffix(f".partial-{os.getpid()}")
    partial.parent.mkdir(parents=True, exist_ok=True)
    partial.write_text("\n".join([*lines, ""]), encoding="utf-8")
    partial.replace(file)
