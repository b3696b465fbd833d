"""`advisor eval` from its cases to its report: gates, baseline, resuming, order, bad input.

A scripted model answers about the second comparison, so every figure is known beforehand. What the
figures mean is tested in test_metrics.py.
"""

import json
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

import agent.factory
import agent.prompting.templates
from agent import cli
from agent.answering.decide import EMPTY_QUESTIONS
from tests.helpers.paths import DATA
from tests.helpers.scripted_model import ScriptedModel

pytestmark = pytest.mark.slow

POOL = "Our municipal swimming pool needs a new heater. Which should we choose?"
CABIN = "We visit our holiday cabin in winter weekends only. Which should we choose?"
CASES = (
    {"id": "pool", "kind": "verdict", "turns": [POOL], "verdict": "Heat Pump", "group": "pool"},
    {"id": "cabin", "kind": "verdict", "turns": [CABIN], "verdict": "Gas Boiler"},
    {"id": "cabin-cited", "kind": "verdict", "turns": [CABIN + " Please."], "verdict": "Gas Boiler",
     "cites": ["best-for/holiday-cabin-used-in-winter"], "group": "cabin"},
    {"id": "poem", "kind": "abstain", "turns": ["Write me a poem about rain."], "abstain": True},
)  # fmt: skip


@dataclass(frozen=True)
class Done:
    status: int
    out: str
    err: str


Evaluate = Callable[..., Done]


def choose(prompt: str, options: Sequence[str]) -> int:
    """Names the case whose words stand in the newest message."""
    message = prompt.rpartition("Message: ")[2].lower()
    names = [option.strip().lower() for option in options]
    if names == ["yes", "no"]:
        return 1
    if "information" in names:
        empty = message.partition("\n")[0] in [question.lower() for question in EMPTY_QUESTIONS]
        return 1 if empty else 2 if "poem" in message else 0
    for i, name in enumerate(names):
        if any(word in message for word in ("pool", "cabin") if word in name):
            return i
    return len(names) - 1


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The questions that reached the scripted model, which is there at once."""
    questions: list[str] = []

    def counting(prompt: str, options: Sequence[str]) -> int:
        if " information" in options and prompt.endswith("Asks for:"):
            questions.append(prompt.rpartition("Message: ")[2].partition("\n")[0])
        return choose(prompt, options)

    def open_model(*arguments: object) -> ScriptedModel:
        return ScriptedModel(counting)

    monkeypatch.setattr(agent.factory, "open_model", open_model)
    return questions


@pytest.fixture
def evaluate(
    indexes: Path,
    tmp_path: Path,
    asked: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Evaluate:
    shutil.copytree(indexes, tmp_path / "data" / "indexes")

    def evaluate(*arguments: str) -> Done:
        begun = ["advisor", "eval", "--comparison", "heat-pump-vs-gas-boiler"]
        monkeypatch.setattr(sys, "argv", [*begun, *arguments])
        with pytest.raises(SystemExit) as caught:
            cli.main()
        out, err = capsys.readouterr()
        return Done(int(caught.value.code or 0), out, err)

    return evaluate


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    file = tmp_path / "cases.jsonl"
    file.write_text("".join(json.dumps(case) + "\n" for case in CASES), encoding="utf-8")
    return file


def results(folder: Path) -> dict[str, object]:
    found = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


def answers(folder: Path) -> dict[str, tuple[str, object]]:
    """Case id -> text and verdict, without what was timed."""
    cases = results(folder)["cases"]
    assert isinstance(cases, list)
    return {c["id"]: (c["answer"]["answer"], c["answer"]["verdict"]) for c in cases}


def test_a_run_gives_figures_a_report_and_status_0(
    evaluate: Evaluate, cases: Path, tmp_path: Path
) -> None:
    done = evaluate("--cases", str(cases), "--out", str(tmp_path / "out"))
    assert done.status == 0, done.out + done.err
    found = results(tmp_path / "out")
    metrics = found["metrics"]
    assert isinstance(metrics, dict)
    assert (metrics["verdict_accuracy"]["value"], metrics["verdict_accuracy"]["n"]) == (1.0, 3)
    assert (metrics["abstention_recall"]["value"], metrics["abstention_recall"]["n"]) == (1.0, 1)
    assert metrics["abstention_recall"]["low"] == pytest.approx(0.2065, abs=1e-3)  # Wilson, 1 of 1
    assert metrics["unscored"]["value"] == 0
    config = found["config"]
    assert isinstance(config, dict)
    for name in ("model_sha256", "embedding_sha256", "comparison_sha256", "prompts_sha256"):
        assert len(config[name]) == 64
    assert {"threads", "n_batch", "libraries", "cpu"} <= set(config)
    for name in ("report.html", "report.md", "junit.xml"):
        assert "verdict" in (tmp_path / "out" / name).read_text(encoding="utf-8").lower()
    assert "verdict_accuracy" in done.out


def test_a_second_run_asks_only_what_is_missing(
    evaluate: Evaluate, cases: Path, tmp_path: Path, asked: list[str]
) -> None:
    evaluate("--cases", str(cases), "--out", str(tmp_path / "out"))
    kept = tmp_path / "out" / "answers.jsonl"
    lines = kept.read_text(encoding="utf-8").splitlines(keepends=True)
    kept.write_text(
        "".join(lines[:-1]) + lines[-1][:20], encoding="utf-8"
    )  # interrupted while it wrote
    asked.clear()
    assert evaluate("--cases", str(cases), "--out", str(tmp_path / "out")).status == 0
    assert [question for question in asked if "poem" in question] == ["Write me a poem about rain."]
    assert not [question for question in asked if "pool" in question or "cabin" in question]
    assert len(kept.read_text(encoding="utf-8").splitlines()) == len(lines)


def test_order_changes_no_answer(evaluate: Evaluate, cases: Path, tmp_path: Path) -> None:
    evaluate("--cases", str(cases), "--out", str(tmp_path / "a"))
    evaluate("--cases", str(cases), "--out", str(tmp_path / "b"), "--shuffle", "7")
    assert answers(tmp_path / "a") == answers(tmp_path / "b")
    kept = [
        (tmp_path / run / "answers.jsonl").read_text(encoding="utf-8").splitlines()[1:]
        for run in ("a", "b")
    ]
    order = [[json.loads(line)[0] for line in lines] for lines in kept]
    assert order[0] != order[1]


def test_rescoring_asks_nothing_and_finds_the_same(
    evaluate: Evaluate, cases: Path, tmp_path: Path, asked: list[str]
) -> None:
    evaluate("--cases", str(cases), "--out", str(tmp_path / "out"))
    asked.clear()
    done = evaluate("--rescore", str(tmp_path / "out"), "--out", str(tmp_path / "again"))
    assert done.status == 0, done.out + done.err
    assert asked == []
    assert results(tmp_path / "again")["metrics"] == results(tmp_path / "out")["metrics"]


def changed(cases: Path, name: str, **fields: object) -> None:
    """The case of that id has other fields from now on."""
    read = [json.loads(line) for line in cases.read_text(encoding="utf-8").splitlines()]
    assert name in [case["id"] for case in read]
    told = [case | fields if case["id"] == name else case for case in read]
    cases.write_text("".join(json.dumps(case) + "\n" for case in told), encoding="utf-8")


def test_an_answer_to_another_question_is_no_score(
    evaluate: Evaluate, cases: Path, tmp_path: Path, asked: list[str]
) -> None:
    evaluate("--cases", str(cases), "--out", str(tmp_path / "out"))
    changed(cases, "pool", turns=[CABIN], verdict="Gas Boiler")
    changed(cases, "cabin", verdict="Heat Pump")
    asked.clear()
    rescored = ("--rescore", str(tmp_path / "out"), "--cases", str(cases))
    done = evaluate(*rescored, "--out", str(tmp_path / "again"))
    assert done.status == 1 and asked == []
    line = "NOT SCORED  pool: the run that is scored again has no answer to its question\n"
    assert line in done.out
    scored = json.loads((tmp_path / "again" / "results.json").read_text(encoding="utf-8"))["cases"]
    found = {case["id"]: case["passed"] for case in scored}
    assert found == {"cabin": False, "cabin-cited": True, "pool": None, "poem": True}

    # as an earlier version wrote it, which took answers by their ids
    file = tmp_path / "out" / "results.json"
    mixed = json.loads(file.read_text(encoding="utf-8"))
    [pool] = [case for case in mixed["cases"] if case["id"] == "pool"]
    pool["turns"] = [CABIN]
    file.write_text(json.dumps(mixed), encoding="utf-8")
    done = evaluate("--rescore", str(tmp_path / "out"), "--out", str(tmp_path / "mixed"))
    assert done.status == 1 and line in done.out


def test_answers_about_what_the_comparison_said_before_are_not_scored_again(
    evaluate: Evaluate, cases: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    evaluate("--cases", str(cases), "--out", str(tmp_path / "out"))
    monkeypatch.setattr(sys, "argv", ["advisor", "index", str(flipped(tmp_path))])
    with pytest.raises(SystemExit):
        cli.main()
    done = evaluate("--rescore", str(tmp_path / "out"), "--out", str(tmp_path / "again"))
    assert done.status == 2
    line = done.err.splitlines()[-1]  # after what indexing said
    assert 'is about "heat-pump-vs-gas-boiler" as it was before it changed. Run ' in line


def test_a_baseline_of_other_questions_is_refused_before_any_is_asked(
    evaluate: Evaluate, cases: Path, tmp_path: Path, asked: list[str]
) -> None:
    base = tmp_path / "baseline.json"
    evaluate(
        *("--cases", str(cases), "--out", str(tmp_path / "out")), "--write-baseline", str(base)
    )
    changed(cases, "pool", turns=[CABIN], verdict="Gas Boiler")
    asked.clear()
    done = evaluate(
        *("--cases", str(cases), "--out", str(tmp_path / "new")), "--baseline", str(base)
    )
    assert (done.status, asked) == (2, [])
    assert "asks or wants otherwise in 1 of 4, the first is pool." in done.err


def test_decision_tier_writes_no_text(evaluate: Evaluate, cases: Path, tmp_path: Path) -> None:
    evaluate("--cases", str(cases), "--out", str(tmp_path / "out"), "--tier", "decision")
    assert {text for text, _ in answers(tmp_path / "out").values()} == {""}
    metrics = results(tmp_path / "out")["metrics"]
    assert isinstance(metrics, dict)
    assert metrics["verdict_accuracy"]["value"] == 1.0
    assert "citation_recall" not in metrics


def test_retrieval_tier_needs_no_model(
    evaluate: Evaluate, cases: Path, tmp_path: Path, asked: list[str]
) -> None:
    done = evaluate("--cases", str(cases), "--out", str(tmp_path / "out"), "--tier", "retrieval")
    assert done.status == 0
    assert asked == []
    metrics = results(tmp_path / "out")["metrics"]
    assert isinstance(metrics, dict)
    assert metrics["recall_at_3"]["n"] == 1
    assert metrics["scorer_checks_caught"]["value"] == 1.0
    assert metrics["scorer_checks_caught"]["n"] > 100


def flipped(tmp_path: Path) -> Path:
    """A copy of the comparison in which the cabin is recommended the other option."""
    text = (DATA / "second.md").read_text(encoding="utf-8")
    head, cabin, rest = text.partition("### Holiday Cabin Used in Winter")
    assert "**Gas Boiler**" in rest.split("###")[0]
    copy = tmp_path / "flipped.md"
    copy.write_text(
        head + cabin + rest.replace("**Gas Boiler**", "**Heat Pump**", 1), encoding="utf-8"
    )
    return copy


def test_a_flipped_verdict_fails_the_gates_and_is_named(
    evaluate: Evaluate, cases: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gates = tmp_path / "gates.toml"
    gates.write_text(
        '[[gate]]\nmetric = "verdict_accuracy"\nat_least = 0.9\non = "value"\n', encoding="utf-8"
    )
    common = ("--cases", str(cases), "--gates", str(gates))
    base = tmp_path / "baseline.json"
    done = evaluate(*common, "--out", str(tmp_path / "before"), "--write-baseline", str(base))
    assert done.status == 0, done.out + done.err

    monkeypatch.setattr(sys, "argv", ["advisor", "index", str(flipped(tmp_path))])
    with pytest.raises(SystemExit):
        cli.main()
    done = evaluate(*common, "--out", str(tmp_path / "after"), "--baseline", str(base))
    assert done.status == 1
    assert "GATE FAILED  verdict_accuracy (value) is 0.3333, must be at least 0.9" in done.out
    assert "LOST  cabin\n" in done.out
    assert "LOST  cabin-cited\n" in done.out
    assert "LOST  pool" not in done.out
    assert "recommends Gas Boiler" in done.out.split("LOST  cabin\n")[1].split("now:")[0]


def test_a_case_that_cannot_be_run_fails_the_run(
    evaluate: Evaluate, cases: Path, tmp_path: Path
) -> None:
    with cases.open("a", encoding="utf-8") as file:
        file.write(json.dumps({"id": "long", "kind": "verdict", "turns": ["so " * 2000]}) + "\n")
    done = evaluate("--cases", str(cases), "--out", str(tmp_path / "out"))
    assert done.status == 1
    assert "NOT SCORED  long: The question has" in done.out
    metrics = results(tmp_path / "out")["metrics"]
    assert isinstance(metrics, dict)
    assert (metrics["unscored"]["value"], metrics["verdict_accuracy"]["n"]) == (1, 3)


def test_gates_of_few_generated_cases_say_that_they_cannot_tell(
    evaluate: Evaluate, cases: Path, tmp_path: Path
) -> None:
    text = cases.read_text(encoding="utf-8").replace('"id": "', '"id": "generated-')
    cases.write_text(text, encoding="utf-8")
    done = evaluate("--cases", str(cases), "--out", str(tmp_path / "out"))
    assert done.status == 0
    assert "TOO FEW CASES TO TELL  verdict_accuracy (interval) is 1, must be at least" in done.out
    assert "TOO FEW CASES TO TELL  fact_accuracy (interval) was not measured" in done.out


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--tier", "fast"], '--tier "fast" is none of retrieval, decision, answers, full.'),
        (["--kind", "poem"], '--kind "poem" is none of verdict, fact, abstain, followup, inject'),
        (["--kind", "fact"], "No case is left to ask at tier full of kind fact. Give other --ca"),
        (["--gates", "none.toml"], "Cannot read the gates none.toml: No such file or directory."),
        (["--baseline", "none.json"], "Cannot read none.json: No such file or directory."),
        (["--rescore", "nowhere"], 'No results.json in nowhere. Run "advisor eval --out nowhere"'),
    ],
)
def test_wrong_use_is_status_2_and_one_line(
    arguments: list[str], line: str, evaluate: Evaluate, cases: Path, tmp_path: Path
) -> None:
    done = evaluate("--cases", str(cases), "--out", str(tmp_path / "out"), *arguments)
    assert done.status == 2
    assert done.err.startswith(line)
    assert len(done.err.splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_a_fault_in_a_case_file_names_file_line_and_value(
    evaluate: Evaluate, cases: Path, tmp_path: Path
) -> None:
    with cases.open("a", encoding="utf-8") as file:
        file.write('{"id": "x", "kind": "fact", "turns": ["?"], "must": ["("]}\n')
    done = evaluate("--cases", str(cases), "--out", str(tmp_path / "out"))
    assert done.status == 2
    assert done.err.startswith(f'{cases}:5: the field "must", item 1 is "(": no regex')
    assert len(done.err.splitlines()) == 1


def test_answers_of_another_configuration_are_not_mixed_in(
    evaluate: Evaluate, cases: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    evaluate("--cases", str(cases), "--out", str(tmp_path / "out"))
    before = (tmp_path / "out" / "answers.jsonl").read_text(encoding="utf-8")
    monkeypatch.setenv("ADVISOR_TOP_K", "1")
    done = evaluate("--cases", str(cases), "--out", str(tmp_path / "out"))
    assert done.status == 2
    assert "holds answers of another configuration (top_k differs)" in done.err
    assert (tmp_path / "out" / "answers.jsonl").read_text(encoding="utf-8") == before
