"""The contender "server": llama.cpp's own server with cache reuse, through the package xllamacpp.

Measured only where that package can be imported; the advisor does not depend on it. Requests reach
the server within this process; the port that it opens as well is a free one of loopback.
"""

import importlib
import time
from typing import Any

from evals.bench.job import Job, Measurement, Question

CACHE_REUSE_TOKENS = 256  # the shortest run of tokens that is moved to where the prompt has it


class Server:
    """A server with one slot. Raises ImportError without xllamacpp."""

    def __init__(self, job: Job) -> None:
        self.runs_with = job.runs_with
        xllamacpp = importlib.import_module("xllamacpp")
        settings = xllamacpp.CommonParams()
        settings.model.path = job.model
        settings.hostnames, settings.port = ["127.0.0.1"], 0
        settings.n_ctx = job.runs_with["n_ctx"]
        settings.n_batch = settings.n_ubatch = job.runs_with["n_batch"]
        settings.cpuparams.n_threads = job.runs_with["n_threads"]
        settings.cpuparams_batch.n_threads = job.runs_with["n_threads"]
        settings.n_parallel, settings.cache_ram_mib = 1, 0
        settings.n_cache_reuse = CACHE_REUSE_TOKENS
        settings.verbosity = -1
        self._server = xllamacpp.Server(settings)

    def ask(self, question: Question, max_tokens: int) -> Measurement:
        """The first token is the first text that is not empty."""
        roles = (("system", question.system), ("user", question.user))
        request = {
            "messages": [{"role": role, "content": text} for role, text in roles],
            "stream": True,
            "stream_options": {"include_usage": True},
            "temperature": 0,
            "max_tokens": max_tokens,
        }
        first_s, usage = 0.0, dict[str, Any]()
        started = time.perf_counter()

        def take(chunk: dict[str, Any]) -> None:
            nonlocal first_s
            if any(choice["delta"].get("content") for choice in chunk["choices"]):
                first_s = first_s or time.perf_counter() - started
            usage.update(chunk.get("usage") or {})

        self._server.handle_chat_completions(request, take)
        total_s = time.perf_counter() - started
        reused = usage["prompt_tokens_details"]["cached_tokens"]
        read = usage["prompt_tokens"] - reused
        return Measurement(first_s, total_s, read, reused, usage["completion_tokens"])

    write = ask

    def bare_tokens_per_s(self, tokens: int, repeats: int) -> None:
        """It gives no such loop."""
