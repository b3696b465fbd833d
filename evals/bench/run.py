"""A bench from its questions to its figures: each contender in a process of its own, one after
the other, with the same questions and the same evidence; the plain way is asked the first few.

    figures = run(24, growth.SIZES, settings, progress)

Contenders get a copy of the data folder: nothing is written into the user's but what a start of
the advisor leaves there.
"""

import logging
import math
import os
import pickle
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from agent.downloads.catalogue import model_path
from agent.errors import InputError, ModelUnavailableError
from agent.factory import open_retriever
from agent.llm.base import Prompt
from agent.progress import Progress, silent
from agent.prompting.builder import answer_prompt
from agent.provenance import configuration
from agent.settings import Settings
from evals.bench import growth
from evals.bench.figures import Contender, Figures
from evals.bench.job import Job, JobResult, Question
from evals.bench.ours import writing_prompt
from evals.datasets.case import read_cases
from evals.runner import CASES
from knowledge.data import shipped
from knowledge.documents.reader import parse_file
from knowledge.retrieve import Retriever
from knowledge.sampling import evenly

log = logging.getLogger(__name__)

FIRST_QUESTIONS = (CASES / "dev-verdict.jsonl", CASES / "dev-fact.jsonl")
FOLLOWUPS = (CASES / "dev-followup.jsonl",)
MAX_QUESTIONS = 100
FOLLOWED = 40  # follow-ups at most
FEW = 8  # questions at most to the plain way, of half a minute each, and about what is generated

T = TypeVar("T")


def check(questions: int, settings: Settings) -> None:
    """Raises InputError for what cannot be measured, before anything is loaded."""
    if not 1 <= questions <= MAX_QUESTIONS:
        raise InputError(f"--questions {questions} cannot be asked. Use 1 to {MAX_QUESTIONS}.")
    if settings.base_url:
        raise InputError(
            f"ADVISOR_BASE_URL={settings.base_url} is a model served elsewhere; the bench measures "
            "a local one. Unset ADVISOR_BASE_URL."
        )


def run(
    questions: int, sizes: Sequence[int], settings: Settings, progress: Progress = silent
) -> Figures:
    """Measures what `settings` run: that many first questions about the comparison that ships,
    and generated comparisons of `sizes`, in passages.

    Raises InputError as `check` does, and AdvisorError if the advisor cannot be opened.
    """
    check(questions, settings)
    few = min(FEW, questions)
    slug = parse_file(shipped()[0]).slug
    settings = settings.model_copy(update={"comparison": slug, "engine": "caching"})
    retriever = open_retriever(settings)
    job = Job(str(model_path(settings)))
    opened = measured("ours", job, settings)  # so that what it has to learn is learnt
    if opened.missing:
        raise ModelUnavailableError(f"The advisor cannot be measured: {opened.missing}")
    job = asking(replace(job, runs_with=opened.runs_with), retriever, settings.top_k, questions)
    alone = replace(job, followups=())
    fewer = replace(alone, questions=job.questions[: few + 1])
    jobs = {"stock": alone, "server": alone, "plain": fewer, "cold": Job(job.model), "ours": job}
    found: dict[str, JobResult] = {}
    with tempfile.TemporaryDirectory(prefix="advisor-bench-") as folder:
        home = Path(folder) / "data"
        shutil.copytree(settings.data_dir, home, ignore=shutil.ignore_patterns("kv-cache"))
        with progress("Contenders") as report:
            for name, wanted in jobs.items():
                log.info("%s: %d questions", name, len(wanted.questions[1:]))
                engine = "plain" if name == "plain" else "caching"
                changed = settings.model_copy(update={"data_dir": home, "engine": engine})
                found[name] = measured("ours" if name == "cold" else name, wanted, changed)
                report(len(found), len(jobs))
        grown = [row for size in sizes for row in _grown(size, job, few, settings, Path(folder))]
    colds = {"ours": found.pop("cold")}
    return Figures(
        config=configuration(settings, retriever.index.comparison)
        | dict(job.runs_with, kv_cache_mib=settings.kv_cache_mib),
        contenders=tuple(Contender.of(name, found[name], colds.get(name)) for name in found),
        bare_tokens_per_s=found["stock"].bare_tokens_per_s,
        growth=tuple(grown),
    )


def measured(name: str, job: Job, settings: Settings) -> JobResult:
    """What the contender measures in a process of its own, with `settings` in its environment.

    One that dies is `missing`; what it said stands on standard error.
    """
    given = {field: getattr(settings, field) for field in Settings.model_fields} | {"api_key": ""}
    environment = {f"ADVISOR_{field.upper()}": str(value) for field, value in given.items()}
    done = subprocess.run(
        [sys.executable, "-P", "-m", "evals.bench.contenders", name],
        input=pickle.dumps(replace(job, started_at=time.time())),
        stdout=subprocess.PIPE,
        env=os.environ | environment,
        check=False,
    )
    if done.returncode:
        return JobResult(missing=f"its process ended with status {done.returncode}")
    result: JobResult = pickle.loads(done.stdout)
    return result


def asking(job: Job, retriever: Retriever, top_k: int, questions: int) -> Job:
    """`job` with that many first questions, one more to warm up, and as many follow-ups."""
    comparison = retriever.index.comparison
    asked = []
    cases = evenly(read_cases(FIRST_QUESTIONS, comparison), questions + 1)
    for case in mixed(cases):
        evidence = retriever.retrieve(case.turns[0], top_k).evidence
        prompt = answer_prompt(comparison, case.turns[0], evidence)
        asked.append(_question(case.turns[:1], prompt))
        writing = _question(case.turns[:1], writing_prompt(comparison, evidence))
    followed = evenly(read_cases(FOLLOWUPS, comparison), min(FOLLOWED, questions))
    turns = [Question(case.turns) for case in followed]
    return replace(job, questions=asked, followups=turns, writing=[writing])


def _question(turns: Sequence[str], prompt: Prompt) -> Question:
    return Question(turns, prompt.system, prompt.user)


def _grown(
    passages: int, job: Job, count: int, settings: Settings, folder: Path
) -> list[Contender]:
    """A generated comparison of that size, indexed by one process and asked by another: questions
    for the first time, the same again, and by the plain way.
    """
    log.info("growth: a comparison of %s passages", f"{passages:,}")
    home = folder / f"grown-{passages}"
    home.mkdir()
    document = home / "document.md"
    document.write_text(growth.comparison_of(passages), encoding="utf-8")
    changed = {"data_dir": home, "comparison": parse_file(document).slug}
    settings = settings.model_copy(update=changed)
    asked = [Question([text]) for text in growth.questions_about(passages, count + 1)]
    indexed = measured("ours", Job(job.model, document=str(document)), settings)
    found = measured("ours", Job(job.model, questions=asked, again=True), settings)
    again = replace(found, questions=found.again)
    plain = settings.model_copy(update={"engine": "plain"})
    ordinary = measured("plain", Job(job.model, questions=asked), plain)
    shutil.rmtree(home, ignore_errors=True)
    return [
        Contender.of(f"{passages:,} passages", found, cold=indexed),
        replace(
            Contender.of(f"{passages:,} again", again),
            start_cold_s=None,
            start_warm_s=None,
            peak_mib=None,
        ),
        replace(Contender.of(f"{passages:,} plain", ordinary), start_cold_s=None),
    ]


def mixed(items: Sequence[T]) -> list[T]:
    """`items` in an order in which the first few are spread over all of them."""
    stride = max(1, round(len(items) * 0.618))  # the golden section: no place is left out for long
    while math.gcd(stride, len(items)) != 1:
        stride += 1
    return [items[i * stride % len(items)] for i in range(len(items))]
