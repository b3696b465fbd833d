"""Reads a document that compares two to six options into a Comparison, whatever its form.

    comparison = parse_file(Path("notes.md"))
    reading = read_file(Path("notes.docx"), options=("Cork", "Linoleum"))

Each format has a reader that makes blocks (knowledge.documents.blocks); knowledge.documents.build
recognises what they mean, and how sure that is.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal, TypeVar

from knowledge.comparison import Comparison
from knowledge.documents.blocks import Block, plain, section_named, short
from knowledge.documents.build import Reading, read_blocks
from knowledge.documents.drawn import drawn_tables
from knowledge.documents.front_matter import FrontMatter, read_beside, split_front_matter
from knowledge.documents.html import html_blocks
from knowledge.documents.judge import Judge
from knowledge.documents.markdown import markdown_blocks
from knowledge.documents.office import docx_blocks, pdf_blocks
from knowledge.documents.pasted import pasted_blocks
from knowledge.documents.rst import looks_underlined, rst_blocks
from knowledge.documents.tables import csv_blocks, xlsx_blocks
from knowledge.documents.text import text_blocks
from knowledge.errors import DocumentError

T = TypeVar("T")
Format = Literal["markdown", "html", "rst", "csv", "text"]
FORMATS: dict[str, Format] = {
    ".md": "markdown",
    ".markdown": "markdown",
    ".mdx": "markdown",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".rst": "rst",
    ".csv": "csv",
    ".tsv": "csv",
}
BINARY: dict[str, Callable[[Path], tuple[list[Block], list[str]]]] = {
    ".docx": docx_blocks,
    ".pdf": pdf_blocks,
    ".xlsx": xlsx_blocks,
    ".xlsm": xlsx_blocks,
}
SUFFIXES = (*FORMATS, *BINARY, ".txt")
FORM = '"advisor new" prints a form to fill in.'
MAX_SIZE_BYTES = 5_000_000
MAX_BINARY_BYTES = 25_000_000


def parse_file(path: Path, options: Sequence[str] = (), judge: Judge | None = None) -> Comparison:
    """The comparison in `path`; see read_file."""
    return read_file(path, options, judge).comparison


def read_file(path: Path, options: Sequence[str] = (), judge: Judge | None = None) -> Reading:
    """What is recognised in `path`, read by its suffix, or as what its text looks like.

    `options` are the names of the options, where the document's own are not to be taken. `judge` is
    asked what no rule tells.
    Raises DocumentError, in one line that names the file, what is wrong and what to do,
    for no file, a folder, over 5 MB (25 MB of DOCX, PDF, XLSX), not UTF-8 text, and text that is no
    comparison.
    """
    name = short(path.name or str(path))
    suffix = path.suffix.lower()
    most = MAX_BINARY_BYTES if suffix in BINARY else MAX_SIZE_BYTES
    try:
        if path.exists() and not path.is_file():  # reading a pipe or device might never end
            kind = "a folder" if path.is_dir() else "no file"
            raise DocumentError(f"{name} is {kind}. Name a .md, .html or .txt file.")
        with path.open("rb") as file:
            data = file.read(most + 1)
    except (OSError, ValueError) as exc:  # ValueError: a NUL in the name
        why = getattr(exc, "strerror", None) or exc
        raise DocumentError(f"{name} cannot be read: {why}. Check the path.") from exc
    if len(data) > most:
        raise DocumentError(f"{name} is over {most // 1_000_000} MB. Save the comparison alone.")
    front = _named(name, lambda: read_beside(path))
    if suffix in BINARY:
        return _named(name, lambda: _read_office(path, front, options, judge))
    if b"\0" in data:
        raise DocumentError(f"{name} is a binary file. Save it as .md, .html or .txt.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        where = f"byte {exc.start + 1}"
        raise DocumentError(f"{name} is not UTF-8 ({where}). Save it as UTF-8.") from exc
    return read_text(text, FORMATS.get(suffix) or _looks_like(text), options, name, front, judge)


def parse_text(text: str, format: Format) -> Comparison:
    """The comparison that `text` holds; its `warnings` say what was left out or not certain.

    Raises DocumentError, in one line that says what is missing, if it holds none.
    """
    return read_text(text, format).comparison


def read_text(
    text: str,
    format: Format,
    options: Sequence[str] = (),
    name: str = "The text",
    beside: FrontMatter | None = None,
    judge: Judge | None = None,
) -> Reading:
    """What is recognised in `text`; `beside` is the front matter that stands beside it."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")

    def reading() -> Reading:
        if not text.strip():
            raise DocumentError("it is empty.")
        front, body, above = beside or FrontMatter(), text, 0
        notes: list[str] = []
        if format in ("markdown", "text"):
            front, body, above = split_front_matter(text)
        if format in READERS_WITH_NOTES:
            blocks, notes = READERS_WITH_NOTES[format](body)
        else:
            blocks = READERS[format](body)
        blocks = [replace(each, line=each.line + above) if each.line else each for each in blocks]
        return _read(blocks, notes, front, options, judge)

    return _named(name, reading)


def _read(
    blocks: Sequence[Block],
    notes: Sequence[str],
    front: FrontMatter,
    options: Sequence[str],
    judge: Judge | None,
) -> Reading:
    if not blocks:
        raise DocumentError("it has no text.")
    return read_blocks(blocks, front, tuple(filter(None, map(plain, options))), notes, judge)


def _read_office(
    path: Path, front: FrontMatter, options: Sequence[str], judge: Judge | None
) -> Reading:
    blocks, notes = BINARY[path.suffix.lower()](path)
    # it has no lines that a person could look at
    return _read([replace(each, line=0) for each in blocks], notes, front, options, judge)


def _named(name: str, read: Callable[[], T]) -> T:
    try:
        return read()
    except DocumentError as exc:
        raise DocumentError(f"{name} is not a comparison: {exc} {FORM}") from exc


def _looks_like(text: str) -> Format:
    if text.lstrip().startswith("<"):
        return "html"
    if looks_underlined(text) and not drawn_tables(text.split("\n")):  # no form of its tables
        return "rst"
    return "markdown" if re.search(r"(?m)^#{1,3} |^---\n|^\|.*\|\s*$", text) else "text"


def _plain_blocks(text: str) -> list[Block]:
    """Text pasted from a page of the product's own form, or any other text without markup."""
    lines = [line for line in map(plain, text.split("\n")) if line]
    if {"dimension", "best-for"} <= {section_named(line) for line in lines}:
        return pasted_blocks(text) or text_blocks(text)
    return text_blocks(text)


READERS_WITH_NOTES: dict[Format, Callable[[str], tuple[list[Block], list[str]]]] = {
    "markdown": markdown_blocks,
    "html": html_blocks,
}
READERS: dict[Format, Callable[[str], list[Block]]] = {
    "rst": rst_blocks,
    "csv": csv_blocks,
    "text": _plain_blocks,
}
