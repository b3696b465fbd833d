"""Asks the advisor every question of case files and says which answers are right.

    python -m evals.run evals/cases/plain.jsonl --out out/plain

The form of a case is in README.md; the last turn's answer is scored. Answers are kept in
DIR/answers.jsonl as they come, so an interrupted run goes on where it stopped. Exit status 1 if
any answer is wrong.
"""

import argparse
import json
import re
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.advisor import Advisor
from agent.answer import Exchange
from agent.ready import open_advisor
from agent.settings import read_settings


@dataclass(frozen=True)
class Case:
    """A conversation and what its last answer must be; None leaves that open."""

    id: str
    kind: str
    turns: tuple[str, ...]
    fields: dict[str, Any]


def read_cases(path: Path) -> list[Case]:
    cases = []
    for line in path.read_text().splitlines():
        data = json.loads(line)
        cases.append(Case(data.pop("id"), data.pop("kind"), tuple(data.pop("turns")), data))
    return cases


def ask(advisor: Advisor, case: Case) -> dict[str, Any]:
    """The last turn's answer, as `ask --json` prints it."""
    history: list[Exchange] = []
    for question in case.turns:
        answer = advisor.ask(question, history)
        history.append(answer.exchange)
    return answer.to_json()


def faults(case: Case, answer: dict[str, Any]) -> list[str]:
    """What is wrong with `answer`; empty if it is as the case wants it."""
    wanted, found = case.fields, []
    if "verdict" in wanted and answer["verdict"] != wanted["verdict"]:
        found.append(f"verdict {answer['verdict']}, not {wanted['verdict']}")
    cited = {citation["passage"] for citation in answer["citations"]}
    if wanted.get("cites") and not cited & set(wanted["cites"]):
        found.append(f"cites {sorted(cited)}, none of {wanted['cites']}")
    if wanted.get("abstain", False) != answer["abstained"]:
        found.append("abstained" if answer["abstained"] else "did not abstain")
    for pattern in wanted.get("must", ()):
        if not re.search(pattern, answer["answer"], re.IGNORECASE):
            found.append(f"lacks {pattern}")
    for pattern in wanted.get("must_not", ()):
        if re.search(pattern, answer["answer"], re.IGNORECASE):
            found.append(f"has {pattern}")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, default=Path("out/run"))
    arguments = parser.parse_args()
    cases = [case for file in arguments.files for case in read_cases(file)]
    arguments.out.mkdir(parents=True, exist_ok=True)
    kept = arguments.out / "answers.jsonl"
    lines = kept.read_text().splitlines() if kept.exists() else []
    answers = dict(json.loads(line) for line in lines)
    missing = [case for case in cases if case.id not in answers]
    if missing:
        advisor = open_advisor(read_settings())
        started = time.perf_counter()
        for done, case in enumerate(missing, 1):
            answers[case.id] = ask(advisor, case)
            with kept.open("a") as file:
                file.write(json.dumps([case.id, answers[case.id]], ensure_ascii=False) + "\n")
            left_s = (time.perf_counter() - started) / done * (len(missing) - done)
            print(f"\r{done} of {len(missing)}, {left_s:.0f} s left ", end="", file=sys.stderr)
    asked, right = Counter[str](), Counter[str]()
    for case in cases:
        wrong = faults(case, answers[case.id])
        asked[case.kind] += 1
        right[case.kind] += not wrong
        if wrong:
            print(f"{case.id}: {'; '.join(wrong)}\n  {case.turns[-1]}")
            print(f"  {answers[case.id]['answer'][:300]}")
    for kind in asked:
        print(f"{kind:10} {right[kind]} of {asked[kind]}")
    return 0 if right == asked else 1


if __name__ == "__main__":
    sys.exit(main())
