"""The person's case: what they have said of their situation, as far as it still holds.

    case = Case().told("We rent a flat.").supposing("What if we owned it?", replaces=(0,))
    case.text          ->  "What if we owned it?"
    case.as_it_is.text ->  "We rent a flat."

A value: each change gives a new one. Statements are the person's own sentences, never the model's.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MAX_CHARS = 1000  # of the newest statements, which the model processes with each question


@dataclass(frozen=True)
class Case:
    """`statements` hold, oldest first; `supposed` hold for now, in place of those at `hidden`."""

    statements: tuple[str, ...] = ()
    supposed: tuple[str, ...] = ()
    hidden: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.in_force)

    @property
    def in_force(self) -> tuple[str, ...]:
        """What holds now, oldest first."""
        shown = (each for i, each in enumerate(self.statements) if i not in self.hidden)
        return (*shown, *self.supposed)

    @property
    def text(self) -> str:
        """The newest statements in force that fit MAX_CHARS, oldest first."""
        kept: list[str] = []
        for statement in reversed(self.in_force):
            room = MAX_CHARS - sum(len(each) + 1 for each in kept)
            if kept and len(statement) > room:
                break
            kept.insert(0, _ended(statement[-room:]))
        return " ".join(kept)

    @property
    def as_it_is(self) -> "Case":
        """Without suppositions."""
        return Case(self.statements)

    def told(self, statement: str, replaces: Collection[int] = ()) -> "Case":
        """With one more statement, in place of those of `in_force` at `replaces`.

        It ends a supposition, unless that is what it adds to.
        """
        if any(place >= len(self.in_force) - len(self.supposed) for place in replaces):
            return self.supposing(statement, replaces)
        gone = {self._place(place) for place in replaces}
        kept = (each for i, each in enumerate(self.statements) if i not in gone)
        return Case(_once(kept, statement))

    def supposing(self, statement: str, replaces: Collection[int] = ()) -> "Case":
        """With one more supposition, in place of those of `in_force` at `replaces`."""
        real = len(self.in_force) - len(self.supposed)
        hidden = {self._place(place) for place in replaces if place < real}
        gone = {place - real for place in replaces if place >= real}
        kept = (each for i, each in enumerate(self.supposed) if i not in gone)
        return Case(self.statements, _once(kept, statement), self.hidden | hidden)

    def superseded(self, statements: Collection[str]) -> "Case":
        """Without those of `in_force`: suppositions hide them, else they are gone."""
        if not self.supposed:
            return Case(tuple(each for each in self.statements if each not in statements))
        hidden = {i for i, each in enumerate(self.statements) if each in statements}
        supposed = tuple(each for each in self.supposed if each not in statements)
        return Case(self.statements, supposed, self.hidden | hidden)

    def without(self, statement: str) -> "Case":
        """Without that statement, which the person has struck out."""
        places = [i for i, each in enumerate(self.statements) if each != statement]
        kept = tuple(self.statements[i] for i in places)
        supposed = tuple(each for each in self.supposed if each != statement)
        if not supposed:
            return Case(kept)
        return Case(kept, supposed, frozenset(places.index(i) for i in self.hidden if i in places))

    def to_json(self) -> dict[str, Any]:
        return {
            "statements": list(self.statements),
            "supposed": list(self.supposed),
            "hidden": sorted(self.hidden),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Case":
        """What `to_json` made; an empty case of an older answer, which has none."""
        lists: Sequence[Sequence[Any]] = [
            data.get(name, ()) for name in ("statements", "supposed", "hidden")
        ]
        return cls(tuple(lists[0]), tuple(lists[1]), frozenset(lists[2]))

    def _place(self, place: int) -> int:
        """The place among `statements` of the one at `place` of `in_force`."""
        shown = [i for i in range(len(self.statements)) if i not in self.hidden]
        return shown[place]


EMPTY = Case()


def _once(statements: Any, statement: str) -> tuple[str, ...]:
    return (*(each for each in statements if each != statement), statement)


def _ended(statement: str) -> str:
    return statement if statement.endswith((".", "!", "?", "…")) else f"{statement}."
