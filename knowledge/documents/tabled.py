"""Options that a table names, in its header or its first column, and the text speaks of."""

import re
from collections import Counter
from collections.abc import Sequence

from knowledge.comparison import MAX_OPTIONS
from knowledge.documents.blocks import Block, is_title
from knowledge.documents.headers import body_rows, column_options, header_row, row_options
from knowledge.documents.names import Names
from knowledge.documents.orientation import Way, way
from knowledge.documents.titles import spelled

PROSE_CHARS = 200
COMPARES = re.compile(r"(?i)\b(?:compar\w*|best|which|choos\w+)\b")
RECOMMENDS = re.compile(
    r"(?i)\b(?:recommend\w*|cho(?:ose|sen)|decision|decided|prefer\w*|winner|verdict|conclusion)\b"
)
MAX_TABLES = 50  # each takes a search of the whole text
OFTEN = 2  # what it takes without a type that tells which way the table compares


def options_of_tables(blocks: Sequence[Block], headings: Sequence[str]) -> list[str]:
    """The names of the first table that the text speaks of; a longer header comes first.

    They stand in headings, or in sentences more than once; or once anywhere, one is recommended, or
    words of theirs stand for them, if the table's types tell that they are options. Where types
    tell nothing, words stand for names of columns whose header leaves its corner empty.
    """
    found: list[list[str]] = []
    for block in [each for each in blocks if each.rows][:MAX_TABLES]:
        told = way(block)
        sides: list[tuple[Way, list[str]]] = [
            ("columns", column_options(block)),
            ("rows", row_options(block)),
        ]
        ways = [
            (_weight(names, each, told, block, headings, blocks), told == each, names)
            for each, names in sides
            if 2 <= len(names) <= MAX_OPTIONS and not (each == "rows" and _single(block))
        ]
        best = max(ways, key=lambda way: way[:2], default=(0, False, []))
        if best[0] >= OFTEN:
            found.append(best[2])
    return max(found, key=len, default=[])


def options_of_form(blocks: Sequence[Block], titles: Sequence[str]) -> list[str]:
    """The names of a table whose types tell which way it compares, though no text speaks of them:
    of a document that is nothing else but a line or two, or under a title or heading that says
    that it compares.
    """
    prose = [block.text for block in blocks if not block.rows and not block.level]
    headed = bool(titles) or any(block.level for block in blocks)
    bare = not prose or (len(" ".join(prose)) < PROSE_CHARS and not headed)
    compares = bare or any(map(COMPARES.search, titles))
    above = ""
    for block in blocks:
        above = block.text if block.level else above
        told = way(block) if compares or COMPARES.search(above) else None
        names = row_options(block) if told == "rows" else column_options(block) if told else []
        if 2 <= len(names) <= MAX_OPTIONS:
            return names
    return []


def _single(block: Block) -> bool:
    """Whether the rows of a table have one value each."""
    return max((len(cells) for cells in body_rows(block)), default=0) < 3


def _weight(
    names: Sequence[str],
    each: Way,
    told: Way | None,
    table: Block,
    headings: Sequence[str],
    blocks: Sequence[Block],
) -> int:
    """How much tells that `names`, the columns or the rows of `table`, are options; `told` is the
    way that its types tell.
    """
    spoken = _spoken_of(names, table, headings, blocks) + (told == each)
    crossed = told is None and each == "columns" and not header_row(table)[0]
    if spoken >= OFTEN or not (told == each or crossed):
        return spoken
    return OFTEN * _shortened(names, each, blocks, OFTEN if told == "columns" else OFTEN + 1)


def _spoken_of(
    names: Sequence[str], table: Block, headings: Sequence[str], blocks: Sequence[Block]
) -> int:
    """How much a document speaks of `names` outside of `table`: 2 if each stands in headings, or
    in its sentences more than once, 1 if each stands anywhere or one is recommended. A document
    without sentences is nothing but its table.
    """
    prose = " ".join(b.text for b in blocks if not b.rows and not b.level and not b.code)
    others = [block for block in blocks if block.rows and block is not table]
    cells = [cell for block in others for row in body_rows(block) for cell in row]
    told = " \n".join(headings)
    if _often(names, told, 1) or _often(names, prose, 2):
        return OFTEN
    once = _often(names, " \n".join([told, prose, *cells]), 1)
    if len(prose) < PROSE_CHARS and not others:
        if not prose.strip():
            return OFTEN if len(table.rows) > 2 and way(table) != "rows" else 0
        if once:
            return OFTEN
    return int(once or _recommends(names, blocks))


def _shortened(names: Sequence[str], each: Way, blocks: Sequence[Block], times: int) -> bool:
    """Whether one line names all of `names`, or as many paragraphs as `times` each of them, if only
    by a word that no other has. A line that names rows is a list, no sentence.
    """
    texts = [block.text for block in blocks if not (block.rows or block.level or block.code)]
    known = Names(names)
    for line in "\n".join(texts).split("\n"):
        whole = {mention.option for mention in known.mentions(line)}
        if len(whole) == len(names) and (each == "columns" or is_title(line)):
            return True
    named = Counter(
        i for text in texts for i in {mention.option for mention in known.mentions(text)}
    )
    return all(named[i] >= times for i in range(len(names)))


def _recommends(names: Sequence[str], blocks: Sequence[Block]) -> bool:
    """Whether a sentence, or one under a heading that says so, recommends one of `names`."""
    above = ""
    for block in blocks:
        above = block.text if block.level else above
        sentences = [] if block.rows else re.split(r"(?<=[.!?])\s", block.text)
        said = [each for each in sentences if RECOMMENDS.search(f"{above} {each}")]
        if any(_often([name], each, 1) for each in said for name in names):
            return True
    return False


def _often(names: Sequence[str], text: str, times: int) -> bool:
    return all(len(re.findall(spelled(name), text, re.IGNORECASE)) >= times for name in names)
