"""Messages that the model imagines, and the file that may take their place."""

from collections import Counter
from pathlib import Path

import pytest

import agent.learning.synthetic
from agent.errors import InputError
from agent.learning.synthetic import (
    MIN_ASKED,
    ROUNDS,
    UNANSWERED,
    Message,
    as_lines,
    read_messages,
    synthesize,
)
from agent.prompting.templates import fill
from evals.datasets.case import read_cases
from evals.runner import shipped_cases
from knowledge.comparison import Comparison
from knowledge.data import MESSAGES, shipped
from knowledge.documents.reader import parse_file
from tests.helpers.scripted_model import ScriptedModel

NOISE = "dimension/noise"
HUM = "Heat Pump: The outdoor unit hums at 45 decibels"
POOL = "best-for/swimming-pool"


def test_every_use_case_gets_messages_and_every_sentence_a_question(second: Comparison) -> None:
    asked: list[str] = []

    def write(text: str) -> str:
        asked.append(text)
        return f"this is number {len(asked)}\nMessage: and no more"

    found = synthesize(ScriptedModel(write=write), second)
    senders = fill("synthetic/senders").splitlines()
    cases = Counter(message.passage for message in found if message.advice)
    assert cases == {p.id: ROUNDS * len(senders) for p in second.recommending}
    asking = Counter((m.passage, m.sentence) for m in found if not m.advice and m.passage)
    told = [(passage.id, sentence) for passage, sentence in second.sentences]
    assert asking == dict.fromkeys(told, -(-MIN_ASKED // len(told)))
    assert sum(not m.passage for m in found) == UNANSWERED
    assert "Holiday Cabin Used in Winter" in "".join(asked)
    assert found[0] == Message("this is number 1", second.recommending[0].id, advice=True)


def test_of_a_long_document_sentences_all_over_it_are_asked_for(
    second: Comparison, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agent.learning.synthetic, "MIN_ASKED", 4)
    monkeypatch.setattr(agent.learning.synthetic, "MAX_ASKED", 4)
    found = synthesize(ScriptedModel(write=lambda text: f"What is said in {len(text)}?"), second)
    told = [sentence for _, sentence in second.sentences]
    places = [told.index(message.sentence) for message in found if message.sentence]
    assert places == [place * len(told) // 4 for place in range(4)]


def test_messages_that_repeat_an_example_or_say_nothing_are_left_out(second: Comparison) -> None:
    example = fill("synthetic/imagine_messages").rpartition("Message: ")[2].strip()
    said = iter([example, "Hm.", "", "We own three of them.", "We own three of them."])
    found = synthesize(ScriptedModel(write=lambda text: next(said, "")), second)
    assert [message.text for message in found] == ["We own three of them."]


def test_messages_come_back_from_their_file(second: Comparison, tmp_path: Path) -> None:
    file = tmp_path / "second.messages.jsonl"
    messages = (
        Message("Wie laut?", NOISE, HUM),
        Message('Is it "loud"?', NOISE),
        Message("Is a pool named?", POOL),
        Message("Ours is outdoors. Which?", POOL, advice=True),
        Message("Who won?"),
    )
    file.write_bytes(as_lines(messages))
    assert read_messages(file, second) == messages


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


def test_what_is_known_is_not_imagined_again(second: Comparison) -> None:
    asking = {passage.id for passage in second.passages if passage.id != NOISE}
    known = [Message("said", name) for name in asking]
    known += [Message("said", passage.id, advice=True) for passage in second.recommending]
    known += [Message("said")]
    found = synthesize(
        ScriptedModel(write=lambda text: "Does it hum at night?"), second, known=known
    )
    assert found == (Message("Does it hum at night?", NOISE, HUM),)


def test_blank_lines_and_unusual_line_ends_are_no_fault(second: Comparison, tmp_path: Path) -> None:
    file = tmp_path / "m.jsonl"
    messages = (Message("How\u2028loud?", NOISE), Message("And\u0085now?", NOISE))
    file.write_bytes(as_lines(messages))
    file.write_text(file.read_text(encoding="utf-8") + "\n  \n", encoding="utf-8")
    assert read_messages(file, second) == messages


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
