"""Step four: the answer's text, sentence by sentence, each checked before it is shown.

Advice opens with the decided verdict. The model then writes under it; a sentence that the
evidence supports is shown with the number of the passage that carries it, and the use case's own
words stand in where none is. A question of fact is answered in the document's words only.
So a figure is never given to another owner, which a check of words cannot see.
"""

import itertools
from collections.abc import Iterator, Sequence

from agent.answer import Answer, CitedText, unmarked
from agent.check import Support, support
from agent.messages import answer_messages
from agent.model import Turn
from agent.prompts import prompt
from knowledge.comparison import Comparison, Passage, sentences
from knowledge.retrieve import Quotation, Retrieved

MAX_TOKENS = 90
MAX_SENTENCES = 2
MAX_QUOTED = 4  # sentences of the document in an answer to a question of fact
WORTH_SAYING = 0.1  # share of the question that a further one must speak of
ONE_SIDED = 0.2  # share of the question that one cell of a row speaks of more than another


def write(
    turn: Turn, comparison: Comparison, answer: Answer, retrieved: Retrieved
) -> Iterator[CitedText]:
    """Ever longer drafts of the answer that `answer.decision` calls for."""
    if answer.decision.kind == "abstain":
        yield CitedText(uncovered(comparison))
        return
    use_case = answer.decision.use_case
    passages = [item.passage for item in answer.evidence]
    supported = (
        (sentence, found)
        for sentence in _sentences_of(turn, comparison, answer, retrieved)
        if (found := support(sentence, passages, answer.standalone_question))
    )
    if use_case:
        yield from _advice(answer, use_case, supported)
    else:
        yield from _information(retrieved, (found for _, found in supported))


def _advice(
    answer: Answer, use_case: Passage, supported: Iterator[tuple[str, Support]]
) -> Iterator[CitedText]:
    """The verdict, which needs no model, and the reasons."""
    draft = CitedText().adding(_verdict(answer), use_case, use_case.sentences[0])
    yield draft
    said: list[str] = []
    for sentence, found in supported:
        if _new(found.quote, said):
            said.append(found.quote)
            draft = draft.adding(sentence, found.passage, found.quote)
            yield draft
    if not said:
        for sentence in use_case.sentences[:MAX_SENTENCES]:
            draft = draft.adding(sentence, use_case, sentence)
        yield draft
    rival = answer.decision.rival
    if rival and answer.decision.fit == "open":
        yield _settling(draft, use_case, rival)


def _settling(draft: CitedText, use_case: Passage, rival: Passage) -> CitedText:
    """The one question that would settle which of two use cases with different verdicts it is."""
    a, b = (f"{each.heading} [{each.number}]" for each in (use_case, rival))
    if use_case.kind == "bottom-line":
        asked = prompt("settle_special", rival=b)
    else:
        asked = prompt("settle", rival=b, use_case=a)
    return draft.citing(asked, rival, rival.sentences[0])


def _information(retrieved: Retrieved, supported: Iterator[Support]) -> Iterator[CitedText]:
    """What the document says where retrieval finds the answer, what else of the question it
    speaks of, and what it says where the model finds the answer.

    Shares of answered dev facts that were right: 0.86 without rows of the table whole and the
    rest of the question, 0.92 with both. What needs no model comes first, so that reading can
    begin.
    """
    draft, said = CitedText(), list[str]()
    quotations = retrieved.quotations
    likeliest = ((q.passage, q.sentence) for q in quotations[:1])
    answered = ((found.passage, found.quote) for found in supported)
    for passage, quote in itertools.chain(likeliest, _rest(quotations, said), answered):
        quotes = (quote, *_counterparts(passage, quote, quotations))
        new = [sentence for sentence in quotes if _new(sentence, said)]
        for sentence in new:
            draft = draft.adding(sentence, passage, sentence)
        said += new
        if new:
            yield draft


def _counterparts(passage: Passage, quote: str, quotations: Sequence[Quotation]) -> list[str]:
    """The rest of the table's row, unless the question speaks of what is quoted much more."""
    row = [q for q in quotations if q.passage == passage and passage.cells]
    quoted = [q for q in row if q.sentence in quote]
    covered = max((q.coverage for q in quoted), default=0.0)
    return [q.sentence for q in row if q not in quoted and covered - q.coverage < ONE_SIDED]


def _rest(quotations: Sequence[Quotation], said: Sequence[str]) -> Iterator[tuple[Passage, str]]:
    """Sentences on what of the question those `said` so far do not speak of, most of it first."""
    while quotations and len(said) < MAX_QUOTED:
        spoken = {word for q in quotations if not _new(q.sentence, said) for word in q.covers}
        best = max(quotations, key=lambda q: q.beyond(spoken))
        if best.beyond(spoken) < WORTH_SAYING:
            return
        yield best.passage, best.sentence


def _new(quote: str, said: Sequence[str]) -> bool:
    return not any(quote in other or other in quote for other in said)


def _sentences_of(
    turn: Turn, comparison: Comparison, answer: Answer, retrieved: Retrieved
) -> Iterator[str]:
    """The sentences that the model writes, each as soon as it is complete."""
    # continues the question whether the passages answer: they do
    begun = f"yes\n{_verdict(answer) or 'Answer:'}"
    messages = answer_messages(comparison, answer.standalone_question, retrieved.evidence, begun)
    limit = MAX_SENTENCES if answer.decision.use_case else 1
    text, given, before = "", 0, turn.usage.written
    for piece in turn.stream(messages, MAX_TOKENS, stop=["\n"]):
        text += piece
        complete = sentences(unmarked(text))[:-1]  # the last one may still grow
        yield from complete[given:limit]
        given = max(given, len(complete))
        if given >= limit:
            return
    last = sentences(unmarked(text))[given:limit]
    cut_off = turn.usage.written - before >= MAX_TOKENS
    # a sentence that was cut off is none
    yield from (sentence for sentence in last if not cut_off or sentence[-1] in '.!?"')


def _verdict(answer: Answer) -> str:
    use_case = answer.decision.use_case
    if use_case is None:
        return ""
    if use_case.kind == "bottom-line":
        return prompt("verdict_in_general", verdict=str(answer.verdict))
    form = "verdict_nearest" if answer.decision.fit == "nearest" else "verdict"
    return prompt(form, use_case=use_case.heading, verdict=str(answer.verdict))


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
