"""The names that a title compares: "A vs B: …", "A, B or C?"."""

import re
from collections.abc import Collection, Sequence

from knowledge.comparison import slug
from knowledge.documents.names import NO_NAME, TOKEN, cleaned, stem, tokens

VERSUS = re.compile(r"(?i)\s+(?:vs\.?|versus|v\.|gegen|contra|contre|kontra)\s+")
LISTED = re.compile(
    r"(?i)\s*,\s*(?:or |and )?|\s+(?:or|and|&|oder|ou|beside|against|compared (?:to|with)|with"
    r"|to|over)\s+"
)
ENUMERATES = re.compile(r"(?i)\s(?:or|and|&|oder|ou|beside|against)\s|\bcompar\w+ (?:to|with)\b|, ")
SERIES = re.compile(r"(?i),.*(?:,\s*(?:and|or|oder|ou)|\s(?:or|oder|ou))\s[^,]*$")
APART = re.compile(r"(?i)\s*,\s*(?:(?:and|or|oder|ou)\s+)?|\s+(?:or|oder|ou)\s+")  # of a series
FROM_TO = re.compile(
    r"(?i)\b(?:mov|migrat|switch|chang|upgrad|go|went)\w* (?:\w+ ){0,2}?from (.+?) to (.+)"
)
LEAD_IN = re.compile(
    r"(?i)^(?:.*\b(?:between|comparing|comparison of|comparison|compared|choosing|review of"
    r"|choose|deciding)\s+)?"
    r"(?:(?:the|an?|our|your|to|of)\s+)?"
)
TAIL = re.compile(
    r"(?i)\s+(?:for|as|in|on|at|to|after|before|when|which|who|with|from|of|is|are)\s+.*$"
)
MAX_TITLE_CHARS = 300


def title_names(title: str, body: str) -> list[list[str]]:
    """The names that a title compares, likeliest first: "A vs B: …", "A, B or C?"."""
    found: list[list[str]] = []
    weaker: list[list[str]] = []
    if len(title) > MAX_TITLE_CHARS:
        return []
    for part in re.split(
        r"\s*[:|–—?!]\s+|\s+-\s+|[?!.]$|(?<!vs)(?<!\bv)(?<!VS)(?<!Vs)\.\s+", title
    ):
        if VERSUS.search(part):
            found += _sides(VERSUS.split(part), body)
            continue
        if change := FROM_TO.search(part):
            weaker += _sides(change.groups(), body)
        listed = LEAD_IN.sub("", part)
        if SERIES.search(listed):  # "A, B and C, or D": what has an "and" within is one
            weaker += _sides(APART.split(listed), body)
        if ENUMERATES.search(part):
            for sides in _sides(LISTED.split(listed), body):
                weaker += [sides, sides[:2]] if len(sides) > 2 else [sides]  # "A and B, two shoes"
    return found + [sides for i, sides in enumerate(weaker) if sides not in weaker[:i]]


def _sides(parts: Sequence[str], body: str) -> list[list[str]]:
    """The names in the parts of a title, [] if they are none."""
    sides = [cleaned(side) for side in parts]
    if len(sides) < 2 or not all(map(slug, sides)):
        return []
    sides[0] = LEAD_IN.sub("", sides[0])
    shared = [{*tokens(side)} for side in sides]
    sides = [
        _trimmed(side, body, i == 0, set().union(*shared[:i], *shared[i + 1 :]))
        for i, side in enumerate(sides)
    ]
    return [sides] if all(map(slug, sides)) and all(len(s.split()) <= 7 for s in sides) else []


def _trimmed(side: str, body: str, first: bool, shared: Collection[str]) -> str:
    """The part of a title's side that the text names too, else what stands before "for": a part
    with a word that is not `shared` by another side.
    """
    words = side.split()
    ends = [" ".join(words[-size:]) for size in range(len(words), 0, -1)] if first else []
    for part in [*ends, *(" ".join(words[:size]) for size in range(len(words), 0, -1))]:
        telling = [word for word in tokens(part) if word not in NO_NAME and word not in shared]
        last = stem((part.split() or [""])[-1])
        if telling and last not in NO_NAME and re.search(spelled(part), body, re.IGNORECASE):
            return cleaned(part)
    return cleaned(TAIL.sub("", side)) or side


def spelled(name: str) -> str:
    words = [re.escape(word) for word in TOKEN.findall(name)]
    return r"(?<![^\W_])" + r"[\W_]{0,3}".join(words) + r"(?:e?s)?(?![^\W_])"
