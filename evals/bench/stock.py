"""The contender "stock": llama_cpp.Llama as its documentation shows it, and a bare decode loop.

The second door to llama.cpp beside agent.llm.engine: a rival has to be run as others run it, with
everything at its default, prefix reuse included.
"""

import time
from collections.abc import Iterator
from typing import Any

import llama_cpp
import numpy as np

from evals.bench.job import Job, Measurement, Question


class Stock:
    """A model that continues a prompt; it finds no evidence, decides nothing and checks nothing."""

    def __init__(self, job: Job) -> None:
        self.runs_with = job.runs_with
        same: dict[str, Any] = dict(job.runs_with)
        same |= {"n_threads_batch": same["n_threads"]}
        self._llama = llama_cpp.Llama(job.model, **same, verbose=False)

    def ask(self, question: Question, max_tokens: int) -> Measurement:
        """The first token is the first text that is not empty."""
        before, self._prompt = self._read(), 0  # the prompt's length in tokens
        first_s, written = 0.0, 0
        started = time.perf_counter()
        for text in self._stream(question, max_tokens):
            self._prompt = self._prompt or self._llama.n_tokens
            if text:
                first_s = first_s or time.perf_counter() - started
                written += 1
        total_s = time.perf_counter() - started
        most = self._prompt - 1  # the last token is read for what is next
        pairs = zip(before, self._read()[:most], strict=False)
        parted = [i for i, (old, new) in enumerate(pairs) if old != new]
        reused = parted[0] if parted else min(len(before), most)
        return Measurement(first_s, total_s, self._prompt - reused, reused, written)

    write = ask

    def bare_tokens_per_s(self, tokens: int, repeats: int) -> float:
        """The best of `repeats` loops of decode and argmax after the prompt that was read last.

        The contender is of no use afterwards.
        """
        context, shape = self._llama.ctx, (self._llama.n_vocab(),)
        memory = llama_cpp.llama_get_memory(context)
        token = (llama_cpp.llama_token * 1)()
        batch = llama_cpp.llama_batch_get_one(token, 1)
        best_s = float("inf")
        for _ in range(repeats):
            llama_cpp.llama_memory_seq_rm(memory, 0, self._prompt, -1)
            token[0] = self._llama.token_nl()
            started = time.perf_counter()
            for _ in range(tokens):
                llama_cpp.llama_decode(context, batch)
                logits = llama_cpp.llama_get_logits_ith(context, -1)
                token[0] = int(np.ctypeslib.as_array(logits, shape).argmax())
            best_s = min(best_s, time.perf_counter() - started)
        return tokens / best_s

    def _stream(self, question: Question, max_tokens: int) -> Iterator[str]:
        roles = (("system", question.system), ("user", question.user))
        messages: Any = [{"role": role, "content": text} for role, text in roles]
        chunks: Any = self._llama.create_chat_completion(
            messages, stream=True, temperature=0.0, max_tokens=max_tokens
        )
        for chunk in chunks:
            yield chunk["choices"][0]["delta"].get("content") or ""

    def _read(self) -> list[int]:
        """The tokens whose cells the model holds."""
        tokens: list[int] = self._llama.input_ids[: self._llama.n_tokens].tolist()
        return tokens
