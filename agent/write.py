"""Step four: the answer's text, sentence by sentence, each checked before it is shown.

Advice opens with the decided verdict. The model then writes under it; a sentence that the
evidence supports is shown with the number of the passage that carries it, and the use case's own
words stand in where none is. A question of fact is answered in the document's words only: the
sentence that is likeliest the answer, and those that carry what the model writes. So a figure is
never given to another owner, which a check of words cannot see.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agent.answer import Answer, Citation
from agent.check import support
from agent.messages import answer_messages
from agent.model import Turn
from agent.prompts import prompt
from knowledge.comparison import Comparison, Passage, sentences
from knowledge.retrieve import Retrieved

MAX_TOKENS = 90
MAX_SENTENCES = 2


@dataclass(frozen=True)
class Draft:
    """The checked text so far and what it cites."""

    text: str = ""
    citations: tuple[Citation, ...] = ()

    def adding(self, sentence: str, passage: Passage, quote: str) -> "Draft":
        """This draft with one more sentence, which cites `passage`."""
        sentence = unmarked(sentence)
        body, end = (sentence[:-1], sentence[-1]) if sentence[-1] in ".!?" else (sentence, ".")
        cited = f"{body} [{passage.number}]{end}"
        citation = Citation(passage.number, passage.id, quote)
        known = citation in self.citations
        citations = self.citations if known else (*self.citations, citation)
        return Draft(f"{self.text} {cited}".strip(), citations)


def write(
    turn: Turn, comparison: Comparison, answer: Answer, retrieved: Retrieved
) -> Iterator[Draft]:
    """Ever longer drafts of the answer that `answer.decision` calls for."""
    if answer.decision.kind == "abstain":
        yield Draft(uncovered(comparison))
        return
    draft = opening(answer, retrieved)
    yield draft
    passages = [item.passage for item in answer.evidence]
    use_case = answer.decision.use_case
    said = [] if use_case else [draft.citations[0].quote]
    for sentence in _sentences_of(turn, comparison, answer, retrieved):
        found = support(sentence, passages, answer.standalone_question)
        if found and not any(found.quote in quote or quote in found.quote for quote in said):
            said.append(found.quote)
            shown = sentence if use_case else found.quote
            draft = draft.adding(shown, found.passage, found.quote)
            yield draft
    if use_case and not said:
        for sentence in use_case.sentences[:MAX_SENTENCES]:
            draft = draft.adding(sentence, use_case, sentence)
        yield draft


def unmarked(text: str) -> str:
    """`text` without [numbers] of its own: which passage carries it is for the check to say."""
    return re.sub(r"\s*\[\d+(?:,\s*\d+)*\]", "", text)


def _sentences_of(
    turn: Turn, comparison: Comparison, answer: Answer, retrieved: Retrieved
) -> Iterator[str]:
    """The sentences that the model writes, each as soon as it is complete."""
    # continues what the decision has read: "yes", the passages answer
    begun = f"yes\n{_verdict(answer) or 'Answer:'}"
    messages = answer_messages(comparison, answer.standalone_question, retrieved.evidence, begun)
    limit = MAX_SENTENCES if answer.decision.use_case else 1
    text, given = "", 0
    for piece in turn.stream(messages, MAX_TOKENS, stop=["\n"]):
        text += piece
        complete = sentences(unmarked(text))[:-1]  # the last one may still grow
        yield from complete[given:limit]
        given = max(given, len(complete))
        if given >= limit:
            return
    last = sentences(unmarked(text))[given:limit]
    # a sentence that was cut off by the limit is no sentence
    yield from (sentence for sentence in last if sentence[-1] in '.!?"')


def opening(answer: Answer, retrieved: Retrieved) -> Draft:
    """The sentence that needs no model: the verdict, or the likeliest answer of the document."""
    use_case = answer.decision.use_case
    if use_case:
        return Draft().adding(_verdict(answer), use_case, use_case.sentences[0])
    quotation = retrieved.quotations[0]
    return Draft().adding(quotation.sentence, quotation.passage, quotation.sentence)


def _verdict(answer: Answer) -> str:
    use_case = answer.decision.use_case
    if use_case is None:
        return ""
    if use_case.kind == "bottom-line":
        return prompt("verdict_in_general", verdict=str(answer.verdict))
    return prompt("verdict", use_case=use_case.heading, verdict=str(answer.verdict))


def uncovered(comparison: Comparison) -> str:
    """What an abstention says: that it is one, and what the comparison does cover."""
    option_a, option_b = comparison.options
    return prompt(
        "uncovered",
        title=comparison.title,
        option_a=option_a,
        option_b=option_b,
        dimensions=_listed(comparison.of_kind("dimension")),
        use_cases=_listed(comparison.of_kind("best-for")),
    )


def _listed(passages: Sequence[Passage]) -> str:
    return "; ".join(passage.heading for passage in passages)
