"""Options that a document numbers: "Option A: Night trains", later called Option A, or A alone."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from knowledge.documents.blocks import Block, plain, same

NOUNS = r"options?|alternatives?|variants?|proposals?|approach(?:es)?|solutions?"
LABELLED = re.compile(
    rf"(?i)^\W*(?:\d+(?:\.\d+)*[.)]?\s+)?((?:{NOUNS})\s+([a-z]|\d{{1,2}}))"
    r"(?:\s*[:.)–—]\s*|\s+-\s+|\s*\((?=[^()]*\)$))(\w.*)$",
    re.DOTALL,
)
MAX_NAME_WORDS = 10


@dataclass(frozen=True)
class Label:
    """An option's label, "Option A", and its name."""

    label: str
    name: str

    @property
    def mark(self) -> str:
        return self.label.split()[-1]


def unlabelled(text: str) -> str:
    """`text` without an option's label: "Night trains" of "Option A: Night trains"."""
    match = LABELLED.match(text)
    return _name(match) if match else text


def _name(match: re.Match[str]) -> str:
    """The name that a label stands before; "Option A (Night trains)" has it in brackets."""
    name = match[3]
    return name[:-1] if name.endswith(")") and "(" not in name else name


def labelled_options(blocks: Sequence[Block], title: str = "") -> list[Label]:
    """The labels and names of a document's options, [] for less than two different ones."""
    found: dict[str, Label] = {}
    for text in _lines(blocks):
        match = LABELLED.match(text)
        name = re.split(r"(?<=\w)[.:;]\s", _name(match))[0].rstrip(" .:;") if match else ""
        if match and 0 < len(name.split()) <= MAX_NAME_WORDS:
            label = plain(match[1]).capitalize()[: -len(match[2])] + match[2].upper()
            found.setdefault(label, Label(label, name))
    words = {label.rsplit(" ", 1)[0] for label in found}
    names = {same(each.name) for each in found.values()}
    return [*found.values()] if len(found) > 1 == len(words) and len(names) == len(found) else []


def _lines(blocks: Iterable[Block]) -> Iterable[str]:
    """The lines that may define an option: headings, bullets, bold leads, and headers of tables."""
    for block in blocks:
        if block.rows:
            yield from block.rows[0].cells
        elif block.level:
            yield block.text
        elif block.item or block.lead:
            yield block.lead or block.text


class Labels:
    """Where a text names options by their labels; "" is the label of an option without one."""

    def __init__(self, labels: Sequence[str]) -> None:
        self._places = {label.split()[-1]: i for i, label in enumerate(labels) if label}
        self._word = next((label.rsplit(" ", 1)[0] for label in labels if label), "")

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        mark = "(?:" + "|".join(map(re.escape, self._places)) + r")(?!\w)"
        join = r"\s*(?:,\s*(?:and|or)\b|[,/&+]|\band/or\b|\band\b|\bor\b)\s*"
        plural = self._word + ("e?s" if self._word.endswith("ch") else "s")
        return re.compile(rf"(?<!\w)(?i:{plural}?)\s+({mark}(?:{join}{mark})*)")

    def spans(self, text: str) -> list[tuple[int, int, int]]:
        """The start, end and option of each label in `text`: two of "options A and B"."""
        found: list[tuple[int, int, int]] = []
        for match in self._pattern.finditer(text) if self._places else ():
            for mark in re.finditer(r"\w+", match[1]):
                if mark[0] in self._places:
                    start = match.start(1) + mark.start()
                    first = match.start() if not mark.start() else start
                    found.append((first, match.start(1) + mark.end(), self._places[mark[0]]))
        return found

    def exactly(self, name: str) -> int | None:
        """The option with the label `name`, or with its mark alone."""
        word, _, mark = name.rpartition(" ")
        return self._places.get(mark) if not word or same(word) == same(self._word) else None
