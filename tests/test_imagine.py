"""Messages that the model imagines, and the file that may take their place."""

from collections import Counter
from pathlib import Path

import pytest

from agent.errors import InputUnusable
from agent.imagine import ROUNDS, imagine, messages_file, read_messages, write_messages
from agent.prompts import prompt
from agent.ready import shipped
from agent.scripted_model import ScriptedModel
from knowledge.comparison import Comparison
from knowledge.parse import parse_file

NOISE = "dimension/noise"


def test_every_use_case_gets_messages_and_every_other_sentence_a_question(
    second: Comparison,
) -> None:
    asked: list[str] = []

    def write(text: str) -> str:
        asked.append(text)
        return f"this is number {len(asked)}\nMessage: and no more"

    found = imagine(ScriptedModel(write=write), second)
    senders = prompt("senders").splitlines()
    cases = [passage.id for passage in second.recommending]
    assert {len(found[case]) for case in cases} == {ROUNDS * len(senders)}
    others = [passage for passage in second.passages if passage.id not in cases]
    assert {p.id: len(found[p.id]) for p in others} == {p.id: len(p.sentences) for p in others}
    assert "Holiday Cabin Used in Winter" in "".join(asked)
    assert found[cases[0]][0] == "this is number 1"


def test_messages_that_repeat_an_example_or_say_nothing_are_left_out(second: Comparison) -> None:
    example = prompt("imagine_messages").rpartition("Message: ")[2].strip()
    said = iter([example, "Hm.", "", "We own three of them.", "We own three of them."])
    found = imagine(ScriptedModel(write=lambda text: next(said, "")), second)
    assert [text for texts in found.values() for text in texts] == ["We own three of them."]


def test_messages_come_back_from_their_file(second: Comparison, tmp_path: Path) -> None:
    file = tmp_path / "new" / "second.messages.jsonl"
    messages = {NOISE: ("Wie laut?", 'Is it "loud"?'), "introduction": ("Why weigh?",)}
    write_messages(file, messages)
    assert read_messages(file, second) == messages
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_what_is_known_is_not_imagined_again(second: Comparison) -> None:
    known = {p.id: ("said",) for p in second.passages if p.id != NOISE}
    found = imagine(ScriptedModel(write=lambda text: "Does it hum at night?"), second, known=known)
    assert found == {NOISE: ("Does it hum at night?",)}


def test_blank_lines_and_unusual_line_ends_are_no_fault(second: Comparison, tmp_path: Path) -> None:
    file = tmp_path / "m.jsonl"
    write_messages(file, {NOISE: ("How\u2028loud?", "And\u0085now?")})
    file.write_text(file.read_text() + "\n  \n")
    assert read_messages(file, second) == {NOISE: ("How\u2028loud?", "And\u0085now?")}


def test_a_file_that_is_no_text_is_one_line(second: Comparison, tmp_path: Path) -> None:
    file = tmp_path / "m.jsonl"
    file.write_bytes(b'{"passage": "dimension/noise", "message": "caf\xe9"}')
    with pytest.raises(InputUnusable, match="cannot be read as UTF-8 text"):
        read_messages(file, second)


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("no json", '"no json" is not {"passage": id, "message": text}'),
        ('{"passage": "dimension/noise"}', 'is not {"passage": id, "message": text}'),
        ('["a"]', 'is not {"passage": id, "message": text}'),
        ('{"passage": "dimension/nose", "message": "?"}', 'has no passage "dimension/nose"'),
    ],
)
def test_a_line_that_is_no_message_is_named(
    second: Comparison, tmp_path: Path, line: str, fault: str
) -> None:
    file = tmp_path / "m.jsonl"
    file.write_text('{"passage": "dimension/noise", "message": "How loud?"}\n' + line + "\n")
    with pytest.raises(InputUnusable) as caught:
        read_messages(file, second)
    assert str(caught.value).startswith(f"{file}:2: ")
    assert fault in str(caught.value)


@pytest.mark.parametrize("source", shipped(), ids=lambda path: path.stem)
def test_shipped_comparisons_come_with_messages_about_every_passage(source: Path) -> None:
    comparison = parse_file(source)
    found = read_messages(messages_file(source), comparison)
    counts = Counter({passage: len(messages) for passage, messages in found.items()})
    assert [p.id for p in comparison.passages if not counts[p.id]] == []
    assert min(counts[p.id] for p in comparison.recommending) >= 20
