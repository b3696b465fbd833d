"""Planted answers for the scorers of evals.scorers.wanted."""

from dataclasses import replace

from evals.scorer_checks.subject import Planted, advised, case, opening, refused, told

_TRAM = case("verdict", verdict="Tram")
_NONE = case("verdict", verdict=None)
_COST = case(must=(r"\b43\s?(M\b|million)", "Lindholm"), must_not=(r"\b9\s?M\b", "billion"))
_ABSTAIN = case("abstain", abstain=True)
_CITES = case(cites=("dimension/building-cost", "analysis/ridership"))
_COST_TOLD = told("Lindholm built its line for $43M in 2021 [2].")
_ADVICE = advised(6, "Tram")

GOOD = (
    Planted("verdict", "the label", _TRAM, _ADVICE),
    Planted("verdict", "no recommendation wanted, none given", _NONE, _COST_TOLD),
    Planted("facts", "the figure and its owner", _COST, _COST_TOLD),
    Planted("facts", "in capitals", _COST, told("LINDHOLM PAID 43 MILLION DOLLARS [2].")),
    Planted("abstention", "abstains when it should", _ABSTAIN, refused()),
    Planted("abstention", "answers when it should", _COST, _COST_TOLD),
    Planted("abstention", "advises when it should", _TRAM, _ADVICE),
    Planted("cites", "one of the wanted passages", _CITES, _COST_TOLD),
    Planted("cites", "a wanted passage beside another", _CITES, told("It hums [3]. It pays [5].")),
)

_cited = _COST_TOLD.citations[0]
BAD = (
    Planted("verdict", "null instead of the label", _TRAM, _COST_TOLD),
    Planted("verdict", "the other option", _TRAM, advised(7, "Trolleybus")),
    Planted("verdict", "both instead of one", _TRAM, advised(8, "It depends")),
    Planted("verdict", "label in lower case", _TRAM, advised(6, "tram")),
    Planted("verdict", "abstains", _TRAM, refused()),
    Planted("verdict", "a label where null is wanted", _NONE, _ADVICE),
    Planted("verdict", "text recommends the other", _TRAM, told(opening(6, "Trolleybus"), "Tram")),
    Planted(
        "verdict",
        "text recommends the other as well",
        _TRAM,
        advised(6, "Tram", opening(7, "Trolleybus")),
    ),
    Planted("facts", "wrong scale", _COST, told("Lindholm built it for $43B [2].")),
    Planted("facts", "wrong figure", _COST, told("Lindholm built it for $34M [2].")),
    Planted("facts", "figure within a figure", _COST, told("Lindholm built it for $143M [2].")),
    Planted("facts", "figure without its owner", _COST, told("The line cost $43M [2].")),
    Planted("facts", "owner without the figure", _COST, told("Lindholm built a line [2].")),
    Planted(
        "facts",
        "what must not be said beside what must",
        _COST,
        told("Lindholm paid $43M, Tarnau $9M [2]."),
    ),
    Planted("facts", "says nothing", _COST, told("")),
    Planted("abstention", "answers a question it should not", _ABSTAIN, _COST_TOLD),
    Planted("abstention", "advises where it should abstain", _ABSTAIN, _ADVICE),
    Planted("abstention", "abstains in words only", _ABSTAIN, told("That is not covered.")),
    Planted(
        "abstention",
        "abstains and recommends",
        _ABSTAIN,
        replace(refused(), decision=replace(refused().decision, verdict="Tram")),
    ),
    Planted("abstention", "abstains and cites", _ABSTAIN, refused("Not covered [2].")),
    Planted(
        "abstention",
        "abstains with a hidden citation",
        _ABSTAIN,
        replace(refused(), citations=(_cited,)),
    ),
    Planted("abstention", "refuses a question of fact", case(must=("43",)), refused()),
    Planted("abstention", "refuses a question for advice", _TRAM, refused()),
    Planted("abstention", "refuses where a citation is wanted", _CITES, refused()),
    Planted("cites", "another passage", _CITES, told("It hums at 62 decibels [3].")),
    Planted("cites", "nothing", _CITES, told("Lindholm built its line for $43M.")),
    Planted(
        "cites",
        "shown without a citation",
        _CITES,
        replace(_COST_TOLD, citations=()),
    ),
    Planted(
        "cites",
        "a citation that is not shown",
        _CITES,
        replace(_COST_TOLD, text="Lindholm built its line for $43M."),
    ),
    Planted("cites", "only in the evidence", _CITES, told("It hums [3].", evidence=(2, 3, 5))),
    Planted("cites", "abstains", _CITES, refused()),
    Planted(
        "cites",
        "a passage of the same name elsewhere",
        _CITES,
        replace(_COST_TOLD, citations=(replace(_cited, passage="analysis/building-cost"),)),
    ),
)
