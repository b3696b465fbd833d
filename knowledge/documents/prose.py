"""Use cases of a document that tells its verdicts in prose only: open ones, for a judge."""

from collections.abc import Sequence
from dataclasses import replace

from knowledge.documents.blocks import Block, section_named
from knowledge.documents.bullets import (
    CONDITION_FIRST,
    PROSE_SOURCE,
    FoundCase,
    bullet_case,
    case_name,
    first_sentence,
)
from knowledge.documents.cases import PROS, Rest
from knowledge.documents.furniture import APPARATUS, POSITIONS
from knowledge.documents.general import GENERAL
from knowledge.documents.sections import items
from knowledge.documents.verdicts import Verdicts

MAX_SUMMING = 3  # paragraphs of a section that sums up without saying so
EVERYBODY_CHARS = 120  # in which a paragraph says that it speaks of everybody


def prose_cases(verdicts: Verdicts, rests: Sequence[Rest]) -> tuple[list[FoundCase], list[Rest]]:
    """Open use cases of sections, and of bullets with a name, and what is left; nothing of a last
    section that sums up because it speaks of the options.
    """
    rests = list(rests)
    last = _last(rests)
    if last >= 0:
        rests[last] = replace(rests[last], general=_sums_up(verdicts, rests[last]))
    cases: list[FoundCase] = []
    left: list[Rest] = []
    for i, rest in enumerate(rests):
        option = verdicts.names.exactly(rest.heading) if rest.heading else None
        if option is not None or i == last or not _may_be_case(rest):
            left.append(rest)
            continue
        bullets = items(rest.blocks)
        named = [bullet_case(verdicts, each, None, True, None, False) for each in bullets]
        if len(named) > 2 and all(each and each.heading != each.text for each in named):
            others = tuple(block for block in rest.blocks if not block.item)
            cases += filter(None, named)
            left += [replace(rest, blocks=others)] if others else []
        else:
            cases.append(_open(verdicts, rest))
    return cases, left


def asides(verdicts: Verdicts, rests: Sequence[Rest]) -> list[tuple[Block, FoundCase]]:
    """The paragraphs and bullets among `rests` that may be use cases though the form tells others,
    each with an open one: those that speak of an option, of which the first words name none.

    A section that sums up, or a last one of one paragraph, speaks of everybody, bullets and
    paragraphs with a name aside.
    """
    found = []
    last = _last(rests)
    for i, rest in enumerate(rests):
        if not rest.heading or PROS.search(rest.heading) or APPARATUS.match(rest.heading):
            continue
        if verdicts.names.mentions(rest.heading) or POSITIONS.search(rest.heading):
            continue
        prose = [block for block in rest.blocks if not (block.rows or block.code)]
        sums_up = rest.general or (i == last and len(prose) == 1)
        for block in prose:
            condition = CONDITION_FIRST.match(block.text)
            name = block.lead or (condition[0] if condition else first_sentence(block.text))
            if sums_up and not (block.item or block.lead):
                continue
            if len(prose) == 1 and not sums_up:
                name = rest.heading
            everybody = GENERAL.search(block.text[:EVERYBODY_CHARS])
            if everybody or verdicts.names.mentions(name) or not verdicts.speaks(block.text):
                continue
            case = FoundCase(
                case_name(name), None, block.text, block.line, PROSE_SOURCE, "guessed", False
            )
            found.append((block, replace(case, aside=True)))
    return found


def _last(rests: Sequence[Rest]) -> int:
    """The place of the last section, -1 where another one says that it sums up."""
    if any(rest.general for rest in rests):
        return -1
    return max((i for i, rest in enumerate(rests) if rest.heading), default=-1 if not rests else 0)


def _open(verdicts: Verdicts, rest: Rest) -> FoundCase:
    """A section as a use case, or each of its paragraphs."""
    text = "\n".join(block.text for block in rest.blocks)
    whole = FoundCase(
        case_name(rest.heading),
        verdicts.guess(text),
        text,
        rest.line,
        PROSE_SOURCE,
        "guessed",
        False,
    )
    parts = [
        replace(
            whole,
            heading=case_name(first_sentence(block.text)),
            label=None,
            text=block.text,
            line=block.line,
            under=whole.heading,
        )
        for block in rest.blocks
        if verdicts.names.exactly(block.text) is None and not GENERAL.match(block.text)
    ]
    return replace(whole, parts=tuple(parts)) if len(parts) > 1 else whole


def _sums_up(verdicts: Verdicts, rest: Rest) -> bool:
    """Whether a section may sum up because it is the last: not one on an option itself."""
    if APPARATUS.match(rest.heading) or verdicts.names.exactly(rest.heading) is not None:
        return False
    prose = [each for each in rest.blocks if not each.rows]
    return len(prose) <= MAX_SUMMING and any(verdicts.speaks(each.text) for each in prose)


def _may_be_case(rest: Rest) -> bool:
    """Whether a section may recommend something for the situation that its heading names."""
    if not rest.heading or rest.general or section_named(rest.heading) or PROS.search(rest.heading):
        return False
    if APPARATUS.match(rest.heading) or POSITIONS.search(rest.heading):
        return False
    return not any(block.rows or block.code for block in rest.blocks)
