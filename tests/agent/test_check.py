"""`advisor check` shows what is recognised, in words and as JSON; what it writes is obeyed."""

import errno
import json
from pathlib import Path

import pytest

from knowledge.documents.reader import parse_file
from tests.helpers.boats import BOATS, USE_CASES
from tests.helpers.command import Run


@pytest.fixture
def boats(tmp_path: Path) -> Path:
    path = tmp_path / "boats.md"
    path.write_text(BOATS, encoding="utf-8")
    return path


def test_tree_says_what_was_recognised_where_and_how_sure(boats: Path, run: Run) -> None:
    done = run("check", str(boats))
    assert done.status == 0
    assert done.out[:3] == [
        "Kayak vs Canoe",
        "  Options (2)",
        "    Kayak  [told: title and table]",
    ]
    assert (
        '    You paddle alone -> Kayak  [told: heading "When to choose a kayak", line 11]'
        in done.out
    )
    assert '    The Bottom Line -> Canoe  [implied: heading "Conclusion", line 13]' in done.out
    assert 'Advice: The use case "You paddle alone" has no reasons.' in done.out
    assert 'Advice: No use case speaks for "Canoe".' in done.out
    assert any(line.startswith("Advice: Rows with figures but no date: 1") for line in done.out)


def test_json_is_one_object(boats: Path, run: Run) -> None:
    [line] = run("check", str(boats), "--json").out
    found = json.loads(line)
    assert [each["name"] for each in found["options"]] == ["Kayak", "Canoe"]
    assert found["use_cases"] == USE_CASES
    assert found["in_general"]["verdict"] == "Canoe"


def test_what_is_written_is_obeyed_when_a_person_has_corrected_it(boats: Path, run: Run) -> None:
    before = parse_file(boats)
    assert run("check", str(boats), "--write").status == 0
    assert parse_file(boats) == before
    text = boats.read_text(encoding="utf-8")
    assert text.endswith(BOATS)
    text = text.replace("You paddle alone: Kayak", "You paddle alone: Canoe")
    boats.write_text(text.replace("in_general: Canoe", "in_general: none"), encoding="utf-8")
    comparison = parse_file(boats)
    assert [each.verdict for each in comparison.recommending] == ["Canoe"]
    run("check", str(boats), "--write")
    assert parse_file(boats) == comparison


def test_front_matter_that_is_there_is_kept(boats: Path, run: Run) -> None:
    boats.write_text(f"---\n# mine\nauthor: Ada\nboth: Any\n---\n{BOATS}", encoding="utf-8")
    run("check", str(boats), "--write")
    assert boats.read_text(encoding="utf-8").startswith("---\n# mine\nauthor: Ada\nboth: Any\n")
    assert parse_file(boats).both == "Any"


def test_the_rest_of_the_document_keeps_its_line_ends_and_permissions(
    boats: Path, run: Run
) -> None:
    boats.write_bytes(BOATS.replace("\n", "\r\n").encode())
    boats.chmod(0o640)
    link = boats.with_name("link.md")
    link.symlink_to(boats)
    run("check", str(link), "--write")
    written = boats.read_bytes()
    assert written.endswith(BOATS.replace("\n", "\r\n").encode())
    assert written.count(b"\n") == written.count(b"\r\n")
    assert boats.stat().st_mode & 0o777 == 0o640
    assert link.is_symlink()


def test_a_document_that_cannot_be_written_stays_whole(
    boats: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    done = run("check", str(boats), "--write")
    assert done.status == 2
    assert "boats.md cannot be written: No space left on device." in done.err[-1]
    assert boats.read_bytes() == BOATS.encode()


def test_options_are_named_one_by_one(boats: Path, run: Run) -> None:
    done = run("check", str(boats), "--options", "Canoe", "--options", "Kayak")
    assert done.out[2] == "    Canoe  [told: given]"
    done = run("check", str(boats), "--options", "Raft", "--options", "Kayak")
    assert (done.status, len(done.err)) == (2, 1)
    assert 'the option "Raft" is not named in it.' in done.err[0]


def test_skeleton_is_a_comparison_of_its_options(tmp_path: Path, run: Run) -> None:
    path = tmp_path / "new.md"
    assert run("new", "Kayak vs Canoe vs Raft", str(path)).status == 0
    comparison = parse_file(path)
    assert comparison.options == ("Kayak", "Canoe", "Raft")
    assert [each.verdict for each in comparison.recommending] == ["Kayak", "Canoe", "Raft"]
    assert run("new", "Kayak vs Canoe").out[-1].startswith("What you would say")


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["new", "Kayak"], '"Kayak" names no two options. Write it as "A vs B".'),
        (["check", "nowhere.md"], "nowhere.md cannot be read: No such file or directory. Check"),
    ],
)
def test_wrong_use_is_one_line(arguments: list[str], line: str, run: Run) -> None:
    done = run(*arguments)
    assert (done.status, done.out) == (2, [])
    [only] = done.err
    assert only.startswith(line)


def test_file_that_is_there_is_not_written_over(boats: Path, run: Run) -> None:
    done = run("new", "Kayak vs Canoe", str(boats))
    assert (done.status, len(done.err)) == (2, 1)
    assert boats.read_text(encoding="utf-8") == BOATS


def test_table_is_corrected_in_a_file_beside_it(tmp_path: Path, run: Run) -> None:
    path = tmp_path / "boats.csv"
    path.write_text("Trait,Kayak,Canoe\nSeats,1,3\nPrice,4,5\n", encoding="utf-8")
    before, beside = path.read_bytes(), tmp_path / "boats.csv.yaml"
    done = run("check", str(path), "--write")
    assert done.err == [f"Corrections are read from {beside}."]
    assert path.read_bytes() == before
    assert "options:\n- Kayak\n- Canoe\n" in beside.read_text(encoding="utf-8")
    beside.write_text("title: Two boats\nboth: Either of them\n", encoding="utf-8")
    comparison = parse_file(path)
    assert (comparison.title, comparison.both) == ("Two boats", "Either of them")
    beside.write_text("title: [", encoding="utf-8")
    done = run("check", str(path))
    assert done.status == 2 and "its front matter is not valid YAML" in done.err[0]
