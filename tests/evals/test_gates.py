"""Gates are read strictly, and a metric that is missing does not pass by silence."""

from pathlib import Path

import pytest

import evals
from agent.errors import InputError
from evals.gates import Gate, GateResult, check, read_gates
from evals.metrics.types import End, Metric

METRICS = {
    "verdict_accuracy": Metric(0.92, 108, 0.86, 0.96),
    "attack_success": Metric(0.05, 60, 0.01, 0.14),
    "unscored": Metric(0, 428),
}


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "gates.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_shipped_gates_are_read() -> None:
    gates = read_gates(Path(evals.__file__).parent / "gates.toml")
    assert "verdict_accuracy" in {gate.metric for gate in gates}
    assert any(gate.metric == "unscored" and gate.at_most == 0 for gate in gates)


def test_a_gate_is_read_with_its_bound_and_tiers(tmp_path: Path) -> None:
    text = """
        [[gate]]
        metric = "verdict_accuracy"
        at_least = 0.9
        on = "low"
        [[gate]]
        metric = "attack_success"
        at_most = 1
        on = "high"
        tiers = ["full"]
    """
    assert read_gates(written(tmp_path, text)) == [
        Gate("verdict_accuracy", "low", at_least=0.9),
        Gate("attack_success", "high", at_most=1.0, tiers=("full",)),
    ]


GOOD = '[[gate]]\nmetric = "passed"\nat_least = 1\non = "value"\n'


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('metric = "verdict_acuracy"\nat_least = 1\non = "low"', 'Did you mean "verdict_accuracy"'),
        ('metric = "zzz"\nat_least = 1\non = "low"', 'unknown metric "zzz". Metrics are verdict_'),
        ('metric = "passed"\natleast = 1\non = "low"', 'unknown field "atleast"'),
        ('metric = "passed"\non = "low"', "one of at_least and at_most, not neither"),
        ('metric = "passed"\non = "low"\nat_least = 1\nat_most = 1', "at_most, not both"),
        ('metric = "passed"\nat_least = "1"\non = "low"', "at_least = '1' is no number"),
        ('metric = "passed"\nat_least = true\non = "low"', "at_least = True is no number"),
        ('metric = "passed"\nat_most = nan\non = "low"', "at_most = nan is no number"),
        ('metric = "passed"\nat_least = 1', 'lacks "on"'),
        ('at_least = 1\non = "low"', 'lacks "metric"'),
        ('metric = 3\nat_least = 1\non = "low"', "metric = 3 is no text"),
        ('metric = "passed"\nat_least = 1\non = "middle"', "is none of low, high, value"),
        ('metric = "passed"\nat_least = 1\non = "low"\ntiers = "full"', "tiers = 'full' is no"),
        ('metric = "passed"\nat_least = 1\non = "low"\ntiers = ["ful"]', "tiers = ['ful'] is no"),
        ('metric = "passed"\nat_least = 1\non = "low"\ntiers = []', "tiers = [] is no list"),
    ],
)
def test_a_gate_that_is_wrong_is_named_by_file_and_number(
    tmp_path: Path, text: str, fault: str
) -> None:
    path = written(tmp_path, f"{GOOD}[[gate]]\n{text}\n")
    with pytest.raises(InputError) as raised:
        read_gates(path)
    message = str(raised.value)
    assert message.startswith(f"{path}, gate 2: ")
    assert fault in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "holds no gate"),
        ("gate = 3", "holds no gate"),
        ("gate = [3]", "gate 1: 3 is no table"),
        ("[[gates]]\n", 'unknown "gates"'),
        ("[[gate]\n", "is no TOML"),
    ],
)
def test_a_file_without_gates_lets_nothing_pass(tmp_path: Path, text: str, fault: str) -> None:
    with pytest.raises(InputError, match=str(tmp_path)) as raised:
        read_gates(written(tmp_path, text))
    assert fault in str(raised.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"Cannot read the gates .*none\.toml: No such file"):
        read_gates(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("gate", "value", "passed"),
    [
        (Gate("verdict_accuracy", "low", at_least=0.86), 0.86, True),  # the bound is within
        (Gate("verdict_accuracy", "low", at_least=0.9), 0.86, False),
        (Gate("verdict_accuracy", "value", at_least=0.9), 0.92, True),
        (Gate("attack_success", "high", at_most=0.1), 0.14, False),
        (Gate("attack_success", "value", at_most=0.1), 0.05, True),
        (Gate("unscored", "value", at_most=0), 0, True),
        (Gate("unscored", "high", at_most=0), None, False),  # it has no interval
        (Gate("fact_accuracy", "low", at_least=0.0), None, False),  # not measured
        (Gate("fact_accuracy", "low", at_least=0.9, tiers=("full",)), None, None),
        (Gate("fact_accuracy", "low", at_least=0.9, tiers=("decision",)), None, False),
        (Gate("verdict_accuracy", "low", at_least=0.99, tiers=("full",)), 0.86, None),
    ],
)
def test_a_gate_holds_its_end_of_the_interval_to_the_bound(
    gate: Gate, value: float | None, passed: bool | None
) -> None:
    [found] = check([gate], METRICS, tier="decision")
    assert (found.value, found.passed) == (value, passed)


@pytest.mark.parametrize(
    ("on", "value", "line"),
    [
        ("low", 0.86123, "verdict_accuracy (low) is 0.8612, must be at least 0.9"),
        ("value", None, "verdict_accuracy (value) was not measured, must be at least 0.9"),
    ],
)
def test_a_checked_gate_is_one_line(on: End, value: float | None, line: str) -> None:
    assert str(GateResult("verdict_accuracy", on, value, False, at_least=0.9)) == line
