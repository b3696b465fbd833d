"""The comparisons for training and validation hold together: labels stand in their documents."""

import html
import json
import re
from pathlib import Path
from typing import Any

import pytest

from evals.datasets.case import KINDS
from evals.datasets.comparisons import (
    GENERAL,
    SITUATED,
    advised,
    document_of,
    option_named,
    read_training,
    read_validation,
    stating,
)
from knowledge.documents.reader import parse_text
from tests.helpers.paths import ROOT

DATASETS = ROOT / "evals" / "datasets"
TRUTHS = sorted(DATASETS.glob("*/*.truth.json"))
READ_IN_OWN_WORDS = {"forms", "validation-forms"}  # markup, lines and order aside
WORD = re.compile(r"\w+")
DOES = {
    *("advice", "fact", "uncovered", "overview", "list", "difference", "doubt", "why"),
    *("about-advisor", "small-talk", "thanks", "steer", "honest"),
}


def named(truth: Path, ending: str) -> Path:
    return truth.with_name(truth.name.replace(".truth.json", ending))


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def test_there_are_enough_of_them() -> None:
    folders = [truth.parent.name for truth in TRUTHS]
    kinds = ("training", "prose", "validation", "forms", "validation-forms")
    assert [folders.count(each) for each in kinds] == [72, 24, 9, 87, 34]
    assert len([*DATASETS.glob("training/*.situated.jsonl")]) == 24


@pytest.mark.parametrize("truth", TRUTHS, ids=lambda path: path.name.split(".")[0])
def test_cases_and_quotes_stand_in_the_document(truth: Path) -> None:
    said, text = (
        json.loads(truth.read_text(encoding="utf-8")),
        document_of(truth).read_text("utf-8"),
    )
    cases = {each["case"] for each in said["cases"]}
    assert len(said["options"]) >= 2 and len(cases) >= 4
    if truth.parent.name in READ_IN_OWN_WORDS:
        words = set(WORD.findall(html.unescape(text)))
        assert [c for c in cases if not words.issuperset(WORD.findall(c))] == []
        return
    assert [case for case in cases if case not in text] == []
    if truth.parent.name == "prose":
        return  # nobody asks about these
    training = truth.parent.name == "training"
    asked = lines(named(truth, ".messages.jsonl" if training else ".cases.jsonl"))
    assert len(asked) >= (90 if training else 50)
    if (situated := named(truth, SITUATED)).exists():
        asked += lines(situated)
    assert [each for each in asked if each.get("case", "") not in cases | {""}] == []
    assert [each for each in asked if each.get("quote", "") not in text] == []
    if training:
        assert {each["does"] for each in asked} <= DOES


def test_labels_of_messages_are_passages_of_what_was_read() -> None:
    training = read_training()
    assert len({each.writer for each in training}) == 10
    expected = [m for each in training for m in each.messages if m.expected]
    found = [m for m in expected if m.about or m.does == GENERAL]
    assert len(found) / len(expected) > 0.97  # the reader misses some use cases
    for each in training:
        ids = {passage.id for passage in each.comparison.passages}
        assert all(ids.issuperset(m.about) for m in each.messages)


def test_an_option_is_known_by_the_name_that_a_person_gives_it() -> None:
    text = "# Otter Pass vs Beaver Pass\n\nThe Otter Pass and the Beaver Pass are tickets.\n\n"
    table = "| | Otter Pass | Beaver Pass |\n|---|---|---|\n| Days | 3 | 5 |\n"
    comparison = parse_text(text + table, "markdown")
    assert comparison.options == ("Otter Pass", "Beaver Pass")
    assert option_named("Beaver", comparison) == "Beaver Pass"
    assert option_named("Heron", comparison) == "Heron"


def test_a_label_is_the_passage_that_has_it_and_none_that_is_merely_like_it() -> None:
    [hobs] = [each for each in read_training() if each.name == "hobs"]
    gentle = advised("For slow and gentle work", hobs.comparison)
    assert gentle == ("best-for/for-slow-and-gentle-work",)
    # it once was the passage on people who never stay
    assert advised("For people who wheeze", hobs.comparison) == ()
    assert stating("45 degrees", hobs.comparison) == ("best-for/for-slow-and-gentle-work",)


def test_validation_has_cases_of_every_kind() -> None:
    cases = [case for each in read_validation() for case in each.cases]
    assert len({case.id for case in cases}) == len(cases) == 505
    assert {case.kind for case in cases} == set(KINDS[:5])
    assert all(case.abstain == (case.kind == "abstain") for case in cases)
    assert sum(case.scores_verdict for case in cases) >= 250
