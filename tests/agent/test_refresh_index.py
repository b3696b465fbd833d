"""What is indexed is refreshed from its documents, and used as it is where one cannot be read."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from agent.downloads.catalogue import ARTIFACTS
from agent.factory import index_file, open_retriever, refresh_index
from agent.progress import Report, Unit
from agent.settings import DEFAULT_MODEL, Settings, read_settings
from knowledge.data import MESSAGES
from knowledge.documents.judge import Asked, Judgement
from knowledge.documents.reader import parse_file
from knowledge.embed import Embedders
from knowledge.index import indexed, options_of
from tests.helpers.oracle import PROSE, Oracle
from tests.helpers.paths import DATA


def document(file: Path, title: str, as_of: str = "2026-01") -> Path:
    """The second document under another title."""
    text = (DATA / "second.md").read_text(encoding="utf-8")
    text = re.sub("(?m)^title: .*$", f"title: {title}", text, count=1)
    file.write_text(re.sub("(?m)^as_of: .*$", f"as_of: {as_of}", text, count=1), encoding="utf-8")
    return file


@pytest.fixture
def documents(tmp_path: Path, embedders: Embedders) -> dict[str, Path]:
    """Two that are indexed, by slug."""
    titles = {"tea-vs-coffee": "Tea vs Coffee", "cat-vs-dog": "Cat vs Dog"}
    files = {slug: document(tmp_path / f"{slug}.md", title) for slug, title in titles.items()}
    for file in files.values():
        index_file(read_settings(), embedders, file)
    return files


def warned(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [each.getMessage() for each in caplog.records if each.levelname == "WARNING"]


def of(name: str) -> Settings:
    return read_settings(comparison=name)


def test_the_chosen_comparison_is_refreshed_and_no_other_document_is_read(
    documents: dict[str, Path], caplog: pytest.LogCaptureFixture
) -> None:
    documents["tea-vs-coffee"].write_text("no comparison", encoding="utf-8")
    document(documents["cat-vs-dog"], "Cat vs Dog", "2027-01")
    assert open_retriever(of("cat-vs-dog")).index.comparison.as_of == "2027-01"
    assert warned(caplog) == []


def test_a_document_that_is_no_comparison_any_more_leaves_its_index_and_the_others(
    documents: dict[str, Path], embedders: Embedders, caplog: pytest.LogCaptureFixture
) -> None:
    documents["cat-vs-dog"].write_text("no comparison", encoding="utf-8")
    document(documents["tea-vs-coffee"], "Tea vs Coffee", "2027-01")
    assert open_retriever(of("")).index.comparison.title == "Tea vs Coffee"  # indexed last
    said, which = warned(caplog)
    assert which.startswith("tea-vs-coffee is used, which was indexed last.")
    assert said.startswith("cat-vs-dog.md is not a comparison: ")
    assert said.endswith(" Its last index is used.") and "\n" not in said
    assert open_retriever(of("cat-vs-dog")).index.comparison.as_of == "2026-01"
    caplog.clear()
    assert open_retriever(of("tea-vs-coffee")).index.comparison.as_of == "2027-01"
    assert warned(caplog) == []


def test_a_document_under_another_title_has_one_index(
    documents: dict[str, Path], embedders: Embedders, caplog: pytest.LogCaptureFixture
) -> None:
    document(documents["cat-vs-dog"], "Kitten vs Dog")
    refresh_index(read_settings(), embedders)
    assert indexed(read_settings().data_dir / "indexes") == ["kitten-vs-dog", "tea-vs-coffee"]
    assert warned(caplog) == ["cat-vs-dog is called kitten-vs-dog now."]
    assert open_retriever(of("kitten-vs-dog")).index.comparison == parse_file(
        documents["cat-vs-dog"]
    )


def test_a_document_without_messages_is_found_in_by_the_tuned_embedder(
    documents: dict[str, Path], embedders: Embedders, monkeypatch: pytest.MonkeyPatch
) -> None:
    default = ARTIFACTS[DEFAULT_MODEL].sha256
    monkeypatch.setattr("agent.learning.artifacts.model_sha256", lambda settings: default)
    assert open_retriever(of("tea-vs-coffee"), embedders).index.embedder is embedders.tuned
    messages = documents["tea-vs-coffee"].with_suffix(MESSAGES)
    messages.write_bytes((DATA / f"second{MESSAGES}").read_bytes())
    assert open_retriever(of("tea-vs-coffee"), embedders).index.embedder is embedders.published
    assert open_retriever(of("cat-vs-dog"), embedders).index.embedder is embedders.tuned


def test_names_of_options_are_kept_for_later_readings(tmp_path: Path, embedders: Embedders) -> None:
    file = tmp_path / "notes.md"
    text = "# Notes\n\nCork is warm. Tiles are cold. Cork is soft.\n\n## More\n\nTiles are hard.\n"
    file.write_text(text, encoding="utf-8")
    index_file(read_settings(), embedders, file, options=["Cork", "Tiles"])
    file.write_text(text.replace("warm", "brown"), encoding="utf-8")
    comparison = open_retriever(of("notes")).index.comparison
    assert comparison.options == ("Cork", "Tiles")
    assert "brown" in comparison.passages[0].text
    assert options_of(read_settings().data_dir / "indexes", file) == ("Cork", "Tiles")


def test_embedding_is_a_step_that_begins_once_the_document_is_read(
    tmp_path: Path, embedders: Embedders
) -> None:
    steps: list[str] = []
    reports: list[tuple[int, int]] = []

    @contextmanager
    def progress(description: str, unit: Unit = "", done: int = 0) -> Iterator[Report]:
        steps.append(description)
        yield lambda done, total: reports.append((done, total))

    class Unhurried(Oracle):
        def __call__(self, options: Sequence[str], texts: Sequence[Asked]) -> list[Judgement]:
            assert not steps
            return super().__call__(options, texts)

    file = tmp_path / "boats.md"
    file.write_text(PROSE, encoding="utf-8")
    judge = Unhurried(dog=(1,))
    index_file(read_settings(), embedders, file, progress, judge=judge)
    assert judge.asked
    assert set(steps) == {"Embedding"}
    assert reports[-1][0] == reports[-1][1] > 0


def test_what_a_model_has_judged_stays_where_none_can_be_asked(
    tmp_path: Path, embedders: Embedders
) -> None:
    file = tmp_path / "boats.md"
    file.write_text(PROSE, encoding="utf-8")
    judged, _ = index_file(read_settings(), embedders, file, judge=Oracle(dog=(1,)))
    assert "A family with a dog" in [each.heading for each in judged.of_kind("best-for")]
    served = read_settings(base_url="http://127.0.0.1:9", comparison=judged.slug)
    assert open_retriever(served, embedders).index.comparison == judged
