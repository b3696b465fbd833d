"""The blocks of reStructuredText, and of plain text whose headings are underlined."""

import re

from docutils import nodes
from docutils.core import publish_doctree
from docutils.utils import Reporter

from knowledge.documents.blocks import Block, block, defined, grid, plain, raised, table

UNDERLINED = re.compile(r"(?m)^(?=\S)(.{2,100})\n([=\-~`^\"'#*+:.])\2{2,}[ \t]*$")
ROLE = re.compile(r":[\w.-]+(?::[\w.-]+)?:`([^`<]+?)\s*(?:<[^`>]*>)?`")
SETTINGS = {
    "report_level": Reporter.SEVERE_LEVEL + 1,
    "halt_level": Reporter.SEVERE_LEVEL + 1,
    "file_insertion_enabled": False,  # a document may not name files of this machine
    "raw_enabled": False,
    "_disable_config": True,
    "doctitle_xform": False,
    "sectsubtitle_xform": False,
    "smart_quotes": False,
}


def looks_underlined(text: str) -> bool:
    """Whether at least two headings of `text` are underlined, and none is marked with #."""
    found = [match for match in UNDERLINED.finditer(text) if not match[1].startswith(("|", "#"))]
    return len(found) >= 2 and not re.search(r"(?m)^#{1,6} ", text)


def rst_blocks(text: str) -> list[Block]:
    tree = publish_doctree(ROLE.sub(r"\1", text), settings_overrides=SETTINGS)
    for message in [*tree.findall(nodes.system_message)]:
        message.parent.remove(message)
    blocks: list[Block] = []
    _read(tree, 0, 0, blocks)
    return blocks


def _read(node: nodes.Node, level: int, item: int, blocks: list[Block]) -> None:
    for child in node.children:
        line = getattr(child, "line", 0) or 0
        if isinstance(child, nodes.title):
            blocks += block(min(max(level, 1), 6), _text(child), line=line)
        elif isinstance(child, nodes.topic) and "contents" in child["classes"]:
            continue  # docutils makes it of the headings
        elif isinstance(child, nodes.section):
            _read(child, level + 1, item, blocks)
        elif isinstance(child, nodes.table):
            titles = [_text(each) for each in child.findall(nodes.title)]
            blocks += [each for title in titles for each in block(0, title)]
            blocks.append(table(grid(map(_cells, child.findall(nodes.row))), line))
        elif isinstance(child, nodes.footnote):
            sign, *rest = map(_text, child.children)
            blocks += block(0, f"{raised(sign)} {' '.join(rest)}".replace("\n", " "), line=line)
        elif isinstance(child, nodes.literal_block | nodes.doctest_block):
            blocks += [Block(0, each.text, code=True) for each in block(0, child.astext())]
        elif isinstance(child, nodes.definition_list_item):
            term = " ".join(_text(each) for each in child.findall(nodes.term))
            meaning: list[Block] = []
            _read(child.children[-1], level, item + 2, meaning)
            blocks += defined(term, meaning, item + 1, line)
        elif isinstance(child, nodes.list_item | nodes.field):
            _read(child, level, item + 1, blocks)
        elif isinstance(child, nodes.TextElement):
            bold = [each.astext() for each in child.findall(nodes.strong)]
            text = _text(child).replace("\n", " ")
            if not isinstance(child, nodes.comment | nodes.target | nodes.substitution_definition):
                blocks += block(0, text, bold, item, line)
        else:
            _read(child, level, item, blocks)


def _text(node: nodes.Node) -> str:
    """The text of a line; what is raised in it stays apart from the figure before."""
    if isinstance(node, nodes.superscript | nodes.footnote_reference):
        return raised(node.astext())
    if isinstance(node, nodes.problematic):
        return node.astext().strip("`_*|")
    if isinstance(node, nodes.bullet_list | nodes.enumerated_list):
        return "; ".join(map(_text, node.children))
    return "".join(map(_text, node.children)) if node.children else node.astext()


def _cells(row: nodes.row) -> list[tuple[str, int, int]]:
    """The text of a row's cells, and how many columns and rows each spans."""
    return [
        (_entry(each), int(each.get("morecols", 0)) + 1, int(each.get("morerows", 0)) + 1)
        for each in row.children
        if isinstance(each, nodes.entry)
    ]


def _entry(entry: nodes.Node) -> str:
    """The text of a cell. docutils takes a cell of "+" or "(5)" for a list without content."""
    text = plain(" ".join(_text(child) for child in entry.children))
    if text or not entry.children:
        return text
    first = entry.children[0]
    if isinstance(first, nodes.bullet_list):
        return str(first.get("bullet", "-"))
    if isinstance(first, nodes.enumerated_list):
        start = str(first.get("start", 1))
        return f"{first.get('prefix', '')}{start}{first.get('suffix', '.')}"
    return entry.astext()
