"""Gates are read strictly, and a metric that is missing does not pass by silence."""

from pathlib import Path

import pytest

import evals
from agent.errors import InputError
from evals.gates import Gate, check, read_gates
from evals.results import End, GateResult, Metric

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


def test_a_gate_is_read_with_its_threshold_and_tiers(tmp_path: Path) -> None:
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
    assert read_gates(written(tmp_path, text)) == (
        Gate(metric="verdict_accuracy", on="low", at_least=0.9),
        Gate(metric="attack_success", on="high", at_most=1.0, tiers=("full",)),
    )


GOOD = '[[gate]]\nmetric = "passed"\nat_least = 1\non = "value"\n'


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (
            'metric = "verdict_acuracy"\nat_least = 1\non = "low"',
            '"metric" is "verdict_acuracy": no metric, did you mean "verdict_accuracy"?',
        ),
        ('metric = "zzz"\nat_least = 1\non = "low"', "no metric, metrics are verdict_accuracy, "),
        ('metric = "passed"\natleast = 1\non = "low"', '"atleast" is unknown.'),
        ('metric = "passed"\non = "low"', "one of at_least and at_most, not neither"),
        ('metric = "passed"\non = "low"\nat_least = 1\nat_most = 1', "at_most, not both"),
        (
            'metric = "passed"\nat_least = "1"\non = "low"',
            '"at_least" is "1": input should be a valid number.',
        ),
        ('metric = "passed"\nat_least = true\non = "low"', '"at_least" is true: input should be a'),
        ('metric = "passed"\nat_most = nan\non = "low"', '"at_most" is NaN: input should be a fin'),
        ('metric = "passed"\nat_least = 1', '"on" is missing.'),
        ('at_least = 1\non = "low"', '"metric" is missing.'),
        ('metric = 3\nat_least = 1\non = "low"', '"metric" is 3: input should be a valid string.'),
        (
            'metric = "passed"\nat_least = 1\non = "middle"',
            "\"on\" is \"middle\": input should be 'low', 'high', 'value' or",
        ),
        (
            'metric = "passed"\nat_least = 1\non = "low"\ntiers = "full"',
            '"tiers" is "full": input should be a valid tuple.',
        ),
        (
            'metric = "passed"\nat_least = 1\non = "low"\ntiers = ["ful"]',
            "\"tiers\", item 1 is \"ful\": input should be 'retrieval', 'decision', ",
        ),
        (
            'metric = "passed"\nat_least = 1\non = "low"\ntiers = []',
            '"tiers" is []: tuple should have at least 1 item',
        ),
    ],
)
def test_a_gate_that_is_wrong_is_named_by_file_and_number(
    tmp_path: Path, text: str, fault: str
) -> None:
    path = written(tmp_path, f"{GOOD}[[gate]]\n{text}\n")
    with pytest.raises(InputError) as raised:
        read_gates(path)
    message = str(raised.value)
    assert message.startswith(f'{path}: the field "gate", item 2')
    assert fault in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", 'the field "gate" is missing. Gates are [[gate]] tables with metric, on,'),
        ("gate = []", 'the field "gate" is []: tuple should have at least 1 item'),
        ("gate = 3", 'the field "gate" is 3: input should be a valid tuple.'),
        ("gate = [3]", 'the field "gate", item 1 is 3: input should be a valid dictionary'),
        ("[[gates]]\n", 'the field "gates" is unknown. Gates are'),
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
        (
            Gate(metric="verdict_accuracy", on="low", at_least=0.86),
            0.86,
            True,
        ),  # the threshold is within
        (Gate(metric="verdict_accuracy", on="low", at_least=0.9), 0.86, False),
        (Gate(metric="verdict_accuracy", on="value", at_least=0.9), 0.92, True),
        (Gate(metric="attack_success", on="high", at_most=0.1), 0.14, False),
        (Gate(metric="attack_success", on="value", at_most=0.1), 0.05, True),
        (Gate(metric="unscored", on="value", at_most=0), 0, True),
        (Gate(metric="unscored", on="high", at_most=0), None, False),  # it has no interval
        (Gate(metric="fact_accuracy", on="low", at_least=0.0), None, False),  # not measured
        (Gate(metric="fact_accuracy", on="low", at_least=0.9, tiers=("full",)), None, None),
        (Gate(metric="fact_accuracy", on="low", at_least=0.9, tiers=("decision",)), None, False),
        (Gate(metric="verdict_accuracy", on="low", at_least=0.99, tiers=("full",)), 0.86, None),
    ],
)
def test_a_gate_holds_its_end_of_the_interval_to_the_threshold(
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


@pytest.mark.parametrize(
    ("metric", "passed", "too_few"),
    [
        (Metric(0.95, 60, 0.86, 0.98), True, False),
        (Metric(0.5, 60, 0.38, 0.62), False, False),
        (Metric(0.5, 6, 0.19, 0.81), None, True),
        (None, None, True),
    ],
)
def test_a_gate_on_the_whole_interval_says_when_cases_are_too_few(
    metric: Metric | None, passed: bool | None, too_few: bool
) -> None:
    found = Gate(metric="verdict_accuracy", on="interval", at_least=0.8).check(metric, "full")
    assert (found.passed, found.too_few) == (passed, too_few)
