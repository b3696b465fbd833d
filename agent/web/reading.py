"""Reads a document of somebody else's in a process of its own, within bounds of memory and time.

    read_apart(Path("notes.docx"), judge)      what `advisor check --json` prints

The process is `python -m agent.web.reading FILE`. It has no model: what it would ask a judge it
prints beside what it recognised, and it is started again with the judgements. Where the system sets
no limit of memory for a process, only the time is bounded.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from agent.errors import InputError
from knowledge.documents.judge import Asked, Judge, Judgement
from knowledge.documents.reader import read_file
from knowledge.documents.report import as_object, lint
from knowledge.errors import DocumentError

TIMEOUT_S = 60.0
MEMORY_BYTES = 2**30
MAX_CALLS = 12  # of the judge, and so processes, for one document
MODULE = "agent.web.reading"  # what the process runs
NO_LOCK = nullcontext()


def read_apart(
    file: Path,
    judge: Judge | None = None,
    timeout_s: float = TIMEOUT_S,
    within: AbstractContextManager[Any] = NO_LOCK,
) -> dict[str, Any]:
    """What is recognised in `file`. Each process runs `within` a lock; `judge` is asked what no
    rule tells here, outside lock and bounds.

    Raises InputError in one line: that of the reader, or that a bound was reached.
    """
    recorded = Recorded()
    while True:
        with within:
            found = _process(file, recorded, timeout_s)
        asked = found.pop("asked")
        if not judge or not asked or len(recorded.calls) == MAX_CALLS:
            break
        if not recorded.add(asked, judge) and "texts" in asked:
            break  # there is nobody to ask
    if "refused" in found:
        raise InputError(found["refused"])
    return found


def _process(file: Path, recorded: "Recorded", timeout_s: float) -> dict[str, Any]:
    try:
        done = subprocess.run(
            [sys.executable, "-m", MODULE, str(file)],
            input=json.dumps(recorded.calls),
            capture_output=True,
            timeout=timeout_s,
            check=False,
            encoding="utf-8",
        )
    except subprocess.TimeoutExpired as error:  # the process has been ended
        raise InputError(
            f"{file.name} takes longer than {timeout_s:.0f} s to read. Save the comparison alone."
        ) from error
    if done.returncode:
        raise InputError(
            f"{file.name} cannot be read within {MEMORY_BYTES >> 20} MiB of memory. "
            "Save the comparison alone."
        )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


class Recorded(Judge):
    """A judge that repeats the answers that were added, and keeps in `asked` the first question
    that has none.
    """

    def __init__(self, calls: dict[str, list[Any]] | None = None) -> None:
        self.calls = calls or {}
        self.asked: dict[str, Any] | None = None

    def add(self, asked: dict[str, Any], judge: Judge) -> bool:
        """Adds what `judge` answers; whether that is anything."""
        answer: list[Any]
        if "texts" in asked:
            texts = [Asked(**each) for each in asked["texts"]]
            answer = [asdict(each) for each in judge(asked["options"], texts)]
        else:
            answer = list(judge.options(asked["text"]))
        self.calls[json.dumps(asked)] = answer
        return bool(answer)

    def options(self, text: str) -> list[str]:
        return self._answer({"text": text})

    def __call__(self, options: Sequence[str], texts: Sequence[Asked]) -> list[Judgement]:
        answer = self._answer({"options": list(options), "texts": list(map(asdict, texts))})
        return [
            Judgement(
                None if each["options"] is None else tuple(each["options"]), each["probability"]
            )
            for each in answer
        ]

    def _answer(self, asked: dict[str, Any]) -> list[Any]:
        answer = self.calls.get(json.dumps(asked))
        if answer is None:
            self.asked = self.asked or asked
        return answer or []


def main() -> None:
    """The process: prints one JSON object: what was recognised, or why nothing was, and what it
    would ask a judge.
    """
    with suppress(ImportError):  # on Windows
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    judge = Recorded(json.load(sys.stdin))
    try:
        reading = read_file(Path(sys.argv[1]), judge=judge)
    except DocumentError as error:
        print(json.dumps({"refused": " ".join(str(error).split()), "asked": judge.asked}))
        return
    comparison = reading.comparison
    found = as_object(reading, comparison.warnings, lint(comparison))
    print(json.dumps(found | {"asked": judge.asked}))


if __name__ == "__main__":
    main()
