"""The sections of a document, as a tree, and the bullets in them."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from knowledge.documents.blocks import Block, is_title

BOLD_LEVEL = 7  # of a line in bold type that stands as a heading
NUMBER = re.compile(r"^(?:(?:\d{1,2}\.)+\d*|\d{1,2}[.)]|[§#]\s*[\d.]+|\d+\.\d+)\\?\s+(?=\S)")

ARROW = re.compile(r"\W*(?:[→⇒]|[-=]>)")


@dataclass
class Section:
    """A heading with the blocks right under it and the sections below it."""

    heading: str
    level: int
    line: int = 0
    blocks: list[Block] = field(default_factory=list)
    children: list["Section"] = field(default_factory=list)

    @property
    def text(self) -> str:
        """What stands right under the heading, without tables."""
        return "\n".join(block.text for block in self.blocks if not block.rows)

    @property
    def whole(self) -> str:
        """All that stands under the heading, and below it."""
        return "\n".join(each.text for each in self.all())

    def all(self) -> Iterator["Section"]:
        yield self
        for child in self.children:
            yield from child.all()


@dataclass(frozen=True)
class Item:
    """A bullet with what hangs on it; `path` are the bullets above it in a tree of decisions."""

    block: Block
    below: tuple[Block, ...] = ()
    path: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        return "\n".join(block.text for block in (self.block, *self.below))


def numberless(heading: str) -> str:
    """A heading without its number: "3.1 Paddling alone" is "Paddling alone"."""
    return NUMBER.sub("", heading) or heading


def tree(blocks: Sequence[Block], is_label: Callable[[str], bool]) -> Section:
    """The sections under a document's title. A line in bold type is a heading too, unless it
    `is_label`.
    """
    root = Section("", 0)
    path = [root]
    for block in blocks:
        level = block.level
        whole = block.text in (block.lead, f"{block.lead}:") and not block.item and not block.rows
        if (
            not level
            and whole
            and block.lead
            and _reads_as_heading(block.text)
            and not is_label(block.text)
        ):
            level = BOLD_LEVEL
        if not level:
            path[-1].blocks.append(block)
            continue
        while path[-1].level >= level:
            path.pop()
        section = Section(numberless(block.text), level, block.line)
        path[-1].children.append(section)
        path.append(section)
    return root


def _reads_as_heading(text: str) -> bool:
    return is_title(text.rstrip(":.?!")) and len(text) <= 80


def leaves(item: Item) -> list[Item]:
    """The ends of a tree of decisions, which is a bullet that asks with the answers under it; else
    the bullet itself.
    """
    asks = item.block.text.rstrip().endswith("?") or bool(item.path)
    below = items(item.below) if asks else []
    if not below or ARROW.match(below[0].block.text):
        return [item]
    path = (*item.path, item.block.text)
    return [leaf for each in below for leaf in leaves(replace(each, path=path))]


def items(blocks: Sequence[Block]) -> list[Item]:
    """The bullets of the highest level among `blocks`, each with the deeper ones under it."""
    top = min((block.item for block in blocks if block.item), default=0)
    found: list[Item] = []
    open_ = False
    for block in blocks:
        if top and block.item == top:
            found.append(Item(block))
            open_ = True
        elif open_ and block.item > top:
            found[-1] = Item(found[-1].block, (*found[-1].below, block))
        else:
            open_ = False
    return found
