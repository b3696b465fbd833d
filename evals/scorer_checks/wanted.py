"""Checks of the scorers of evals.scorers.wanted."""

from dataclasses import replace

from evals.scorer_checks.subject import ScorerCheck, advised, case, opening, refused, told

_TRAM = case("verdict", verdict="Tram")
_NONE = case("verdict", verdict=None)
_COST = case(must=(r"\b43\s?(M\b|million)", "Lindholm"), must_not=(r"\b9\s?M\b", "billion"))
_ABSTAIN = case("abstain", abstain=True)
_CITES = case(cites=("dimension/building-cost", "analysis/ridership"))
_COST_TOLD = told("Lindholm built its line for $43M in 2021 [2].")
_ADVICE = advised(6, "Tram")

GOOD = (
    ScorerCheck("verdict", "the label", _TRAM, _ADVICE),
    ScorerCheck("verdict", "no recommendation wanted, none given", _NONE, _COST_TOLD),
    ScorerCheck("facts", "the figure and its owner", _COST, _COST_TOLD),
    ScorerCheck("facts", "in capitals", _COST, told("LINDHOLM PAID 43 MILLION DOLLARS [2].")),
    ScorerCheck("abstention", "abstains when it should", _ABSTAIN, refused()),
    ScorerCheck("abstention", "answers when it should", _COST, _COST_TOLD),
    ScorerCheck("abstention", "advises when it should", _TRAM, _ADVICE),
    ScorerCheck("cites", "one of the wanted passages", _CITES, _COST_TOLD),
    ScorerCheck("cites", "a wanted one beside another", _CITES, told("It hums [3]. It pays [5].")),
)

_cited = _COST_TOLD.citations[0]
BAD = (
    ScorerCheck("verdict", "null instead of the label", _TRAM, _COST_TOLD),
    ScorerCheck("verdict", "the other option", _TRAM, advised(7, "Trolleybus")),
    ScorerCheck("verdict", "both instead of one", _TRAM, advised(8, "It depends")),
    ScorerCheck("verdict", "label in lower case", _TRAM, advised(6, "tram")),
    ScorerCheck("verdict", "abstains", _TRAM, refused()),
    ScorerCheck("verdict", "a label where null is wanted", _NONE, _ADVICE),
    ScorerCheck("verdict", "its text: the other", _TRAM, told(opening(6, "Trolleybus"), "Tram")),
    ScorerCheck(
        "verdict",
        "its text: the other as well",
        _TRAM,
        advised(6, "Tram", opening(7, "Trolleybus")),
    ),
    ScorerCheck("facts", "wrong scale", _COST, told("Lindholm built it for $43B [2].")),
    ScorerCheck("facts", "wrong figure", _COST, told("Lindholm built it for $34M [2].")),
    ScorerCheck("facts", "figure within a figure", _COST, told("Lindholm built it for $143M [2].")),
    ScorerCheck("facts", "figure without its owner", _COST, told("The line cost $43M [2].")),
    ScorerCheck("facts", "owner without the figure", _COST, told("Lindholm built a line [2].")),
    ScorerCheck(
        "facts",
        "what must not be said beside what must",
        _COST,
        told("Lindholm paid $43M, Tarnau $9M [2]."),
    ),
    ScorerCheck("facts", "says nothing", _COST, told("")),
    ScorerCheck("abstention", "answers a question it should not", _ABSTAIN, _COST_TOLD),
    ScorerCheck("abstention", "advises where it should abstain", _ABSTAIN, _ADVICE),
    ScorerCheck("abstention", "abstains in words only", _ABSTAIN, told("That is not covered.")),
    ScorerCheck(
        "abstention",
        "abstains and recommends",
        _ABSTAIN,
        replace(refused(), decision=replace(refused().decision, verdict="Tram")),
    ),
    ScorerCheck("abstention", "abstains and cites", _ABSTAIN, refused("Not covered [2].")),
    ScorerCheck(
        "abstention",
        "abstains with a hidden citation",
        _ABSTAIN,
        replace(refused(), citations=(_cited,)),
    ),
    ScorerCheck("abstention", "refuses a question of fact", case(must=("43",)), refused()),
    ScorerCheck("abstention", "refuses a question for advice", _TRAM, refused()),
    ScorerCheck("abstention", "refuses where a citation is wanted", _CITES, refused()),
    ScorerCheck("cites", "another passage", _CITES, told("It hums at 62 decibels [3].")),
    ScorerCheck("cites", "nothing", _CITES, told("Lindholm built its line for $43M.")),
    ScorerCheck(
        "cites",
        "shown without a citation",
        _CITES,
        replace(_COST_TOLD, citations=()),
    ),
    ScorerCheck(
        "cites",
        "a citation that is not shown",
        _CITES,
        replace(_COST_TOLD, text="Lindholm built its line for $43M."),
    ),
    ScorerCheck("cites", "only in the evidence", _CITES, told("It hums [3].", evidence=(2, 3, 5))),
    ScorerCheck("cites", "abstains", _CITES, refused()),
    ScorerCheck(
        "cites",
        "a passage of the same name elsewhere",
        _CITES,
        replace(_COST_TOLD, citations=(replace(_cited, passage="analysis/building-cost"),)),
    ),
)
