"""Step 5: the answer's text, sentence by sentence, each checked before it is shown.

Advice opens with the decided verdict. The model then explains the verdict. A sentence appears, with
the number of its passage, if the evidence supports it; if no sentence passes, the use case's own
sentences are quoted. A question of fact is answered with quotations only
(docs/decisions/facts-in-the-documents-words.md).
"""

import itertools
import re
from collections.abc import Iterator, Sequence

from agent.answering.grounding import DENIAL, Support, support
from agent.answering.types import Answer, CitedText, unmarked
from agent.llm.base import Session
from agent.prompting.builder import answer_prompt
from agent.prompting.templates import fill
from knowledge.comparison import Comparison, Passage
from knowledge.retrieve import Quotation, Retrieved
from knowledge.text.quantities import missing, numbers
from knowledge.text.sentences import sentences
from knowledge.text.words import stems

MAX_TOKENS = 90
MAX_SENTENCES = 2
# at most so many quotations open an answer, if their score is within CLOSE of the best
MAX_QUOTED = 2
CLOSE = 0.15
WORTH_SAYING = 0.25  # share of the question that a further quotation must newly cover
_ENDS_OR_MARKUP = re.compile(r"[`#*|<>{}\[\]]+|(?<=[.!?])\s+")
MAX_NEAREST = 2
ONE_SIDED = 0.2  # lead in coverage with which one cell of a row is quoted alone


def write(
    session: Session,
    comparison: Comparison,
    answer: Answer,
    retrieved: Retrieved,
    row: Passage | None = None,
) -> Iterator[CitedText]:
    """Longer and longer drafts of the answer that `answer.decision` requires; `row` is the table
    row that a comparison in one respect asks for.
    """
    if answer.noted:
        named = "; ".join(item.passage.heading for item in answer.evidence)
        yield CitedText(fill("replies/noted", use_cases=named))
        return
    if answer.decision.kind == "abstain":
        yield CitedText(uncovered(answer, retrieved))
        return
    if (use_case := answer.decision.use_case) is None:
        claimed = answer.question if "claim" in answer.acts else ""
        quotations = _led_by(row, retrieved.quotations) if row else retrieved.quotations
        yield from _information(quotations, claimed)
        return
    passages = [item.passage for item in answer.evidence]
    supported = (
        (sentence, found)
        for sentence in _sentences_of(session, comparison, answer, retrieved)
        if (found := support(sentence, passages, answer.standalone_question))
    )
    yield from _advice(answer, use_case, supported)


def _advice(
    answer: Answer, use_case: Passage, supported: Iterator[tuple[str, Support]]
) -> Iterator[CitedText]:
    """The verdict, which the program inserts, and the reasons."""
    draft = CitedText().adding(_verdict(answer), use_case, use_case.sentences[0])
    yield draft
    said: list[set[str]] = []
    for sentence, found in supported:
        quoted = set(found.sentences)
        if not any(quoted <= other or other <= quoted for other in said):
            said.append(quoted)
            draft = draft.adding(sentence, found.passage, found.quote)
            yield draft
    if not said:
        beyond = [each for each in use_case.sentences if not _repeats(each, use_case.heading)]
        for sentence in beyond[:MAX_SENTENCES]:
            draft = draft.adding(sentence, use_case, sentence)
        yield draft
    rival = answer.decision.rival
    if rival and answer.decision.fit == "open":
        yield draft.adding(fill("replies/settle", rival=rival.heading), rival, rival.sentences[0])


def _repeats(sentence: str, heading: str) -> bool:
    """Whether `sentence` says no more than `heading`, as where a table lists use cases."""
    return set(stems(sentence)) <= set(stems(heading)) and not DENIAL.search(sentence)


def _information(quotations: Sequence[Quotation], claimed: str) -> Iterator[CitedText]:
    """One draft: the likeliest sentences of the document, the other cell of their table row, and a
    sentence for each part of the question that is still open; led by whether the document says what
    is `claimed`, as far as figures tell.
    """
    draft, said = CitedText(), list[str]()
    least = max((quotation.score for quotation in quotations), default=0.0) - CLOSE
    close = (each for each in quotations[:MAX_QUOTED] if each.score >= least)
    for likely in itertools.chain(close, _rest(quotations, said)):
        for sentence in (likely.sentence, *_counterparts(likely, quotations)):
            if sentence not in said:
                shown = draft.opening(sentence, likely.passage)
                if not said and numbers(sentence):
                    shown = _led(shown, claimed)
                said.append(sentence)
                draft = draft.adding(shown, likely.passage, sentence)
    yield draft


def _led_by(row: Passage, quotations: Sequence[Quotation]) -> Sequence[Quotation]:
    """`quotations`, of which the cells of `row` come first."""
    best = quotations[0] if quotations else None
    if best and best.passage == row:
        return quotations
    score = (best.score if best else 0.0) + 2 * CLOSE
    sides = [Quotation(row, side, {}, 1.0, score) for side in row.sides if side]
    return (*sides, *(each for each in quotations if each.passage != row))


def _led(sentence: str, claimed: str) -> str:
    """`sentence`, which has figures, led by whether it has those that are `claimed`, if any are."""
    if not numbers(claimed):
        return sentence
    if missing(claimed, sentence):
        return fill("replies/otherwise", quote=sentence)
    return fill("replies/says_so", quote=sentence)


def _rest(quotations: Sequence[Quotation], said: Sequence[str]) -> Iterator[Quotation]:
    """A sentence for each part of the question that the sentences `said` so far leave open."""
    while quotations and len(said) <= MAX_QUOTED:
        spoken = {word for q in quotations if q.sentence in said for word in q.covers}
        best = max(quotations, key=lambda q: q.beyond(spoken))
        if best.beyond(spoken) < WORTH_SAYING:
            return
        yield best


def _counterparts(likely: Quotation, quotations: Sequence[Quotation]) -> list[str]:
    """The other cells of a quoted table row, unless the question is about the quoted cell."""
    row = [q for q in quotations if q.passage == likely.passage and likely.passage.cells]
    return [q.sentence for q in row if q != likely and likely.coverage - q.coverage < ONE_SIDED]


def _sentences_of(
    session: Session, comparison: Comparison, answer: Answer, retrieved: Retrieved
) -> Iterator[str]:
    """The sentences of the generated text, each as soon as it is complete."""
    # the prompt asks whether the passages answer; the reply begins with "yes"
    reply = f"yes\n{_verdict(answer)}"
    prompt = answer_prompt(comparison, answer.standalone_question, retrieved.evidence, reply)
    text, given, before = "", 0, session.usage.written
    for piece in session.stream(prompt, MAX_TOKENS, stop=["\n"]):
        text += piece
        complete = sentences(unmarked(text))[:-1]  # the last one may be incomplete
        yield from complete[given:MAX_SENTENCES]
        given = max(given, len(complete))
        if given >= MAX_SENTENCES:
            return
    last = sentences(unmarked(text))[given:MAX_SENTENCES]
    cut_off = session.usage.written - before >= MAX_TOKENS
    # drops a last sentence that the token limit has cut off
    yield from (sentence for sentence in last if not cut_off or sentence[-1] in '.!?"')


def _verdict(answer: Answer) -> str:
    use_case = answer.decision.use_case
    if use_case is None:
        return ""
    if use_case.kind == "bottom-line":
        return fill("replies/verdict_in_general", verdict=str(answer.verdict))
    case, verdict = use_case.heading, str(answer.verdict)
    if answer.decision.fit == "nearest":
        return fill("replies/verdict_nearest", use_case=case, verdict=verdict)
    return fill("replies/verdict", use_case=case, verdict=verdict)


def uncovered(answer: Answer, retrieved: Retrieved) -> str:
    """The text of an abstention: what is missing, and the nearest subjects that there are."""
    said = [fill("replies/uncovered")]
    # what stands around the question may be an order, and would be repeated
    parts = [part for part in _ENDS_OR_MARKUP.split(answer.question) if part.strip()]
    asked = parts[-1] if parts else ""  # advice may be asked for without a question
    words = dict.fromkeys(re.findall(r"\w+", asked))
    if unknown := [w for w in words if set(stems(w)) & set(retrieved.unknown_names)]:
        said.append(fill("replies/unknown", names=", ".join(unknown)))
    if answer.near:
        headings = "; ".join(row.heading for row in answer.near[:MAX_NEAREST])
        said.append(fill("replies/nearest", headings=headings))
    return " ".join(said)
