"""Settings come from the environment once; a bad one is a line that names it and its value."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from agent.errors import InputUnusable
from agent.settings import Settings, read_settings


def test_environment_overrides_the_default_and_a_flag_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("ADVISOR_PORT", raising=False)
    assert read_settings().port == 7860
    monkeypatch.setenv("ADVISOR_PORT", "8000")
    assert read_settings().port == 8000
    assert read_settings(port=0).port == 0


def test_empty_flag_leaves_the_environment_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADVISOR_COMPARISON", "tea-vs-coffee")
    monkeypatch.setenv("ADVISOR_PORT", "8000")
    settings = read_settings(comparison="", port=None)
    assert (settings.comparison, settings.port) == ("tea-vs-coffee", 8000)


def test_folders_can_be_moved(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ADVISOR_CACHE_DIR", str(tmp_path))
    assert read_settings().cache_dir == tmp_path
    assert read_settings().data_dir == tmp_path / "data"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("ADVISOR_PORT", "http"),
        ("ADVISOR_PORT", "70000"),
        ("ADVISOR_PORT", "-1"),
        ("ADVISOR_THREADS", "0"),
        ("ADVISOR_THREADS", "two"),
        ("ADVISOR_TOP_K", "13"),
        ("ADVISOR_TOP_K", "1.5"),
        ("ADVISOR_CELLS_MIB", "-1"),
        ("ADVISOR_ENGINE", "fast"),
        ("ADVISOR_LOG", "loud"),
    ],
)
def test_bad_value_is_one_line_with_variable_and_value(
    variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(InputUnusable) as caught:
        read_settings()
    assert str(caught.value).startswith(f"{variable}={value} cannot be used: input should be ")
    assert "\n" not in str(caught.value)


def test_bad_flag_is_named_as_its_variable() -> None:
    with pytest.raises(InputUnusable, match=r"^ADVISOR_PORT=70000 cannot be used: "):
        read_settings(port=70000)


def test_key_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADVISOR_API_KEY", "sk-secret")
    settings = read_settings()
    assert settings.api_key.get_secret_value() == "sk-secret"
    assert "sk-secret" not in f"{settings} {settings.api_key}"


@pytest.mark.parametrize("name", Settings.model_fields)
def test_settings_do_not_change(name: str) -> None:
    settings = Settings()
    with pytest.raises(ValidationError, match="frozen"):
        setattr(settings, name, getattr(settings, name))


def test_every_setting_says_what_it_is_for() -> None:
    assert all(field.description for field in Settings.model_fields.values())
