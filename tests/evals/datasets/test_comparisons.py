"""The comparisons for training and validation hold together: labels stand in their documents."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.paths import ROOT

DATASETS = ROOT / "evals" / "datasets"
TRUTHS = sorted(DATASETS.glob("*/*.truth.json"))
DOES = {
    *("advice", "fact", "uncovered", "overview", "list", "difference", "doubt", "why"),
    *("about-advisor", "small-talk", "thanks", "steer", "honest"),
}


def named(truth: Path, ending: str) -> Path:
    return truth.with_name(truth.name.replace(".truth.json", ending))


def document(truth: Path) -> str:
    [file] = [f for e in (".md", ".html", ".txt") if (f := named(truth, e)).exists()]
    return file.read_text(encoding="utf-8")


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def test_there_are_enough_of_them() -> None:
    folders = [truth.parent.name for truth in TRUTHS]
    assert (folders.count("training"), folders.count("validation")) == (48, 9)


@pytest.mark.parametrize("truth", TRUTHS, ids=lambda path: path.name.split(".")[0])
def test_cases_and_quotes_stand_in_the_document(truth: Path) -> None:
    said, text = json.loads(truth.read_text(encoding="utf-8")), document(truth)
    cases = {each["case"] for each in said["cases"]}
    assert len(said["options"]) >= 2 and len(cases) >= 4
    assert [case for case in cases if case not in text] == []
    training = truth.parent.name == "training"
    asked = lines(named(truth, ".messages.jsonl" if training else ".cases.jsonl"))
    assert len(asked) >= (90 if training else 50)
    assert [each for each in asked if each.get("case", "") not in cases | {""}] == []
    assert [each for each in asked if each.get("quote", "") not in text] == []
    if training:
        assert {each["does"] for each in asked} <= DOES
