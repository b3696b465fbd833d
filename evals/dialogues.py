"""Measures conversations turn by turn: `python -m evals.dialogues FILE …`.

Each FILE is NAME.conversations.jsonl beside its document, or about the shipped comparison. A
document is indexed in a data folder of its own below out/dialogues, where each conversation is
written down with what was wrong in it, the worst first. Printed are the figures over all turns,
with intervals by conversation.
"""

import json
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from agent.advisor import Advisor
from agent.answering.types import Answer
from agent.factory import index_file, open_advisor, open_embedders
from agent.settings import Settings, read_settings
from evals.datasets.conversation import CheckedConversation, CheckedTurn, read_conversations
from evals.results import Metric
from evals.scorers.cited import cited_passages, cited_sentences
from evals.scorers.score import has
from evals.statistics import share
from knowledge.comparison import Comparison
from knowledge.data import shipped

FOLDER = Path("out/dialogues")
REFUSES = "refuses wrongly"  # the one figure that should be 0
SUFFIX = ".conversations.jsonl"


@dataclass(frozen=True)
class Scored:
    """A figure of one turn, in [0, 1], and why it is not what is wanted."""

    figure: str
    value: float
    why: str = ""

    @property
    def wanted(self) -> float:
        return 0.0 if self.figure == REFUSES else 1.0


def score(turn: CheckedTurn, answer: Answer) -> list[Scored]:
    """Every figure that the turn asks for."""
    return list(_scores(turn, answer))


def _scores(turn: CheckedTurn, answer: Answer) -> Iterator[Scored]:
    told = turn.does in ("advice", "case", "answer")
    lacking = [pattern for pattern in turn.must if not has(pattern, answer.text)]
    wrong = [pattern for pattern in turn.must_not if has(pattern, answer.text)]
    cited = {citation.passage for citation in answer.citations}
    elsewhere = bool(turn.cites) and not cited & set(turn.cites)
    faults = [*lacking, *wrong, *(["cites other passages"] if elsewhere else [])]
    faults += ["refuses"] if answer.abstained and not turn.abstain else []
    if turn.scores_verdict and told:
        right = answer.verdict == turn.verdict
        yield Scored("verdict", float(right), f"{answer.verdict} instead of {turn.verdict}")
    if turn.case:
        known = " ".join(answer.case.in_force)
        missing = [each for each in turn.case.has if not has(each, known)]
        stale = [each for each in turn.case.lacks if has(each, known)]
        yield Scored("case", float(not missing and not stale), f"case: {missing} {stale}")
    if turn.abstain:
        yield Scored("abstains", float(answer.abstained), "answers")
    elif turn.does in ("overview", "list"):
        yield Scored("overview", float(not faults), f"{faults}")
    elif turn.does in ("fact", "compare", "claim") and (turn.must or turn.cites):
        yield Scored("fact", float(not faults), f"{faults}")
    elif turn.does in ("why", "more", "doubt"):
        right = turn.does in answer.acts and not faults
        yield Scored(turn.does, float(right), f"{answer.acts} {faults}")
    elif turn.does in ("small", "about"):
        right = answer.decision.kind == "talk" and not faults
        yield Scored("small talk", float(right), f"{answer.decision.kind} {faults}")
    if not turn.abstain and turn.does not in ("small", "about"):
        yield Scored(REFUSES, float(answer.abstained), "")
    if turn.parts:
        open_parts = [each for each in turn.parts if not has(each, answer.text)]
        yield Scored("parts", 1 - len(open_parts) / len(turn.parts), f"lacks {open_parts}")
    if complete := [*turn.must, *turn.parts]:
        hits = [has(each, answer.text) for each in complete]
        yield Scored("completeness", sum(hits) / len(hits), "")
    if turn.relevant and answer.citations:
        said = [s for s in cited_sentences(answer.text) if s.numbers]
        beside = [
            each.text
            for each in said
            if not {p.id for p in cited_passages(each, answer)} & set(turn.relevant)
        ]
        yield Scored("relevance", 1 - len(beside) / max(1, len(said)), f"beside it: {beside}")


def converse(
    advisor: Advisor, conversation: CheckedConversation
) -> list[tuple[CheckedTurn, Answer, list[Scored]]]:
    """The turns of a conversation, each answered and scored."""
    history: list[Answer] = []
    found = []
    for turn in conversation.turns:
        answer = advisor.ask(turn.message, history)
        history.append(answer)
        found.append((turn, answer, score(turn, answer)))
    return found


def written(
    conversation: CheckedConversation, turns: Sequence[tuple[CheckedTurn, Answer, list[Scored]]]
) -> str:
    """A conversation as Markdown, with what was wrong."""
    lines = [f"## {conversation.id}\n"]
    for turn, answer, scores in turns:
        card = answer.verdict or answer.decision.kind
        lines.append(f"**{turn.message}**\n\n({card}; {', '.join(answer.acts)}) {answer.text}\n")
        if answer.case:
            lines.append(f"Case: {' · '.join(answer.case.in_force)}\n")
        for each in scores:
            if each.value != each.wanted:
                lines.append(f"- WRONG {each.figure} {each.value:.2f}: {each.why}")
        lines.append("")
    return "\n".join(lines)


def opened(file: Path) -> tuple[Settings, Comparison]:
    """The settings by which the comparison of `file` is served, and it."""
    name = file.name.removesuffix(SUFFIX)
    documents = [
        each
        for each in file.parent.glob(f"{name}.*")
        if each.suffix not in (".json", ".jsonl") and each.suffixes[0] == each.suffix
    ]
    settings = read_settings()
    if not documents:
        [document] = shipped()
    else:
        [document] = documents
        settings = read_settings(data_dir=FOLDER / name / "data")
    comparison, _ = index_file(settings, open_embedders(settings), document)
    return settings.model_copy(update={"comparison": comparison.slug}), comparison


def main() -> None:
    """Measures the named files."""
    measured: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for name in sys.argv[1:]:
        file = Path(name)
        settings, comparison = opened(file)
        texts, raw = [], []
        with closing(open_advisor(settings)) as advisor:
            for conversation in read_conversations(file, comparison):
                turns = converse(advisor, conversation)
                wrong = 0.0
                for turn, answer, scores in turns:
                    raw.append({"id": conversation.id, "answer": answer.to_json()})
                    measured["first token, s"].append(
                        (conversation.id, answer.timings.first_token_s)
                    )
                    measured["whole answer, s"].append((conversation.id, answer.timings.total_s))
                    for each in scores:
                        measured[each.figure].append((conversation.id, each.value))
                        measured[f"{each.figure}: {turn.does}"].append(
                            (conversation.id, each.value)
                        )
                        wrong += abs(each.wanted - each.value)
                texts.append((-wrong, written(conversation, turns)))
        FOLDER.mkdir(parents=True, exist_ok=True)
        target = FOLDER / file.name.replace(SUFFIX, ".md")
        target.write_text("\n".join(text for _, text in sorted(texts)), encoding="utf-8")
        target.with_suffix(".answers.jsonl").write_text(
            "\n".join(map(json.dumps, raw)), encoding="utf-8"
        )
    for figure in sorted(measured):
        values = measured[figure]
        if figure.endswith(", s"):
            ordered = sorted(value for _, value in values)
            print(f"{figure:28} median {ordered[len(ordered) // 2]:.2f}  n = {len(ordered)}")
        elif (found := share(values)) is not None:
            print(_line(figure, found))


def _line(figure: str, metric: Metric) -> str:
    ends = f"{metric.low:.3f} to {metric.high:.3f}" if metric.low is not None else ""
    return f"{figure:28} {metric.value:.3f}  {ends}  n = {metric.n}"


if __name__ == "__main__":
    main()
