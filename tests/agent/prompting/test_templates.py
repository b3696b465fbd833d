"""A prompt with a variable too few or too many is refused by name."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.errors import PromptError
from agent.prompting import templates as prompts
from agent.prompting.templates import fill, prompts_sha256


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of prompts of one's own."""
    monkeypatch.setattr(prompts, "FOLDER", tmp_path)
    prompts._template.cache_clear()
    yield tmp_path
    prompts._template.cache_clear()


def test_variables_are_filled_in() -> None:
    assert fill("replies/verdict", use_case="A Farm", verdict="Heat Pump") == (
        "For A Farm, the document recommends Heat Pump."
    )


def test_value_is_never_read_as_a_variable() -> None:
    assert (
        fill("fragments/question", question="$use_case costs $5") == "Message: $use_case costs $5"
    )


def test_missing_variable_is_named() -> None:
    with pytest.raises(PromptError) as caught:
        fill("replies/verdict", verdict="Heat Pump")
    assert str(caught.value) == "prompts/replies/verdict.md is missing the variable use_case."


def test_unknown_variable_is_named() -> None:
    with pytest.raises(PromptError) as caught:
        fill("fragments/question", question="Which one?", mood="good", age="7")
    assert str(caught.value) == "prompts/fragments/question.md has no variable age, mood."


def test_unknown_prompt_is_named() -> None:
    with pytest.raises(PromptError, match=r"prompts/nonsense\.md cannot be read \(No such file"):
        fill("nonsense")


def test_stray_dollar_says_how_to_write_one(folder: Path) -> None:
    (folder / "price.md").write_text("It costs $5.", encoding="utf-8")
    with pytest.raises(PromptError) as caught:
        fill("price")
    assert str(caught.value) == "prompts/price.md has a stray $. Write $$ for a dollar sign."
    (folder / "free.md").write_text("It costs $$5.\n", encoding="utf-8")
    assert fill("free") == "It costs $5."


def test_hash_notices_a_changed_and_a_renamed_prompt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied = tmp_path / "prompts"
    shutil.copytree(prompts.FOLDER, copied)
    shipped = prompts_sha256()
    monkeypatch.setattr(prompts, "FOLDER", copied)
    (copied / "generating" / "senders.md").write_text("a diver", encoding="utf-8")
    assert prompts_sha256() == shipped  # eval cases are written after it, and no answer
    (copied / "fragments" / "question.md").rename(copied / "fragments" / "message.md")
    renamed = prompts_sha256()
    (copied / "fragments" / "message.md").write_text("Message:\n$question", encoding="utf-8")
    assert len({shipped, renamed, prompts_sha256()}) == 3
