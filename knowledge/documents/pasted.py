"""Text pasted from a page, as blocks: finds headings, and splits fused table rows.

A table's cells come fused ("GovernanceBy tokenBy vote"). A row is split only if it has exactly two
seams. A seam is a place without a space where a cell may end (a letter, digit or closing mark) and
one may begin (a capital, digit, currency or opening mark: cells are taken to begin with one of
these). There is no seam inside brackets or quotes, a number with its unit (43M), a designation
(Q1, U.S.), a plural (GPUs), or a word that stands by itself elsewhere in the document, outside the
table (DeepSeek). Any other row stays whole, with a warning.
"""

import re

from knowledge.comparison import Kind
from knowledge.documents.blocks import (
    DEFAULT_BOTH,
    KINDS,
    MAX_DIMENSION_CHARS,
    SECTION_NAMES,
    Block,
    Row,
    is_title,
    plain,
    same,
    section_named,
    short,
    sides_of,
    table,
)

MAX_SEAMS = 50


def pasted_blocks(text: str) -> list[Block]:
    lines = ["\t".join(map(plain, line.split("\t"))) for line in text.split("\n") if plain(line)]
    kinds = [section_named(line) for line in lines]
    end = kinds.index("dimension") if "dimension" in kinds else len(lines)
    at = next((i for i in range(end) if is_title(lines[i]) and sides_of(lines[i])), -1)
    if at < 0:
        return []
    kind: Kind = "introduction"
    parts: dict[Kind, list[str]] = {kind: [] for kind in KINDS}
    for line, named in zip(lines[at + 1 :], kinds[at + 1 :], strict=True):
        if named and KINDS.index(named) > KINDS.index(kind):  # sections come in the form's order
            kind = named
        elif not named or named != kind:
            parts[kind].append(line)
    sides = sides_of(lines[at])
    elsewhere = (line for kind in KINDS if kind != "dimension" for line in parts[kind])
    words = {word for line in (lines[at], *elsewhere) for word in WORD.findall(line)}
    blocks = [Block(1, lines[at])]
    for kind, section in parts.items():
        blocks.append(Block(2, SECTION_NAMES[kind].split()[0]))
        if kind == "dimension":
            blocks += _fused_table(section, sides, words)
        else:
            labels = {*map(same, (*sides, DEFAULT_BOTH))} if kind == "best-for" else set()
            headings = (
                _text_headings(section, labels) if kind in ("analysis", "best-for") else set()
            )
            blocks += [Block(3 * (i in headings), plain(line)) for i, line in enumerate(section)]
    return blocks


def _text_headings(lines: list[str], labels: set[str]) -> set[int]:
    """The lines that are headings: titles before text or, with `labels`, before a verdict."""
    title = [*map(is_title, lines), True, True]
    headings: set[int] = set()
    for i, following in enumerate(lines[1:]):
        verdict = same(following) in labels
        inside = bool(labels and {i - 1, i - 2} & headings)  # a verdict, then its text
        before_text = not title[i + 1] or (bool(labels) and not title[i + 2])
        if verdict or (title[i] and before_text and not inside):
            headings.add(i)
    return headings


def _fused_table(lines: list[str], sides: tuple[str, ...], words: set[str]) -> list[Block]:
    """The rows under the line that ends with both options' names; [] without such a line."""
    for i, line in enumerate(lines):
        for columns in (sides, sides[::-1]):
            if re.sub(r"\s", "", line).endswith(re.sub(r"\s", "", "".join(columns))):
                header = Row(("Dimension", *columns))
                rows = (_fused_row(row, words) for row in lines[i + 1 :])
                return [*(Block(0, plain(above)) for above in lines[:i]), table([header, *rows])]
    return []


def _fused_row(line: str, words: set[str]) -> Row:
    if "\t" in line:
        return Row(tuple(line.split("\t")))
    seams = _seams(line, words)
    name_end = seams[0] if seams else len(line)
    if len(seams) == 2 and name_end <= MAX_DIMENSION_CHARS:
        return Row((line[:name_end], line[name_end : seams[1]], line[seams[1] :]))
    doubt = "no place was found where its cells could be split"
    if name_end > MAX_DIMENSION_CHARS or not seams:
        return Row((short(line), line), doubt)
    if len(seams) > 2:
        shown = ", ".join(f"{line[:i].split()[-1]}|{line[i:].split()[0]}" for i in seams[1:4])
        doubt = f"cells could be split in {len(seams) - 1} places ({short(shown)})"
    return Row((line[:name_end], line[name_end:]), doubt)


WORD = re.compile(r"[^\W_]+")
ONE_WORD = re.compile(
    r"""\([^()]*\) | \[[^][]*\] | "[^"]*" | “[^“”]*”  # in brackets or quotes
    | (?<![^\W_])[A-Z]\d+ | (?<![A-Za-z.])(?:[A-Z]\.)+[A-Z]  # Q1, U.S.
    | (?<![A-Z])[A-Z]{2,}s(?![^\W_])  # GPUs
    | \d+(?:[.,:]\d+)*(?:(?:[B-HJ-Z]|[KMGTP]i?B|[MG]Hz)(?![^\W_]))?  # 1,000, 43M, 16GB; no A, I
    """,
    re.VERBOSE,
)
CLOSING = ".,;:!?)]}\"'”’%+…°*"
OPENING = "\"'“‘([{$€£¥~<>≈≤≥#"


def _seams(line: str, words: set[str]) -> list[int]:
    """The places where `line` may be split, by the rules at the top of this file."""
    seams = [i for i in range(1, len(line)) if _is_seam(line, i)]
    if len(seams) > MAX_SEAMS:
        return seams
    spans = [match.span() for match in ONE_WORD.finditer(line)]
    for word in WORD.finditer(line):
        edges = [word.start(), *(i for i in seams if word.start() < i < word.end()), word.end()]
        spans += [(a, b) for a in edges for b in edges if line[a:b] in words]
    return [i for i in seams if not any(a < i < b for a, b in spans)]


def _is_seam(line: str, i: int) -> bool:
    before, after = line[i - 1], line[i]
    begin = line[i : i + 4].lstrip(OPENING)[:1]
    if before == " " or not (begin.isupper() or begin.isdigit()):
        return False
    if before.isupper() and after.isupper():
        return line[i + 1 : i + 2].islower()
    return before.isalpha() or before in CLOSING or (before.isdigit() and not after.isdigit())
