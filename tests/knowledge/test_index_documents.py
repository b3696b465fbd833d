"""What an index knows of its document: whose slug it is, what it was before, where it has moved."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from knowledge.comparison import Comparison
from knowledge.documents.reader import parse_file
from knowledge.embed import MiniLM
from knowledge.errors import DocumentError
from knowledge.index import build_index, former_slugs, index_source, indexed, open_index
from tests.helpers.disk import disk_of
from tests.helpers.paths import DATA


def test_a_comparison_never_takes_the_place_of_another_of_the_same_slug(
    small: Comparison, embedder: MiniLM, tmp_path: Path
) -> None:
    first, other = replace(small, title="Bébé vs Tea"), replace(small, title="B-b- vs Tea")
    assert first.slug == other.slug
    build_index(first, embedder, tmp_path, tmp_path / "one.md")
    with pytest.raises(DocumentError, match="would take the place of"):
        build_index(other, embedder, tmp_path, tmp_path / "other.md")
    assert open_index(tmp_path, embedder).comparison.title == first.title
    assert build_index(other, embedder, tmp_path, tmp_path / "one.md")  # it was renamed


def document(file: Path, title: str = "Tea vs Coffee", more: str = "") -> tuple[Comparison, Path]:
    """The second document under another title, in a file of its own."""
    text = (DATA / "second.md").read_text(encoding="utf-8")
    text = re.sub("(?m)^title: .*$", f"title: {title}", text, count=1)
    file.write_text(f"{text}{more}", encoding="utf-8")
    return parse_file(file), file


def test_a_document_never_takes_the_place_of_another_of_the_same_title_unasked(
    embedder: MiniLM, tmp_path: Path
) -> None:
    indexes = tmp_path / "indexes"
    mine, file = document(tmp_path / "mine.md")
    theirs, other = document(tmp_path / "theirs.md", more="One more sentence.\n")
    assert mine.slug == theirs.slug and mine.sha256 != theirs.sha256
    build_index(mine, embedder, indexes, file)
    with pytest.raises(DocumentError) as caught:
        build_index(theirs, embedder, indexes, other)
    assert str(caught.value) == (
        f'"Tea vs Coffee" would take the place of "Tea vs Coffee" of {file}: both are kept at '
        f"{indexes / 'tea-vs-coffee'}. Give one of them another title, or remove that folder."
    )
    assert open_index(indexes, embedder).comparison == mine
    copied, copy = document(tmp_path / "copy.md")  # the same comparison twice is no other one
    assert not build_index(copied, embedder, indexes, copy)
    file.unlink()
    copy.unlink()
    assert build_index(theirs, embedder, indexes, other)  # it has moved and changed
    assert open_index(indexes, embedder).comparison == theirs


def test_an_index_under_a_slug_that_a_document_had_before_goes(
    embedder: MiniLM, tmp_path: Path
) -> None:
    # "C++" was c once: "Several comparisons are indexed", of the same document
    indexes = tmp_path / "indexes"
    tea, file = document(tmp_path / "one.md", "Tea vs Coffee")
    build_index(tea, embedder, indexes, file)
    (indexes / "tea-vs-coffee").rename(indexes / "t-vs-c")
    build_index(tea, embedder, indexes, file)
    assert indexed(indexes) == ["tea-vs-coffee"]
    assert former_slugs(indexes, "tea-vs-coffee") == ("t-vs-c",)
    green, _ = document(file, "Green Tea vs Coffee")
    build_index(green, embedder, indexes, file)
    assert open_index(indexes, embedder).comparison == green
    assert former_slugs(indexes, green.slug) == ("t-vs-c", "tea-vs-coffee")
    again, other = document(tmp_path / "other.md", "Tea vs Coffee")
    build_index(again, embedder, indexes, other)
    assert indexed(indexes) == ["green-tea-vs-coffee", "tea-vs-coffee"]
    assert former_slugs(indexes, green.slug) == ("t-vs-c",)


def test_an_index_whose_document_has_moved_is_opened_where_nothing_can_be_written(
    embedder: MiniLM, tmp_path: Path
) -> None:
    tea, file = document(tmp_path / "one.md")
    build_index(tea, embedder, tmp_path / "indexes", file)
    moved, other = document(tmp_path / "other.md")
    with disk_of(0):
        assert not build_index(moved, embedder, tmp_path / "indexes", other)
    assert index_source(tmp_path / "indexes", tea.slug) == file


@pytest.mark.parametrize("letter", ["a", "茶", "e\u0301"])
def test_a_long_title_names_a_folder(
    letter: str, second: Comparison, embedder: MiniLM, tmp_path: Path
) -> None:
    # "File name too long"
    long = [replace(second, title=f"{letter * 300} vs {end}") for end in ("Tea", "Coffee")]
    for comparison in long:
        assert len(comparison.slug.encode()) <= 120
        few = replace(comparison, passages=second.passages[:1])
        assert build_index(few, embedder, tmp_path)
        assert open_index(tmp_path, embedder, comparison.slug).comparison == few
    assert len(indexed(tmp_path)) == 2
