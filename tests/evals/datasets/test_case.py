"""Case files are read as they are meant; what does not fit is one line that says the remedy."""

import json
from pathlib import Path
from typing import Any

import pytest

from agent.errors import InputError
from evals.datasets.case import Case, read_cases
from knowledge.comparison import Comparison
from tests.helpers.paths import ROOT

WHOLE: dict[str, Any] = {
    "id": "a",
    "kind": "followup",
    "turns": ["How loud is it?", "And the other?"],
    "verdict": "Gas Boiler",
    "must": ["barely"],
    "must_not": [r"\b45\b"],
    "cites": ["dimension/noise"],
    "abstain": False,
    "group": "noise",
}
LEAST = {"id": "a", "kind": "fact", "turns": ["How loud is it?"]}


def written(folder: Path, *lines: object, name: str = "cases.jsonl") -> Path:
    """A file of `lines`; what is no text is written as JSON."""
    file = folder / name
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    file.write_text("\n".join(texts), encoding="utf-8")
    return file


def refusal(files: list[Path], comparison: Comparison) -> str:
    with pytest.raises(InputError) as caught:
        read_cases(files, comparison)
    return str(caught.value)


def test_every_field_is_read_in_any_order(second: Comparison, tmp_path: Path) -> None:
    expected = Case(
        id="a",
        kind="followup",
        turns=("How loud is it?", "And the other?"),
        group="noise",
        verdict="Gas Boiler",
        must=("barely",),
        must_not=(r"\b45\b",),
        cites=("dimension/noise",),
        abstain=False,
    )
    backwards = dict(reversed(WHOLE.items()))
    for line in (WHOLE, backwards):
        assert read_cases([written(tmp_path, line)], second) == [expected]


def test_what_is_left_out_is_left_open(second: Comparison, tmp_path: Path) -> None:
    [case] = read_cases([written(tmp_path, LEAST)], second)
    assert case == Case(id="a", kind="fact", turns=("How loud is it?",), group="a")
    assert case.group == "a"


def test_null_is_a_verdict_and_no_verdict_is_none(second: Comparison, tmp_path: Path) -> None:
    null, none = LEAST | {"verdict": None}, LEAST | {"id": "b"}
    cases = read_cases([written(tmp_path, null, none)], second)
    assert [(case.verdict, case.scores_verdict) for case in cases] == [(None, True), (None, False)]


def test_blank_lines_and_line_separators_within_texts_are_no_cases(
    second: Comparison, tmp_path: Path
) -> None:
    odd = '{"id": "b", "kind": "fact", "turns": ["one\u2028two\u0085three"]}'
    file = written(tmp_path, "\ufeff", LEAST, "", "  \t", odd, "")
    assert [case.turns[0] for case in read_cases([file], second)] == [
        "How loud is it?",
        "one\u2028two\u0085three",
    ]


def test_files_are_read_in_order(second: Comparison, tmp_path: Path) -> None:
    files = [
        written(tmp_path, LEAST | {"id": name}, name=f"{name}.jsonl") for name in ("b", "a", "c")
    ]
    assert [case.id for case in read_cases(files, second)] == ["b", "a", "c"]


FAULTS = [
    (
        LEAST | {"musst": []},
        'the field "musst" is unknown. The fields are id, kind, turns, verdict',
    ),
    ({"id": "a", "kind": "fact"}, 'the field "turns" is missing.'),
    ({"id": "a", "kind": "fact", "turn": ["?"]}, 'the field "turn" is unknown. The fields are id'),
    ({"id": "a", "turns": ["?"]}, 'the field "kind" is missing.'),
    ({"kind": "fact", "turns": ["?"]}, 'the field "id" is missing.'),
    (LEAST | {"id": 7}, 'the field "id" is 7: input should be a valid string.'),
    (LEAST | {"id": " "}, 'the field "id" is " ": write a text.'),
    (LEAST | {"group": None}, 'the field "group" is null: input should be a valid string.'),
    (LEAST | {"turns": "How?"}, 'the field "turns" is "How?": input should be a valid array.'),
    (LEAST | {"turns": []}, 'the field "turns" is []: tuple should have at least 1 item'),
    (LEAST | {"turns": ["?", ""]}, 'the field "turns", item 2 is "": write a text.'),
    (LEAST | {"turns": ["?", 2]}, 'the field "turns", item 2 is 2: input should be a valid string'),
    (
        LEAST | {"kind": "facts"},
        "the field \"kind\" is \"facts\": input should be 'verdict', 'fact', 'abstain', "
        "'followup', 'injection', 'turn', 'overview', 'multi', 'act' or 'case'.",
    ),
    (LEAST | {"kind": ["fact"]}, 'the field "kind" is ["fact"]: input should be \'verdict\', '),
    (
        LEAST | {"verdict": "heat pump"},
        'the field "verdict" is "heat pump": no label of the comparison, '
        'use one of "Heat Pump", "Gas Boiler", "It depends", or null.',
    ),
    (LEAST | {"verdict": ""}, 'the field "verdict" is "": no label of the comparison,'),
    (
        LEAST | {"must": ["fine", "45("]},
        'the field "must", item 2 is "45(": no regex '
        "(missing ), unterminated subpattern at position 2).",
    ),
    (LEAST | {"must_not": ["(?<=a+)b"]}, 'item 1 is "(?<=a+)b": no regex (look-behind'),
    (LEAST | {"must": [""]}, 'the field "must", item 1 is "": write a text.'),
    (LEAST | {"must": "45"}, 'the field "must" is "45": input should be a valid array.'),
    (
        LEAST | {"cites": ["dimension/noises"]},
        'the field "cites", item 1 is "dimension/noises": no passage of the comparison, '
        "the nearest is dimension/noise.",
    ),
    (LEAST | {"cites": ["zzz"]}, '"zzz": no passage of the comparison, the nearest is '),
    (LEAST | {"abstain": "yes"}, 'the field "abstain" is "yes": input should be a valid boolean.'),
    (LEAST | {"abstain": 1}, 'the field "abstain" is 1: input should be a valid boolean.'),
    ('{"id": "a",}', "no JSON (trailing comma at column 12)."),
    ('{"id": "a"} {"id": "b"}', "no JSON (trailing characters at column 13)."),
    ('["a"]', '["a"]: input should be an object.'),
    (
        '{"id": "a", "kind": "fact", "turns": ["?"], "must": ["x"], "must": []}',
        'the field "must" stands twice. Keep one.',
    ),
    ('{"id": "\\ud800"}', "no JSON (unexpected end of hex escape at column 15)."),
    ("[" * 100_000, "no JSON (recursion limit exceeded at column "),
    ("1" * 5000, "no JSON (number out of range at column "),
    (LEAST | {"kind": "x\n" * 100}, "\\nx\\n"),
]


@pytest.mark.parametrize(("line", "said"), FAULTS, ids=[said for _, said in FAULTS])
def test_what_does_not_fit_is_named_with_its_place_and_remedy(
    second: Comparison, tmp_path: Path, line: object, said: str
) -> None:
    file = written(tmp_path, LEAST | {"id": "right"}, "", line)
    message = refusal([file], second)
    assert message.startswith(f"{file}:3: ")
    assert said in message
    assert len(message.splitlines()) == 1
    assert len(message) < 400


def test_duplicate_id_names_the_first_place(second: Comparison, tmp_path: Path) -> None:
    file = written(tmp_path, LEAST, LEAST | {"id": "b"}, LEAST)
    assert refusal([file], second) == f'{file}:3: the id "a" is taken by {file}:1. Rename one.'


def test_duplicate_id_in_another_file_names_the_first_place(
    second: Comparison, tmp_path: Path
) -> None:
    first, other = written(tmp_path, "", LEAST, name="1"), written(tmp_path, LEAST, name="2")
    message = f'{other}:1: the id "a" is taken by {first}:2. Rename one.'
    assert refusal([first, other], second) == message


@pytest.mark.parametrize("lines", [[], ["", "  "]])
def test_empty_file_is_refused(second: Comparison, tmp_path: Path, lines: list[str]) -> None:
    right = written(tmp_path, LEAST, name="right")
    empty = written(tmp_path, *lines, name="empty")
    message = f"{empty}:1: the file holds no case. Write one JSON object a line."
    assert refusal([right, empty], second) == message


def test_missing_file_is_named(second: Comparison, tmp_path: Path) -> None:
    file = tmp_path / "none.jsonl"
    message = f"{file} cannot be read (No such file or directory). Check the path."
    assert refusal([file], second) == message


def test_folder_in_the_place_of_a_file_is_named(second: Comparison, tmp_path: Path) -> None:
    assert (
        refusal([tmp_path], second)
        == f"{tmp_path} cannot be read (Is a directory). Check the path."
    )


def test_file_that_is_not_utf_8_is_named_with_the_line(second: Comparison, tmp_path: Path) -> None:
    file = tmp_path / "latin"
    file.write_bytes(json.dumps(LEAST).encode() + b'\n{"id": "caf\xe9"}\n')
    assert (
        refusal([file], second) == f"{file}:2: the byte 0xe9 is not UTF-8. Save the file as UTF-8."
    )


def test_cases_that_ship_can_be_read(comparison: Comparison) -> None:
    files = sorted((ROOT / "evals" / "datasets").glob("*.jsonl"))
    cases = read_cases(files, comparison)
    assert len(cases) > 800
    twins = {case.id for case in cases if case.id.endswith("-clean")}
    assert twins == {f"{case.id}-clean" for case in cases if case.kind == "injection"}


def test_each_turn_of_a_conversation_is_a_case(tmp_path: Path, comparison: Comparison) -> None:
    told = {
        "id": "talk",
        "turns": [
            {"message": "hi", "does": "small"},
            {"message": "News site.", "does": "case", "verdict": None, "case": {"has": ["news"]}},
            {"message": "Sum it up.", "does": "overview", "relevant": ["bottom-line"]},
        ],
    }
    file = tmp_path / "my.conversations.jsonl"
    file.write_text(json.dumps(told), encoding="utf-8")
    first, second, third = read_cases([file], comparison)
    assert [each.id for each in (first, second, third)] == [f"talk-turn-{n}" for n in (1, 2, 3)]
    assert [each.kind for each in (first, second, third)] == ["act", "case", "overview"]
    assert (first.does, second.knows, third.relevant) == ("talk", ("news",), ("bottom-line",))
    assert second.scores_verdict and not third.scores_verdict
    assert third.turns == ("hi", "News site.", "Sum it up.") and third.group == "talk"


@pytest.mark.parametrize(
    ("turn", "told"),
    [
        ({"message": "hi"}, '"does" is missing'),
        ({"message": "hi", "does": "chat"}, '"does" is "chat"'),
        (
            {"message": "?", "does": "fact", "relevant": ["no/where"]},
            "no passage of the comparison",
        ),
        ({"message": "?", "does": "fact", "parts": ["("]}, "no regex"),
    ],
)
def test_a_turn_that_does_not_fit_is_named(
    turn: dict[str, Any], told: str, tmp_path: Path, comparison: Comparison
) -> None:
    file = tmp_path / "my.conversations.jsonl"
    file.write_text(json.dumps({"id": "talk", "turns": [turn]}), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_cases([file], comparison)
    assert told in str(caught.value) and str(caught.value).startswith(f"{file}:1: ")
