"""The advisor works from its wheel and from its editable install, whatever folder it is run in.

Run it with `pytest tests/test_wheel.py`. The wheel is built from a copy, so the checkout stays as
it was. Libraries are taken from the running environment; a first installation with all of them
is what CI does with `make test`.
"""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.helpers.paths import ROOT

DEVELOPMENT = tuple(
    f"evals/datasets/{name}/"
    for name in ("forms", "prose", "training", "validation", "validation-forms")
)
pytestmark = pytest.mark.slow

ROOMS = ("agent", "knowledge", "prompts", "evals")
CHECKS = ("python", "libraries", "packages", "embedding", "model", "index")
# what is in no source distribution; copied, it would only hide what the wheel lacks
NOT_SOURCE = (".*", "__pycache__", "out", "build", "dist", "*.egg-info")


def run(command: list[str], folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs a command in `folder`, without the settings and Python paths of whoever tests."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("ADVISOR_", "PYTHON"))
    }
    return subprocess.run(
        command,
        cwd=folder,
        env=kept | variables,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def pip(arguments: list[str], folder: Path) -> None:
    # --no-index: nothing may be fetched
    command = [sys.executable, "-m", "pip", *arguments, "--no-deps", "--no-index", "--quiet"]
    done = run([*command, "--disable-pip-version-check"], folder)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy of the source."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    shutil.copytree(ROOT, source, ignore=shutil.ignore_patterns(*NOT_SOURCE))
    pip(["wheel", "--no-build-isolation", "--wheel-dir", str(folder), str(source)], folder)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that the wheel, and nothing else, is installed in."""
    target = tmp_path_factory.mktemp("installed")
    pip(["install", "--target", str(target), str(wheel)], target)
    return target


def members(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_the_wheel_holds_every_file_of_the_rooms_and_nothing_else(wheel: Path) -> None:
    source = wheel.parent / "source"
    files = [path for room in ROOMS for path in (source / room).rglob("*") if path.is_file()]
    there = {path.relative_to(source).as_posix() for path in files}
    there = {name for name in there if not name.startswith(DEVELOPMENT)}
    assert {name for name in members(wheel) if ".dist-info/" not in name} == there


@pytest.mark.parametrize(
    "name",
    [
        "knowledge/data/decentralized-ai-vs-open-source-ai.md",
        "knowledge/data/decentralized-ai-vs-open-source-ai.messages.jsonl",
        "prompts/system/deciding.md",
        "agent/answering/decision_weights.json",
        "agent/web/static/colours.css",
        "agent/web/static/page.css",
        "agent/web/static/page.js",
        "agent/web/templates/panels.html.j2",
        "agent/conversations/migrations/versions/r1_conversations.py",
    ],
)
def test_the_wheel_holds_data(wheel: Path, name: str) -> None:
    assert name in members(wheel)


@pytest.mark.parametrize("folder", ["tests", ".venv", "docs", "out"])
def test_the_wheel_leaves_out(wheel: Path, folder: str) -> None:
    assert [name for name in members(wheel) if folder in Path(name).parts] == []


def test_the_wheel_brings_its_licence_and_its_command(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        info = {Path(n).name: archive.read(n).decode() for n in members(wheel) if ".dist-info" in n}
    assert "Apache License" in info["LICENSE"]
    assert "Qwen2.5-Coder-1.5B-Instruct" in info["NOTICE"]
    assert "advisor = agent.cli:main" in info["entry_points.txt"]


WHERE = """
import agent, evals, knowledge
from agent.answering.decide import WEIGHTS_FILE
from agent.prompting.templates import FOLDER
from knowledge.data import shipped
from knowledge.documents.reader import parse_file
paths = [agent.__file__, evals.__file__, knowledge.__file__, FOLDER, WEIGHTS_FILE, *shipped()]
print(*paths, sep="\\n")
print(len(parse_file(shipped()[0]).passages))
"""


def test_an_installed_wheel_uses_its_own_modules_and_data(installed: Path, tmp_path: Path) -> None:
    # the environment's editable install offers the same modules: it must not be what is found
    done = run([sys.executable, "-P", "-c", WHERE], tmp_path, PYTHONPATH=str(installed))
    assert done.returncode == 0, done.stderr
    *paths, passages = done.stdout.splitlines()
    assert passages == "28"
    assert len(paths) >= 6
    for path in paths:
        assert Path(path).exists()
        assert Path(path).is_relative_to(installed), path


def assert_doctor_runs(command: list[str], folder: Path, **variables: str) -> None:
    """Doctor, with folders of its own that are empty, says so, and leaves nothing behind."""
    data, cache = str(folder / "data"), str(folder / "cache")
    done = run(command, folder, ADVISOR_DATA_DIR=data, ADVISOR_CACHE_DIR=cache, **variables)
    assert "Traceback" not in done.stderr
    assert done.returncode in (0, 1), done.stderr
    lines = [line.split(":")[0].split() for line in done.stdout.splitlines()]
    found = {words[1] for words in lines if len(words) == 2 and words[0] in ("ok", "FAIL")}
    assert set(CHECKS) <= found, done.stdout
    assert "FAIL  embedding: " in done.stdout
    assert f"ADVISOR_CACHE_DIR={cache}" in done.stdout
    assert list(folder.iterdir()) == []


def test_doctor_runs_from_an_installed_wheel_in_another_folder(
    installed: Path, tmp_path: Path
) -> None:
    command = [sys.executable, "-P", "-m", "agent.cli", "doctor"]
    assert_doctor_runs(command, tmp_path, PYTHONPATH=str(installed))


def test_doctor_runs_from_the_environment_in_another_folder(tmp_path: Path) -> None:
    command = Path(sys.executable).parent / "advisor"
    assert command.exists(), f"{command} is not there. Run make setup."
    assert_doctor_runs([str(command), "doctor"], tmp_path)
