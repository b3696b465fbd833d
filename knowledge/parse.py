"""Reads an "A versus B" document into a Comparison: Markdown, a saved HTML page, pasted text.

    comparison = parse_file(Path("notes.md"))

Each format has a reader that makes blocks (headings, paragraphs, tables); `_comparison` builds
the Comparison from them. Not covered: pages that a script fills, tables made without <table>.

Pasted text fuses a table's cells ("GovernanceBy tokenBy vote"). A row is split only if it has
exactly two seams. A seam is a place without a space where a cell may end (a letter, digit or
closing mark) and one may begin (a capital, digit, currency or opening mark: cells are taken to
begin with one of these). There is no seam inside brackets or quotes, a number with its unit
(43M), a designation (Q1, U.S.), a plural (GPUs), or a word that stands by itself elsewhere in
the document, outside the table (DeepSeek). Any other row stays whole, with a warning.
"""

import re
import unicodedata
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Literal, get_args

import yaml
from bs4 import BeautifulSoup, NavigableString, Tag
from bs4.builder import ParserRejectedMarkup
from markdown_it import MarkdownIt

from knowledge.comparison import Comparison, Kind, Passage, slug
from knowledge.errors import ComparisonUnreadable

Format = Literal["markdown", "html", "text"]
KINDS: tuple[Kind, ...] = get_args(Kind)
SECTION_NAMES: dict[Kind, str] = {  # slugs, without "the-"
    "introduction": "introduction intro comparison overview",
    "dimension": "feature-comparison features feature-table comparison-table side-by-side",
    "analysis": "detailed-analysis analysis in-depth-analysis deep-dive",
    "best-for": "best-for use-cases best-use-cases recommendations",
    "bottom-line": "bottom-line verdict final-verdict conclusion summary",
}
DEFAULT_BOTH = "Both / Depends"
MAX_SIZE_BYTES = 5_000_000
MAX_TITLE_CHARS = 100
MAX_DIMENSION_CHARS = 60
MAX_SEAMS = 50
MAX_FRONT_MATTER_CHARS = 10_000


@dataclass(frozen=True)
class Row:
    """The cells of a table row; `doubt` says why a fused one could not be split."""

    cells: tuple[str, ...]
    doubt: str = ""


@dataclass(frozen=True)
class Block:
    """A heading (`level` 1 to 6), a paragraph (0, its lines kept), or a table (0, with `rows`)."""

    level: int
    text: str
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True)
class FrontMatter:
    """What a Markdown file says of itself; empty where it says nothing."""

    title: str = ""
    options: tuple[str, ...] = ()
    both: str = ""
    as_of: str = ""
    in_general: str = ""


def parse_file(path: Path) -> Comparison:
    """The comparison in `path`, read as .md, as .html, or as what its text looks like.

    Raises ComparisonUnreadable, in one line that names the file, what is wrong and what to do,
    for no file, a folder, over 5 MB, not UTF-8 text, and text that is no comparison.
    """
    name = _short(path.name or str(path))
    try:
        if path.exists() and not path.is_file():  # reading a pipe or device might never end
            kind = "a folder" if path.is_dir() else "no file"
            raise ComparisonUnreadable(f"{name} is {kind}. Name a .md, .html or .txt file.")
        with path.open("rb") as file:
            data = file.read(MAX_SIZE_BYTES + 1)
    except (OSError, ValueError) as exc:  # ValueError: a NUL in the name
        why = getattr(exc, "strerror", None) or exc
        raise ComparisonUnreadable(f"{name} cannot be read: {why}. Check the path.") from exc
    if len(data) > MAX_SIZE_BYTES:
        raise ComparisonUnreadable(f"{name} is over 5 MB. Save the comparison alone.")
    if b"\0" in data:
        raise ComparisonUnreadable(f"{name} is a binary file. Save it as .md, .html or .txt.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        where = f"byte {exc.start + 1}"
        raise ComparisonUnreadable(f"{name} is not UTF-8 ({where}). Save it as UTF-8.") from exc
    suffix = path.suffix.lower()
    if suffix in (".md", ".markdown"):
        return _parse(text, "markdown", name)
    if suffix in (".html", ".htm") or text.lstrip().startswith("<"):
        return _parse(text, "html", name)
    return _parse(text, "markdown" if re.search(r"(?m)^## ", text) else "text", name)


def parse_text(text: str, format: Format) -> Comparison:
    """The comparison that `text` holds; its `warnings` say what was left out or not certain.

    Raises ComparisonUnreadable, in one line that says what is missing, if it holds none.
    """
    return _parse(text, format, "The text")


def _parse(text: str, format: Format, name: str) -> Comparison:
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    front = FrontMatter()
    try:
        if not text.strip():
            raise ComparisonUnreadable("it is empty.")
        if format == "markdown":
            front, text = _front_matter(text)
        read = {"markdown": _markdown_blocks, "html": _html_blocks, "text": _text_blocks}[format]
        return _comparison(read(text), front)
    except ComparisonUnreadable as exc:
        form = "See knowledge/*.md for the form."
        raise ComparisonUnreadable(f"{name} is not a comparison: {exc} {form}") from exc


# --- from blocks to the comparison ---


def _comparison(blocks: list[Block], front: FrontMatter) -> Comparison:
    tops = [i for i, block in enumerate(blocks) if block.level == 1 and not _kind(block.text)]
    at = next((i for i in tops if _sides(blocks[i].text)), tops[0] if tops else -1)
    title = front.title or (blocks[at].text if at >= 0 else " vs ".join(front.options))
    sides = front.options or _sides(title)
    if not sides or not slug(title):
        raise ComparisonUnreadable('no title with two options ("A vs B") was found.')
    sections, notes = _sections(blocks[at + 1 :])
    table = next((block.rows for block in sections["dimension"] if len(block.rows) > 1), None)
    if not table:
        raise ComparisonUnreadable(
            "no 'Feature Comparison' table with a column for each option was found."
        )
    if len(sections["dimension"]) > 1:
        notes.append("What stands around the feature table was left out.")
    header = table[0].cells
    options = _options(header, sides, fixed=bool(front.options))
    found: dict[str, Passage] = {}

    def add(kind: Kind, heading: str, text: str, *cells: str, verdict: str | None = None) -> None:
        passage = Passage(len(found) + 1, kind, heading, text, verdict, cells)
        if not slug(heading):
            raise ComparisonUnreadable(f'the heading "{_short(heading)}" has no letter a to z.')
        if passage.id in found:
            raise ComparisonUnreadable(f'the heading "{_short(heading)}" stands twice. Rename one.')
        found[passage.id] = passage

    if sections["introduction"]:
        add("introduction", "Introduction", _joined(sections["introduction"]))
    for row in table[1:]:
        heading, *cells = row.cells
        if not heading or not any(cells):
            notes.append(f'Row "{_short(" ".join(row.cells))}" has no name or no cells; left out.')
        elif len(cells) == 2:
            if _same(header[1]) != _same(options[0]):
                cells.reverse()
            lines = map(_labelled, options, cells)
            add("dimension", heading, "\n".join(lines), *cells)
        else:
            doubt = row.doubt or f"{len(cells)} cells for 2 options"
            notes.append(f'Row "{_short(heading)}": {doubt}; kept whole.')
            add("dimension", heading, " ".join(cells))
    for heading, parts in _items(sections["analysis"], notes):
        add("analysis", heading, _joined(parts) or heading)
    cases = [_use_case(*item) for item in _items(sections["best-for"], notes)]
    both = _both([label for _, label, _ in cases], options, front.both, notes)
    for heading, label, text in cases:
        verdict = next(known for known in (*options, both) if _same(known) == _same(label))
        add("best-for", heading, text or verdict, verdict=verdict)
    if sections["bottom-line"]:
        general = _in_general(front.in_general, (*options, both))
        add("bottom-line", "The Bottom Line", _joined(sections["bottom-line"]), verdict=general)
    for kind in ("introduction", "analysis", "bottom-line"):
        if kind not in (passage.kind for passage in found.values()):
            notes.append(f"No {kind.replace('-', ' ')} was found.")
    return Comparison(title, options, both, front.as_of, tuple(found.values()), tuple(notes))


def _labelled(option: str, cell: str) -> str:
    """The cell as a sentence that can stand alone: with its option's name, unless it begins so."""
    return cell if slug(cell).startswith(slug(option)) else f"{option}: {cell}"


def _sections(blocks: list[Block]) -> tuple[dict[Kind, list[Block]], list[str]]:
    """The blocks of each section, and a note for each section that is none of the form's."""
    sections: dict[Kind, list[Block]] = {kind: [] for kind in KINDS}
    notes: list[str] = []
    kind: Kind | None = "introduction"
    level = 6
    for block in blocks:
        named = _kind(block.text) if block.level else None
        if block.level and (block.level <= level or (kind is None and named)):
            kind, level = named, 6 if named == "introduction" else block.level
            if kind is None:
                notes.append(f'Section "{_short(block.text)}" is not of the form; left out.')
        elif kind:
            sections[kind].append(block)
    return sections, notes


def _options(header: tuple[str, ...], sides: tuple[str, ...], fixed: bool) -> tuple[str, str]:
    """The options in the title's order if the table agrees, else as the table names them."""
    columns = header[1:]
    if sorted(map(_same, columns)) == sorted(map(_same, sides)):
        columns = sides
    if (fixed and columns != sides) or len(columns) != 2 or not all(columns):
        shown = _short(" | ".join(header))
        raise ComparisonUnreadable(f"the feature table's columns ({shown}) are not the options.")
    return columns[0], columns[1]


def _items(blocks: list[Block], notes: list[str]) -> list[tuple[str, list[Block]]]:
    """Each heading of a section with the blocks under it; deeper headings count as text."""
    items: list[tuple[str, list[Block]]] = []
    top = next((block.level for block in blocks if block.level), 0)
    for block in blocks:
        if 0 < block.level <= top:
            items.append((block.text, []))
        elif items:
            items[-1][1].append(block)
        else:
            notes.append(f'"{_short(block.text)}" stands under no heading of its own; left out.')
    return items


def _use_case(heading: str, blocks: list[Block]) -> tuple[str, str, str]:
    """Heading, verdict as written (the first line), and text of a use case."""
    label, _, rest = (blocks[0].text if blocks else "").partition("\n")
    if not _same(label) or not _is_title(label):
        raise ComparisonUnreadable(f'the use case "{_short(heading)}" has no verdict line.')
    return heading, label, _joined([Block(0, rest), *blocks[1:]] if rest else blocks[1:])


def _both(labels: list[str], options: tuple[str, str], given: str, notes: list[str]) -> str:
    """The label for neither option: `given`, or the one among the use cases' `labels`."""
    if len(labels) < 2:
        what = "only 1 use case" if labels else "no 'Best For' section with use cases and verdicts"
        raise ComparisonUnreadable(f"{what} was found; at least 2 use cases are needed.")
    others = [label for label in labels if _same(label) not in map(_same, options)]
    both = given or (others[0] if others else DEFAULT_BOTH)
    allowed = ", ".join(f'"{_short(name)}"' for name in (*options, both))
    if len({_same(name) for name in (*options, both)}) < 3:
        raise ComparisonUnreadable(f"its labels, {allowed}, are not three different ones.")
    for label in others:
        if _same(label) != _same(both):
            raise ComparisonUnreadable(f'the verdict "{_short(label)}" is none of {allowed}.')
    if not given and not re.search(r"(?i)both|depend|either|neither|tie|draw|hybrid|mix", both):
        notes.append(f'The verdict "{_short(both)}" is no option; taken as the label for both.')
    return both


# --- words and lines ---


def plain(text: str) -> str:
    """`text` in one line: NFC, whitespace folded, no control or invisible format characters."""
    joiners = "\u200c\u200d"  # they shape the words of some scripts
    kept = "".join(
        char
        for char in text
        if char.isspace() or char in joiners or unicodedata.category(char) not in ("Cc", "Cf", "Cs")
    )
    return " ".join(unicodedata.normalize("NFC", kept).split())


def _block(level: int, text: str) -> list[Block]:
    """`text` as a block, without its empty lines; no block if nothing is left."""
    lines = [line for line in map(plain, text.split("\n")) if line]
    return [Block(level, (" " if level else "\n").join(lines))] if lines else []


def _table(rows: list[Row]) -> Block:
    return Block(0, "\n".join(" | ".join(row.cells) for row in rows), tuple(rows))


def _joined(blocks: list[Block]) -> str:
    return "\n".join(plain(block.text) for block in blocks)


def _same(label: str) -> str:
    """What two spellings of a label have in common."""
    return plain(label).casefold()


def _short(text: str) -> str:
    text = plain(text)
    return text if len(text) <= MAX_DIMENSION_CHARS else text[: MAX_DIMENSION_CHARS - 1] + "…"


def _kind(heading: str) -> Kind | None:
    """The section that `heading` opens, if it is the name of one."""
    name = re.sub(r"^(?:\d+-)?(?:the-)?", "", slug(heading))
    return next((kind for kind in KINDS if name in SECTION_NAMES[kind].split()), None)


def _sides(title: str) -> tuple[str, ...]:
    """A and B of "A vs B", else nothing."""
    sides = tuple(map(plain, re.split(r"(?i) (?:vs\.?|versus) ", title)))
    return sides if len(sides) == 2 and all(sides) else ()


def _is_title(line: str) -> bool:
    """Whether `line` reads as a heading or label: short, no sentence's end, no list item."""
    ends = re.search(r"[.!;:,…][\"'”’)\]]*$|^[-*•–·] ", line)
    return len(line) <= MAX_TITLE_CHARS and not ends


def _in_general(given: str, labels: tuple[str, ...]) -> str | None:
    """The verdict of the bottom line; only the front matter can say it for certain."""
    if not given:
        return None
    for label in labels:
        if _same(label) == _same(given):
            return label
    allowed = ", ".join(f'"{_short(label)}"' for label in labels)
    raise ComparisonUnreadable(
        f'its front matter\'s in_general "{_short(given)}" is none of {allowed}.'
    )


# --- Markdown ---


def _front_matter(text: str) -> tuple[FrontMatter, str]:
    """The YAML between two lines of --- at the start, if any, and the text after it."""
    if not re.match(r"---[ \t]*\n", text):
        return FrontMatter(), text
    _, head, body = (*re.split(r"(?m)^---[ \t]*$", text, maxsplit=2), None, None)[:3]
    if head is None or body is None or len(head) > MAX_FRONT_MATTER_CHARS:
        raise ComparisonUnreadable("its front matter has no closing --- line.")
    try:
        data = yaml.load(head, Loader=yaml.BaseLoader) or {}  # every scalar stays a string
    except (yaml.YAMLError, RecursionError) as exc:
        mark = getattr(exc, "problem_mark", None)
        where = f" (line {mark.line + 1})" if mark else ""
        raise ComparisonUnreadable(f"its front matter is not valid YAML{where}.") from exc
    if not isinstance(data, dict):
        raise ComparisonUnreadable('its front matter has no "name: value" lines.')
    texts = [data.get(name) or "" for name in ("title", "both", "as_of", "in_general")]
    options = data.get("options") or []
    if not isinstance(options, list) or len(options) not in (0, 2) or not all(options):
        raise ComparisonUnreadable("its front matter's options are no list of two names.")
    if not all(isinstance(value, str) for value in (*texts, *options)):
        raise ComparisonUnreadable("its front matter has a list where one value belongs.")
    title, both, as_of, in_general = map(plain, texts)
    return FrontMatter(title, tuple(map(plain, options)), both, as_of, in_general), body


def _markdown_blocks(text: str) -> list[Block]:
    blocks: list[Block] = []
    rows: list[Row] = []
    tokens = MarkdownIt("commonmark", {"html": False}).enable("table").parse(text)
    for opening, token in pairwise(tokens):
        if token.type == "inline":
            parts = token.children or []
            line = "".join("\n" if p.type.endswith("break") else p.content for p in parts)
            if opening.tag in ("th", "td"):
                rows[-1] = Row((*rows[-1].cells, plain(line)))
            else:
                blocks += _block(int(opening.tag[1]) if opening.type == "heading_open" else 0, line)
        elif token.type == "tr_open":
            rows.append(Row(()))
        elif token.type == "table_close":
            blocks.append(_table(rows))
            rows = []
        else:
            blocks += _block(0, token.content)  # code; other tokens have no content
    return blocks


# --- HTML ---

HTML_HEADING = re.compile(r"^h[1-6]$")
HTML_BLOCK = re.compile(
    "^(h[1-6]|p|div|[uod]l|li|d[td]|t[hd]|caption|blockquote|pre|hr|table|article|section|main|header"
    "|figure|figcaption|details|summary|address|fieldset|form)$"
)
HTML_DROPPED = re.compile("^(script|style|nav|template|noscript|footer|aside|svg|iframe|title)$")


def _html_blocks(text: str) -> list[Block]:
    try:
        with warnings.catch_warnings(action="ignore"):  # one comes for a text like a file name
            soup = BeautifulSoup(text, "html.parser")
    except (ParserRejectedMarkup, AssertionError) as exc:
        raise ComparisonUnreadable("its HTML is broken.") from exc
    blocks = [] if soup.h1 else _block(1, soup.title.get_text() if soup.title else "")
    for tag in soup.find_all(HTML_DROPPED):
        tag.decompose()
    tables: dict[int, Block] = {}
    around = {id(table.find_parent("table")) for table in soup.find_all("table")}
    for table in soup.find_all("table"):
        if id(table) not in around:  # a table around another only lays out the page
            own = (row for row in table("tr") if row.find_parent(["tr", "table"]) is table)
            rows = (Row(tuple(map(_html_cell, row(["th", "td"], recursive=False)))) for row in own)
            tables[id(table)] = _table([row for row in rows if any(row.cells)])
            table.clear()
    for owner, line in _html_lines(soup):
        level = int(owner.name[1]) if HTML_HEADING.match(owner.name) else 0
        blocks += [tables[id(owner)]] if id(owner) in tables else _block(level, line)
    return blocks


def _html_cell(cell: Tag) -> str:
    return plain(" ".join(line for _, line in _html_lines(cell)))


def _html_lines(root: Tag) -> Iterator[tuple[Tag, str]]:
    """The runs of text in `root`, each with the heading or block around it; a table has ""."""
    owners = {id(root): root}
    owner, line = root, ""
    for node in root.descendants:
        around = owners[id(node.parent)]
        if isinstance(node, Tag):
            opens = HTML_BLOCK.match(node.name) and not HTML_HEADING.match(around.name)
            owners[id(node)] = around = node if opens else around
            text = "\n" if node.name == "br" else ""
        else:  # a string, or a comment or the like
            text = re.sub(r"\s+", " ", node) if type(node) is NavigableString else ""
        if around is not owner:
            yield owner, line
            owner, line = around, ""
        line += text
    yield owner, line


# --- pasted text ---


def _text_blocks(text: str) -> list[Block]:
    lines = ["\t".join(map(plain, line.split("\t"))) for line in text.split("\n") if plain(line)]
    kinds = [_kind(line) for line in lines]
    end = kinds.index("dimension") if "dimension" in kinds else len(lines)
    at = next((i for i in range(end) if _is_title(lines[i]) and _sides(lines[i])), -1)
    if at < 0:
        return []
    kind: Kind = "introduction"
    parts: dict[Kind, list[str]] = {kind: [] for kind in KINDS}
    for line, named in zip(lines[at + 1 :], kinds[at + 1 :], strict=True):
        if named and KINDS.index(named) > KINDS.index(kind):  # sections come in the form's order
            kind = named
        elif not named or named != kind:
            parts[kind].append(line)
    sides = _sides(lines[at])
    elsewhere = (line for kind in KINDS if kind != "dimension" for line in parts[kind])
    words = {word for line in (lines[at], *elsewhere) for word in WORD.findall(line)}
    blocks = [Block(1, lines[at])]
    for kind, section in parts.items():
        blocks.append(Block(2, SECTION_NAMES[kind].split()[0]))
        if kind == "dimension":
            blocks += _fused_table(section, sides, words)
        else:
            labels = {*map(_same, (*sides, DEFAULT_BOTH))} if kind == "best-for" else set()
            headings = (
                _text_headings(section, labels) if kind in ("analysis", "best-for") else set()
            )
            blocks += [Block(3 * (i in headings), plain(line)) for i, line in enumerate(section)]
    return blocks


def _text_headings(lines: list[str], labels: set[str]) -> set[int]:
    """Which lines are headings: a title before text or, where there are `labels`, a verdict."""
    title = [*map(_is_title, lines), True, True]
    headings: set[int] = set()
    for i, following in enumerate(lines[1:]):
        verdict = _same(following) in labels
        inside = bool(labels and {i - 1, i - 2} & headings)  # a verdict, then its text
        before_text = not title[i + 1] or (bool(labels) and not title[i + 2])
        if verdict or (title[i] and before_text and not inside):
            headings.add(i)
    return headings


def _fused_table(lines: list[str], sides: tuple[str, ...], words: set[str]) -> list[Block]:
    """The rows under the line that ends in both options' names; no block without such a line."""
    for i, line in enumerate(lines):
        for columns in (sides, sides[::-1]):
            if re.sub(r"\s", "", line).endswith(re.sub(r"\s", "", "".join(columns))):
                header = Row(("Dimension", *columns))
                return [_table([header, *(_fused_row(row, words) for row in lines[i + 1 :])])]
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
        return Row((_short(line), line), doubt)
    if len(seams) > 2:
        shown = ", ".join(f"{line[:i].split()[-1]}|{line[i:].split()[0]}" for i in seams[1:4])
        doubt = f"cells could be split in {len(seams) - 1} places ({_short(shown)})"
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
    """Where `line` may be two cells, by the rules at the top of this file."""
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
