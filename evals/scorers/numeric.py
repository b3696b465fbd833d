"""Whether each figure of an answer stands in what is cited beside it, and there has that owner.

The sentence is cut into parts at commas, semicolons and conjunctions. A figure of a part holds if
one sentence of a cited passage (a table cell is one) carries it, and of that carrier is true:
  - it carries the part's other figures too ("$563 million in 2026" is not "... by 2032"),
  - it or the passage's heading or verdict has every name of the part; a part without a name
    takes those of the part before it that named something first, and a sentence that begins with
    "it" or "they" those of the sentence before,
  - of a table row, the part does not speak of the other cell alone, by its first content word,
  - no other sentence of the passage, and no other side of a "whereas" or "but" in it, has more of
    the part's words that the carrier lacks than the carrier has that it lacks; names do not count.
A figure is a number with its unit and scale (knowledge.text.quantities: "$43M" is "43 million
dollars"), or with its measure ("20 years" is not "20 months"). A unit that is said must stand
there; one that is left out need not be said.

Blind: names and words behind the figure's part ("..., more than Akash"), a second owner joined by
"and", owners told apart by their order only, a figure said "below" for "over", and units that are
neither percent, currency nor a measure of _MEASURE. "Two" and the like are figures too, so "the
two options" holds only where the passage says two.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agent.answering.types import Answer
from evals.scorers.cited import (
    cited_passages,
    cited_sentences,
    content,
    named,
    spelled,
    spoken,
    without_confidence,
)
from knowledge.comparison import Passage
from knowledge.text.quantities import Number, numbers
from knowledge.text.words import stems

_MEASURE = re.compile(
    r"(\S*\w)[\s-]+((?:cubic |square )?"
    r"(?:second|minute|hour|day|week|month|year|decade|metre|meter|kilomet(?:re|er)|km|mile|gram"
    r"|kg|kilogram|ton|tonne|litre|liter|watt|kw|kwh|mwh|decibel|degree|gb|tb|time))s?\b",
    re.IGNORECASE,
)
_CLAUSE_END = re.compile(r";\s+|,\s+(?=(?:and|but|or|yet|while|whereas|although)\b)")
_PART_END = re.compile(r",\s+|\s+(?:and|but|or|yet|while|whereas|although|versus|vs\.?)\s+")
_CONTRAST = re.compile(r",?\s+(?:but|while|whereas|although)\s+")
_LEADS_ON = re.compile(
    r"(?:in|by|as of|since|from|until|during|within|over|at|after|before|for|on)\b", re.IGNORECASE
)
_DATE = re.compile(
    r"Q[1-4]|January|February|March|April|May|June|July|August|September|October|November|December"
)
_SCALES = {1e12: "trillion", 1e9: "billion", 1e6: "million"}
_PRONOUN = re.compile(r"(?:it|its|they|their|this|these)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Figure:
    """A number and, where one follows it, its measure: 20 "year"."""

    number: Number
    measure: str = ""

    def __str__(self) -> str:
        value, unit = self.number.value, self.number.unit
        scale = next((scale for scale in _SCALES if value >= scale), 1.0)
        shown = f"{value / scale:.10g} {_SCALES.get(scale, '')}".strip()
        return f"{shown}%" if unit == "%" else f"{unit}{shown} {self.measure}".strip()


@dataclass(frozen=True)
class Claim:
    """A figure of an answer, and why it does not hold; "" if it does."""

    figure: Figure
    fault: str


@dataclass(frozen=True)
class _Part:
    """A part of a sentence that has figures, and the names that it is about."""

    text: str
    names: frozenset[str]


def claims(answer: Answer) -> tuple[Claim, ...]:
    """Every figure of the answer, judged against what its sentence cites."""
    found: list[Claim] = []
    subject: frozenset[str] = frozenset()
    for sentence in cited_sentences(answer.text):
        passages = cited_passages(sentence, answer)
        source = "\n".join(map(spoken, passages))
        names = frozenset(named(sentence.text, source))
        before = subject if _PRONOUN.match(sentence.text) else frozenset()
        for part in _parts(without_confidence(sentence.text), names, before):
            found += [_claim(figure, part, passages) for figure in figures(part.text)]
        subject = _owners(names) or before
    return tuple(found)


def figures(text: str) -> list[Figure]:
    """The numbers of `text` with their measures. "Zero" denies, and is left to support."""
    measures = [
        (numbers(before)[-1], measure.lower())
        for before, measure in _MEASURE.findall(text)
        if numbers(before)
    ]
    found = []
    for number in numbers(text):
        if number.value or number.unit:
            own = [measure for measured, measure in measures if measured == number]
            found += [Figure(number, measure) for measure in own or [""]]
    return list(dict.fromkeys(found))


def carries(source: str, figure: Figure) -> bool:
    """Whether `figure` stands in `source`: its value, and its unit and measure if it has one."""
    said = figure.number
    return any(
        said.same(there.number)
        and said.unit in ("", there.number.unit)
        and figure.measure in ("", there.measure)
        for there in figures(source)
    )


def _claim(figure: Figure, part: _Part, passages: Sequence[Passage]) -> Claim:
    fault = f"{figure} stands in no passage cited beside it"
    for passage in passages:
        title = f"{passage.heading}\n{passage.verdict or ''}"
        for sentence in passage.sentences:
            for carrier in _CONTRAST.split(sentence):
                if not carries(f"{title}\n{carrier}", figure):
                    continue
                if not (wrong := _disowned(part, carrier, sentence, passage)):
                    return Claim(figure, "")
                fault = f"{figure} is not what passage {passage.number} says of {wrong}"
    return Claim(figure, fault)


def _disowned(part: _Part, carrier: str, sentence: str, passage: Passage) -> str:
    """What in `part` shows that the figure in `carrier` is of something else; "" if nothing."""
    about = f"{passage.heading}\n{passage.verdict or ''}\n{sentence}"
    there = set(stems(about))
    wrong = [str(figure) for figure in figures(part.text) if not carries(about, figure)]
    wrong += sorted(name for name in part.names if not set(stems(name)) <= there)
    told_apart = content(part.text) - content(" ".join((passage.heading, *part.names)))
    own = content(carrier)
    for other in (c for each in passage.sentences for c in _CONTRAST.split(each)):
        if len(told_apart & content(other) - own) > len(told_apart & own - content(other)):
            wrong += spelled(told_apart & content(other) - own, part.text)
    if passage.cells:
        said = content(part.text)
        sides = {_subject(side): sentence in side for side in passage.text.split("\n")}
        if not any(own and subject in said for subject, own in sides.items()):
            wrong += spelled(said & {side for side, own in sides.items() if not own}, part.text)
    return ", ".join(dict.fromkeys(wrong))


def _subject(cell: str) -> str:
    """The first content word of a table cell: its option, as a rule; "" if it has none."""
    words = content(cell)
    return next((word for word in stems(cell) if word in words), "")


def _parts(sentence: str, names: frozenset[str], before: frozenset[str]) -> Iterator[_Part]:
    """The parts of `sentence` that have figures, each with its names or those it inherits.

    `before` are the names that a sentence beginning with a pronoun speaks of.
    """
    subject = before
    for clause in _CLAUSE_END.split(sentence):
        first: frozenset[str] = frozenset()
        lead = ""
        pieces = [piece for piece in _PART_END.split(clause) if piece]
        for i, piece in enumerate(pieces):
            if _LEADS_ON.match(piece) and i + 1 < len(pieces):
                lead += f"{piece} "  # "In 2026, the market ..." is one part
                continue
            text, lead = lead + piece, ""
            own = frozenset(name for name in names if re.search(rf"\b{re.escape(name)}\b", text))
            if figures(text):
                yield _Part(text, own | (frozenset() if _owners(own) else first or subject))
            first = first or _owners(own)
        subject = first or subject


def _owners(names: frozenset[str]) -> frozenset[str]:
    """The names that can own a figure: all but quarters and months."""
    return frozenset(name for name in names if not _DATE.fullmatch(name))
