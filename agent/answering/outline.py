"""Overviews, lists and comparisons, laid out from the structure of the document without a model.

    outline = Outline(comparison)
    outline.contrast(rows).text      ->  a small table, a row of the document on each line
    outline.cases().text             ->  each use case with its verdict

Texts are Markdown: tables, and lists with hyphens. Every line cites its passage.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agent.answering.types import CitedText
from agent.prompting.templates import fill
from knowledge.comparison import Comparison, Passage
from knowledge.text.words import akin, stems

DECISIVE = 3  # rows in a summary
MOST_ROWS = 6  # in a table of differences
MOST_LISTED = 24


@dataclass(frozen=True)
class Outline:
    """What the structure of one comparison tells."""

    comparison: Comparison

    def named(self, request: str) -> str | None:
        """The one option that `request` is about, if it names only that."""
        asked = set(stems(request))
        words = [set(stems(option)) for option in self.comparison.options]
        found = []
        for option, each in zip(self.comparison.options, words, strict=True):
            own = each - set().union(*(other for other in words if other is not each))
            if any(akin(word, other) for word in own for other in asked):
                found.append(option)
        return found[0] if len(found) == 1 else None

    def without_options(self, request: str) -> str:
        """`request` without the words that name options, which every row has."""
        names = {word for option in self.comparison.options for word in stems(option)}
        words = [
            word
            for word in request.split()
            if not any(akin(stem, name) for stem in stems(word) for name in names)
        ]
        return " ".join(words)

    def other_than(self, request: str) -> str | None:
        """The one option besides the one that `request` is about."""
        named = self.named(request)
        others = [option for option in self.comparison.options if option != named]
        return others[0] if named and len(others) == 1 else None

    def summary(self, rows: Sequence[Passage]) -> CitedText:
        """The point of the introduction, the first of `rows`, and the bottom line."""
        said = CitedText()
        for passage in self.comparison.of_kind("introduction"):
            said = said.adding(passage.sentences[0], passage, passage.sentences[0])
        if rows:
            said = self._table(said, rows[:DECISIVE], self.comparison.options)
        else:
            said = self.cases(said=said)
        for passage in self.comparison.of_kind("bottom-line"):
            said = said.parted()
            for sentence in passage.sentences[:2]:
                said = said.adding(sentence, passage, sentence)
        return said

    def contrast(self, rows: Sequence[Passage], option: str | None = None) -> CitedText:
        """`rows` as a table of all options, or of one; the analysis, if there are none."""
        if rows:
            options = (option,) if option else self.comparison.options
            said = self._table(CitedText(), rows[:MOST_ROWS], options)
            left = [row.heading for row in self.comparison.of_kind("dimension") if row not in rows]
            left = [row.heading for row in rows[MOST_ROWS:]] + left
            return said.noting(fill("replies/other_rows", rows=_listed(left))) if left else said
        said = CitedText()
        for passage in self.comparison.of_kind("analysis")[:MOST_ROWS]:
            said = said.line(f"- {passage.heading}: ", passage.sentences[0], passage)
        return said if said.text else self.cases(option)

    def cases(self, option: str | None = None, said: CitedText | None = None) -> CitedText:
        """Each use case with its verdict, or those for `option`, and the verdict in general."""
        said = said or CitedText()
        for passage in self.comparison.recommending[:MOST_LISTED]:
            if option and option not in self.comparison.recommended(str(passage.verdict)):
                continue
            name = passage.heading if passage.kind == "best-for" else fill("replies/in_general")
            said = said.line(f"- {name}: {passage.verdict}", "", passage)
        return said

    def undecided(self) -> CitedText:
        """Each use case whose verdict is no single option."""
        said = CitedText()
        for passage in self.comparison.of_kind("best-for"):
            if passage.verdict and passage.verdict not in self.comparison.options:
                said = said.line(f"- {passage.heading}: {passage.verdict}", "", passage)
        return said

    def respects(self) -> CitedText:
        """The names of what is compared, and of the sections."""
        said = CitedText()
        passages = (*self.comparison.of_kind("dimension"), *self.comparison.of_kind("analysis"))
        for passage in passages[:MOST_LISTED]:
            said = said.line(f"- {passage.heading}", "", passage)
        return said

    def topic(self, rows: Sequence[Passage], option: str | None = None) -> CitedText:
        """What `rows` say of each option, or of one, as sentences."""
        said = CitedText()
        for row in rows:
            for name, side in zip(self.comparison.options, row.sides, strict=True):
                if side and option in (None, name):
                    said = said.adding(said.opening(side, row), row, side)
        return said

    def _table(self, said: CitedText, rows: Sequence[Passage], options: Sequence[str]) -> CitedText:
        places = [self.comparison.options.index(option) for option in options]
        said = said.parted().noting(_row(["", *options])).noting(_row(["---"] * (len(places) + 1)))
        for row in rows:
            cells = [row.cells[place] for place in places]
            quote = next((side for side in row.sides if side), row.heading)
            said = said.line(
                _row([f"{_cell(row.heading)} [{row.number}]", *map(_cell, cells)]), "", row, quote
            )
        return said


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(text: str) -> str:
    return re.sub(r"\s*\|\s*", " / ", " ".join(text.split()))


def _listed(names: Sequence[str]) -> str:
    return "; ".join(names[:MOST_LISTED])
