"""The verdict that a section states for itself, in its heading or by a label: "Winner: X"."""

import re
from dataclasses import dataclass, replace

from knowledge.documents.blocks import Block, is_title
from knowledge.documents.decided import SENTENCES, decided, resolved
from knowledge.documents.sections import Section
from knowledge.documents.verdicts import AGAINST, Told, Verdicts

# a question on the options themselves, such as which is heavier, is none on what to take
QUESTION = re.compile(
    r"(?i)^\W*(?:wh\w+|how|is|are|am|was|do|does|did|can|could|will|has|have)\b[^.]*\?\W*$"
)
ADVICE = re.compile(r"(?i)\b(?:should|about|if|best)\b|\bdo (?:I|we|you) (?:need|want|take|buy)\b")
ALONE = re.compile(
    r"(?is)\W*(?:(?:will do|is fine|works|is good)\W*|,\s(?:and|but|because|since|as)\b.*)?"
)
MIN_WORDS = 3  # of a heading that describes a situation


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


def asks(heading: str) -> bool:
    """Whether a heading describes a situation, as questions that readers send in do: "I only fish
    from the bank." or "What about the sea?".
    """
    told = AGAINST.search(heading) or len(heading.split()) < MIN_WORDS
    return not told and (not QUESTION.match(heading) or bool(ADVICE.search(heading)))


def answer(verdicts: Verdicts, section: Section) -> str | None:
    """The label that the first sentence under such a heading is, or decides on."""
    text = section.text
    if not text or not asks(section.heading) or verdicts.names.exactly(section.heading) is not None:
        return None
    sentence = SENTENCES.split(text)[0]
    told = verdicts.opening(sentence)
    if told and told.sure == "told" and ALONE.fullmatch(sentence[told.end :]):
        return told.label
    label, bound = decided(verdicts, sentence)
    return None if bound else label
