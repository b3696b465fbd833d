"""README.md and docs/ say what is so: commands, settings, modules, links and examples.

Run it with `pytest tests/test_readme.py`. Not covered: whether their prose is true.
"""

import json
import re
import shlex
from pathlib import Path
from xml.etree import ElementTree

import pytest
import typer
from typer.core import TyperGroup

import agent
from agent.advisor import Advisor
from agent.answering.decide import Decider
from agent.cli import WrongUse, add_commands, app
from agent.learning.messages import messages_in
from agent.settings import Settings
from knowledge.comparison import Comparison, slug
from knowledge.documents.reader import parse_text
from knowledge.retrieve import Retriever
from tests.helpers.paths import DATA, ROOT
from tests.helpers.scripted_model import ScriptedModel

add_commands()
README = (ROOT / "README.md").read_text(encoding="utf-8")
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))
PAGES = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for path in (*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md")), *DECISIONS)
}
MAX_README_LINES = 180
MODULE_ROOMS = ("agent", "knowledge", "evals")
FOLDER_ROOMS = ("prompts", "tests")
WORKED_EXAMPLES = "\n".join(
    path.read_text(encoding="utf-8") for path in sorted((ROOT / "prompts").rglob("*.md"))
)


def blocks(language: str, text: str) -> list[str]:
    """The fenced blocks of that language."""
    return re.findall(rf"(?ms)^```{language}\n(.*?)^```$", text)


def prose(text: str) -> str:
    """A page without its fenced blocks."""
    return re.sub(r"(?ms)^```.*?^```$", "", text)


def shell_lines() -> list[str]:
    """The lines of shell blocks, without comments and variables set before a command."""
    lines = "\n".join(block for text in PAGES.values() for block in blocks("sh", text)).split("\n")
    commands = [line.partition(" #")[0].strip() for line in lines]
    commands = [re.sub(r"^(?:[A-Z_]+=\S* )+", "", command) for command in commands]
    return list(dict.fromkeys(command for command in commands if command))


def inline_code() -> list[str]:
    """The code in the prose, that of the changelog left out: it tells of earlier versions too."""
    texts = [prose(text) for name, text in PAGES.items() if name != "CHANGELOG.md"]
    return [code for text in texts for code in re.findall(r"`([^`\n]+)`", text)]


def test_readme_is_short() -> None:
    assert len(README.splitlines()) <= MAX_README_LINES


@pytest.mark.parametrize("page", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_is_one_short_page_with_a_date_and_stands_in_the_index(page: Path) -> None:
    index = PAGES["docs/decisions/README.md"]
    if page.name != "README.md":
        text = page.read_text(encoding="utf-8")
        assert 10 <= len(text.splitlines()) <= 40
        assert re.search(r"(?m)^Dates?: \d{4}-\d\d-\d\d", text)
        assert f"]({page.name})" in index


def in_the_tree() -> set[str]:
    """The paths that the tree of docs/architecture.md lists, folders with a slash at the end."""
    (tree,) = blocks("tree", PAGES["docs/architecture.md"])
    folders: list[str] = []
    found: set[str] = set()
    for line in tree.splitlines():
        form = re.fullmatch(r"((?:  )*)(\S+)  +(\S.*)", line)
        assert form, f"not of the form 'name   what it is': {line}"
        folders = [*folders[: len(form[1]) // 2], form[2]]
        found.add("".join(folders))
    return found


def test_the_tree_lists_every_module_and_every_folder_of_prompts_and_tests() -> None:
    modules = {path for room in MODULE_ROOMS for path in (ROOT / room).rglob("*.py")}
    there = {path.relative_to(ROOT).as_posix() for path in modules if path.name != "__init__.py"}
    folders = {path.parent for path in modules}
    for room in FOLDER_ROOMS:
        inside = (ROOT / room, *(ROOT / room).iterdir())
        folders |= {path for path in inside if path.is_dir() and path.name != "__pycache__"}
    there |= {f"{path.relative_to(ROOT).as_posix()}/" for path in folders}
    data = {name for name in in_the_tree() if name.endswith("/") and (ROOT / name).is_dir()}
    assert in_the_tree() - data == {name for name in there if not name.endswith("/")}
    assert {name for name in there if name.endswith("/")} <= data


def default(value: object) -> str:
    """A setting's default as the table shows it."""
    if isinstance(value, Path):
        return "a folder of the user's"
    shown = str(value)
    return f"`{shown}`" if shown and value is not None else "none"


def test_the_settings_table_is_what_settings_are() -> None:
    page = PAGES["docs/configuring.md"]
    rows = re.findall(r"(?m)^\| (`ADVISOR_\w+`) \| (.+?) \| (.+?) \|$", page)
    fields = Settings.model_fields.items()
    assert rows == [
        (f"`ADVISOR_{name.upper()}`", default(field.default), field.description)
        for name, field in fields
    ]


@pytest.mark.parametrize("page", [name for name in PAGES if name != "CHANGELOG.md"])
def test_every_variable_named_is_a_setting(page: str) -> None:
    known = {f"ADVISOR_{name.upper()}" for name in Settings.model_fields}
    assert set(re.findall(r"\bADVISOR_[A-Z_]+", PAGES[page])) - known == set()


def commands() -> TyperGroup:
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    return group


def parse(line: str) -> None:
    """Parses a line as the command line would, and runs nothing."""
    _, name, *arguments = shlex.split(line)
    assert name in commands().commands, f"no such command: {line}"
    commands().commands[name].make_context(name, arguments)


@pytest.mark.parametrize("line", [each for each in shell_lines() if each.startswith("advisor ")])
def test_every_advisor_line_parses(line: str) -> None:
    parse(line)


def test_every_command_that_the_prose_names_exists() -> None:
    named = {m[1] for code in inline_code() if (m := re.match(r"advisor ([a-z]+)\b", code))}
    assert len(named) >= 5
    assert named - set(commands().commands) == set()


def test_the_readme_shows_advisor_lines() -> None:
    assert len(re.findall(r"(?m)^advisor ", README)) >= 3


def test_a_line_with_an_unknown_option_does_not_parse() -> None:
    with pytest.raises(WrongUse):
        parse('advisor ask "Which one?" --loud')


def test_every_make_target_named_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"(?m)^([a-z][\w-]*):(?!=)", makefile))
    lines = [*shell_lines(), *inline_code()]
    used = {name for line in lines if line.startswith("make ") for name in line.split()[1:]}
    assert used >= {"chat", "test", "check"}
    assert used - targets == set()


def test_every_file_and_module_that_is_named_exists() -> None:
    rooms = (*MODULE_ROOMS, *FOLDER_ROOMS, "docs", "findings")
    named = {code for code in inline_code() if code.split("/")[0] in rooms and "/" in code}
    for line in shell_lines():
        if run := re.match(r"python -m ((?:agent|evals)[\w.]+)", line):
            named.add(f"{run[1].replace('.', '/')}.py")
        named |= {word for word in line.split() if word.split("/")[0] in rooms and "/" in word}
    missing = [name for name in sorted(named) if not any(ROOT.glob(name.rstrip("/")))]
    assert len(named) >= 20
    assert missing == []


def links() -> list[tuple[str, str]]:
    """Where links and pictures of each page lead, those of other sites left out."""
    return [
        (page, target)
        for page, text in PAGES.items()
        for target in re.findall(r"\]\(([^)\s]+)\)", prose(text))
        if not re.match(r"[a-z]+:|\.\./\.\./actions/", target)
    ]


@pytest.mark.parametrize(("page", "target"), links())
def test_every_relative_link_resolves(page: str, target: str) -> None:
    path, _, anchor = target.partition("#")
    file = (ROOT / page).parent / path if path else ROOT / page
    assert file.exists()
    if anchor:
        headings = re.findall(r"(?m)^#+ (.+)$", prose(file.read_text(encoding="utf-8")))
        assert anchor in map(slug, headings)


@pytest.mark.parametrize("name", sorted(path.name for path in (ROOT / "docs").glob("*.svg")))
def test_a_picture_loads_nothing_from_elsewhere(name: str) -> None:
    picture = (ROOT / "docs" / name).read_text(encoding="utf-8")
    elements = ElementTree.fromstring(picture).iter()
    assert [e.tag for e in elements if any(key.endswith("href") for key in e.attrib)] == []
    assert re.findall(r"@import|url\((?!#)", picture) == []


def example() -> Comparison:
    """The document that the README shows."""
    (form,) = blocks("markdown", README)
    return parse_text(form, "markdown")


def test_the_document_shown_as_an_example_is_read_without_a_warning() -> None:
    assert example().warnings == ()
    assert example().options == ("Laptop", "Tablet")
    assert f"--comparison {example().slug}" in README


def test_the_messages_shown_as_an_example_are_about_that_document() -> None:
    (lines,) = blocks("json", PAGES["docs/using.md"])
    messages = messages_in(lines.encode(), example())
    assert [message.advice for message in messages] == [True, False, False, False]
    assert json.loads(lines.splitlines()[1])["sentence"] == messages[1].sentence


def names(text: str) -> set[str]:
    """Words that begin with a capital, and stand nowhere in lower case."""
    lower = set(re.findall(r"\b[a-z]+\b", f"{text}\n{WORKED_EXAMPLES}"))
    return {word for word in re.findall(r"\b[A-Z][a-z]+\b", text) if word.lower() not in lower}


def test_no_example_shares_a_subject_a_name_or_a_sentence_with_the_prompts() -> None:
    second = (DATA / "second.md").read_text(encoding="utf-8")
    for comparison in (example(), parse_text(second, "markdown")):
        sentences = [sentence for _, sentence in comparison.sentences]
        said = [*comparison.options, *(case.heading for case in comparison.of_kind("best-for"))]
        assert [text for text in (*said, *sentences) if text in WORKED_EXAMPLES] == []
        assert names(" ".join(sentences)) & names(WORKED_EXAMPLES) == set()


@pytest.fixture
def advisor(retriever: Retriever) -> Advisor:
    return Advisor(ScriptedModel(), retriever, Decider(retriever.index.comparison))


def test_the_python_example_runs(
    advisor: Advisor, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (code,) = blocks("python", README)
    monkeypatch.setattr(agent, "open_advisor", lambda settings: advisor, raising=False)
    exec(code, {})
    assert "best-for/" in capsys.readouterr().out


@pytest.mark.model
def test_the_python_example_runs_with_the_real_model(capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = blocks("python", README)
    exec(code, {})
    assert "best-for/" in capsys.readouterr().out
