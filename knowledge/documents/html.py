"""The blocks of a saved HTML page. Not covered: pages that a script fills.

What is no part of the text (menus, adverts, contents, breadcrumbs, asides outside the article, what
is hidden or struck out) is left out; where a page marks its article, all that stands outside it.
The tables' cells that span several columns or rows are filled in wherever they span.
"""

import re
from collections.abc import Sequence

from lxml import etree, html
from lxml.html import HtmlElement

from knowledge.documents.blocks import (
    Block,
    block,
    defined,
    grid,
    left_of_cell,
    plain,
    raised,
    struck_out_note,
    table,
)
from knowledge.documents.pictures import name_pictures
from knowledge.errors import DocumentError

CONTROLS = re.compile(r"[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
MAX_COLUMNS = 40  # that a cell is taken to span
MAX_DEPTH = 200
HEADING = re.compile(r"h[1-6]$")
BLOCK = re.compile(
    r"(?:h[1-6]|p|div|[uod]l|li|d[td]|t[hd]|caption|blockquote|hr|article|section|main|header|body"
    r"|figure|figcaption|details|summary|address|fieldset|form)$"
)
DROPPED = (
    *("script", "style", "nav", "template", "noscript", "footer", "svg", "iframe"),
    *("title", "head", "button"),
)
FURNITURE = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|menu|breadcrumbs?|crumbs|sidebar|side-?bar|toc|contents|advert"
    r"|ads?|advertisement|promo|offer|sponsor(?:ed)?|related|newsletter|subscribe|cookies?|banner"
    r"|share|social|comments?|footer|popup|modal|skip-link|feedback|helpful|navbox|catlinks|ambox"
    r"|site-?notice|print-?footer|page-metadata|author-(?:bio|box))(?:$|[\s_-])"
)
HUNG_ON = re.compile(  # a line: a link to itself, to its editor, past the menu
    r"(?:^|[\s_-])(?:header-?link|anchor-?link|permalink|edit-?section|skip|skip-link|jump-link"
    r"|sr-only|visually-hidden)(?:$|[\s_-])"
)
HIDDEN = re.compile(r"display\s*:\s*none")
STRUCK_TAGS = ("del", "s", "strike")
STRUCK_STYLE = re.compile(r"text-decoration(?:-line)?\s*:[^;]*line-through", re.IGNORECASE)
ROLES = ("navigation", "search", "dialog", "contentinfo")
ENOUGH = 0.3  # of a page's text, for an element to be its article
WIKI_LINK = re.compile(r"\[\s*(?:https?://|\./)[^\s|\]]+\s*\|\s*([^\]|]+?)\s*\]")


def html_blocks(text: str) -> tuple[list[Block], list[str]]:
    """The blocks of a page, and a note on what was left out, if anything."""
    try:
        return _read_page(CONTROLS.sub("", text))
    except (etree.LxmlError, ValueError, AssertionError) as exc:
        raise DocumentError("its HTML is broken.") from exc


def _read_page(text: str) -> tuple[list[Block], list[str]]:
    parser = html.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=False
    )
    page = html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    titles = [plain(each.text_content()) for each in page.iter("title")]
    name_pictures(page)
    dropped = 0
    for element in list(page.iter(*DROPPED)):
        dropped += element.tag in ("nav", "footer") and bool(plain(element.text_content()))
        element.drop_tree() if element.getparent() is not None else None
    for element in list(filter(_hangs_on, page.iter("a", "span", "sup"))):
        element.drop_tree()
    for element in list(filter(_is_furniture, page.iter(etree.Element))):
        if element.getparent() is not None and not any(True for _ in element.iter("h1")):
            dropped += 1
            element.drop_tree()
    struck = _drop_struck_out(page)
    reader = _Reader()
    for root in _article(page):
        reader.read(root)
    reader.flush()
    blocks = reader.blocks
    if titles and titles[0] and not any(each.level == 1 for each in blocks):
        blocks = [*block(1, titles[0]), *blocks]
    notes = [f"{dropped} pieces of page furniture were left out."] if dropped else []
    return blocks, [*notes, *struck_out_note(struck)]


def _drop_struck_out(page: HtmlElement) -> int:
    """Takes out what is struck out, and says how many pieces; a cell stays where it is."""
    struck, touched = _struck_out(page), dict[HtmlElement, None]()
    for element in struck:
        of_a_row = list(element.iter("td", "th")) if element.tag == "tr" else []
        spanning = [cell for cell in of_a_row if _span(cell, "rowspan") > 1]
        emptied = [cell for cell in of_a_row if cell not in spanning] if spanning else []
        emptied += [element] * (element.tag in ("td", "th"))
        touched |= dict.fromkeys([*emptied, *list(element.iterancestors("td", "th"))[:1]])
        for cell in emptied:
            cell.text, cell[:] = "", []
        if not emptied:
            element.drop_tree()
    for cell in touched:
        if not plain(cell.text_content()):
            cell.text = left_of_cell("", True, cell.tag == "th")
    return len(struck)


def _struck_out(page: HtmlElement) -> list[HtmlElement]:
    """The elements that are struck out, none of them within another."""
    found, left = [], [page]
    while left:
        element = left.pop()
        style = element.get("style", "") if isinstance(element.tag, str) else ""
        within = element.tag not in ("html", "body", "table", "tbody", "thead")
        if within and (element.tag in STRUCK_TAGS or STRUCK_STYLE.search(style)):
            found.append(element)
        else:
            left += element
    return found


def _names(element: HtmlElement) -> str:
    return f"{element.get('class', '')} {element.get('id', '')} {element.get('role', '')}".lower()


def _hangs_on(element: HtmlElement) -> bool:
    """Whether an element hangs on a line: "¶", "[edit]", or a reference such as "[1]"."""
    text = plain(element.text_content())
    if element.tag == "sup":
        return bool(re.fullmatch(r"\[.*\]", text))
    if element.tag == "a" and text in ("¶", "#", "§"):
        return True
    in_cell = any(True for _ in element.iterancestors("td", "th"))  # it may be all that is told
    return not in_cell and bool(HUNG_ON.search(_names(element)))


def _is_furniture(element: HtmlElement) -> bool:
    if element.tag in ("body", "html", "main", "article", "tr", "td", "th"):
        return False
    named = _names(element)
    if element.tag == "table":
        return bool(re.search(r"\b(?:navbox|ambox)", named))
    if element.tag in ("div", "section", "ul", "ol", "p", "aside") and FURNITURE.search(named):
        return True
    if element.get("role") in ROLES or HIDDEN.search(element.get("style", "")):
        return True
    if element.tag == "aside":  # a remark within the text is part of it
        return next(element.iterancestors("article", "main"), None) is None
    if element.tag not in ("ul", "ol") or len(element) < 2:
        return False
    items = [plain(item.text_content()) for item in element]
    linked = ["".join(plain(a.text_content()) for a in item.iter("a")) for item in element]
    anchors = all(a.get("href", "").startswith("#") for a in element.iter("a"))
    return anchors and all(items) and items == linked  # a list of contents


def _article(page: HtmlElement) -> list[HtmlElement]:
    """The elements to be read: the page's heading, if it stands outside, and its article."""
    body = page.find("body")
    whole = page if body is None else body
    size = len(whole.text_content()) or 1
    found = list(whole.iter("article", "main"))
    best = max(found, key=lambda each: len(each.text_content()), default=None)
    if best is None or len(best.text_content()) < ENOUGH * size:
        return [whole]
    headings = [each for each in whole.iter("h1") if best not in each.iterancestors()]
    outside = []
    for heading in headings[:1]:
        around = heading.getparent()
        outside = [around if around is not None and around.tag == "header" else heading]
    return [*outside, best]


class _Reader:
    """Collects the blocks of elements in document order."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._line: list[str] = []
        self._bold: list[str] = []
        self._level = self._item = self._at = 0

    def flush(self) -> None:
        text = WIKI_LINK.sub(r"\1", "".join(self._line))
        self.blocks += block(self._level, text, self._bold, self._item, self._at)
        self._line, self._bold = [], []

    def read(self, element: HtmlElement, item: int = 0, bold: bool = False, depth: int = 0) -> None:
        tag = element.tag
        if not isinstance(tag, str) or depth > MAX_DEPTH:
            return
        if tag == "table":
            self.flush()
            self.blocks += _table_blocks(element)
        elif tag == "pre":
            self.flush()
            code = block(0, element.text_content())
            self.blocks += [Block(0, each.text, code=True) for each in code]
        elif tag == "dl" and not self._level and (entries := _entries(element)):
            self.flush()
            self._definitions(entries, item + 1, depth)
        elif tag == "br":
            self._line.append("\n")
        elif tag == "sup":
            self._line.append(raised(plain(element.text_content())))
        elif BLOCK.match(tag):
            if self._level and not HEADING.match(tag):  # a block inside a heading is part of it
                self._inside(element, item, bold, depth)
                return
            badge = "".join(self._line) if HEADING.match(tag) and _after_badge(element) else ""
            if badge:
                self._line, self._bold = [], []
            self.flush()
            before = self._level, self._item
            self._at = getattr(element, "sourceline", 0) or 0
            item += tag == "li"
            self._level, self._item = (int(tag[1]), 0) if HEADING.match(tag) else (0, item)
            self._inside(element, item, bold, depth)
            self.flush()
            self._level, self._item = before
            self.blocks += block(0, badge)
        else:
            strong = tag in ("b", "strong")
            if strong and not bold:
                self._bold.append("")
            self._inside(element, item, bold or strong, depth)

    def _definitions(self, entries: Sequence[HtmlElement], item: int, depth: int) -> None:
        """Each term as a bullet with its definition; terms that share one, each in a bullet."""
        term = ""
        for entry in entries:
            inner = _Reader()
            inner.read(entry, item + 1, depth=depth + 1)
            if entry.tag == "dd":
                line = entry.sourceline or 0
                self.blocks += defined(term, inner.blocks, item, line) if term else inner.blocks
            elif term:
                self.blocks += defined(term, [], item)
            term = " ".join(each.text for each in inner.blocks) if entry.tag == "dt" else ""
        self.blocks += defined(term, [], item) if term else []

    def _inside(self, element: HtmlElement, item: int, bold: bool, depth: int) -> None:
        self._text(element.text, bold)
        for child in element:
            self.read(child, item, bold, depth + 1)
            self._text(child.tail, bold)

    def _text(self, text: str | None, bold: bool) -> None:
        folded = re.sub(r"\s+", " ", text or "")
        self._line.append(folded)
        if bold and self._bold:
            self._bold[-1] += folded


def _after_badge(heading: HtmlElement) -> bool:
    """Whether nothing but a badge ("Best budget") stands before a heading in its box."""
    parent = heading.getparent()
    if parent is None or parent.tag not in ("div", "li", "section", "header", "a"):
        return False
    before = list(heading.itersiblings(preceding=True))
    return bool(before) and all(
        each.tag in ("span", "b", "strong", "em", "small") for each in before
    )


def _entries(element: HtmlElement) -> list[HtmlElement]:
    """The terms and definitions of a list of them, none if it holds anything else."""
    parts = [
        part for each in element for part in (each.iterchildren() if each.tag == "div" else [each])
    ]
    return parts if all(part.tag in ("dt", "dd") for part in parts) else []


def _table_blocks(element: HtmlElement) -> list[Block]:
    """A table as its caption and rows; one that only lays out the page as what it holds."""
    rows = [row for row in element.iter("tr") if next(row.iterancestors("table")) is element]
    if any(True for _ in element.iterdescendants("table")) or _lays_out(element, rows):
        inner = _Reader()
        for part in element.iter("caption", "td", "th"):
            if next(part.iterancestors("table")) is element:
                inner.read(part)
                inner.flush()
        return inner.blocks
    captions = [each for caption in element.iter("caption") for each in block(0, _cell(caption))]
    rows = [row for row in grid(map(_cells, element.iter("tr"))) if any(row.cells)]
    return [*captions, table(rows, element.sourceline or 0)] if rows else captions


def _lays_out(element: HtmlElement, rows: Sequence[HtmlElement]) -> bool:
    """Whether a table compares nothing: it says so, a cell of it holds a heading with text, or it
    has one row or one column, with a list or paragraphs in a cell.
    """
    cells = [[*row.iterchildren("td", "th")] for row in rows]
    flat = [cell for row in cells for cell in row]
    if element.get("role") in ("presentation", "none") or any(map(_is_section, flat)):
        return True
    single = len(rows) < 2 or all(len(row) < 2 for row in cells)
    return single and any(len(_texts(cell, "p", "li", "dt", "dd")) > 1 for cell in flat)


def _is_section(cell: HtmlElement) -> bool:
    heading = cell.tag == "td" and _texts(cell, "h1", "h2", "h3", "h4", "h5", "h6")
    return bool(heading and _texts(cell, "p", "ul", "ol", "dl"))


def _texts(cell: HtmlElement, *tags: str) -> list[str]:
    return [text for each in cell.iter(*tags) if (text := plain(each.text_content()))]


def _cells(row: HtmlElement) -> list[tuple[str, int, int]]:
    """The text of a row's cells, and how many columns and rows each spans."""
    return [
        (_cell(each), min(_span(each, "colspan"), MAX_COLUMNS), _span(each, "rowspan"))
        for each in row.iterchildren("td", "th")
    ]


def _span(cell: HtmlElement, name: str) -> int:
    """How many columns or rows `cell` spans; 1 if it is unclear."""
    digits = re.match(r"\s*(\d{1,9})", cell.get(name, ""), re.ASCII)
    return max(int(digits[1]), 1) if digits else 1


def _cell(element: HtmlElement) -> str:
    inner = _Reader()
    inner._inside(element, 0, False, 0)
    inner.flush()
    text, listed = "", 0
    for each in inner.blocks:
        text += ("; " if listed and each.item else " ") + each.text
        listed = each.item
    return plain(text)
