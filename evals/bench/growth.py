"""Comparisons of any size on an invented subject, to see what a larger document costs.

    comparison_of(280)        Markdown that knowledge.documents.reader reads as exactly 280 passages
    questions_about(280, 8)   questions that it answers

Analysis sections are what grows. Dimensions and use cases stay few, as those of one subject are:
each is an example in the prompt that every question is decided with.
"""

from collections.abc import Iterator

SIZES = (28, 280, 2800)
ROPE, STEAM = OPTIONS = ("Rope Ferry", "Steam Ferry")
DIMENSIONS = (
    ("Yearly cost", "A rope ferry costs $40,000 a year", "A steam ferry costs $310,000 a year"),
    ("Crew", "One ferryman works a rope ferry", "A steam ferry needs a crew of five"),
    ("Load", "A rope ferry carries 12 tonnes", "A steam ferry carries 90 tonnes"),
    ("Current", "A rope ferry stops above 2 m/s", "A steam ferry crosses up to 4 m/s"),
    ("Key risk", "The rope can break in a flood", "The boiler can burst when it is neglected"),
)
USE_CASES = (
    ("Village of Few Travellers", ROPE, "a handful of people cross on most days"),
    ("Wide Estuary with Tides", STEAM, "the water is wide and turns around twice a day"),
    ("Freight of Ore and Timber", STEAM, "loads of 50 tonnes have to be moved every hour"),
    ("Nature Reserve", ROPE, "smoke and noise are forbidden"),
    ("Ferry for Summer Guests", "Both / Depends", "guests come in summer only"),
)
CONSONANTS, VOWELS = "bdfgklmnprstvw", "aeiou"
FIXED = 2 + len(DIMENSIONS) + len(USE_CASES)  # with introduction and bottom line


def comparison_of(passages: int) -> str:
    """Markdown of a comparison with that many passages, more than FIXED; always the same."""
    return "\n".join(_lines(passages))


def questions_about(passages: int, count: int) -> list[str]:
    """That many questions, spread over the whole of comparison_of(passages)."""
    forms = (
        "In our place {case}. Which ferry should we choose?",
        "How many minutes does the rope ferry take at {town}?",
        "How much coal did the steam ferry at {town} burn?",
        "What did repairs of the rope ferry at {town} cost?",
    )
    places = [i * (passages - FIXED) // count for i in range(count)]
    cases = [USE_CASES[i % len(USE_CASES)][2] for i in range(count)]
    return [forms[i % len(forms)].format(case=cases[i], town=town(places[i])) for i in range(count)]


def town(number: int) -> str:
    """Its name, two syllables: another one for each number below 4,900."""
    syllables = divmod(number, len(CONSONANTS) * len(VOWELS))
    return "".join(CONSONANTS[n % 14] + VOWELS[n // 14] for n in syllables).capitalize()


def _lines(passages: int) -> Iterator[str]:
    yield f"# {ROPE} vs {STEAM}"
    yield "Both carry people across a river where there is no bridge."
    yield "## Feature Comparison"
    yield f"| Dimension | {ROPE} | {STEAM} |\n| --- | --- | --- |"
    yield from (f"| {' | '.join(row)} |" for row in DIMENSIONS)
    yield "## Detailed Analysis"
    for n in range(passages - FIXED):
        at, year = town(n), 1890 + n % 20
        yield f"### Crossing at {at}"
        yield f"At {at} the river is {60 + n * 7 % 400} metres wide."
        yield f"On a working day, {20 + n * 13 % 900} people cross it at {at}."
        yield f"The rope ferry at {at} takes {4 + n % 17} minutes, a steam ferry {2 + n % 7}."
        yield f"Repairs of the rope ferry at {at} cost ${500 + n * 37 % 9000} in {year}."
        yield f"The steam ferry at {at} burned {30 + n * 11 % 700} tonnes of coal in {year}."
    yield "## Best For"
    for heading, verdict, case in USE_CASES:
        yield f"### {heading}\n**{verdict}**\n"
        yield f"Where {case}, ferrymen say: {verdict.lower()}."
    yield "## The Bottom Line"
    yield "A rope ferry suits small crossings, and a steam ferry pays where much has to be moved."
