"""The contenders "ours" and "plain": the whole advisor, from a question to a checked answer."""

import time
from pathlib import Path

from agent.factory import index_file, open_advisor, open_embedders
from agent.llm.base import Prompt
from agent.llm.local import LocalChatModel
from agent.prompting.builder import answering_system, passage_text
from agent.settings import read_settings
from evals.ask import ask
from evals.bench.job import Job, Measurement, Question
from evals.datasets.case import Case
from knowledge.comparison import Comparison, Evidence

WRITE_OUT = "Write out all of the passages above again, word for word."


class Ours:
    """The advisor of the settings."""

    def __init__(self, job: Job) -> None:
        settings = read_settings()
        if job.document:
            index_file(settings, open_embedders(settings), Path(job.document))
        self._advisor = open_advisor(settings)
        assert isinstance(self._advisor.model, LocalChatModel)
        self._model = self._advisor.model
        self.runs_with = self._model.engine.settings

    def ask(self, question: Question, max_tokens: int) -> Measurement:
        """Understanding, retrieval, decision and checks are in its times; earlier turns are asked
        first, untimed. How much it writes is for the advisor to say.
        """
        answer = ask(self._advisor, Case(id="bench", kind="followup", turns=tuple(question.turns)))
        times, used = answer.timings, answer.tokens
        tokens = (used.prompt_read, used.prompt_reused, used.written)
        return Measurement(times.first_token_s, times.total_s, *tokens, times.retrieve_s)

    def write(self, question: Question, max_tokens: int) -> Measurement:
        """What the model's stream takes to continue `writing_prompt`, without the advisor."""
        found = self._advisor.retriever.retrieve(question.turns[-1], self._advisor.top_k)
        prompt = writing_prompt(self._advisor.comparison, found.evidence)
        started = time.perf_counter()
        with self._model.session() as session:
            pieces = session.stream(prompt, max_tokens)
            next(pieces)
            first_s = time.perf_counter() - started
            for _ in pieces:
                pass
            total_s = time.perf_counter() - started
            used = session.usage
        # the first token was there before its KV data was written: those count afterwards
        return Measurement(first_s, total_s, used.prompt_read, used.prompt_reused, used.written + 1)

    def bare_tokens_per_s(self, tokens: int, repeats: int) -> None:
        """The stock contender's is what ours is held against."""


def writing_prompt(comparison: Comparison, evidence: tuple[Evidence, ...]) -> Prompt:
    """A prompt with passages that is continued at length."""
    passages = sorted((item.passage for item in evidence), key=lambda passage: passage.number)
    return Prompt(answering_system(comparison), WRITE_OUT, tuple(map(passage_text, passages)))
