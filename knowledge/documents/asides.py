"""Use cases outside of what the form tells to be some.

Paragraphs and bullets that may be one are open, for a judge; a badge that is the paragraph below an
option's heading, "Best on a budget", tells one.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from knowledge.documents.blocks import Block, same, section_named
from knowledge.documents.bullets import PROSE_SOURCE, FoundCase, case_name, first_sentence
from knowledge.documents.cases import Rest
from knowledge.documents.conditions import of_paragraph
from knowledge.documents.decided import CONDITION_FIRST
from knowledge.documents.general import GENERAL, GENERAL_HEADING
from knowledge.documents.prose import last_section
from knowledge.documents.sections import items
from knowledge.documents.verdicts import Verdicts

EVERYBODY_CHARS = 120  # in which a paragraph says that it speaks of everybody
BADGE = re.compile(  # a whole line
    r"(?i)(?:(?:our|the) )?(?:best (?:value|budget|overall)\b"
    r"|(?:best (?:for|on|under)|(?:ideal|perfect|great|good|right) for) \w)[^.!?;:\n]*"
)
MAX_BADGE_WORDS = 6


def badged(verdicts: Verdicts, rests: Sequence[Rest]) -> tuple[list[FoundCase], list[Rest]]:
    """The use cases that badges tell, and what is left; an option's section with a badge for
    everybody sums up.
    """
    cases: dict[tuple[str, str], FoundCase] = {}
    left = []
    for rest in rests:
        badge = _badge(verdicts, rest)
        if badge is None:
            left.append(rest)
        elif GENERAL_HEADING.search(badge.text):
            left.append(replace(rest, heading=f"{badge.text}: {rest.heading}", general=True))
        else:
            label = verdicts.label([verdicts.names.exactly(rest.heading) or 0])
            prose = [each for each in rest.blocks if not each.rows]
            text = "\n".join(each.text for each in prose if each is not badge)
            case = FoundCase(badge.text, label, text, badge.line, "its badge", "told")
            known = cases.get((same(badge.text), label))  # of a list at the top of a page
            if known:
                case = replace(known, text="\n".join(filter(None, [known.text, text])))
            cases[same(badge.text), label] = case
            left.append(replace(rest, blocks=tuple(each for each in rest.blocks if each.rows)))
    return [replace(each, text=each.text or each.heading) for each in cases.values()], left


def _badge(verdicts: Verdicts, rest: Rest) -> Block | None:
    """The first paragraph of an option's section, if it is a badge."""
    if not rest.blocks or not rest.heading or verdicts.names.exactly(rest.heading) is None:
        return None
    first = rest.blocks[0]
    plain = not (first.rows or first.item or first.code or first.bold)
    short = len(first.text.split()) <= MAX_BADGE_WORDS
    return first if plain and short and BADGE.fullmatch(first.text) else None


def asides(
    verdicts: Verdicts, rests: Sequence[Rest], told: Sequence[FoundCase]
) -> list[tuple[tuple[Block, ...], FoundCase]]:
    """What of `rests` may be a use case beside those that are `told`: paragraphs, and bullets with
    what hangs on them, that speak of an option, and of which the first words name none.

    In a section that sums up, or a last one of one paragraph, only those with a name of their own.
    """
    found: list[tuple[tuple[Block, ...], FoundCase]] = []
    known = {same(each.heading) for each in told}
    last = last_section(rests)
    for i, rest in enumerate(rests):
        if not rest.heading or rest.apart or verdicts.names.mentions(rest.heading):
            continue
        if section_named(rest.heading) and not rest.general:
            continue
        parts = list(_parts(rest.blocks))
        sums_up = rest.general or (i == last and len(parts) == 1)
        for part in parts:
            block, text = part[0], "\n".join(each.text for each in part)
            condition = CONDITION_FIRST.match(text)
            name = block.lead or (condition[0] if condition else first_sentence(text))
            if len(rest.blocks) == 1 and not sums_up:
                name = rest.heading
            if (sums_up and not (block.item or block.lead)) or same(case_name(name)) in known:
                continue
            everybody = GENERAL.search(text[:EVERYBODY_CHARS])
            if everybody or verdicts.names.mentions(name) or not verdicts.speaks(text):
                continue
            if not block.item and of_paragraph(verdicts, block):
                continue
            case = FoundCase(case_name(name), None, text, block.line, PROSE_SOURCE, "guessed")
            found.append((part, replace(case, expected=False, aside=True, under=rest.heading)))
    return found


def _parts(blocks: Sequence[Block]) -> Iterator[tuple[Block, ...]]:
    """Each bullet with what hangs on it, and each paragraph, unless bullets hang on that."""
    listed = {id(each.block): each for each in items(blocks)}
    for i, block in enumerate(blocks):
        if found := listed.get(id(block)):
            yield (block, *found.below)
        elif not (block.item or block.rows or block.code or _heads(blocks, i)):
            yield (block,)


def _heads(blocks: Sequence[Block], i: int) -> bool:
    """Whether a bullet follows the block at `i`."""
    return i + 1 < len(blocks) and blocks[i + 1].item > 0
