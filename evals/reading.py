"""What the reader recognises of documents, beside what a person reads: `python -m evals.reading`.

    python -m evals.reading [FOLDER …] [--judge | --all-knowing]

Of each document of FOLDER (evals/datasets/forms by default) with its NAME.truth.json: whether the
options are the person's, how many rows of tables were found, and which situations have the person's
verdict; a document that is refused has none of them. With --judge the default model is asked where
no rule tells; with --all-knowing somebody who knows the truth is, so that what is missing then was
never asked about. Nothing may be learnt or mended from evals/datasets/validation-forms: those
documents are there to measure with. Not covered: how well is advised on what was read
(evals.across).
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.judge import ModelJudge
from agent.settings import read_settings
from evals.datasets.comparisons import (
    FOLDER,
    TRUTH,
    advised,
    document_of,
    option_named,
    plain_words,
)
from evals.statistics import share
from knowledge.comparison import Comparison
from knowledge.documents.judge import Asked, Judge, Judgement
from knowledge.documents.names import Names
from knowledge.documents.reader import parse_file
from knowledge.errors import DocumentError
from knowledge.text.words import stems

KINDS = ("options", "rows", "verdicts", "in general")


@dataclass(frozen=True)
class Read:
    """How many of each of KINDS are right in the document `name`, and how many there are."""

    name: str
    right: tuple[int, ...]
    of: tuple[int, ...]


class AllKnowing(Judge):
    """Judges as `truth` has it: no judge can bring more, as it is asked about no other texts."""

    def __init__(self, truth: Path) -> None:
        self._said: dict[str, Any] = json.loads(truth.read_text(encoding="utf-8"))

    def options(self, text: str) -> Sequence[str]:
        return [*self._said["options"]]

    def __call__(self, options: Sequence[str], texts: Sequence[Asked]) -> list[Judgement]:
        return [Judgement(self._recommended(options, each), 1.0) for each in texts]

    def _recommended(self, options: Sequence[str], asked: Asked) -> tuple[int, ...] | None:
        wanted = self._said["overall"]
        if asked.among != "summary":
            heading, whole = map(plain_words, (asked.heading, f"{asked.heading} {asked.text}"))
            own = [each for each in self._said["cases"] if plain_words(each["case"]) in whole]
            own.sort(key=lambda each: plain_words(each["case"]) not in heading)
            wanted = own[0]["recommends"] if own else None
        if wanted in (None, "both", "neither"):
            return {"both": tuple(range(len(options))), "neither": ()}.get(wanted)
        names = Names(options)
        places = map(names.only, [wanted] if isinstance(wanted, str) else wanted)
        return tuple(place for place in places if place is not None) or None


def read(truth: Path, judge: Judge | None = None) -> Read:
    """What is recognised of the document beside `truth`."""
    name = truth.name.removesuffix(TRUTH)
    said = json.loads(truth.read_text(encoding="utf-8"))
    of = (1, said["rows"], len(said["cases"]), 1)
    try:
        comparison = parse_file(document_of(truth), judge=judge)
    except DocumentError:
        return Read(name, (0, 0, 0, 0), of)
    options = sorted(map(_plain, comparison.options)) == sorted(map(_plain, said["options"]))
    rows = len(comparison.of_kind("dimension"))
    right = [
        _verdict(each["case"], comparison) == _wanted(each, comparison) for each in said["cases"]
    ]
    general = _wanted({"recommends": said["overall"]}, comparison) if said["overall"] else None
    return Read(
        name,
        (
            int(options),
            max(0, min(rows, of[1]) - max(0, rows - of[1])),  # one too many is one wrong
            sum(right),
            int(_verdict("", comparison) == general),
        ),
        of,
    )


def _plain(name: str) -> str:
    return " ".join(stems(name))


def _verdict(case: str, comparison: Comparison) -> frozenset[str] | None:
    """The options that the passage about `case` recommends, which may be none; None without one."""
    ids = advised(case, comparison)
    verdict = comparison.passage(ids[0]).verdict if ids else None
    return None if verdict is None else frozenset(comparison.recommended(verdict))


def _wanted(entry: dict[str, object], comparison: Comparison) -> frozenset[str] | None:
    recommends = entry["recommends"]
    if recommends is None:
        return None
    if recommends in ("both", "neither"):
        return frozenset(comparison.options if recommends == "both" else ())
    names = [recommends] if isinstance(recommends, str) else recommends
    assert isinstance(names, list)
    return frozenset(option_named(name, comparison) for name in names)


def show(found: Sequence[Read]) -> Iterator[str]:
    """A line for each of KINDS, with its 95 % interval by document."""
    for place, kind in enumerate(KINDS):
        measured = [
            (each.name, float(number < each.right[place]))
            for each in found
            for number in range(each.of[place])
        ]
        if metric := share(measured):
            interval = f"{metric.low:.3f} to {metric.high:.3f}"
            yield f"{kind:12} {metric.value:.3f}  {interval}  n = {metric.n}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints the figures of each folder."""
    parser = argparse.ArgumentParser(prog="python -m evals.reading")
    parser.add_argument("folders", nargs="*", type=Path, default=[FOLDER / "forms"])
    asked = parser.add_mutually_exclusive_group()
    asked.add_argument("--judge", action="store_true", help="ask the model where no rule tells")
    asked.add_argument("--all-knowing", action="store_true", help="ask who knows the truth")
    given = parser.parse_args(arguments)
    judge = ModelJudge(read_settings()) if given.judge else None
    for folder in given.folders:
        found = []
        for truth in sorted(folder.glob(f"*{TRUTH}")):
            each = read(truth, AllKnowing(truth) if given.all_knowing else judge)
            shares = "  ".join(
                f"{kind} {right}/{of}"
                for kind, right, of in zip(KINDS, each.right, each.of, strict=True)
            )
            print(f"{each.name:32} {shares}", flush=True)
            found.append(each)
        print("\n".join([f"{folder}: {len(found)} documents", *show(found)]), flush=True)


if __name__ == "__main__":
    main()
