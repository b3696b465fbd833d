"""Labelled comparisons: documents of many writers, and what people say about each.

    for each in read_training():      evals/datasets/training, to learn from
        each.comparison, each.messages
    for each in read_validation():    evals/datasets/validation, to measure with
        each.comparison, each.cases

README.md beside this module describes the files. Labels name texts of the document; here they
become passages of what the reader made of it. Not covered: what the reader missed; such messages
have no passage and are left out of what is learnt.
"""

import json
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from evals.datasets.case import Case
from knowledge.comparison import NEITHER, Comparison, Passage, joined
from knowledge.documents.judge import Judge
from knowledge.documents.names import Names
from knowledge.documents.reader import parse_file

FOLDER = Path(__file__).parent
TRUTH = ".truth.json"
SITUATED = ".situated.jsonl"
GENERAL = "general"  # what a message does that asks for advice without a situation
MOSTLY = 0.6  # share of a label's long words that a passage without the whole label must have
LONG = 4  # letters


@dataclass(frozen=True)
class LabelledMessage:
    """A message, and what its writer `does` with it (README.md lists the values).

    `does`      as in the file; "general" for advice without a situation
    `about`     ids of the passages that it is about: the use case, or those that have the answer;
                empty if there is none, or if the reader missed it
    `expected`  whether there should be one
    `quote`     the exact text of the document that has the answer, if it is a question of fact
    `situated`  whether it is of the second set, in which people ask for facts amid their
                circumstances, and for advice without any
    """

    text: str
    does: str
    about: tuple[str, ...] = ()
    expected: bool = False
    quote: str = ""
    situated: bool = False

    def quotes(self, sentence: str) -> bool:
        """Whether a sentence of the document has the quoted text, or is part of it."""
        quote, said = f" {plain_words(self.quote)} ", f" {plain_words(sentence)} "
        return bool(self.quote) and (quote in said or said in quote)


@dataclass(frozen=True)
class LabelledComparison:
    """A comparison, its file, its writer, and what people say about it."""

    file: Path
    writer: str
    comparison: Comparison
    messages: tuple[LabelledMessage, ...]

    @property
    def name(self) -> str:
        return self.file.stem


@dataclass(frozen=True)
class MeasuredComparison:
    """A comparison, its file, and cases about it (evals.datasets.case)."""

    file: Path
    comparison: Comparison
    cases: tuple[Case, ...]


def read_validation(folder: Path = FOLDER / "validation") -> list[MeasuredComparison]:
    """Every comparison of `folder`, in the order of their names, as the rules read it."""
    return [measured(file) for file in validation_files(folder)]


def validation_files(folder: Path = FOLDER / "validation") -> list[Path]:
    """The documents of `folder`, in the order of their names."""
    return [document_of(truth) for truth in sorted(folder.glob(f"*{TRUTH}"))]


def measured(file: Path, judge: Judge | None = None) -> MeasuredComparison:
    """A validation comparison, read with `judge`.

    A case may expect a verdict that the reader did not find in the document: that fails it.
    """
    comparison = parse_file(file, judge=judge)
    lines = file.with_suffix(".cases.jsonl").read_text(encoding="utf-8").splitlines()
    entries = [json.loads(line) for line in lines if line.strip()]
    cases = [
        _case(f"{file.stem}-{number:02}", entry, comparison)
        for number, entry in enumerate(entries, 1)
    ]
    return MeasuredComparison(file, comparison, tuple(cases))


def _case(name: str, entry: dict[str, Any], comparison: Comparison) -> Case:
    wanted: dict[str, Any] = {"id": name, "kind": entry["kind"], "turns": tuple(entry["turns"])}
    wanted |= {key: tuple(entry[key]) for key in ("must", "must_not") if entry.get(key)}
    if entry["kind"] == "abstain":
        return Case(**wanted, abstain=True)
    if quote := entry.get("quote"):
        return Case(**wanted, cites=stating(quote, comparison))
    cites = advised(entry["case"], comparison)
    return Case(**wanted, verdict=_label(entry["verdict"], comparison), cites=cites)


def _label(verdict: str | list[str] | None, comparison: Comparison) -> str | None:
    """A verdict of a truth file as a label; null there is for none of the options."""
    if verdict is None:
        return NEITHER if NEITHER in comparison.labels else comparison.both
    if verdict == "both":
        return comparison.both
    if isinstance(verdict, str):
        return option_named(verdict, comparison)
    return joined([option_named(each, comparison) for each in verdict])


def option_named(name: str, comparison: Comparison) -> str:
    """The option of that name as the comparison has it: "Heron Plan" for "Heron"."""
    place = Names(comparison.options).only(name)
    return name if place is None else comparison.options[place]


def read_training(folder: Path = FOLDER / "training") -> list[LabelledComparison]:
    """Every comparison of `folder`, in the order of their names, as the rules read it."""
    return [_labelled(truth) for truth in sorted(folder.glob(f"*{TRUTH}"))]


def document_of(truth: Path) -> Path:
    """The document that `truth` belongs to."""
    name = truth.name.removesuffix(TRUTH)
    [file] = [each for each in truth.parent.glob(f"{name}.*") if _is_document(each)]
    return file


def _is_document(file: Path) -> bool:
    return file.suffix not in (".json", ".jsonl")


def _labelled(truth: Path) -> LabelledComparison:
    file = document_of(truth)
    comparison = parse_file(file)
    messages = [
        *_messages(file.with_suffix(".messages.jsonl"), comparison),
        *(
            replace(each, situated=True)
            for each in _messages(file.with_suffix(SITUATED), comparison)
        ),
    ]
    writer = json.loads(truth.read_text(encoding="utf-8"))["writer"]
    return LabelledComparison(file, writer, comparison, tuple(messages))


def _messages(file: Path, comparison: Comparison) -> list[LabelledMessage]:
    """Those of `file`; none if there is none."""
    if not file.exists():
        return []
    lines = file.read_text(encoding="utf-8").splitlines()
    return [_message(json.loads(line), comparison) for line in lines if line.strip()]


def _message(entry: dict[str, Any], comparison: Comparison) -> LabelledMessage:
    text, does = entry["message"], entry["does"]
    if does == "advice":
        case = entry["case"]
        return LabelledMessage(text, does if case else GENERAL, advised(case, comparison), True)
    if quote := entry.get("quote"):
        return LabelledMessage(text, does, stating(quote, comparison), True, quote)
    return LabelledMessage(text, does)


def advised(case: str, comparison: Comparison) -> tuple[str, ...]:
    """The id of the passage that recommends something for the situation `case`, an exact text of
    the document; "" is the general case. Empty if no passage does.
    """
    if not case:
        return tuple(p.id for p in comparison.recommending if p.kind == "bottom-line")
    return tuple(p.id for p in _having(case, comparison.recommending))[:1]


def stating(quote: str, comparison: Comparison) -> tuple[str, ...]:
    """The ids of the passages that state `quote`, an exact text of the document."""
    wanted = plain_words(quote)
    whole = [
        p.id for p in comparison.passages if wanted in map(plain_words, (*p.cells, *p.sentences))
    ]
    return tuple(whole or (p.id for p in _having(quote, comparison.passages)))


def _having(label: str, passages: tuple[Passage, ...]) -> list[Passage]:
    """The passages with all of `label`, those first that have it in their heading; without any, the
    one that has most of its long words.
    """
    wanted = plain_words(label)
    words = {word for word in wanted.split() if len(word) >= LONG}
    headed = [p for p in passages if wanted in plain_words(p.heading)]
    found = headed or [p for p in passages if wanted in plain_words(f"{p.heading} {p.text}")]
    if found or not words:
        return found
    shares = [
        (len(words & set(plain_words(f"{p.heading} {p.text}").split())) / len(words), -p.number, p)
        for p in passages
    ]
    share, _, best = max(shares, default=(0.0, 0, None))
    return [best] if best and share >= MOSTLY else []


def plain_words(text: str) -> str:
    """The words of `text`, without markup and punctuation."""
    return " ".join(re.findall(r"\w+", text.lower()))
