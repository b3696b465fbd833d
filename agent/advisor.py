"""The path from a message to an answer, on one page.

    advisor = open_advisor(Settings())
    print(advisor.ask("Which one suits a small clinic?").text)

hear -> for each request: rewrite -> observe -> retrieve -> decide -> compose;
docs/architecture.md names the module of each step. Compose checks every sentence with
agent.answering.grounding.
"""

import threading
import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial

from agent.answering.changes import as_it_is_now
from agent.answering.clock import Clock
from agent.answering.compose import write
from agent.answering.counterpoints import Counterpoints
from agent.answering.decide import Decider
from agent.answering.further import Further
from agent.answering.requests import Heard, Request, hear
from agent.answering.rewrite import history_prompt, newest_of, readable_lines, rewrite
from agent.answering.suggestions import offered
from agent.answering.talk import NOTHING_KNOWN, About
from agent.answering.together import together
from agent.answering.types import Answer, CitedText, Decision
from agent.dialogue.acts import Tagger
from agent.llm.base import Model, Session
from knowledge.comparison import Comparison, Evidence, Pointer
from knowledge.elsewhere import Elsewhere
from knowledge.retrieve import Retrieved, Retriever
from knowledge.text.words import stems

MOST_NAMED = 3  # use cases, to somebody who told little of a case
MOST_ANSWERED = 4  # requests of one message; the others are named


@dataclass(frozen=True)
class Asked:
    """A message while its requests are answered, after the answers of `history`, oldest first."""

    session: Session
    heard: Heard
    history: Sequence[Answer]
    clock: Clock


@dataclass(frozen=True)
class Reading:
    """A request as it is understood, what is found for that, and what is decided."""

    standalone: str
    retrieved: Retrieved
    decision: Decision

    def tells_little(self, request: Request, heard: Heard) -> bool:
        """Whether the message clearly tells something of a case, and asks nothing, but no use case
        is like it so far.
        """
        told = any(each.acts["case"] >= 0.5 or each.acts["correct"] >= 0.5 for each in heard.said)
        asks = request.text or any(each.text.endswith("?") for each in heard.said)
        unknown = self.retrieved.unknown_names
        return self.decision.kind == "abstain" and told and not asks and not unknown

    @property
    def nearest_cases(self) -> tuple[Evidence, ...]:
        """At most MOST_NAMED use cases, nearest first."""
        cases = [item for item in self.retrieved.cases if item.passage.kind == "best-for"]
        return tuple(cases[:MOST_NAMED])

    def tells_again(self, request: Request, said: Sequence[str]) -> bool:
        """Whether it would inform of what was just `said`, and that has none of the request's own
        words.
        """
        if self.decision.kind != "inform" or not self.retrieved.quotations:
            return False
        likeliest = self.retrieved.quotations[0]
        passage = likeliest.passage
        about = passage.text if passage.cells else likeliest.sentence
        beside = set(stems(request.text)).isdisjoint(stems(f"{passage.heading} {about}"))
        return beside and any(likeliest.sentence in quote for quote in said)


@dataclass(frozen=True)
class Advisor:
    """Answers messages about one comparison with one model.

    Without a `tagger` every message is one request about the document.
    """

    model: Model
    retriever: Retriever
    decider: Decider
    top_k: int = 4
    elsewhere: Elsewhere | None = None
    tagger: Tagger | None = None
    about: About = NOTHING_KNOWN

    @property
    def comparison(self) -> Comparison:
        return self.retriever.index.comparison

    @cached_property
    def counterpoints(self) -> Counterpoints:
        return Counterpoints(self.retriever)

    @cached_property
    def further(self) -> Further:
        return Further(self.retriever, self.decider, self.about)

    @cached_property
    def offered(self) -> frozenset[str]:
        """The suggested questions. Each stands on its own, so it is never joined with earlier
        messages (docs/decisions/follow-ups.md).
        """
        return offered(self.comparison)

    def close(self) -> None:
        """Frees the model's memory."""
        self.model.close()

    def __enter__(self) -> "Advisor":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def ask(self, question: str, history: Sequence[Answer] = ()) -> Answer:
        """The complete answer. Raises InputError for a question without words, or one too long."""
        *_, answer = self.stream(question, history)
        return answer

    def expect(self, history: Sequence[Answer], cancel: threading.Event | None = None) -> None:
        """Prefills the conversation so far, before the next message arrives.

        Raises agent.llm.base.CancelledError once `cancel` is set.
        """
        self.model.preload(history_prompt(history), cancel)

    def stream(
        self,
        question: str,
        history: Sequence[Answer] = (),
        cancel: threading.Event | None = None,
    ) -> Generator[Answer, None, None]:
        """The growing answer: first the decision and the evidence, then longer and longer text.

        Raises InputError as `ask` does, and agent.llm.base.CancelledError once `cancel` is set.
        """
        clock = Clock(time.perf_counter())
        lines = readable_lines(question)
        question = " ".join(lines)
        with self.model.session(cancel) as session:
            heard = self._heard(lines, history)
            heard = as_it_is_now(session, self.decider, self.retriever, heard, history)
            clock.lap("understand_s")
            asked = Asked(session, heard, history, clock)
            given, left, attempts = list[Answer](), list[str](), self._attempts(heard)
            for requests in attempts:
                given, left = [], [each.text for each in requests[MOST_ANSWERED:]]
                for request in requests[:MOST_ANSWERED]:
                    part: Answer | None = None
                    for part in self._answers(asked, request, given):
                        if not part.abstained or requests is attempts[-1]:
                            yield clock.stamp(together(question, heard, [*given, part]), session)
                    assert part  # each request has an answer
                    given.append(part)
                if not all(part.abstained for part in given):
                    break
            # with the time and the tokens of refused sentences, and what is left out
            yield clock.stamp(together(question, heard, given, left), session)

    def _heard(self, lines: Sequence[str], history: Sequence[Answer]) -> Heard:
        """What the message does; a suggested question asks about the document, and nothing else."""
        question = " ".join(lines)
        if self.tagger is None or question in self.offered:
            last = history[-1].case if history else None
            return Heard.plainly(question, last)
        return hear(self.tagger, "\n".join(lines), history)

    def _attempts(self, heard: Heard) -> tuple[tuple[Request, ...], ...]:
        """Those of `heard`; what names something that the document never mentions is no overview,
        nor small talk.
        """
        if heard.instead and self.retriever.retrieve(heard.message).unknown_names:
            return heard.attempts[:-1]
        return heard.attempts

    def _answers(self, asked: Asked, request: Request, given: Sequence[Answer]) -> Iterator[Answer]:
        """The growing answer to one request of a message, of which others were `given` answers."""
        session, heard, history, clock = asked.session, asked.heard, asked.history, asked.clock
        if further := self.further.answer(request, heard, history):
            clock.wrote()
            yield further
            return
        reading = self._understood(asked, request, given)
        retrieved, decision = reading.retrieved, reading.decision
        opening = self.further.change(decision, heard, history)
        row = self.further.compared(request, decision, retrieved.quotations)
        decision = self.further.resting(decision, opening, *([row] if row else []))
        if reading.tells_little(request, heard):
            decision = replace(decision, evidence=reading.nearest_cases)
        answer = Answer(
            request.text,
            reading.standalone,
            decision,
            against=self.counterpoints.against(decision, retrieved),
            would_change=self.counterpoints.would_change(decision),
            near=retrieved.rows(self.retriever.near),
            acts=(request.act,),
        )
        if answer.abstained and not answer.noted:
            answer = replace(answer, elsewhere=self._elsewhere(reading.standalone))
        yield answer
        for draft in write(session, self.comparison, answer, retrieved, row):
            text = opening.and_then(draft)
            answer = replace(answer, text=text.text, citations=text.citations)
            clock.wrote()
            yield answer
        if because := self.further.because(answer, heard):
            text = CitedText(answer.text, answer.citations).and_then(because)
            yield replace(answer, text=text.text, citations=text.citations)

    def _understood(self, asked: Asked, request: Request, given: Sequence[Answer]) -> Reading:
        """The likeliest reading of `request` that the document answers, rather one that does not
        tell again what was `given` to another. If it answers none, the last, worded as the first.
        """
        session, clock, said = asked.session, asked.clock, _just_said(request, given)
        history = () if request.text in self.offered else asked.history
        newest, before = asked.heard.worded(request, history)
        calm = partial(self.decider.without_injections, session)
        readings: list[Reading] = []
        for standalone in rewrite(session, newest, before, calm):
            clock.lap("understand_s")
            seen = self.decider.observe(session, standalone)
            clock.lap("decide_s")
            kept = newest_of(standalone, newest)
            retrieved = self.retriever.retrieve(standalone, self.top_k, seen.likely, kept)
            clock.lap("retrieve_s")
            decision = self.decider.decide(session, standalone, seen, retrieved, request.advises)
            clock.lap("decide_s")
            readings.append(Reading(standalone, retrieved, decision))
            if decision.kind != "abstain" and not readings[-1].tells_again(request, said):
                return readings[-1]
        answered = (each for each in readings if each.decision.kind != "abstain")
        # the next message may refer to any of it
        return next(answered, replace(readings[-1], standalone=readings[0].standalone))

    def _elsewhere(self, question: str) -> Pointer | None:
        if self.elsewhere is None:
            return None
        return self.elsewhere.nearer(question, self.comparison.slug)


def _just_said(request: Request, answers: Sequence[Answer]) -> tuple[str, ...]:
    """What `answers` show of the document, which a question asks for more than; a claim or a doubt
    may be about it.
    """
    if request.act not in ("fact", "compare"):
        return ()
    quotes = ((each.quote, answer.text) for answer in answers for each in answer.citations)
    return tuple(quote for quote, text in quotes if quote.rstrip(".!?") in text)
