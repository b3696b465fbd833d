"""The values of the whole program: a comparison, its passages, and evidence.

Nothing here reads a file; `knowledge.documents.reader` makes a Comparison from one.
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import combinations
from typing import Literal

from knowledge.text.sentences import statements

Kind = Literal["introduction", "dimension", "analysis", "best-for", "bottom-line"]

MAX_SLUG_BYTES = 120  # file systems take names of 143 or more
NEITHER = "None of these"  # the label of a verdict for none of the options
MAX_OPTIONS = 6
SIGNS = "+#%<>≤≥±♯"  # they make part of a word or figure, as currency signs do


def joined(options: Sequence[str]) -> str:
    """The label of a verdict for these options: "A", or "A or B"."""
    return " or ".join(options)


def slug(heading: str) -> str:
    """`heading` in lower case, with a hyphen for every run of other characters, but none at the
    ends.

    SIGNS and currencies are spelled ("C++" is c-plus-plus), and letters of scripts other than Latin
    stay. Headings that differ in more than case, punctuation and accents have different slugs.
    """
    return "-".join("".join(map(_spelled, heading.lower())).split())


def title_slug(title: str) -> str:
    """The slug of a title, which names folders; a long one is cut and ends in its hash."""
    whole = slug(title).encode()
    if len(whole) <= MAX_SLUG_BYTES:
        return whole.decode()
    ending = f"-{hashlib.sha256(whole).hexdigest()[:8]}"
    kept = whole[: MAX_SLUG_BYTES - len(ending)].decode(errors="ignore")
    return kept.rstrip("-") + ending


def _spelled(char: str) -> str:
    """The form of `char` in a slug: itself, its name, or a space."""
    if char.isascii() and char.isalnum():
        return char
    name, category = unicodedata.name(char, "").lower(), unicodedata.category(char)
    if char in SIGNS or category == "Sc":
        return f" {name.removesuffix(' sign')} "
    of_a_word = category[0] in "LM" or category in ("Nd", "Nl")
    return char if of_a_word and not name.startswith(("latin", "combining", "variation")) else " "


@dataclass(frozen=True)
class Passage:
    """One citable piece of a comparison.

    `number` is its fixed place in the comparison, from 1; citations are [number].
    `cells` are a dimension's table cells in the order of the options; `text` has a line for each
    non-empty cell.
    `verdict` is the label of a use case, and of the bottom line if it is known, otherwise None.
    """

    number: int
    kind: Kind
    heading: str
    text: str
    verdict: str | None = None
    cells: tuple[str, ...] = ()

    @cached_property
    def id(self) -> str:
        """`kind/slug-of-heading`; just `kind` for the introduction and the bottom line."""
        if self.kind in ("introduction", "bottom-line"):
            return self.kind
        return f"{self.kind}/{slug(self.heading)}"

    @cached_property
    def sentences(self) -> tuple[str, ...]:
        return statements(self.text)

    @property
    def naming(self) -> str:
        """What names a table's row before what it says: "To the station, "."""
        return f"{self.heading.rstrip(' :.?!')}, "

    @cached_property
    def standing_alone(self) -> tuple[str, ...]:
        """`sentences`, each with what it needs to be understood alone: of a bare cell ("Tram: 9
        minutes") the name of its row, of a later sentence of such a cell that of its option too.
        """
        if not self.cells:
            return self.sentences
        whole = set(self.cells)  # cells that name their option themselves
        found: list[str] = []
        for line in self.text.split("\n"):
            label, colon, _ = ("", "", "") if line in whole else line.partition(": ")
            for number, sentence in enumerate(statements(line)):
                again = f"{label}: " if colon and number else ""
                found.append(f"{self.naming}{again}{sentence}" if colon else sentence)
        return tuple(found)

    def alone(self, said: str) -> str:
        """`said`, a sentence or a side, as it can stand alone."""
        pairs = zip(self.sentences, self.standing_alone, strict=True)
        return next((alone + said[len(s) :] for s, alone in pairs if said.startswith(s)), said)

    @property
    def sides(self) -> tuple[str, ...]:
        """The line of a dimension's `text` for each option, in order; "" for an empty cell."""
        lines = iter(self.text.split("\n"))
        return tuple(next(lines, "") if cell else "" for cell in self.cells)


@dataclass(frozen=True)
class Comparison:
    """A document that compares two to six `options`.

    `both` labels a verdict for all of them, or that it depends. A verdict may also be for several
    ("A or B") or for none of them (NEITHER).
    """

    title: str
    options: tuple[str, ...]
    both: str
    as_of: str
    passages: tuple[Passage, ...]
    warnings: tuple[str, ...] = ()

    @cached_property
    def slug(self) -> str:
        return title_slug(self.title)

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """Every verdict there can be: each option, both, and others that a passage has."""
        usual = (*self.options, self.both)
        given = (passage.verdict for passage in self.passages if passage.verdict)
        return (*usual, *dict.fromkeys(label for label in given if label not in usual))

    def recommended(self, label: str) -> tuple[str, ...]:
        """The options that a verdict is for: all for `both`, none for NEITHER."""
        if label == self.both:
            return self.options
        for size in range(1, len(self.options)):
            for some in combinations(self.options, size):
                if joined(some) == label:
                    return some
        return ()

    @cached_property
    def sha256(self) -> str:
        """The SHA-256 of the content, independent of the file and its format."""
        content = asdict(self) | {"warnings": ()}
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()

    def of_kind(self, kind: Kind) -> tuple[Passage, ...]:
        return tuple(passage for passage in self.passages if passage.kind == kind)

    @cached_property
    def sentences(self) -> tuple[tuple[Passage, str], ...]:
        """Every sentence, with its passage."""
        return tuple((passage, each) for passage in self.passages for each in passage.sentences)

    @cached_property
    def names(self) -> frozenset[str]:
        """Words with a capital inside a sentence."""
        prose = " ".join(passage.text for passage in self.passages)
        return frozenset(re.findall(r"(?<=[a-z,;] )[A-Z][a-z]+\b", prose))

    @property
    def recommending(self) -> tuple[Passage, ...]:
        """The passages with a verdict: the use cases, and last the bottom line if it has one."""
        return tuple(passage for passage in self.passages if passage.verdict is not None)

    def passage(self, passage_id: str) -> Passage:
        """The passage with that id. Raises KeyError with the id if there is none."""
        for passage in self.passages:
            if passage.id == passage_id:
                return passage
        raise KeyError(passage_id)


@dataclass(frozen=True)
class Evidence:
    """A retrieved passage and its fused score; an answer cites it as [passage.number]."""

    passage: Passage
    score: float

    @property
    def number(self) -> int:
        return self.passage.number


@dataclass(frozen=True)
class Pointer:
    """Another comparison, which may answer what one does not cover."""

    slug: str
    title: str
