"""Splits text into sentences."""

import re


def sentences(text: str) -> tuple[str, ...]:
    """The sentences of `text`. Abbreviations such as "e.g." and "U.S." do not end a sentence."""
    ends = r"(?:(?<=[.!?])|(?<=[.!?][\"'”’)])|(?<=[.!?][\"'”’)]{2}))"  # with closing quotes
    parts = re.split(ends + r"\s+(?=[\"'“‘(]*[A-Z0-9$])|\n+", text)
    merged: list[str] = []
    for part in (part.strip() for part in parts):
        if not part:
            continue
        if merged and re.search(r"(?:\b(?:e\.g|i\.e|vs|cf|etc|approx|No)|\b[A-Z])\.$", merged[-1]):
            merged[-1] += " " + part
        else:
            merged.append(part)
    return tuple(merged)
