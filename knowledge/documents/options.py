"""Which options a document compares: from its title, tables, headings and verdict lines."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from knowledge.comparison import MAX_OPTIONS, slug
from knowledge.documents.blocks import Block, same, short
from knowledge.documents.names import (
    NO_NAME,
    TOKEN,
    Names,
    abbreviates,
    cleaned,
    initials,
    same_name,
    stem,
    tokens,
)
from knowledge.documents.verdicts import Sure
from knowledge.errors import DocumentError

VERSUS = re.compile(r"(?i)\s+(?:vs\.?|versus|v\.|gegen|contra|contre|kontra)\s+")
LISTED = re.compile(
    r"(?i)\s*,\s*(?:or |and )?|\s+(?:or|and|&|oder|ou|beside|against|compared (?:to|with)|with"
    r"|to|over)\s+"
)
LEAD_IN = re.compile(
    r"(?i)^(?:.*\b(?:between|comparing|comparison of|comparison|compared|choosing|review of"
    r"|choose|deciding)\s+)?"
    r"(?:(?:the|an?|our|your|to|of)\s+)?"
)
TAIL = re.compile(
    r"(?i)\s+(?:for|as|in|on|at|to|after|before|when|which|who|with|from|of|is|are)\s+.*$"
)
META = re.compile(  # of a column that is no option's
    r"(?i)^(?:.*\b)?(?:winner|verdict|recommend\w*|notes?|remarks?|comments?|sources?|why|reasons?"
    r"|links?|details|better|best|advantage|edge|difference|ref(?:erence)?s?|unit|where)\b.*$"
)
CHOICE_HEADING = re.compile(
    r"(?i)^(?:\W|\d)*(?:(?:when|why|reasons|scenarios|use cases|occasions|best)\b.*?\b)?"
    r"(?:(?:you )?(?:should |might |could |would |to )*(?:choose|pick|take|use|buy|get|go with"
    r"|order|prefer|opt for|select|recommend|stay with)|(?:best|scenarios|occasions|use cases"
    r"|reasons|case) for|pros (?:and cons )?of|what is)\s+"
    r"(?:the |an? |our )?(.+?)(?:\s+(?:if|when|for|where|because|instead|over|at|in)\b.*"
    r"|\s*(?:…|\.\.\.))?[:?.]?$"
)
CONSIDERED = re.compile(r"(?i)\b(?:considered|options|candidates|contenders|alternatives)\b")
PROSE_CHARS = 200
MAX_TITLE_CHARS = 300


@dataclass(frozen=True)
class FoundOptions:
    """The options' names, how their text was recognised, and what is uncertain of it."""

    names: Names
    source: str
    sure: Sure
    notes: tuple[str, ...] = ()


def find_options(
    titles: Sequence[str], blocks: Sequence[Block], given: Sequence[str]
) -> FoundOptions:
    """Raises DocumentError if no two options are recognised."""
    body = " \n".join(block.text for block in blocks if block.text not in titles)
    headings = [*titles, *(block.text for block in blocks if block.level)]
    title_sides = [sides for title in titles for sides in title_names(title, body)]
    tables = [block for block in blocks if block.rows]
    columns = [each for block in tables if (each := _columns(block, 0))]
    notes: list[str] = []
    if given:
        options, source = list(given), "given"
        sure: Sure = "told"
    else:
        options, source, sure = _chosen(title_sides, columns, headings, blocks, body, notes)
    if not 2 <= len(options) <= MAX_OPTIONS:
        count = (
            f"{len(options)} options were found"
            if len(options) > 1
            else "no two options were found"
        )
        raise DocumentError(
            f'{count} (two to {MAX_OPTIONS} are needed): none in a title with "A vs B", as columns'
            ' of a table, or in headings such as "When to choose A". Name them with --options.'
        )
    if not given and any(option[:1].isupper() for option in options):
        options = [option[:1].upper() + option[1:] for option in options]
    if len({*map(slug, options)}) < len(options) or not all(map(slug, options)):
        raise DocumentError(f"its options, {short(', '.join(options))}, are not different names.")
    also = [_also(option, options, title_sides, columns, headings, body) for option in options]
    for option, others in zip(options, also, strict=True):
        shown = [each for each in others if tokens(each) != tokens(option)]
        if shown and not given:
            listed = ", ".join(f'"{short(each)}"' for each in shown[:3])
            notes.append(f'{listed}: taken for "{short(option)}".')
    return FoundOptions(Names(options, also), source, sure, tuple(notes))


def _chosen(
    title_sides: list[list[str]],
    columns: list[list[str]],
    headings: list[str],
    blocks: Sequence[Block],
    body: str,
    notes: list[str],
) -> tuple[list[str], str, Sure]:
    for sides in title_sides:  # a table's columns agree with the title
        for header in columns:
            if matched := _matched(sides, header):
                return matched, "title and table", "told"
    by_heading = _from_headings(headings)
    after_names = [_columns(block) for block in blocks if block.rows]
    for header in sorted(after_names, key=len, reverse=True):  # columns that the text speaks of
        if 2 <= len(header) <= MAX_OPTIONS and _spoken_of(header, headings, body, blocks):
            return header, "table", "told" if len(columns) > 1 or by_heading else "implied"
    for sides in title_sides:
        if len(by_heading) >= 2 and all(any(same_name(a, b) for b in by_heading) for a in sides):
            return sides, "title and headings", "told"
    for sides in title_sides:
        found = [len(re.findall(_pattern(side), body, re.IGNORECASE)) for side in sides]
        if all(found):
            sides = [
                side.capitalize() if side.isupper() and " " in side else side for side in sides
            ]
            return sides, "title", "told" if min(found) > 1 else "implied"
    if 2 <= len(by_heading) <= MAX_OPTIONS:
        return by_heading, "headings", "implied"
    considered = _considered(blocks)
    if considered:
        return considered, "list of options", "told"
    return [], "", "guessed"


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
            sides = VERSUS.split(part)
            into = found
        elif re.search(
            r"(?i)\s(?:or|and|&|oder|ou|beside|against)\s|\bcompar\w+ (?:to|with)\b|, ", part
        ):
            sides = LISTED.split(LEAD_IN.sub("", part))
            into = weaker
        else:
            continue
        sides = [cleaned(side) for side in sides]
        if len(sides) < 2 or not all(map(slug, sides)):
            continue
        sides[0] = _trimmed(LEAD_IN.sub("", sides[0]), body, first=True)
        sides = [_trimmed(side, body, first=False) for side in sides]
        if all(map(slug, sides)) and all(len(side.split()) <= 7 for side in sides):
            into.append(sides[:])
            if into is weaker and len(sides) > 2:  # "A and B, two shoes after one season"
                into.append(sides[:2])
    return found + weaker


def _trimmed(side: str, body: str, first: bool) -> str:
    """The part of a title's side that the text names too, else what stands before "for"."""
    words = side.split()
    for size in range(len(words), 0, -1):
        part = " ".join(words[-size:] if first else words[:size])
        telling = [word for word in tokens(part) if word not in NO_NAME]
        last = stem((part.split() or [""])[-1])
        if telling and last not in NO_NAME and re.search(_pattern(part), body, re.IGNORECASE):
            return cleaned(part)
    return cleaned(TAIL.sub("", side)) or side


def _pattern(name: str) -> str:
    words = [re.escape(word) for word in TOKEN.findall(name)]
    return r"(?<![^\W_])" + r"[\W_]{0,3}".join(words) + r"(?:e?s)?(?![^\W_])"


def _columns(block: Block, first: int = 1) -> list[str]:
    """The header cells of a table that may be options, from the `first`: no winners, no reasons."""
    header = header_row(block)
    named = [cleaned(cell) for cell in header]
    return [
        cell
        for cell in dict.fromkeys(named[first:])
        if cell and slug(cell) and not META.match(cell) and not CHOICE_HEADING.match(cell)
    ]


def header_row(block: Block) -> tuple[str, ...]:
    """The cells of a table's header: of its first row that is not empty."""
    return next((row.cells for row in block.rows if any(row.cells)), ())


def _matched(sides: Sequence[str], header: Sequence[str]) -> list[str]:
    """The header's names of `sides`, in the order of `sides`; [] unless each has one of its own."""
    found: list[str] = []
    for side in sides:
        exact = [cell for cell in header if tokens(cell) == tokens(side)]
        close = exact or [cell for cell in header if same_name(cell, side) and cell not in found]
        if len(close) != 1:
            return []
        keep = same(close[0]) == same(side) and not (
            side.islower() or (side.isupper() and len(side) > 5)
        )
        found.append(side if keep else close[0])
    return found if len({*map(same, found)}) == len(found) else []


def _from_headings(headings: Iterable[str]) -> list[str]:
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


def _spoken_of(
    header: Sequence[str], headings: Sequence[str], body: str, blocks: Sequence[Block]
) -> bool:
    """Whether a table's columns are what the text is about: each stands in headings, or in its
    sentences more than once. A document without sentences is nothing but its table.
    """
    prose = " ".join(b.text for b in blocks if not b.rows and not b.level and not b.code)
    if len(prose) < PROSE_CHARS and sum(bool(b.rows) for b in blocks) == 1:
        return (len(next(b.rows for b in blocks if b.rows)) > 2 and not prose.strip()) or _often(
            header, prose, 1
        )
    told = " \n".join(headings)
    return _often(header, told, 1) or _often(header, prose, 2)


def _often(names: Sequence[str], text: str, times: int) -> bool:
    return all(len(re.findall(_pattern(name), text, re.IGNORECASE)) >= times for name in names)


def _considered(blocks: Sequence[Block]) -> list[str]:
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


def _also(
    option: str,
    options: Sequence[str],
    title_sides: Sequence[Sequence[str]],
    columns: Sequence[Sequence[str]],
    headings: Sequence[str],
    body: str,
) -> list[str]:
    """Other names of `option`: as the title, a table or a heading has it, and its initials."""
    found: list[str] = []
    named = [
        *(side for sides in title_sides for side in sides),
        *(c for cells in columns for c in cells),
    ]
    for name in dict.fromkeys(named):
        same_as = [other for other in options if same_name(name, other)]
        if same_as == [option] and len(name.split()) <= 7:
            found.append(name)
    short_name = initials(option)
    if len(short_name) > 1 and sum(initials(other) == short_name for other in options) == 1:
        found += [short_name] if re.search(rf"\b{re.escape(short_name)}s?\b", body) else []
    if option.isupper() and len(option) <= 5:
        found += _spelled_out(option, headings, body)
    return [each for each in dict.fromkeys(found) if same(each) != same(option)]


def _spelled_out(option: str, headings: Sequence[str], body: str) -> list[str]:
    """The commonest words that an abbreviation such as TTX may stand for."""
    counted: Counter[str] = Counter()
    shown: dict[str, str] = {}
    text = "\n".join([*headings, body]).lower()
    words = [(m[0], m.start(), m.end()) for m in TOKEN.finditer(text)]
    for size in (2, 3):
        for i in range(len(words) - size + 1):
            part = words[i : i + size]
            gaps = [text[a[2] : b[1]] for a, b in pairwise(part)]
            if any(gap not in (" ", "-") for gap in gaps) or part[0][0] in NO_NAME:
                continue
            phrase = text[part[0][1] : part[-1][2]]
            if abbreviates(option, phrase):
                key = " ".join(tokens(phrase))
                counted[key] += 1
                shown.setdefault(key, phrase)
    best = counted.most_common(1)
    return [shown[best[0][0]]] if best and best[0][1] > 1 else []
