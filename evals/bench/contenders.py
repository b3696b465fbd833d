"""One contender in a process of its own: `python -m evals.bench.contenders NAME`.

A job comes pickled on standard input, its result goes so to standard output (evals.bench.job);
whatever a library prints goes to standard error. Contenders are imported late: memory and start-up
are to be each one's own.
"""

import io
import os
import pickle
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from evals.bench.job import Job, JobResult
from knowledge.errors import AdvisorError

if TYPE_CHECKING:
    from evals.bench.ours import Ours
    from evals.bench.server import Server
    from evals.bench.stock import Stock

ANSWER_TOKENS = 60  # at most, of a contender that only continues a prompt
WRITTEN_TOKENS = 64  # when writing itself is timed
REPEATS = 3


def open_contender(name: str, job: Job) -> "Stock | Server | Ours":
    """One that is ready for questions. Raises ImportError without its package."""
    if name == "stock":
        from evals.bench.stock import Stock

        return Stock(job)
    if name == "server":
        from evals.bench.server import Server

        return Server(job)
    from evals.bench.ours import Ours

    return Ours(job)


def measure(name: str, job: Job) -> JobResult:
    """All that `job` asks of the contender."""
    contender = open_contender(name, job)
    start_s = time.time() - job.started_at
    asked = [contender.ask(question, ANSWER_TOKENS) for question in job.questions]
    again = [contender.ask(q, ANSWER_TOKENS) for q in job.questions[1:]] if job.again else []
    followups = [contender.ask(question, ANSWER_TOKENS) for question in job.followups]
    written = [contender.write(q, WRITTEN_TOKENS) for q in job.writing for _ in range(REPEATS)]
    bare = contender.bare_tokens_per_s(WRITTEN_TOKENS, REPEATS) if written else None
    runs_with = contender.runs_with
    return JobResult(start_s, peak_mib(), runs_with, asked[1:], again, followups, written, bare)


def answered(name: str, job: Job) -> JobResult:
    """The same, or why the contender could not be measured."""
    try:
        return measure(name, job)
    except ModuleNotFoundError as error:
        if error.name != "xllamacpp":
            raise
        return JobResult(missing="xllamacpp is not installed")
    except AdvisorError as error:
        return JobResult(missing=str(error))


def peak_mib() -> float:
    """The most memory, in MiB, that this process ever had resident, mapped files included."""
    status = Path("/proc/self/status")
    if status.exists():  # getrusage would count what its parent had when this one began
        fields = dict(
            line.split(":", 1) for line in status.read_text(encoding="utf-8").splitlines()
        )
        return int(fields["VmHWM"].split()[0]) / 1024
    import resource

    unit = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def main() -> None:
    with io.FileIO(os.dup(1), "wb") as out:
        os.dup2(2, 1)
        pickle.dump(answered(sys.argv[1], pickle.load(sys.stdin.buffer)), out)


if __name__ == "__main__":
    main()
