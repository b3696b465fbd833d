"""Checks of the scorers of relevance, completeness, what is known of the case, and acts."""

from collections.abc import Sequence
from dataclasses import replace

from agent.answering.types import Answer, Decision
from agent.dialogue.acts import Act
from agent.dialogue.case import Case as KnownCase
from evals.scorer_checks.subject import QUESTION, ScorerCheck, advised, case, refused, told

_NOISE = case(relevant=("dimension/noise",), must=("62",))
_PARTS = case("multi", must=("62 decibels",), parts=(r"\$43M", "mayor"))
_CASE = case("case", knows=("hills", "trolley"), forgets=("flat",))
_HUM = "A tram hums at 62 decibels [3]."
_COST = "Lindholm built its line for $43M in 2021 [2]."
_LEFT_OUT = "The document does not say who the mayor of Lindholm is."
_WHY, _MORE, _DOUBT, _TALK = (case("act", does=does) for does in ("why", "more", "doubt", "talk"))


def _knowing(*statements: str, supposed: Sequence[str] = (), hidden: Sequence[int] = ()) -> Answer:
    known = KnownCase(statements, tuple(supposed), frozenset(hidden))
    return replace(advised(7, "Trolleybus"), case=known)


def _does(answer: Answer, *acts: Act) -> Answer:
    return replace(answer, acts=acts)


_CHAT = Answer(QUESTION, QUESTION, Decision("talk"), "Hello! Ask about trams.", acts=("greet",))
_HILLS, _FLAT, _WIRES = "Our town has hills.", "It is all flat.", "We have trolley wires."

GOOD = (
    ScorerCheck("relevance", "what was asked", _NOISE, told(_HUM)),
    ScorerCheck("relevance", "the row's other cell", _NOISE, told(f"{_HUM} It has no wheels [3].")),
    ScorerCheck("relevance", "with another's citation beside", _NOISE, told("62 decibels [3, 4].")),
    ScorerCheck("completeness", "all parts", _PARTS, told(f"{_HUM} {_COST} {_LEFT_OUT}")),
    ScorerCheck("known", "told", _CASE, _knowing(_HILLS, _WIRES)),
    ScorerCheck(
        "known", "supposed in place", _CASE, _knowing(_FLAT, _WIRES, supposed=[_HILLS], hidden=[0])
    ),
    ScorerCheck("act", "why", _WHY, _does(advised(6, "Tram"), "why")),
    ScorerCheck("act", "more, beside another", _MORE, _does(told(_HUM), "fact", "more")),
    ScorerCheck("act", "doubt", _DOUBT, _does(advised(6, "Tram"), "doubt")),
    ScorerCheck("act", "small talk", _TALK, _CHAT),
)
BAD = (
    ScorerCheck("relevance", "something else", _NOISE, told(_COST)),
    ScorerCheck("relevance", "something else as well", _NOISE, told(f"{_HUM} {_COST}")),
    ScorerCheck("relevance", "something else first", _NOISE, told(f"{_COST} {_HUM}")),
    ScorerCheck("relevance", "a verdict nobody asked for", _NOISE, advised(6, "Tram", _HUM)),
    ScorerCheck(
        "relevance", "a section of the same subject", _NOISE, told("It climbs slopes [4].")
    ),
    ScorerCheck(
        "relevance",
        "a table with a row beside it",
        _NOISE,
        told("| Noise [3] | 62 |\n| Cost [2] | $43M |"),
    ),
    ScorerCheck("completeness", "nothing", _PARTS, told("Tyres grip [7].")),
    ScorerCheck("completeness", "the first part only", _PARTS, told(_HUM)),
    ScorerCheck("completeness", "a part left out without a word", _PARTS, told(f"{_HUM} {_COST}")),
    ScorerCheck("completeness", "the second part only", _PARTS, told(_COST)),
    ScorerCheck(
        "completeness", "another figure", _PARTS, told(f"{_HUM} It cost $9M [2]. {_LEFT_OUT}")
    ),
    ScorerCheck("completeness", "refuses the whole", _PARTS, refused()),
    ScorerCheck("known", "nothing", _CASE, _knowing()),
    ScorerCheck("known", "one statement lost", _CASE, _knowing(_HILLS)),
    ScorerCheck("known", "what no longer holds", _CASE, _knowing(_FLAT, _HILLS, _WIRES)),
    ScorerCheck("known", "supposed beside it", _CASE, _knowing(_FLAT, _WIRES, supposed=[_HILLS])),
    ScorerCheck(
        "known", "a supposition that is over", _CASE, _knowing(_HILLS, _WIRES, supposed=[_FLAT])
    ),
    ScorerCheck("known", "hidden by a supposition", _CASE, _knowing(_HILLS, _WIRES, hidden=[0])),
    ScorerCheck("act", "why taken for a fact", _WHY, _does(told(_HUM), "fact")),
    ScorerCheck("act", "more taken for thanks", _MORE, _does(_CHAT, "thanks")),
    ScorerCheck("act", "a doubt that is refused", _DOUBT, refused()),
    ScorerCheck("act", "a doubt taken for advice", _DOUBT, _does(advised(6, "Tram"), "advice")),
    ScorerCheck("act", "small talk refused", _TALK, refused()),
    ScorerCheck("act", "small talk advised on", _TALK, _does(advised(6, "Tram"), "greet")),
    ScorerCheck("act", "small talk taken for a fact", _TALK, _does(told(_HUM), "fact")),
)
