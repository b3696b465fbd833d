"""The path from a question to an answer, on one page.

    advisor = open_advisor(Settings())
    print(advisor.ask("Which one suits a small clinic?").text)

rewrite -> observe -> retrieve -> decide -> compose; docs/architecture.md names the module of each
step. Compose checks every sentence with agent.answering.grounding.
"""

import threading
import time
from collections.abc import Generator, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property, partial

from agent.answering.compose import write
from agent.answering.counterpoints import Counterpoints
from agent.answering.decide import Decider
from agent.answering.rewrite import history_prompt, readable, rewrite
from agent.answering.suggestions import offered
from agent.answering.types import Answer, Exchange, Timings, Tokens
from agent.llm.base import Model, Session
from knowledge.comparison import Comparison, Pointer
from knowledge.elsewhere import Elsewhere
from knowledge.retrieve import Retriever


@dataclass(frozen=True)
class Advisor:
    """Answers questions about one comparison with one model."""

    model: Model
    retriever: Retriever
    decider: Decider
    top_k: int = 4
    elsewhere: Elsewhere | None = None

    @property
    def comparison(self) -> Comparison:
        return self.retriever.index.comparison

    @cached_property
    def counterpoints(self) -> Counterpoints:
        return Counterpoints(self.retriever)

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

    def ask(self, question: str, history: Sequence[Exchange] = ()) -> Answer:
        """The complete answer. Raises InputError for a question without words, or one too long."""
        *_, answer = self.stream(question, history)
        return answer

    def expect(self, history: Sequence[Exchange], cancel: threading.Event | None = None) -> None:
        """Prefills the conversation so far, before the next message arrives.

        Raises agent.llm.base.CancelledError once `cancel` is set.
        """
        self.model.preload(history_prompt(history), cancel)

    def stream(
        self,
        question: str,
        history: Sequence[Exchange] = (),
        cancel: threading.Event | None = None,
    ) -> Generator[Answer, None, None]:
        """The growing answer: first the decision and the evidence, then longer and longer text.

        Raises InputError as `ask` does, and agent.llm.base.CancelledError once `cancel` is set.
        """
        started = time.perf_counter()
        question = readable(question)
        history = () if question in self.offered else history
        with self.model.session(cancel) as session:
            clock = _Clock(started)
            without_injections = partial(self.decider.without_injections, session)
            readings: list[str] = []
            for standalone in rewrite(session, question, history, without_injections):
                readings.append(standalone)
                clock.lap("understand_s")
                seen = self.decider.observe(session, standalone)
                clock.lap("decide_s")
                retrieved = self.retriever.retrieve(standalone, self.top_k, seen.likely)
                clock.lap("retrieve_s")
                decision = self.decider.decide(session, standalone, seen, retrieved)
                clock.lap("decide_s")
                if decision.kind != "abstain":
                    break
            else:
                standalone = readings[0]  # the next message may refer to any of it
            answer = Answer(
                question,
                standalone,
                decision,
                against=self.counterpoints.against(decision, retrieved),
                would_change=self.counterpoints.would_change(decision),
                near=retrieved.rows(self.retriever.near),
                elsewhere=self._elsewhere(standalone) if decision.kind == "abstain" else None,
            )
            yield clock.stamp(answer, session)
            for draft in write(session, self.comparison, answer, retrieved):
                answer = replace(answer, text=draft.text, citations=draft.citations)
                clock.wrote()
                yield clock.stamp(answer, session)
            yield clock.stamp(answer, session)  # with the time and the tokens of refused sentences

    def _elsewhere(self, question: str) -> Pointer | None:
        if self.elsewhere is None:
            return None
        return self.elsewhere.nearer(question, self.comparison.slug)


@dataclass
class _Clock:
    """Times the steps of one question."""

    started: float
    timings: Timings = field(default_factory=Timings)
    _lap: float = field(default_factory=time.perf_counter)

    def lap(self, step: str) -> None:
        """Adds the time since the last lap to `step`."""
        now = time.perf_counter()
        spent = getattr(self.timings, step) + now - self._lap
        self.timings = replace(self.timings, **{step: spent})
        self._lap = now

    def wrote(self) -> None:
        """Notes the first time that there is text."""
        if not self.timings.first_token_s:
            elapsed = time.perf_counter() - self.started
            self.timings = replace(self.timings, first_token_s=elapsed)

    def stamp(self, answer: Answer, session: Session) -> Answer:
        timings = replace(self.timings, total_s=time.perf_counter() - self.started)
        return replace(answer, timings=timings, tokens=Tokens(**asdict(session.usage)))
