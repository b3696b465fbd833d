"""Reads an "A versus B" document into a Comparison: Markdown, a saved HTML page, pasted text.

    comparison = parse_file(Path("notes.md"))

Each format has a reader that makes blocks (knowledge.documents.blocks, knowledge.documents.pasted);
`_comparison` builds the Comparison from them.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import yaml

from knowledge.comparison import SIGNS, Comparison, Kind, Passage, slug
from knowledge.documents.blocks import (
    DEFAULT_BOTH,
    KINDS,
    Block,
    is_title,
    plain,
    same,
    section_named,
    short,
    sides_of,
)
from knowledge.documents.html import html_blocks
from knowledge.documents.markdown import markdown_blocks
from knowledge.documents.pasted import pasted_blocks
from knowledge.errors import DocumentError

Format = Literal["markdown", "html", "text"]
MAX_SIZE_BYTES = 5_000_000
MAX_FRONT_MATTER_CHARS = 10_000


@dataclass(frozen=True)
class FrontMatter:
    """The front matter of a Markdown file; "" for missing values."""

    title: str = ""
    options: tuple[str, ...] = ()
    both: str = ""
    as_of: str = ""
    in_general: str = ""


def parse_file(path: Path) -> Comparison:
    """The comparison in `path`. The format follows from the ending or, without a known one, from
    the text.

    Raises DocumentError, one line with the file, the problem and the remedy, for a missing file, a
    folder, over 5 MB, other encodings than UTF-8, and text without a comparison.
    """
    name = short(path.name or str(path))
    try:
        if path.exists() and not path.is_file():  # a pipe or device may never end
            kind = "a folder" if path.is_dir() else "no file"
            raise DocumentError(f"{name} is {kind}. Name a .md, .html or .txt file.")
        with path.open("rb") as file:
            data = file.read(MAX_SIZE_BYTES + 1)
    except (OSError, ValueError) as exc:  # ValueError: a NUL in the name
        why = getattr(exc, "strerror", None) or exc
        raise DocumentError(f"{name} cannot be read: {why}. Check the path.") from exc
    if len(data) > MAX_SIZE_BYTES:
        raise DocumentError(f"{name} is over 5 MB. Save the comparison alone.")
    if b"\0" in data:
        raise DocumentError(f"{name} is a binary file. Save it as .md, .html or .txt.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        where = f"byte {exc.start + 1}"
        raise DocumentError(f"{name} is not UTF-8 ({where}). Save it as UTF-8.") from exc
    suffix = path.suffix.lower()
    if suffix in (".md", ".markdown"):
        return _parse(text, "markdown", name)
    if suffix in (".html", ".htm") or text.lstrip().startswith("<"):
        return _parse(text, "html", name)
    return _parse(text, "markdown" if re.search(r"(?m)^## ", text) else "text", name)


def parse_text(text: str, format: Format) -> Comparison:
    """The comparison in `text`; its `warnings` list whatever was left out or uncertain.

    Raises DocumentError, one line with the missing part.
    """
    return _parse(text, format, "The text")


def _parse(text: str, format: Format, name: str) -> Comparison:
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    front = FrontMatter()
    try:
        if not text.strip():
            raise DocumentError("it is empty.")
        if format == "markdown":
            front, text = _front_matter(text)
        read = {"markdown": markdown_blocks, "html": html_blocks, "text": pasted_blocks}[format]
        return _comparison(read(text), front)
    except DocumentError as exc:
        form = "See docs/using.md for the form."
        raise DocumentError(f"{name} is not a comparison: {exc} {form}") from exc


# --- from blocks to the comparison ---


def _comparison(blocks: list[Block], front: FrontMatter) -> Comparison:
    tops = [
        i for i, block in enumerate(blocks) if block.level == 1 and not section_named(block.text)
    ]
    at = next((i for i in tops if sides_of(blocks[i].text)), tops[0] if tops else -1)
    title = front.title or (blocks[at].text if at >= 0 else " vs ".join(front.options))
    sides = front.options or sides_of(title)
    if not sides or not slug(title):
        raise DocumentError('no title with two options ("A vs B") was found.')
    sections, notes = _sections(blocks[at + 1 :])
    table = next((block.rows for block in sections["dimension"] if len(block.rows) > 1), None)
    if not table:
        raise DocumentError(
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
            raise DocumentError(f'the heading "{short(heading)}" has no letter or digit.')
        if passage.id in found:
            raise DocumentError(f'the heading "{short(heading)}" stands twice. Rename one.')
        found[passage.id] = passage

    if sections["introduction"]:
        add("introduction", "Introduction", _joined(sections["introduction"]))
    for row in table[1:]:
        heading, *cells = row.cells or ("",)
        if not heading or not any(cells):
            notes.append(f'Row "{short(" ".join(row.cells))}" has no name or no cells; left out.')
        elif len(cells) == 2 and not row.doubt:
            if same(header[1]) != same(options[0]):
                cells.reverse()
            lines = map(_labelled, cells, options, options[::-1])
            add("dimension", heading, "\n".join(filter(None, lines)), *cells)
        else:
            doubt = row.doubt or f"{len(cells)} cell{'s'[: len(cells) - 1]} for 2 options"
            notes.append(f'Row "{short(heading)}": {doubt}; kept whole.')
            add("dimension", heading, " | ".join(filter(None, cells)))
    for heading, parts in _items(sections["analysis"], notes):
        add("analysis", heading, _joined(parts) or heading)
    cases = [_use_case(*item) for item in _items(sections["best-for"], notes)]
    both = _both([label for _, label, _ in cases], options, front.both, notes)
    for heading, label, text in cases:
        verdict = next(known for known in (*options, both) if same(known) == same(label))
        add("best-for", heading, text or verdict, verdict=verdict)
    if sections["bottom-line"]:
        general = _in_general(front.in_general, (*options, both))
        add("bottom-line", "The Bottom Line", _joined(sections["bottom-line"]), verdict=general)
    for kind in ("introduction", "analysis", "bottom-line"):
        if kind not in (passage.kind for passage in found.values()):
            notes.append(f"No {kind.replace('-', ' ')} was found.")
    return Comparison(title, options, both, front.as_of, tuple(found.values()), tuple(notes))


def _labelled(cell: str, option: str, other: str) -> str:
    """The cell as a sentence of its own: prefixed with its option's name, unless it begins with
    that.

    "" for an empty cell. "Bike Sharing is dear" does not begin with "Bike" if Bike Sharing is the
    other option.
    """
    if not cell:
        return ""
    longer = len(other) > len(option) and _begins(cell, other)
    return cell if _begins(cell, option) and not longer else f"{option}: {cell}"


def _begins(text: str, name: str) -> bool:
    """Whether `text` begins with the words of `name`, with any punctuation in between; the last
    word may be a plural.
    """
    words = map(re.escape, re.findall(rf"[^\W_]+[{SIGNS}]*", name))
    if not (pattern := r"[\W_]+".join(words)):
        return False
    plural = r"(?:(?<=[^\W_]{2})s|(?:(?<=[sxz])|(?<=[cs]h))es)?"
    ends = rf"(?![^\W_]|[{SIGNS}])"
    return bool(re.match(rf"[\W_]*{pattern}{plural}{ends}", text, re.IGNORECASE))


def _sections(blocks: list[Block]) -> tuple[dict[Kind, list[Block]], list[str]]:
    """The blocks of each section, and a note for each unknown section."""
    sections: dict[Kind, list[Block]] = {kind: [] for kind in KINDS}
    notes: list[str] = []
    kind: Kind | None = "introduction"
    level = 6
    for block in blocks:
        named = section_named(block.text) if block.level else None
        if block.level and (block.level <= level or (kind is None and named)):
            kind, level = named, 6 if named == "introduction" else block.level
            if kind is None:
                notes.append(f'Section "{short(block.text)}" is not of the form; left out.')
        elif kind:
            sections[kind].append(block)
    return sections, notes


def _options(header: tuple[str, ...], sides: tuple[str, ...], fixed: bool) -> tuple[str, str]:
    """The options in the title's order if the table agrees, otherwise in the table's words."""
    columns = header[1:]
    if sorted(map(same, columns)) == sorted(map(same, sides)):
        columns = sides
    if (fixed and columns != sides) or len(columns) != 2 or not all(columns):
        shown = short(" | ".join(header))
        raise DocumentError(f"the feature table's columns ({shown}) are not the options.")
    return columns[0], columns[1]


def _items(blocks: list[Block], notes: list[str]) -> list[tuple[str, list[Block]]]:
    """Each heading of a section with its blocks; deeper headings count as text."""
    items: list[tuple[str, list[Block]]] = []
    top = next((block.level for block in blocks if block.level), 0)
    for block in blocks:
        if 0 < block.level <= top:
            items.append((block.text, []))
        elif items:
            items[-1][1].append(block)
        else:
            notes.append(f'"{short(block.text)}" stands under no heading of its own; left out.')
    return items


def _use_case(heading: str, blocks: list[Block]) -> tuple[str, str, str]:
    """The heading, the verdict as written (the first line), and the text of a use case."""
    label, _, rest = (blocks[0].text if blocks else "").partition("\n")
    if not same(label) or not is_title(label):
        raise DocumentError(f'the use case "{short(heading)}" has no verdict line.')
    return heading, label, _joined([Block(0, rest), *blocks[1:]] if rest else blocks[1:])


def _both(labels: list[str], options: tuple[str, str], given: str, notes: list[str]) -> str:
    """The label for neither option: `given`, or the one among the use cases' `labels`."""
    if len(labels) < 2:
        what = "only 1 use case" if labels else "no 'Best For' section with use cases and verdicts"
        raise DocumentError(f"{what} was found; at least 2 use cases are needed.")
    others = [label for label in labels if same(label) not in map(same, options)]
    both = given or (others[0] if others else DEFAULT_BOTH)
    allowed = ", ".join(f'"{short(name)}"' for name in (*options, both))
    if len({same(name) for name in (*options, both)}) < 3:
        raise DocumentError(f"its labels, {allowed}, are not three different ones.")
    for label in others:
        if same(label) != same(both):
            raise DocumentError(f'the verdict "{short(label)}" is none of {allowed}.')
    if not given and not re.search(r"(?i)both|depend|either|neither|tie|draw|hybrid|mix", both):
        notes.append(f'The verdict "{short(both)}" is no option; taken as the label for both.')
    return both


def _joined(blocks: list[Block]) -> str:
    return "\n".join(plain(block.text) for block in blocks)


def _in_general(given: str, labels: tuple[str, ...]) -> str | None:
    """The verdict of the bottom line, which only the front matter gives for certain."""
    if not given:
        return None
    for label in labels:
        if same(label) == same(given):
            return label
    allowed = ", ".join(f'"{short(label)}"' for label in labels)
    raise DocumentError(f'its front matter\'s in_general "{short(given)}" is none of {allowed}.')


# --- front matter ---


def _front_matter(text: str) -> tuple[FrontMatter, str]:
    """The YAML between two lines of --- at the start, if any, and the text after it."""
    if not re.match(r"---[ \t]*\n", text):
        return FrontMatter(), text
    _, head, body = (*re.split(r"(?m)^---[ \t]*$", text, maxsplit=2), None, None)[:3]
    if head is None or body is None or len(head) > MAX_FRONT_MATTER_CHARS:
        raise DocumentError("its front matter has no closing --- line.")
    try:
        data = yaml.load(head, Loader=yaml.BaseLoader) or {}  # every scalar stays a string
    except (yaml.YAMLError, RecursionError) as exc:
        mark = getattr(exc, "problem_mark", None)
        where = f" (line {mark.line + 1})" if mark else ""
        raise DocumentError(f"its front matter is not valid YAML{where}.") from exc
    if not isinstance(data, dict):
        raise DocumentError('its front matter has no "name: value" lines.')
    texts = [data.get(name) or "" for name in ("title", "both", "as_of", "in_general")]
    options = data.get("options") or []
    if not isinstance(options, list) or len(options) not in (0, 2) or not all(options):
        raise DocumentError("its front matter's options are no list of two names.")
    if not all(isinstance(value, str) for value in (*texts, *options)):
        raise DocumentError("its front matter has a list where one value belongs.")
    title, both, as_of, in_general = map(plain, texts)
    return FrontMatter(title, tuple(map(plain, options)), both, as_of, in_general), body
