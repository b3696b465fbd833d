"""Splits text into sentences."""

import re


def sentences(text: str) -> tuple[str, ...]:
    """The sentences of `text`, each within a line. Abbreviations such as "e.g." and "U.S." do not
    end a sentence.
    """
    return tuple(sentence for line in text.split("\n") for sentence in _of_line(line))


def _of_line(line: str) -> list[str]:
    ends = r"(?:(?<=[.!?])|(?<=[.!?][\"'”’)])|(?<=[.!?][\"'”’)]{2}))"  # with closing quotes
    merged: list[str] = []
    for part in map(str.strip, re.split(ends + r"\s+(?=[\"'“‘(]*[A-Z0-9$])", line)):
        if not part:
            continue
        if merged and re.search(r"(?:\b(?:e\.g|i\.e|vs|cf|etc|approx|No)|\b[A-Z])\.$", merged[-1]):
            merged[-1] += " " + part
        else:
            merged.append(part)
    return merged
