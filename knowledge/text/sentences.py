"""Splits text into sentences."""

import re

LEAD_WORDS = 2
ABBREVIATIONS = r"e\.g|i\.e|vs|cf|etc|approx|No|Fig|Messrs|Mrs?|Ms|Drs?|Prof|Rev|St|Mt"
_ABBREVIATED = re.compile(rf"(?:\b(?:{ABBREVIATIONS})|\b[A-Z])\.$")
_MONTH = re.compile(r"\b(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\.$")


def sentences(text: str) -> tuple[str, ...]:
    """The sentences of `text`, each within a line. Abbreviations such as "e.g." and "U.S." do not
    end a sentence.
    """
    return tuple(sentence for line in text.split("\n") for sentence in _of_line(line))


def statements(text: str) -> tuple[str, ...]:
    """The sentences of a document's text, of which a line's lead of LEAD_WORDS or less, with a
    capital letter, is a part of what follows it: "Water. What drains well, dries well."
    """
    found: list[str] = []
    for lead, *others in filter(None, map(_of_line, text.split("\n"))):
        short = lead.endswith(".") and len(lead.split()) <= LEAD_WORDS
        if others and short and lead[0].isupper():
            lead, *others = f"{lead} {others[0]}", *others[1:]
        found += (lead, *others)
    return tuple(found)


def _of_line(line: str) -> list[str]:
    ends = r"(?:(?<=[.!?])|(?<=[.!?][\"'”’)])|(?<=[.!?][\"'”’)]{2}))"  # with closing quotes
    merged: list[str] = []
    for part in map(str.strip, re.split(ends + r"\s+(?=[\"'“‘(]*[A-Z0-9$])", line)):
        if not part:
            continue
        before = merged[-1] if merged else ""
        if _ABBREVIATED.search(before) or (_MONTH.search(before) and part[0].isdigit()):
            merged[-1] += " " + part
        else:
            merged.append(part)
    return merged
