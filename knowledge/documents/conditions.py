"""Use cases that paragraphs tell in a sentence, "If it is steep, take the tram.", or by the answer
to a question, "Is it steep? Yes: the tram.".
"""

import re
from collections.abc import Iterable

from knowledge.documents.blocks import Block, plain
from knowledge.documents.bullets import FoundCase, case_name, conditional
from knowledge.documents.decided import SENTENCES
from knowledge.documents.general import GENERAL
from knowledge.documents.names import Mention
from knowledge.documents.verdicts import ENDS, QUALIFIED, Verdicts

MIN_WORDS = 4  # fewer refer to what stands before: "if both agree"
SOURCE = "a condition in a sentence"
ANSWER_SOURCE = "the answer to its question"
YES = re.compile(
    r"(?i)(?:^|\n|[.!?)↓→]\s)[^\w\n]*([^\n?.!]{8,110}\?)\s*(?:if )?yes\s*[:,→⇒–—-]+>?\s*"
    r"([^\n]+?)(?=\s+no\b|\n|$)"
)
AND = re.compile(r"(?i)^\W*(?:and|but|so|or|also)\b,?\s+")


def condition_cases(verdicts: Verdicts, blocks: Iterable[Block]) -> list[FoundCase]:
    """A use case for each sentence that begins with a condition and decides on what stands after
    it, in paragraphs and bullets, and for each question to which "yes" has a verdict.
    """
    found = []
    for block in blocks:
        found += _answered(verdicts, block)
        if not (block.rows or block.code):
            found += of_paragraph(verdicts, block)
    return found


def _answered(verdicts: Verdicts, block: Block) -> list[FoundCase]:
    """The use cases of questions, also of those in a tree of decisions that is drawn as code."""
    found = []
    for question, answer in YES.findall(block.text):
        if told := verdicts.opening(answer):
            name, text = case_name(question), f"{question} {answer}"
            found.append(FoundCase(name, told.label, text, block.line, ANSWER_SOURCE, told.sure))
    return found


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
        named = verdicts.names.mentions(text[len(condition) :])
        chosen = [each for each in named if verdicts.label([each.option]) == label] or named
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
