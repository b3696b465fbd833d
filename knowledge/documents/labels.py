"""The verdict that a section states for itself, in its heading or by a label: "Winner: X"."""

import re
from dataclasses import dataclass, replace

from knowledge.documents.blocks import Block, is_title
from knowledge.documents.decided import resolved
from knowledge.documents.sections import Section
from knowledge.documents.verdicts import Told, Verdicts


@dataclass(frozen=True)
class Label:
    """A section's own verdict, its case, what is left of its blocks, whether a label word stood,
    and whether it is what was resolved.
    """

    told: Told
    case: str
    blocks: tuple[Block, ...]
    worded: bool
    adopted: bool = False


def own_label(verdicts: Verdicts, section: Section) -> Label | None:
    """The verdict that a section states for itself, in its heading or by a label."""
    if found := verdicts.for_case(section.heading):
        case, told = found
        return Label(told, case, tuple(section.blocks), True)
    if section.children and not section.blocks:
        return None
    blocks = section.blocks
    alone = {
        verdicts.names.exactly(name.rstrip(":"))
        for block in blocks
        for name in (block.text, block.lead)
        if name and not block.item
    }
    several = len(alone - {None}) > 1  # "Kayak", its list, "Canoe", its list: no verdict
    for i, block in enumerate(blocks):
        if block.rows or block.code or block.item > 1:
            continue
        beyond = blocks[i + 1].text[:80] if i + 1 < len(blocks) else ""
        if label := _label_in(verdicts, block, i == 0, beyond):
            told, rest, worded, case = label
            if several and not worded:
                continue
            kept = [replace(block, text=rest, bold=())] if rest else []
            return Label(
                told, case or section.heading, (*blocks[:i], *kept, *blocks[i + 1 :]), worded
            )
        if adopted := resolved(verdicts, block.text):
            return Label(Told(adopted, 0), section.heading, tuple(blocks), True, True)
    return None


def _label_in(
    verdicts: Verdicts, block: Block, first: bool, beyond: str
) -> tuple[Told, str, bool, str] | None:
    """The verdict of a block that is a label or has one, what is left of the block, whether a
    label word stood there, and the case if the label names it.
    """
    line, _, after = block.text.partition("\n")
    for head, rest in ((line, after), (block.lead, block.text[len(block.lead) :])):
        if not head:
            continue
        if found := verdicts.labelled(head):
            told, start, goes_on = found
            if start < 5 and (not goes_on or "depends" in head.lower()):
                return told, rest.lstrip(" .,:;–—\n").rstrip(), True, ""
        whole = verdicts.opening(head)
        bare = head if head == line else head + rest[:1]
        ended = head == line or re.search(r"[.:!?]$", bare.strip()) or not rest.strip()
        alone = whole and ended and not head[whole.end :].strip(" .,:;!*🏆")
        stands = (first or not rest.strip()) and not block.item
        if whole and alone and stands and is_title(head.rstrip(".,:;!")):
            return whole, rest.lstrip(" .,:;–—\n").rstrip(), False, ""
        if head == block.lead and (found_case := verdicts.for_case(head)):
            return found_case[1], rest.strip(), True, found_case[0]
    for text in (block.text, f"{block.text}\n{beyond}"):
        if found := verdicts.labelled(text):
            return found[0], block.text, True, ""
    return None
