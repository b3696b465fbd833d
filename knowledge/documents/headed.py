"""Names of options that headings tell: "When to choose A", "Considered options" over a list."""

import re
from collections.abc import Iterable, Sequence

from knowledge.comparison import MAX_OPTIONS
from knowledge.documents.blocks import Block
from knowledge.documents.names import NO_NAME, cleaned, same_name, tokens
from knowledge.documents.titles import MAX_TITLE_CHARS

CHOICE_HEADING = re.compile(
    r"(?i)^(?:\W|\d)*(?:(?:when|why|reasons|scenarios|use cases|occasions|best)\b.*?\b)?"
    r"(?:(?:you )?(?:should |might |could |would |to )*(?:choose|pick|take|use|buy|get|go with"
    r"|order|prefer|opt for|select|recommend|stay with)|(?:best|scenarios|occasions|use cases"
    r"|reasons|case) for|pros (?:and cons )?of|what is)\s+"
    r"(?:the |an? |our )?(.+?)(?:\s+(?:if|when|for|where|because|instead|over|at|in)\b.*"
    r"|\s*(?:…|\.\.\.))?[:?.]?$"
)
CONSIDERED = re.compile(r"(?i)\b(?:considered|options|candidates|contenders|alternatives)\b")


def from_headings(headings: Iterable[str]) -> list[str]:
    """The names after "When to choose …" and the like, each once; the shorter where they agree."""
    found: list[str] = []
    for heading in headings:
        if len(heading) > MAX_TITLE_CHARS:
            continue
        match = CHOICE_HEADING.match(heading)
        name = cleaned(match[1]) if match else ""
        words = [word for word in tokens(name) if word not in NO_NAME]
        if not words or len(name.split()) > 5 or tokens(name)[0] in NO_NAME:
            continue
        twins = [i for i, known in enumerate(found) if same_name(known, name)]
        if not twins:
            found.append(name)
        elif len(name) < len(found[twins[0]]):
            found[twins[0]] = name
    return found


def considered_options(blocks: Sequence[Block]) -> list[str]:
    """The bullets right under a heading such as "Considered Options"."""
    for i, heading in enumerate(blocks):
        if not heading.level or not CONSIDERED.search(heading.text):
            continue
        names = []
        for block in blocks[i + 1 :]:
            if block.level or block.rows:
                break
            if block.item:
                name = block.lead or re.split(r"\s*(?::|–|—|;|,|\s-\s)\s*", block.text)[0]
                names.append(cleaned(name))
        if 2 <= len(names) <= MAX_OPTIONS and all(len(name.split()) <= 6 for name in names):
            return names
    return []
