"""The blocks of DOCX and of PDF with text."""

import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import mammoth
import pdfplumber
from lxml import etree
from pdfminer.pdfdocument import PDFPasswordIncorrect
from pdfplumber.utils.exceptions import PdfminerException

from knowledge.documents.blocks import Block, Row, plain, raised, table
from knowledge.documents.dingbats import drawn
from knowledge.documents.html import MAX_COLUMNS, html_blocks
from knowledge.documents.tables import check_unpacked
from knowledge.errors import DocumentError

STYLES = """
p[style-name='Title'] => h1:fresh
p[style-name='Subtitle'] => p:fresh
b => strong
strike => s
"""
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
MAX_PAGES = 500
MIN_CHARS_A_PAGE = 20
LINE_END = "\ue000"  # after a hyphen: the word may go on in the next line
DIVIDED = re.compile(rf"(\w+)-{LINE_END}(\w+)")
# words before which a hyphen stands for what the next one has too: "short- and long-term"
LINKING = {"and", "or", "to", "but", "as", "versus", "vs", "und", "oder", "et", "ou", "y", "o"}
RAISED_SHARE = 0.8  # of the size of the letters before it, for a figure that stands above the line


def docx_blocks(path: Path) -> tuple[list[Block], list[str]]:
    check_unpacked(path)
    try:
        result = mammoth.convert_to_html(
            _as_shown(path),
            style_map=STYLES,
            convert_image=mammoth.images.img_element(lambda _: {}),
        )
    except Exception as exc:  # mammoth lets the errors of zip and XML readers through
        raise DocumentError("its DOCX is damaged or encrypted.") from exc
    blocks, notes = html_blocks(f"<body>{result.value}</body>") if result.value else ([], [])
    if not any(block.level == 1 for block in blocks) and blocks and not blocks[0].rows:
        first = blocks[0]
        if not first.level and len(first.text) < 100:
            blocks[0] = Block(1, first.text, line=first.line)
    return blocks, notes


def _as_shown(path: Path) -> io.BytesIO:
    """A DOCX without its hidden text, whose indented rows have empty cells where they begin."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    shown = io.BytesIO()
    with zipfile.ZipFile(path) as packed, zipfile.ZipFile(shown, "w") as repacked:
        for name in packed.namelist():
            data = packed.read(name)
            if name == "word/document.xml":
                root = etree.fromstring(data, parser)
                for run in root.findall(f".//{W}r"):
                    if _is_on(run, "vanish"):
                        run.getparent().remove(run)
                    elif _is_on(run, "dstrike"):  # mammoth knows of one line only
                        for once in run.findall(f"{W}rPr/{W}strike"):
                            once.getparent().remove(once)
                        etree.SubElement(run.find(f"{W}rPr"), f"{W}strike")
                    for text in run.findall(f"{W}t"):
                        text.text = drawn(_font(run), text.text or "")
                for before in root.findall(f".//{W}trPr/{W}gridBefore"):
                    row = before.getparent().getparent()
                    for _ in range(min(int(before.get(f"{W}val", "0")), MAX_COLUMNS)):
                        cell = etree.Element(f"{W}tc")
                        cell.append(etree.Element(f"{W}p"))
                        row.insert(1, cell)
                data = etree.tostring(root)
            repacked.writestr(name, data)
    return shown


def _is_on(run: etree._Element, name: str) -> bool:
    """Whether a run has the property `name`, which it may also switch off."""
    found = run.find(f"{W}rPr/{W}{name}")
    return found is not None and found.get(f"{W}val") not in ("0", "false", "off")


def _font(run: etree._Element) -> str | None:
    found = run.find(f"{W}rPr/{W}rFonts")
    return None if found is None else found.get(f"{W}ascii") or found.get(f"{W}hAnsi")


def pdf_blocks(path: Path) -> tuple[list[Block], list[str]]:
    """The text and ruled tables of a PDF, page by page."""
    notes: list[str] = []
    blocks: list[Block] = []
    try:
        with pdfplumber.open(path) as pdf:
            pages = len(pdf.pages)
            letters = 0
            for page in pdf.pages[:MAX_PAGES]:
                letters += len(page.chars)
                for char in page.chars:
                    if "dings" in char["fontname"].lower() and len(char["text"]) == 1:
                        char["text"] = drawn(char["fontname"], char["text"])
                _read_page(page, blocks)
                page.close()  # else every page's letters stay in memory
    except (PDFPasswordIncorrect, PdfminerException) as exc:
        encrypted = isinstance(exc, PDFPasswordIncorrect) or "Password" in repr(exc)
        why = "is encrypted. Save it without a password." if encrypted else "is damaged."
        raise DocumentError(f"its PDF {why}") from exc
    except Exception as exc:  # pdfminer has no error of its own for broken objects
        raise DocumentError("its PDF is damaged.") from exc
    if letters < MIN_CHARS_A_PAGE * min(pages, 5):
        raise DocumentError("its PDF has no text (a scan?). Save it with recognised text.")
    if pages > MAX_PAGES:
        notes.append(f"Only the first {MAX_PAGES} of {pages} pages were read.")
    if not any(block.rows for block in blocks):
        notes.append("No table with ruled lines was found in the PDF; others are read as text.")
    return _with_whole_words(_joined(blocks)), notes


def _read_page(page: Any, blocks: list[Block]) -> None:
    found = page.find_tables()
    boxes = [each.bbox for each in found]
    size = _usual_size(page.chars)
    words = page.extract_words(extra_attrs=["size", "fontname"], keep_blank_chars=False)
    outside = [word for word in words if not any(_inside(word, box) for box in boxes)]
    placed: list[tuple[float, list[Block]]] = [
        (each.bbox[1], [table(rows)]) for each in found if (rows := _rows(each, page))
    ]
    for top, lines in _paragraphs(outside):
        placed.append((top, _block(lines, size)))
    for _, some in sorted(placed, key=lambda each: each[0]):
        blocks += some


def _inside(word: dict[str, Any], box: tuple[float, float, float, float]) -> bool:
    x, y = (word["x0"] + word["x1"]) / 2, (word["top"] + word["bottom"]) / 2
    return bool(box[0] <= x <= box[2] and box[1] <= y <= box[3])


def _usual_size(chars: Sequence[dict[str, Any]]) -> float:
    sizes = sorted(char["size"] for char in chars)
    return sizes[len(sizes) // 2] if sizes else 0.0


def _rows(found: Any, page: Any) -> list[Row]:
    """The cells of a ruled table; None is covered by a merge, and takes what covers it."""
    rows: list[Row] = []
    for row in found.rows:
        cells: list[str] = []
        for box in row.cells:
            if box is None:
                cells.append(cells[-1] if cells else "")
                continue
            inner = page.crop(box, strict=False).extract_words(extra_attrs=["size"])
            cells.append(_line(inner, _usual_size(page.chars)))
        rows.append(Row(tuple(cells)))
    return [row for row in rows if any(row.cells)]


def _line(words: Sequence[dict[str, Any]], size: float) -> str:
    """Words as one line, with raised figures as signs of their own, and LINE_END where it may
    divide a word.
    """
    parts = []
    for place, word in enumerate(words):
        small = (
            size and word["size"] < size * RAISED_SHARE and re.fullmatch(r"[\d,*]+", word["text"])
        )
        between = LINE_END if place and _may_go_on(words[place - 1], word) else " "
        parts.append(raised(word["text"]) if small else between + word["text"])
    return plain("".join(parts))


def _may_go_on(before: dict[str, Any], word: dict[str, Any]) -> bool:
    """Whether `word` may be the rest of the one before, which a line's end divides."""
    below = word["top"] > (before["top"] + before["bottom"]) / 2
    hyphen = re.search(r"[^\W\d_]-$", before["text"])
    return bool(below and hyphen and word["text"][0].islower())


def _paragraphs(words: Sequence[dict[str, Any]]) -> list[tuple[float, list[list[dict[str, Any]]]]]:
    """Lines of words, those close below each other together, with how far down they begin."""
    lines: list[list[dict[str, Any]]] = []
    for word in sorted(words, key=lambda each: (round(each["bottom"]), each["x0"])):
        if lines and abs(lines[-1][0]["bottom"] - word["bottom"]) < 0.4 * (
            word["bottom"] - word["top"]
        ):
            lines[-1].append(word)
        else:
            lines.append([word])
    found: list[tuple[float, list[list[dict[str, Any]]]]] = []
    for line in lines:
        line.sort(key=lambda each: each["x0"])
        before = found[-1][1][-1] if found else None
        gap = line[0]["top"] - before[0]["bottom"] if before else 99
        alike = (
            before
            and abs(before[0]["size"] - line[0]["size"]) < 0.6
            and before[0]["fontname"] == line[0]["fontname"]
        )
        bullet = re.match(r"[-•–▪●*]", line[0]["text"])
        if found and alike and not bullet and gap < 0.7 * line[0]["size"]:
            found[-1][1].append(line)
        else:
            found.append((line[0]["top"], [line]))
    return found


def _block(lines: list[list[dict[str, Any]]], usual: float) -> list[Block]:
    text = _line([word for line in lines for word in line], usual)
    size = lines[0][0]["size"]
    bold = all("bold" in word["fontname"].lower() for line in lines for word in line)
    if not text or re.fullmatch(r"(?:page )?\d{1,4}(?: (?:of|/) \d+)?", text.lower()):
        return []
    if size > usual * 1.6:
        return [Block(1, text)]
    if size > usual * 1.12 or (bold and len(text) < 80 and not text.endswith(".")):
        return [Block(2 if size > usual * 1.3 else 3, text)]
    lead = []
    for word in lines[0]:
        if "bold" not in word["fontname"].lower():
            break
        lead.append(word["text"])
    if match := re.match(r"[-•–▪●*]\s*", text):
        return [
            Block(0, text[match.end() :], item=1, bold=(" ".join(lead[1:]),) if lead[1:] else ())
        ]
    return [Block(0, text, bold=(" ".join(lead),) if lead else ())]


def _joined(blocks: Sequence[Block]) -> list[Block]:
    """`blocks` with the parts of a table that goes on on the next page as one."""
    joined: list[Block] = []
    for block in blocks:
        before = joined[-1] if joined else None
        if (
            before
            and before.rows
            and block.rows
            and len(before.rows[0].cells) == len(block.rows[0].cells)
        ):
            again = block.rows[0].cells == before.rows[0].cells
            joined[-1] = table([*before.rows, *block.rows[again:]])
        else:
            joined.append(block)
    return joined


def _with_whole_words(blocks: Sequence[Block]) -> list[Block]:
    """`blocks` without LINE_END, and without the hyphens before it of words that stand undivided
    elsewhere; a hyphen that may be the word's own stays.
    """
    words = {word for block in blocks for word in re.findall(r"\w+", block.text.lower())}

    def whole(part: re.Match[str]) -> str:
        first, second = part.groups()
        if f"{first}{second}".lower() in words:
            return f"{first}{second}"
        return f"{first}- {second}" if second in LINKING else f"{first}-{second}"

    def read(text: str) -> str:
        return DIVIDED.sub(whole, text).replace(LINE_END, "")

    return [
        replace(
            each,
            text=read(each.text),
            bold=tuple(map(read, each.bold)),
            rows=tuple(Row(tuple(map(read, row.cells))) for row in each.rows),
        )
        for each in blocks
    ]
