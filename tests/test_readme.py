"""README.md says what is so: its tree, settings, commands, targets, links and example.

Run it with `pytest tests/test_readme.py`. Not covered: whether its prose is true.
"""

import re
import shlex
from pathlib import Path
from xml.etree import ElementTree

import pytest
import typer
from typer.core import TyperGroup

from agent.cli import WrongUse, add_commands, app
from agent.settings import Settings
from knowledge.comparison import slug
from knowledge.documents.reader import parse_text
from tests.helpers.paths import ROOT

add_commands()
README = (ROOT / "README.md").read_text(encoding="utf-8")
ROOMS = ("agent", "knowledge", "prompts", "evals")


def blocks(language: str) -> list[str]:
    """The fenced blocks of that language."""
    return re.findall(rf"(?ms)^```{language}\n(.*?)^```$", README)


def prose() -> str:
    """The README without its fenced blocks."""
    return re.sub(r"(?ms)^```.*?^```$", "", README)


def code_lines() -> list[str]:
    """What can be typed: the lines of shell blocks without comments, and code in the prose."""
    lines = [
        line.partition(" #")[0].strip() for block in blocks("sh") for line in block.split("\n")
    ]
    return [line for line in lines if line] + re.findall(r"`([^`\n]+)`", prose())


def listed() -> dict[str, list[str]]:
    """The tree: the names under each room, as they stand there."""
    (tree,) = blocks("tree")
    rooms: dict[str, list[str]] = {}
    for line in tree.splitlines():
        form = re.fullmatch(r"( {2})?(\S+) +(\S.*)", line)
        assert form, f"not of the form 'name   what it is': {line}"
        indent, name, _ = form.groups()
        if indent:
            rooms[list(rooms)[-1]].append(name)
        else:
            assert name.endswith("/"), f"no room: {line}"
            rooms[name.rstrip("/")] = []
    return rooms


@pytest.mark.parametrize("room", ROOMS)
def test_the_tree_lists_every_file_that_exists_and_nothing_else(room: str) -> None:
    passed_over = ("__init__.py", "__pycache__")  # the room's own line stands for the first
    there = {
        f"{path.name}/" if path.is_dir() else path.name
        for path in (ROOT / room).iterdir()
        if path.name not in passed_over and not path.name.startswith(".")
    }
    assert sorted(listed()[room]) == sorted(there)


def test_the_tree_lists_every_room_once() -> None:
    assert list(listed()) == list(ROOMS)


def default(value: object) -> str:
    """A setting's default as the table shows it."""
    if isinstance(value, Path):
        return "a folder of the user's"
    shown = str(value)
    return f"`{shown}`" if shown and value is not None else "none"


def test_the_settings_table_is_what_settings_are() -> None:
    rows = re.findall(r"(?m)^\| (`ADVISOR_\w+`) \| (.+?) \| (.+?) \|$", README)
    fields = Settings.model_fields.items()
    assert rows == [
        (f"`ADVISOR_{name.upper()}`", default(field.default), field.description)
        for name, field in fields
    ]


def test_every_variable_named_is_a_setting() -> None:
    known = {f"ADVISOR_{name.upper()}" for name in Settings.model_fields}
    assert set(re.findall(r"\bADVISOR_[A-Z_]+", README)) - known == set()


def advisor_lines() -> list[str]:
    """Every `advisor …` line, without variables set before it."""
    lines = [re.sub(r"^(?:[A-Z_]+=\S* )+", "", line) for line in code_lines()]
    return [line for line in lines if re.match(r"(?:\.venv/bin/)?advisor ", line)]


def parse(line: str) -> None:
    """Parses a line as the command line would, and runs nothing."""
    _, name, *arguments = shlex.split(line)
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    assert name in group.commands, f"no such command: {line}"
    group.commands[name].make_context(name, arguments)


@pytest.mark.parametrize("line", advisor_lines())
def test_every_advisor_line_parses(line: str) -> None:
    parse(line)


def test_the_readme_shows_advisor_lines() -> None:
    assert len(advisor_lines()) >= 3


def test_a_line_with_an_unknown_option_does_not_parse() -> None:
    with pytest.raises(WrongUse):
        parse('advisor ask "Which one?" --loud')


def test_every_make_target_named_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"(?m)^([a-z][\w-]*):(?!=)", makefile))
    used = {m[1] for line in code_lines() if (m := re.match(r"make ([\w-]+)", line))}
    assert used >= {"chat", "test"}
    assert used - targets == set()


def links() -> list[str]:
    """Where links and pictures lead, those of other sites left out."""
    targets = re.findall(r"\]\(([^)\s]+)\)", prose())
    return [target for target in targets if not re.match(r"[a-z]+:", target)]


@pytest.mark.parametrize("target", links())
def test_every_relative_link_resolves(target: str) -> None:
    path, _, anchor = target.partition("#")
    assert (ROOT / path).exists()
    if anchor and not path:
        assert anchor in map(slug, re.findall(r"(?m)^#+ (.+)$", prose()))


def test_the_picture_loads_nothing_from_elsewhere() -> None:
    picture = (ROOT / "docs" / "path.svg").read_text(encoding="utf-8")
    elements = ElementTree.fromstring(picture).iter()
    assert [e.tag for e in elements if any(key.endswith("href") for key in e.attrib)] == []
    assert re.findall(r"@import|url\((?!#)", picture) == []


def test_the_comparison_shown_as_a_form_is_read_without_a_warning() -> None:
    (form,) = blocks("markdown")
    comparison = parse_text(form, "markdown")
    assert comparison.warnings == ()
    assert comparison.options == ("Bicycle", "Car")
    assert f"--comparison {comparison.slug}" in README
