"""One answer from the answers to each request of a message."""

from collections.abc import Sequence
from dataclasses import replace

from agent.answering.requests import Heard
from agent.answering.types import OVERVIEWS, Answer, CitedText, Decision
from agent.dialogue.case import Case
from agent.prompting.templates import fill
from knowledge.comparison import Evidence


def together(
    question: str, heard: Heard, parts: Sequence[Answer], left_out: Sequence[str] = ()
) -> Answer:
    """The answer to a whole message: its `parts` below each other, and what was left out."""
    lead = _leading(parts)
    said, evidence = CitedText(), dict[str, Evidence]()
    several = len(parts) > 1
    for part in parts:
        if OVERVIEWS.issuperset(part.acts) and part.text and part.text in said.text:
            continue  # one list may answer two questions
        text = CitedText(part.text, part.citations)
        if several and part.abstained:
            text = _named(part.question, part.text)
        elif part.acts in (("fact",), ("compare",)) and _repeats(part, said):
            text = _named(part.question, fill("replies/nothing_more"))
        said = said.and_then(text)
        evidence |= {item.passage.id: item for item in part.evidence}
    if left_out := [each for each in left_out if _asks(each)]:
        named = " ".join(f'"{each}"' for each in left_out)
        said = said.and_then(CitedText(fill("replies/left_out", questions=named)))
    decision: Decision = lead.decision
    if several and decision.kind != "abstain":
        first = {item.passage.id: item for item in decision.evidence}
        decision = replace(decision, evidence=tuple((first | evidence).values()))
    return replace(
        lead,
        question=question,
        standalone_question=" ".join(dict.fromkeys(part.standalone_question for part in parts)),
        decision=decision,
        text=said.text.strip(),
        citations=said.citations,
        case=heard.case or _described(heard, lead),
        acts=tuple(act for part in parts for act in part.acts),
        left_out=tuple(left_out),
    )


def _described(heard: Heard, lead: Answer) -> Case:
    """The case that a request for advice describes itself, where nothing else is known of one."""
    use_case = lead.decision.use_case
    asks = lead.acts in (("advice",), ("fact",))  # not "Why?", which is about the same use case
    if not (heard.said and asks) or use_case is None or use_case.kind != "best-for":
        return Case()
    return Case((lead.question or heard.message,))


def _named(question: str, answer: str) -> CitedText:
    """`answer` with the question that it is to."""
    named = fill("replies/part", question=question, answer=answer) if _asks(question) else answer
    return CitedText(named)


def _asks(text: str) -> bool:
    """Whether `text` is worded as a question: an order that is passed off as one is not repeated,
    as what it says would stand in the answer.
    """
    return text.endswith("?")


def _repeats(part: Answer, said: CitedText) -> bool:
    """Whether all that `part` quotes was `said` before."""
    quoted = {each.quote for each in part.citations}
    return bool(quoted) and quoted <= {each.quote for each in said.citations}


def _leading(parts: Sequence[Answer]) -> Answer:
    """The part whose decision stands above the answer: advice, else what is answered."""
    for kind in ("advise", "inform", "talk", "abstain"):
        for part in parts:
            if part.decision.kind == kind:
                return part
    raise ValueError("an answer has a part")
