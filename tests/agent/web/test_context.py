"""A page is made ready from the settings: whom it lets in, what it keeps where, how rows lean."""

import json
import shutil
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

import agent.factory
import agent.web.context
from agent.advisor import Advisor
from agent.errors import InputError
from agent.provenance import configuration
from agent.settings import read_settings
from agent.web.context import database_url, open_context, open_store
from agent.web.users import Users, write_user
from knowledge.comparison import Comparison
from tests.helpers.scripted_model import ScriptedModel

pytestmark = pytest.mark.slow

HEAT = "heat-pump-vs-gas-boiler"


@pytest.fixture(autouse=True)
def ready(indexes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both comparisons are indexed, and a model is there at once."""
    shutil.copytree(indexes, tmp_path / "data" / "indexes")
    monkeypatch.setenv("ADVISOR_COMPARISON", HEAT)

    def choose(prompt: str, options: Sequence[str]) -> int:
        return 0

    def open_model(*arguments: object) -> ScriptedModel:
        return ScriptedModel(choose, lambda prompt: "")

    monkeypatch.setattr(agent.factory, "open_model", open_model)


def test_every_row_leans_and_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    context = open_context(read_settings())
    rows = context.advisor.comparison.of_kind("dimension")
    while not (found := context.panels.leanings()):
        time.sleep(0.01)
    assert len(found) == len(rows) > 2
    assert all(-1 <= leaning <= 1 for leaning in found)

    def read_again(advisor: Advisor) -> tuple[float, ...]:
        raise AssertionError

    monkeypatch.setattr(agent.web.context, "leanings", read_again)
    assert open_context(read_settings()).panels.leanings() == found


def test_without_a_users_file_nobody_logs_in() -> None:
    assert open_context(read_settings()).users is None


def test_with_one_everybody_does(tmp_path: Path) -> None:
    write_user(tmp_path / "users", "ada", "secret of ada")
    context = open_context(read_settings(users=tmp_path / "users"))
    assert isinstance(context.users, Users)


def test_a_users_file_that_is_not_there_is_said_before_a_model_is_opened(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"^The users file .*none cannot be read "):
        open_context(read_settings(users=tmp_path / "none"))


def test_what_answers_depend_on_is_kept_without_the_password_of_a_server(
    comparison: Comparison,
) -> None:
    config = configuration(read_settings(base_url="http://ada:hunter2@host/v1"), comparison)
    assert config["base_url"] == "http://ada:***@host/v1"
    assert "hunter2" not in json.dumps(config)  # as results.json and the page have it


def test_conversations_lie_in_the_data_folder_or_where_a_setting_says(tmp_path: Path) -> None:
    usual = database_url(read_settings()).get_secret_value()
    assert usual == f"sqlite:///{tmp_path / 'data' / 'conversations.db'}"
    given = database_url(read_settings(database_url="sqlite:///x.db"))
    assert given.get_secret_value() == "sqlite:///x.db"
    open_store(read_settings())
    assert (tmp_path / "data" / "conversations.db").is_file()
