"""Measures conversations about any comparison: `python -m evals.dialogues FILE …`.

Each FILE is NAME.conversations.jsonl beside its document, or about the shipped comparison. A
document is indexed in a data folder of its own, that of `python -m evals.across`; what is answered
already is kept, so that several runs may share the files: remove out/dialogues when code has
changed. In out/dialogues each conversation is
written down with what was wrong in it, the worst first, and in worst.md the MOST_WRONG of all.
Printed are the figures over all turns (evals.metrics), with intervals by conversation. Not covered:
gates, which `advisor eval` holds against conversations about the shipped comparison.
"""

import json
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from shutil import copy
from statistics import median

from agent.factory import index_file, open_advisor, open_embedders
from agent.provenance import configuration
from agent.settings import Settings, read_settings
from evals.across import FOLDER as INDEXED
from evals.ask import ask_all
from evals.datasets.case import CONVERSATIONS, Case, Conversation
from evals.datasets.comparisons import option_named
from evals.metrics import metrics
from evals.results import CaseResult
from evals.runner import score
from knowledge.comparison import Comparison, joined
from knowledge.data import shipped

FOLDER = Path("out/dialogues")
MOST_WRONG = 20
SHOWN = ("verdict", "facts", "abstention", "cites", "relevance", "completeness", "known", "act")


def read(file: Path, comparison: Comparison) -> list[Case]:
    """A case for each turn of `file`, with labels as the reader has them."""
    entries = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line]
    for turn in (turn for entry in entries for turn in entry["turns"]):
        if turn.get("verdict"):
            turn["verdict"] = _label(turn["verdict"], comparison)
    return [case for entry in entries for case in Conversation(**entry).cases]


def _label(verdict: str, comparison: Comparison) -> str:
    if verdict in comparison.labels:
        return verdict
    return joined([option_named(each, comparison) for each in verdict.split(" or ")])


def opened(file: Path) -> tuple[Settings, Comparison]:
    """The settings by which the comparison of `file` is served, and it."""
    name = file.name.removesuffix(CONVERSATIONS)
    documents = [
        each
        for each in file.parent.glob(f"{name}.*")
        if each.suffix not in (".json", ".jsonl") and each.suffixes[0] == each.suffix
    ]
    settings = read_settings()
    [document] = documents or shipped()
    if documents:  # apart from the messages about it, which are there to learn from
        settings = read_settings(data_dir=INDEXED / name / "data")
        (FOLDER / name).mkdir(parents=True, exist_ok=True)
        document = Path(copy(document, FOLDER / name))
    comparison, _ = index_file(settings, open_embedders(settings), document)
    return settings.model_copy(update={"comparison": comparison.slug}), comparison


def measured(file: Path) -> list[CaseResult]:
    """What the advisor answers to each turn of `file`, scored."""
    settings, comparison = opened(file)
    cases, config = read(file, comparison), configuration(settings, comparison)
    home = FOLDER / file.name.removesuffix(CONVERSATIONS)
    attempts = ask_all(lambda: open_advisor(settings), cases, comparison, home, config)
    return [score(case, attempts[case.id], "full") for case in cases]


def written(results: Sequence[CaseResult], most: int | None = None) -> str:
    """Conversations as Markdown, those with most faults first, at most so many."""
    conversations: dict[str, list[CaseResult]] = defaultdict(list)
    for result in results:
        conversations[result.case.group].append(result)
    ordered = sorted(conversations.values(), key=lambda turns: -sum(map(_faults, turns)))
    return "\n".join(
        f"## {turns[0].case.group}\n\n" + "\n".join(map(_turn, turns)) for turns in ordered[:most]
    )


def _faults(result: CaseResult) -> float:
    return sum(1 - result.scores[name].value for name in SHOWN if name in result.scores)


def _turn(result: CaseResult) -> str:
    answer = result.answer
    if answer is None:
        return f"**{result.case.turns[-1]}**\n\n- NOT ASKED: {result.error}\n"
    card = answer.verdict or answer.decision.kind
    lines = [
        f"**{result.case.turns[-1]}**\n",
        f"({card}; {', '.join(answer.acts)}) {answer.text}\n",
    ]
    if answer.case:
        lines.append(f"Case: {' · '.join(answer.case.in_force)}\n")
    for name in SHOWN:
        if name in result.scores and (found := result.scores[name]).value < 1:
            lines.append(f"- WRONG {name} {found.value:.2f}: {found.explanation}")
    return "\n".join((*lines, ""))


def costs(results: Sequence[CaseResult]) -> list[str]:
    """The median seconds to the first word and in all, and tokens, by what messages do."""
    by_act: dict[str, list[tuple[float, float, float]]] = defaultdict(list)
    for answer in (result.answer for result in results if result.answer):
        act = answer.acts[0] if len(answer.acts) == 1 else "several"
        spent = (answer.timings.first_token_s, answer.timings.total_s, float(answer.tokens.written))
        by_act[act].append(spent)
        by_act["all"].append(spent)
    return [
        f"{act:10} {len(spent):4}  first {first:.2f} s  whole {whole:.2f} s  {tokens:.0f} tokens"
        for act, spent in sorted(by_act.items())
        for first, whole, tokens in [map(median, zip(*spent, strict=True))]
    ]


def main() -> None:
    """Measures the named files."""
    everything: list[CaseResult] = []
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in sys.argv[1:]:
        file = Path(name)
        results = measured(file)
        target = FOLDER / file.name.replace(CONVERSATIONS, ".md")
        target.write_text(written(results), encoding="utf-8")
        everything += results
    (FOLDER / "worst.md").write_text(written(everything, MOST_WRONG), encoding="utf-8")
    for figure, metric in metrics(everything).items():
        ends = f"{metric.low:.3f} to {metric.high:.3f}" if metric.low is not None else ""
        print(f"{figure:28} {metric.value:.3f}  {ends}  n = {metric.n}")
    print("\n".join(costs(everything)))


if __name__ == "__main__":
    main()
