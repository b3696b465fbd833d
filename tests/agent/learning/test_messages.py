"""Messages about a comparison, from the file next to it."""

import json
from collections import Counter
from pathlib import Path

import pytest

from agent.errors import InputError
from agent.learning.messages import Message, read_messages
from evals.datasets.case import read_cases
from evals.runner import shipped_cases
from knowledge.comparison import Comparison
from knowledge.data import MESSAGES, shipped
from knowledge.documents.reader import parse_file

NOISE = "dimension/noise"
HUM = "Heat Pump: The outdoor unit hums at 45 decibels"
POOL = "best-for/swimming-pool"


def test_messages_are_of_the_kind_that_their_fields_say(second: Comparison, tmp_path: Path) -> None:
    file = tmp_path / "second.messages.jsonl"
    file.write_text(
        f'{{"passage": "{NOISE}", "message": "Wie laut?", "sentence": "{HUM}"}}\n'
        f'{{"passage": "{NOISE}", "message": "Is it \\"loud\\"?"}}\n'
        f'{{"passage": "{POOL}", "message": "Ours is outdoors. Which?"}}\n'
        '{"passage": "", "message": "Who won?"}\n',
        encoding="utf-8",
    )
    assert read_messages(file, second) == (
        Message("Wie laut?", NOISE, HUM),
        Message('Is it "loud"?', NOISE),
        Message("Ours is outdoors. Which?", POOL, advice=True),
        Message("Who won?"),
    )


def test_a_message_about_a_use_case_asks_for_advice_unless_it_says_otherwise(
    second: Comparison, tmp_path: Path
) -> None:
    file = tmp_path / "m.jsonl"
    file.write_text(
        f'{{"passage": "{POOL}", "message": "Which?"}}\n'
        f'{{"passage": "{POOL}", "message": "What is said?", "advice": false}}\n'
        f'{{"passage": "{NOISE}", "message": "How loud?"}}\n',
        encoding="utf-8",
    )
    assert [message.advice for message in read_messages(file, second)] == [True, False, False]


def test_blank_lines_and_unusual_line_ends_are_no_fault(second: Comparison, tmp_path: Path) -> None:
    file = tmp_path / "m.jsonl"
    said = ("How\u2028loud?", "And\u0085now?")
    lines = [json.dumps({"passage": NOISE, "message": text}, ensure_ascii=False) for text in said]
    file.write_text("\n".join([*lines, "", "  ", ""]), encoding="utf-8")
    assert read_messages(file, second) == tuple(Message(text, NOISE) for text in said)


def test_a_file_that_is_no_text_is_one_line(second: Comparison, tmp_path: Path) -> None:
    file = tmp_path / "m.jsonl"
    file.write_bytes(b'{"passage": "dimension/noise", "message": "caf\xe9"}')
    with pytest.raises(InputError, match="cannot be read as UTF-8 text"):
        read_messages(file, second)


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("no json", '"no json" is not {"passage": id, "message": text}'),
        ('{"passage": "dimension/noise"}', 'is not {"passage": id, "message": text}'),
        ('["a"]', 'is not {"passage": id, "message": text}'),
        ('{"passage": "dimension/nose", "message": "?"}', 'has no passage "dimension/nose"'),
        (
            '{"passage": "dimension/noise", "message": "?", "sentence": "It roars."}',
            'dimension/noise has no sentence "It roars."',
        ),
    ],
)
def test_a_line_that_is_no_message_is_named(
    second: Comparison, tmp_path: Path, line: str, fault: str
) -> None:
    file = tmp_path / "m.jsonl"
    file.write_text(
        '{"passage": "dimension/noise", "message": "How loud?"}\n' + line + "\n", encoding="utf-8"
    )
    with pytest.raises(InputError) as caught:
        read_messages(file, second)
    assert str(caught.value).startswith(f"{file}:2: ")
    assert fault in str(caught.value)


@pytest.mark.parametrize("source", shipped(), ids=lambda path: path.stem)
def test_shipped_comparisons_come_with_messages_about_all_that_they_say(source: Path) -> None:
    comparison = parse_file(source)
    found = read_messages(source.with_suffix(MESSAGES), comparison)
    cases = Counter(message.passage for message in found if message.advice)
    assert min(cases[passage.id] for passage in comparison.recommending) >= 80
    asking = Counter(message.passage for message in found if not message.advice)
    assert min(asking[passage.id] for passage in comparison.passages) >= 6
    named = Counter((message.passage, message.sentence) for message in found)
    told = [(p.id, each) for p, each in comparison.sentences if p.kind != "best-for"]
    assert min(named[sentence] for sentence in told) >= 5
    assert sum(not message.passage for message in found) >= 300


def test_no_message_is_learnt_from_that_an_evaluation_asks(comparison: Comparison) -> None:
    def plain(text: str) -> str:
        return "".join(c for c in text.casefold() if c.isalnum())

    files = [*shipped_cases("validation"), *shipped_cases("dev"), *shipped_cases("plain")]
    asked = {plain(turn) for case in read_cases(files, comparison) for turn in case.turns}
    messages = read_messages(shipped()[0].with_suffix(MESSAGES), comparison)
    assert [message.text for message in messages if plain(message.text) in asked] == []
