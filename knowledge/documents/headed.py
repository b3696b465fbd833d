"""Names of options that headings tell: "When to choose A", "Considered options" over a list."""

import re
from collections.abc import Iterable, Sequence

from knowledge.comparison import MAX_OPTIONS
from knowledge.documents.blocks import Block, is_title, same
from knowledge.documents.names import NO_NAME, cleaned, same_name, tokens
from knowledge.documents.sections import numberless
from knowledge.documents.titles import MAX_TITLE_CHARS
from knowledge.documents.verdicts import BADGE

CHOICE_HEADING = re.compile(
    r"(?i)^(?:\W|\d)*(?:(?:when|why|reasons|scenarios|use cases|occasions|best)\b.*?\b)?"
    r"(?:(?:you )?(?:should |might |could |would |to )*(?:choose|pick|take|use|buy|get|go with"
    r"|order|prefer|opt for|select|recommend|stay with)|(?:best|scenarios|occasions|use cases"
    r"|reasons|case) for|pros (?:and cons )?of|what is)\s+"
    r"(?:the |an? |our )?(.+?)(?:\s+(?:if|when|for|where|because|instead|over|at|in)\b.*"
    r"|\s*(?:…|\.\.\.))?[:?.]?$"
)
CONSIDERED = re.compile(r"(?i)\b(?:considered|options|candidates|contenders|alternatives)\b")
WEIGHED = re.compile(r"(?i)\b(?:considered|candidates|contenders)\b")
DECIDED = re.compile(r"(?i)\b(?:recommend\w*|decision|conclusion|outcome|verdict)\b")
MAX_USUAL_WORDS = 6  # of an option's name; one of those that were considered may be longer
MAX_WORDS = 12


def from_headings(headings: Iterable[str]) -> list[str]:
    """The names after "When to choose …" and the like, each once; the shorter where they agree.

    Names in headings of the same words are of different options, though one begins as another
    does: "Choose Reader if", "Choose Reader Plus if".
    """
    found: list[str] = []
    forms: list[set[str]] = []  # the words around each name
    for heading in dict.fromkeys(headings):
        if len(heading) > MAX_TITLE_CHARS:
            continue
        match = None if _badged(heading) else CHOICE_HEADING.match(heading)
        name = cleaned(match[1]) if match else ""
        words = [word for word in tokens(name) if word not in NO_NAME]
        if not match or not words or len(name.split()) > 5 or tokens(name)[0] in NO_NAME:
            continue
        form = same(heading[: match.start(1)] + heading[match.end(1) :])
        equal = [i for i, known in enumerate(found) if tokens(known) == tokens(name)]
        alike = [i for i, known in enumerate(found) if same_name(known, name)]
        twins = equal or [i for i in alike if form not in forms[i]]
        if not twins:
            found.append(name)
            forms.append({form})
            continue
        forms[twins[0]].add(form)
        if len(name) < len(found[twins[0]]):
            found[twins[0]] = name
    return found


def badged_options(blocks: Sequence[Block]) -> list[str]:
    """The names that stand beside badges of their own: in headings such as "2. Best budget: Pico"
    and "Pico - Best budget", or over a line in bold type such as "Best budget".
    """
    found: dict[str, str] = {}
    for i, block in enumerate(blocks):
        if not block.level or len(block.text) > MAX_TITLE_CHARS:
            continue
        below = next((each.text for each in blocks[i + 1 : i + 2] if each.lead == each.text), "")
        if badged := _badged(block.text):
            found.setdefault(*badged)
        elif is_title(below) and BADGE.match(below):
            found.setdefault(below, cleaned(numberless(block.text)))
    names = list(dict.fromkeys(found.values()))
    return names if len(names) == len(found) > 1 else []


def _badged(heading: str) -> tuple[str, str] | None:
    """The badge and the name in a heading that is made of the two."""
    parts = re.split(r"\s*:\s+|\s+[–—-]\s+", numberless(heading))
    if len(parts) != 2 or sum(bool(BADGE.match(part)) for part in parts) != 1:
        return None
    badge, name = parts if BADGE.match(parts[0]) else parts[::-1]
    return (
        (badge, cleaned(name)) if cleaned(name) and len(name.split()) <= MAX_USUAL_WORDS else None
    )


def considered_options(blocks: Sequence[Block]) -> list[str]:
    """The bullets right under a heading such as "Considered Options", or the headings below it."""
    for i, heading in enumerate(blocks):
        if not heading.level or not CONSIDERED.search(heading.text):
            continue
        weighed = bool(WEIGHED.search(heading.text))
        for names in (_listed(blocks[i + 1 :]), _headed(heading, blocks[i + 1 :])):
            long = sum(len(name.split()) > MAX_USUAL_WORDS for name in names)
            short = all(len(name.split()) <= MAX_WORDS for name in names)
            if 2 <= len(names) <= MAX_OPTIONS and short and long <= weighed:
                return names
    return []


def _listed(blocks: Sequence[Block]) -> list[str]:
    names = []
    for block in blocks:
        if block.level or block.rows:
            break
        if block.item:
            name = block.lead or re.split(r"\s*(?::|–|—|;|,|\s-\s)\s*", block.text)[0]
            before, bracket, within = name.partition(" (")
            names.append(cleaned(before if bracket and ")" not in within else name))
    return names


def _headed(over: Block, blocks: Sequence[Block]) -> list[str]:
    """The headings one level below `over`, if it says that they were considered, or a heading after
    them that something was decided.
    """
    ends = (i for i, each in enumerate(blocks) if 0 < each.level <= over.level)
    end = next(ends, len(blocks))
    decided = any(each.level and DECIDED.search(each.text) for each in blocks[end:])
    if not decided and not WEIGHED.search(over.text):
        return []
    below = [each for each in blocks[:end] if each.level]
    top = min((each.level for each in below), default=0)
    return [cleaned(numberless(each.text)) for each in below if each.level == top]
