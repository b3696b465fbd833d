"""Use cases that paragraphs tell in a sentence: "If it is steep, take the tram."."""

import re
from collections.abc import Sequence

from knowledge.documents.blocks import Block, plain
from knowledge.documents.bullets import FoundCase, case_name, conditional
from knowledge.documents.cases import Rest
from knowledge.documents.decided import SENTENCES
from knowledge.documents.general import GENERAL
from knowledge.documents.names import Mention
from knowledge.documents.verdicts import ENDS, QUALIFIED, Verdicts

MIN_WORDS = 4  # fewer refer to what stands before: "if both agree"
SOURCE = "a condition in a sentence"
AND = re.compile(r"(?i)^\W*(?:and|but|so|or|also)\b,?\s+")


def condition_cases(verdicts: Verdicts, rests: Sequence[Rest]) -> list[FoundCase]:
    """A use case for each sentence that begins with a condition and decides on what stands after
    it, among paragraphs that are no use cases. The paragraphs stay as they are.
    """
    return [
        case
        for rest in rests
        if not rest.apart
        for block in rest.blocks
        if not (block.rows or block.code or block.item)
        for case in of_paragraph(verdicts, block)
    ]


def of_paragraph(verdicts: Verdicts, block: Block) -> list[FoundCase]:
    """The use cases of the sentences of one paragraph."""
    found = []
    for sentence in SENTENCES.split(plain(block.text)):
        text = AND.sub("", sentence)
        told = conditional(verdicts, text)
        if told is None or GENERAL.search(told[0]) or len(told[0].split()) < MIN_WORDS:
            continue
        condition, label = told
        known = {each.option for each in verdicts.names.mentions(condition)}
        chosen = verdicts.names.mentions(text[len(condition) :])
        if not chosen or chosen[0].option in known:
            continue
        if _ends(verdicts, text[len(condition) :], chosen[0]):
            name = case_name(condition)
            found.append(FoundCase(name, label, text, block.line, SOURCE, "implied"))
    return found


def _ends(verdicts: Verdicts, text: str, mention: Mention) -> bool:
    """Whether a name stands for its option: "the tram", not "the tram ticket"."""
    end = mention.end
    if (kind := re.match(r"\s+([^\W\d_]+)", text[end:])) and kind[1].lower() in verdicts.kinds:
        end += kind.end()
    return bool(ENDS.match(text, end) or QUALIFIED.match(text, end))
