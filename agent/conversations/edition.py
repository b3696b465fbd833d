"""Answers that were given under an earlier edition of the comparison.

    as_answered(kept, comparison)    the edition of its time, as far as such an answer tells of it
    opens(turn, comparison)          the passages of the present one that its [n] may open

An answer carries the ids, numbers and quotes of what it rests on, not the passages: one of which it
quotes nothing is taken for the same as long as it has the same name and number.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from agent.answering.types import use_case_id
from agent.conversations.conversation import Turn
from knowledge.comparison import Comparison, Passage
from knowledge.documents.blocks import KINDS

EARLIER = "Given under an earlier edition of the comparison."
UNKNOWN = "unknown"  # an edition that is not the present one


def as_answered(kept: Mapping[str, Any], comparison: Comparison) -> Comparison:
    """`comparison` as the answer `kept`, printed by Answer.to_json, tells of it: each passage that
    it rests on is the present one if all that the answer says of it is true of that, else one made
    of just that.

    Raises KeyError, TypeError or ValueError if `kept` is no such answer.
    """
    passages = {passage.id: passage for passage in comparison.passages}
    for name, told in _told(kept).items():
        if name not in passages or not told.fits(passages[name]):
            passages[name] = told.passage(name)
    return replace(comparison, passages=tuple(passages.values()))


def opens(turn: Turn, comparison: Comparison) -> dict[str, Passage]:
    """By id, the passages that its answer rests on; of an answer of an earlier edition those that
    are still what it says.
    """
    if (given := turn.answer) is None:
        return {}
    named = [item.passage.id for item in given.evidence] + [each.passage for each in given.cited]
    now = {passage.id: passage for passage in comparison.passages}
    then = as_answered(given.to_json(), comparison) if turn.earlier else comparison
    return {name: now[name] for name in named if name in now and then.passage(name) == now[name]}


@dataclass
class _Told:
    """What an answer tells of a passage; a number of 0 and a verdict of None tell nothing."""

    number: int = 0
    verdict: str | None = None
    quotes: list[str] = field(default_factory=list)

    def fits(self, passage: Passage) -> bool:
        text = _spaced(passage.text)
        return (
            self.number in (0, passage.number)
            and (self.verdict is None or passage.verdict in (None, self.verdict))
            and all(_spaced(quote) in text for quote in self.quotes)
        )

    def passage(self, name: str) -> Passage:
        begun, _, heading = name.partition("/")
        kind = next((each for each in KINDS if each == begun), None)
        if kind is None:
            raise ValueError(f'"{name}" is the id of no passage.')
        heading = (heading or kind).replace("-", " ").capitalize()
        recommends = kind in ("best-for", "bottom-line")
        text, verdict = "\n".join(self.quotes), self.verdict if recommends else None
        return Passage(self.number, kind, heading, text, verdict)


def _told(kept: Mapping[str, Any]) -> Mapping[str, _Told]:
    told: dict[str, _Told] = {}
    evidence: Sequence[Mapping[str, Any]] = kept["evidence"]
    for item in evidence:
        told.setdefault(item["passage"], _Told()).number = item["number"]
    if use_case := use_case_id(kept):
        told[use_case].verdict = kept["verdict"]
    for cited in (kept, kept["against"], kept["would_change"]):
        for citation in cited["citations"]:
            passage = told.setdefault(citation["passage"], _Told())
            passage.number = citation["number"]
            passage.quotes.append(citation["quote"])
    for name in (kept["rival"], *kept.get("near", ())):
        if name:
            told.setdefault(name, _Told())
    return told


def _spaced(text: str) -> str:
    return " ".join(text.split())
