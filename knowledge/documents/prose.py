"""Use cases of a document that tells its verdicts in prose only: open ones, for a judge."""

from collections.abc import Sequence
from dataclasses import replace

from knowledge.documents.blocks import Block, section_named
from knowledge.documents.bullets import (
    PROSE_SOURCE,
    FoundCase,
    bullet_case,
    case_name,
    first_sentence,
)
from knowledge.documents.cases import Rest
from knowledge.documents.conditions import condition_cases
from knowledge.documents.general import GENERAL, general_verdict
from knowledge.documents.sections import items
from knowledge.documents.verdicts import Verdicts

MAX_SUMMING = 5  # paragraphs of a section that sums up without saying so


def prose_cases(verdicts: Verdicts, rests: Sequence[Rest]) -> tuple[list[FoundCase], list[Rest]]:
    """Open use cases of sections, and of bullets with a name, and what is left; nothing of a last
    section that sums up because it speaks of the options.
    """
    rests = list(rests)
    last = last_section(rests)
    if last >= 0:
        rests[last] = replace(rests[last], general=_sums_up(verdicts, rests[last]))
    cases: list[FoundCase] = []
    left: list[Rest] = []
    for rest in rests:
        option = verdicts.names.exactly(rest.heading) if rest.heading else None
        told = {each.label for each in condition_cases(verdicts, rest.blocks)}
        first = first_sentence(rest.blocks[0].text) if rest.blocks else ""
        everybody = general_verdict(verdicts, first, False) is not None
        if option is not None or len(told) > 1 or everybody or not _may_be_case(rest):
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


def last_section(rests: Sequence[Rest]) -> int:
    """The place of the last section, -1 if there is none or another one says that it sums up."""
    if any(rest.general for rest in rests):
        return -1
    return max((i for i, rest in enumerate(rests) if rest.heading), default=-1)


def _open(verdicts: Verdicts, rest: Rest) -> FoundCase:
    """A section as a use case, or each of its paragraphs that may be one."""
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
            sure="guessed" if _may_be_part(verdicts, block) else "told",
        )
        for block in rest.blocks
    ]
    return replace(whole, parts=tuple(parts)) if len(parts) > 1 else whole


def _may_be_part(verdicts: Verdicts, block: Block) -> bool:
    """Not the name of an option in a list of them, nor what speaks of everybody."""
    return verdicts.names.exactly(block.text) is None and not GENERAL.match(block.text)


def _sums_up(verdicts: Verdicts, rest: Rest) -> bool:
    """Whether a section may sum up because it is the last: not one on an option itself."""
    if rest.apart or verdicts.names.exactly(rest.heading) is not None:
        return False
    prose = [each for each in rest.blocks if not (each.rows or each.code)]
    paragraphs = sum(not each.item for each in prose)
    return paragraphs <= MAX_SUMMING and any(verdicts.speaks(each.text) for each in prose)


def _may_be_case(rest: Rest) -> bool:
    """Whether a section may recommend something for the situation that its heading names."""
    if not rest.heading or rest.general or section_named(rest.heading) or rest.apart:
        return False
    return not any(block.rows or block.code for block in rest.blocks)
