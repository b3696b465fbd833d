"""What no longer holds of a case once a message corrects or supposes something.

    heard = as_it_is_now(session, decider, retriever, heard, history)

"No, it is a demo" takes back more than any one statement of before: all that described the use case
which it no longer is. Not covered: statements that a sentence replaces by itself, which the tagger
tells (agent.answering.requests).
"""

from collections.abc import Sequence
from dataclasses import replace

from agent.answering.decide import Decider
from agent.answering.requests import CERTAIN, Heard
from agent.answering.types import Answer
from agent.llm.base import Session
from knowledge.comparison import Passage
from knowledge.retrieve import Retriever


def as_it_is_now(
    session: Session,
    decider: Decider,
    retriever: Retriever,
    heard: Heard,
    history: Sequence[Answer],
) -> Heard:
    """`heard`, without earlier statements that describe the use case of the last advice, if what
    the message corrects or supposes clearly describes another one by itself.
    """
    advised = next((each.decision for each in reversed(history) if each.verdict), None)
    before = advised.use_case if advised else None
    earlier = [each for each in heard.case.in_force if each not in heard.changing]
    if before is None or before.kind != "best-for" or not (heard.changing and earlier):
        return heard
    said = " ".join(heard.changing)
    seen = decider.observe(session, said)
    decision = decider.decide(session, said, seen, retriever.retrieve(said), CERTAIN)
    now = decision.use_case
    if now is None or now.kind != "best-for" or now.id == before.id or decision.fit != "clear":
        return heard
    gone = [each for each in earlier if _nearer(retriever, each, before, now)]
    return replace(heard, case=heard.case.superseded(gone))


def _nearer(retriever: Retriever, statement: str, before: Passage, now: Passage) -> bool:
    """Whether `statement` is nearer to the use case `before` than to `now`."""
    score = {each.passage.id: each.score for each in retriever.retrieve(statement).cases}
    return score.get(before.id, -1.0) > score[now.id]  # `before` may be of an earlier edition
