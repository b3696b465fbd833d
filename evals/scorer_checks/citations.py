"""Checks of the scorers of evals.scorers.citations."""

from collections.abc import Iterator
from dataclasses import replace

from agent.answering.types import Answer, Citation
from evals.scorer_checks.subject import ScorerCheck, advised, case, opening, told

_CASE = case()
_TRUE = told("Lindholm built its line for $43M in 2021 [2]. A tram hums at 62 decibels [3].")
_COST = _TRUE.citations[0]
_CUT = "Tram: Lindholm built its line for $4"
_LONG = "Fares in Lindholm will reach $620 million by 2032"


def _quoting(number: int, passage: str, quote: str) -> Answer:
    """_TRUE with its first citation replaced."""
    return replace(_TRUE, citations=(Citation(number, passage, quote), _TRUE.citations[1]))


def _all(scorer: str, answers: dict[str, Answer | str]) -> Iterator[ScorerCheck]:
    for name, answer in answers.items():
        yield ScorerCheck(scorer, name, _CASE, told(answer) if isinstance(answer, str) else answer)


_SUPPORTED: dict[str, Answer | str] = {
    "the document's own words": "Castrel Motors tested rubber tyres in the hills above Tarnau [4].",
    "the opening of advice": advised(6, "Tram", "It suits a dense corridor [6]."),
    "the opening for neither": advised(8, "It depends"),
    "a figure written out": "Lindholm built its line for 43 million dollars [2].",
    "a denial kept": "A trolleybus has no wheel noise [3]. A tram doesn't climb beyond 8% [4].",
    "citation behind the stop": "A tram hums at 62 decibels. [3] Tyres grip wet streets. [7]",
    "two halves from two passages": "A tram hums at 62 decibels and suits a corridor [3] [6].",
}
GOOD = (
    *_all(
        "citation_validity",
        {
            "true citations": _TRUE,
            "a quote broken over lines": _quoting(2, _COST.passage, "Lindholm built\n its line"),
            "advice": advised(7, "Trolleybus", "Tyres grip wet streets [7]."),
        },
    ),
    *_all("citation_recall", _SUPPORTED),
    *_all("citation_precision", _SUPPORTED),
    *_all(
        "numeric_fidelity",
        {
            "the document's own words": _TRUE,
            "written out": "In 2021, Lindholm's line was built for 43 million dollars [2].",
            "both owners": "Lindholm paid $43M and Tarnau $9M [2].",
            "both years": "Fares will be $620 million in 2032 and were $227 million in 2026 [5].",
            "both sides of a whereas": "Trams took $12 billion, trolleybuses $12 million [1].",
            "pronoun": "Tarnau has hills [4]. It built its line for $9M [2].",
            "percent": "A trolleybus climbs slopes of 12 percent [4].",
        },
    ),
)
BAD = (
    *_all(
        "citation_validity",
        {
            "number without a citation": replace(_TRUE, citations=_TRUE.citations[1:]),
            "citation without a number": replace(_TRUE, text="A tram hums at 62 decibels [3]."),
            "not in the evidence": replace(
                told("A tram hums [3].", evidence=(2,)), citations=_TRUE.citations[1:]
            ),
            "in no comparison": _quoting(2, "dimension/colour", _COST.quote),
            "number of another passage": _quoting(2, "dimension/noise", "A tram hums"),
            "one word of the quote altered": _quoting(
                2, _COST.passage, "Tram: Lindholm built its line for $43M in 2022"
            ),
            "quote cut within a figure": _quoting(
                2, _COST.passage, "Tram: Lindholm built its line for $4"
            ),
            "quote cut within a word": _quoting(2, _COST.passage, "Lindholm buil"),
            "quote of another passage": _quoting(2, _COST.passage, "A tram hums at 62 decibels"),
            "quote with the middle left out": _quoting(2, _COST.passage, "Lindholm built in 2021"),
            "empty quote": _quoting(2, _COST.passage, " "),
            "hidden second number": replace(_TRUE, text=_TRUE.text.replace("[3]", "[3, 5]")),
        },
    ),
    *_all(
        "citation_recall",
        {
            "a claim named as a question": '"Who built it?": Lindholm built it in 1890.',
            "not covered, and yet cited": "It does not mention Tarnau, which built a tram [3].",
            "sentence without a citation": "A tram hums at 62 decibels. Tyres grip streets [7].",
            "sentence on another's citation": "Tyres grip wet streets [7]. trams are ugly.",
            "citations of two sentences swapped": "A tram hums at 62 decibels [7]. Tyres grip [3].",
            "unsupported, with a valid figure": "The tram pleases passers-by with 62 decibels [3].",
            "unsupported, first word right": "A tram suits a cheap, quiet and pretty corridor [6].",
            "wrong scale": "Lindholm built its line for $43B in 2021 [2].",
            "wrong figure in words": "Tarnau built its line for $9M within two years [2].",
            "wrong measure": "Tarnau built its line for $9M within three months [2].",
            "owner of nowhere": "Veldt built its line for $43M in 2021 [2].",
            "owner of another passage": "Castrel Motors built its line for $43M in 2021 [2].",
            "one name exchanged": "Castrel Motors tested tyres in the hills above Lindholm [4].",
            "denial left out": "A trolleybus has wheel noise at any speed [3].",
            "denial put in": "A tram does not hum at 62 decibels on straight track [3].",
            "denial turned round": "A tram does climb slopes beyond 8% [4].",
            "denied as a whole": "It is not true that a tram suits a dense corridor [6].",
            "opening with the other verdict": told(opening(7, "Tram"), "Tram"),
            "opening with another use case's number": told(
                opening(6, "Tram").replace("[6]", "[7]"), "Tram"
            ),
            "cites what is not in the evidence": told("A tram hums [3].", evidence=(2,)),
            "no content": "Yes, exactly [3].",
            "says nothing": "",
        },
    ),
    *_all(
        "citation_precision",
        {
            "superfluous second citation": "A tram hums at 62 decibels [3] [7].",
            "superfluous, in one bracket": "Tyres grip wet streets [7, 9].",
            "superfluous third": "A tram hums at 62 decibels and suits a corridor [3] [6] [9].",
            "only citation is wrong": "A tram hums at 62 decibels [7].",
            "not in the evidence": told("A tram hums [3] [5].", evidence=(2, 3)),
            "beside an unsupported sentence": "A tram hums at 26 decibels [3].",
            "advice with a second use case": told(
                opening(6, "Tram").replace("[6]", "[6] [8]"), "Tram"
            ),
            "right and wrong sentence": "Tyres grip wet streets [7]. Tyres never grip streets [7].",
        },
    ),
    *_all(
        "numeric_fidelity",
        {
            "wrong scale": "Lindholm built its line for $43B in 2021 [2].",
            "scale left out": "Lindholm built its line for $43 in 2021 [2].",
            "wrong currency": "Lindholm built its line for €43M in 2021 [2].",
            "percent for a count": "Trams carry 11% of passengers in Lindholm [5].",
            "wrong measure": "Tarnau built its line for $9M within three months [2].",
            "owner of the other cell": "Tarnau built its line for $43M [2].",
            "option of the other cell": "A trolleybus hums at 62 decibels [3].",
            "owner of nowhere": "Veldt built its line for $43M in 2021 [2].",
            "owner of another passage": "Castrel Motors built its line for $43M [2].",
            "owner in the sentence before": "Castrel Motors tested it [4]. It cost $43M [2].",
            "owner of the next sentence": "Trams carry 2 million passengers in Lindholm [5].",
            "the other side of a whereas": "Cities spent $12 million on tram lines in 2024 [1].",
            "the other side of a but": "A tram climbs slopes of 12% [4].",
            "2032's for 2026's": f"{_LONG.replace('2032', '2026')} [5].",
            "2032's for 2026's, year first": "In 2026, fares in Lindholm were $620 million [5].",
            "two owners swapped": "Lindholm paid $9M and Tarnau $43M [2].",
            "another passage cited": f"{_LONG} [6].",
            "no passage cited": f"{_LONG}.",
            "cited in the next sentence only": f"{_LONG}. Fares will rise [5].",
            "one figure of two": "Lindholm built its line for $43M in 2019 [2].",
        },
    ),
)
