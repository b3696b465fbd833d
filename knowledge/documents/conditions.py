"""Use cases that paragraphs tell in a sentence, "If it is steep, take the tram.", in two, "Heavy
bags to carry? Take the tram.", or as the answer to what a reader said.
"""

import re
from collections.abc import Sequence
from itertools import zip_longest

from knowledge.documents.blocks import Block, plain
from knowledge.documents.bullets import FoundCase, case_name, conditional
from knowledge.documents.cases import PROS, Rest
from knowledge.documents.decided import SENTENCES, decided, in_sentences
from knowledge.documents.furniture import APPARATUS, POSITIONS
from knowledge.documents.general import GENERAL
from knowledge.documents.names import Mention
from knowledge.documents.verdicts import ENDS, NEGATED, QUALIFIED, Verdicts

MIN_WORDS = 4  # fewer refer to what stands before: "if both agree"
SOURCE = "a condition in a sentence"
WHAT = re.compile(r"(?i)\W*(?:and |but |so )?(?:wh\w+|how)\b")  # asks for something else
TOGETHER = re.compile(r"(?i)\b(?:us|combin|runn|mix|hav|keep)ing\b|\b(?:use|combine|together)\b")
ADVISED = re.compile(
    r"(?i)\b(?:(?:suggest|recommend|advise)(?: (?:it|this|that))?|makes? sense|works? (?:well|best)"
    r"|(?:is|are) (?:useful|worth (?:it|while)|worthwhile|a good idea|common|sensible|usual))"
    r" (?:when|if|where) (.{12,}?)(?=[.:;!]?$|[:;]\s)"
)
BEFORE = re.compile(r"(?i)\b(?:that|this|those|these|such|it|them)\b")  # of what stands before
AND = re.compile(r"(?i)^\W*(?:and|but|so|or|also)\b,?\s+")
QUOTED = re.compile(r"\W{0,4}[\"“„]([^\"”“\n]{8,110})[\"”“]\W{0,4}\s+(.+)", re.DOTALL)
ANSWER_SOURCE = "the answer to what is quoted"


def condition_cases(verdicts: Verdicts, rests: Sequence[Rest]) -> list[FoundCase]:
    """A use case for each sentence that begins with a condition and decides on what stands after
    it, among paragraphs that are no use cases. The paragraphs stay as they are.
    """
    return [
        case
        for rest in rests
        if not any(each.search(rest.heading) for each in (PROS, APPARATUS, POSITIONS))
        for block in rest.blocks
        if not (block.rows or block.code or block.item)
        for case in _of_paragraph(verdicts, block)
    ] + [case for rest in rests for case in _answers(verdicts, rest)]


def _answers(verdicts: Verdicts, rest: Rest) -> list[FoundCase]:
    """A use case for each paragraph that begins with what somebody said and decides on it, where
    several begin so.
    """
    paragraphs = [each for each in rest.blocks if not (each.rows or each.code or each.level)]
    quoted = [(each, match) for each in paragraphs if (match := QUOTED.match(each.text))]
    told = [(each, match, in_sentences(verdicts, match[2])) for each, match in quoted]
    return [
        FoundCase(case_name(match[1]), label, match[2], each.line, ANSWER_SOURCE, "implied")
        for each, match, label in told
        if label and len(quoted) > 1
    ]


def both_cases(verdicts: Verdicts, rests: Sequence[Rest]) -> list[FoundCase]:
    """A use case for each sentence under "Using both" that says when that makes sense."""
    found = []
    for rest in rests:
        label = _together(verdicts, rest.heading)
        for block in rest.blocks if label else ():
            for sentence in SENTENCES.split("" if block.rows else plain(block.text)):
                told = ADVISED.search(sentence)
                if label and told and not NEGATED.search(sentence[: told.end(1)]):
                    name, line = case_name(told[1]), block.line
                    found.append(FoundCase(name, label, sentence, line, SOURCE, "implied"))
    return found


def _together(verdicts: Verdicts, heading: str) -> str | None:
    """The label of what a heading such as "Using both" or "Tram and bus together" joins."""
    if not TOGETHER.search(heading) or heading.endswith("?") or NEGATED.search(heading):
        return None
    named = {each.option for each in verdicts.names.mentions(heading)}
    if len(named) > 1:
        return verdicts.label([*named])
    both = len(verdicts.names.options) == 2 and re.search(r"(?i)\b(?:both|two)\b", heading)
    return verdicts.both if both and not named else None


def _of_paragraph(verdicts: Verdicts, block: Block) -> list[FoundCase]:
    found = []
    whole = plain(block.text)
    sentences = [AND.sub("", each) for each in SENTENCES.split(whole)]
    for text, following in zip_longest(sentences, sentences[1:], fillvalue=""):
        told = _bound(verdicts, text)
        if told is None and (label := _answered(verdicts, text, following)):
            told, text = (text, label), whole if BEFORE.search(text) else f"{text} {following}"
        if told and not GENERAL.search(told[0]) and len(told[0].split()) >= MIN_WORDS:
            name = case_name(told[0])
            found.append(FoundCase(name, told[1], text, block.line, SOURCE, "implied"))
    return found


def _bound(verdicts: Verdicts, text: str) -> tuple[str, str] | None:
    """The condition and the verdict of a sentence that names an option after the condition only."""
    told = conditional(verdicts, text)
    condition = told[0] if told else ""
    known = {each.option for each in verdicts.names.mentions(condition)}
    chosen = verdicts.names.mentions(text[len(condition) :])
    if not chosen or chosen[0].option in known:
        return None
    return told if _ends(verdicts, text[len(condition) :], chosen[0]) else None


def _answered(verdicts: Verdicts, question: str, answer: str) -> str | None:
    """The label that `answer` decides on, if `question` is one on the reader's situation."""
    asks = question.endswith("?") and not WHAT.match(question)
    if not asks or verdicts.names.mentions(question):
        return None
    label, bound = decided(verdicts, answer)
    return None if bound else label


def _ends(verdicts: Verdicts, text: str, mention: Mention) -> bool:
    """Whether a name stands for its option: "the tram", not "the tram ticket"."""
    end = mention.end
    if (kind := re.match(r"\s+([^\W\d_]+)", text[end:])) and kind[1].lower() in verdicts.kinds:
        end += kind.end()
    return bool(ENDS.match(text, end) or QUALIFIED.match(text, end))
