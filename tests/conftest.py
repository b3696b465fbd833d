"""What many tests share: two comparisons, the real embedder, and an index of each.

The embedding files come from ADVISOR_CACHE_DIR; "advisor pull" fetches them.
"""

import shutil
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import hypothesis
import pytest

import agent.factory
from agent import cli
from agent.downloads import catalogue as models
from agent.downloads.catalogue import EMBEDDING, model_path
from agent.factory import open_embedders
from agent.llm.local import LocalChatModel
from agent.settings import read_settings
from knowledge.comparison import Comparison
from knowledge.data import shipped
from knowledge.documents.reader import parse_file
from knowledge.embed import Embedders, MiniLM
from knowledge.index import build_index, open_index
from knowledge.retrieve import Retriever
from tests.helpers.browser import ARGUMENTS, CHROMIUM
from tests.helpers.command import Done, Run
from tests.helpers.paths import DATA
from tests.helpers.scripted_model import ScriptedModel
from tests.helpers.shop import TINY, TINY_ON_HUB, Shop

# speed is for the benchmarks: a shared machine may stand still for a moment
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")


@pytest.fixture(scope="session")
def comparison() -> Comparison:
    """The one that ships."""
    return parse_file(shipped()[0])


@pytest.fixture(scope="session")
def second() -> Comparison:
    """One on another subject: nothing may depend on the one that ships."""
    return parse_file(DATA / "second.md")


@pytest.fixture(scope="session")
def embedders() -> Embedders:
    return open_embedders(read_settings())


@pytest.fixture(scope="session")
def embedder(embedders: Embedders) -> MiniLM:
    return embedders.published


@pytest.fixture(scope="session")
def indexes(
    comparison: Comparison,
    second: Comparison,
    embedder: MiniLM,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """A folder with an index of both comparisons. Copy it before you change it."""
    folder = tmp_path_factory.mktemp("indexes")
    build_index(comparison, embedder, folder)
    build_index(second, embedder, folder)
    return folder


@pytest.fixture(scope="session")
def retriever(indexes: Path, comparison: Comparison, embedder: MiniLM) -> Retriever:
    """Over the comparison that ships."""
    return Retriever(open_index(indexes, embedder, comparison.slug))


@pytest.fixture(scope="session")
def second_retriever(indexes: Path, second: Comparison, embedder: MiniLM) -> Retriever:
    return Retriever(open_index(indexes, embedder, second.slug))


@pytest.fixture(scope="session")
def small_model_file() -> Path:
    return model_path(read_settings(model="smollm2-135m"))


@pytest.fixture(scope="module")
def model(small_model_file: Path) -> Iterator[LocalChatModel]:
    """A small one, for tests of how any model is run."""
    model = LocalChatModel(small_model_file)
    yield model
    model.engine.close()


@pytest.fixture(autouse=True)
def isolated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test indexes or keeps goes to its own folder; model files stay where they are."""
    monkeypatch.setenv("ADVISOR_DATA_DIR", str(tmp_path / "data"))


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, object]:
    """How pytest-playwright starts a browser, here Debian's."""
    return {"executable_path": CHROMIUM, "args": ARGUMENTS}


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    """The made-up model files are known, and no others."""
    for artifact in (TINY, TINY_ON_HUB):
        monkeypatch.setitem(models.ARTIFACTS, artifact.name, artifact)
    monkeypatch.setattr(models, "MODELS", (TINY, TINY_ON_HUB))


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*arguments: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["advisor", *arguments])
        with pytest.raises(SystemExit) as caught:
            cli.main()
        out, err = capsys.readouterr()
        return Done(int(caught.value.code or 0), out.splitlines(), err.splitlines())

    return run


@pytest.fixture
def no_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache with the embedding alone."""
    real, cache = read_settings().cache_dir, tmp_path / "cache"
    cache.mkdir()
    for artifact in EMBEDDING:
        (cache / artifact.file_name).symlink_to(real / artifact.file_name)
    monkeypatch.setenv("ADVISOR_CACHE_DIR", str(cache))
    return cache


@pytest.fixture
def indexed(indexes: Path, tmp_path: Path) -> Path:
    """Both comparisons, indexed in the data folder."""
    shutil.copytree(indexes, tmp_path / "data" / "indexes")
    return tmp_path / "data" / "indexes"


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A model that is there at once."""

    def choose(prompt: str, options: Sequence[str]) -> int:
        return 0

    def open_model(*arguments: object) -> ScriptedModel:
        return ScriptedModel(choose, lambda prompt: "")

    monkeypatch.setattr(agent.factory, "open_model", open_model)


@pytest.fixture
def shop() -> Shop:
    """A downloader of planted wheels."""
    return Shop()


@pytest.fixture
def online(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hub on this machine may be asked."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says how many tests were left out, and what each of them needs."""
    skipped = terminalreporter.stats.get("skipped", [])
    for reason, count in Counter(report.longrepr[2] for report in skipped).items():
        terminalreporter.write_line(f"{count} tests left out. {reason}")
