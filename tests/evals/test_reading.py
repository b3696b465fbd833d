"""Figures of what the reader recognises, over small documents."""

import json
from pathlib import Path

import pytest

from evals.reading import AllKnowing, main, read, show

DOCUMENT = """# Tram vs Bus

| | Tram | Bus |
| --- | --- | --- |
| To the station | 9 minutes | 20 minutes |

## Best For

### A pram to push

**Winner: Tram**

It has no steps.

### A ticket by phone

**Winner: Bus**

It sells them so.
"""


def truth(folder: Path, document: str, verdicts: tuple[str | None, ...]) -> Path:
    (folder / "trams.md").write_text(document, encoding="utf-8")
    cases = [
        {"case": case, "recommends": verdict}
        for case, verdict in zip(("A pram to push", "A ticket by phone"), verdicts, strict=True)
    ]
    said = {"options": ["Tram", "Bus"], "rows": 1, "cases": cases, "overall": None}
    file = folder / "trams.truth.json"
    file.write_text(json.dumps(said), encoding="utf-8")
    return file


def test_what_a_person_reads_is_right_and_what_they_do_not_is_wrong(tmp_path: Path) -> None:
    found = read(truth(tmp_path, DOCUMENT, ("Tram", "Bus")))
    assert found.right == found.of == (1, 1, 2, 1)
    for verdicts in (("Tram", "Tram"), ("Tram", "both"), ("Tram", None)):
        assert read(truth(tmp_path, DOCUMENT, verdicts)).right == (1, 1, 1, 1)


def test_a_recommendation_of_none_is_another_than_no_verdict(tmp_path: Path) -> None:
    none = DOCUMENT.replace("Winner: Bus", "Neither")
    assert read(truth(tmp_path, none, ("Tram", "neither"))).right == (1, 1, 2, 1)
    assert read(truth(tmp_path, none, ("Tram", None))).right == (1, 1, 1, 1)
    assert read(truth(tmp_path, none, ("neither", "neither"))).right == (1, 1, 1, 1)


def test_who_knows_everything_brings_what_is_asked_about_and_no_more(tmp_path: Path) -> None:
    prose = DOCUMENT.replace("**Winner: Tram**\n\n", "").replace("**Winner: Bus**\n\n", "")
    file = truth(tmp_path, prose, ("Tram", "both"))
    assert read(file).right == (1, 1, 0, 1)
    assert read(file, AllKnowing(file)).right == (1, 1, 2, 1)
    lost = prose.replace("### A pram to push", "### A pram").replace("no steps", "no stairs")
    file = truth(tmp_path, lost, ("Tram", "both"))
    assert read(file, AllKnowing(file)).right == (1, 1, 1, 1)


def test_of_a_refused_document_nothing_is_right(tmp_path: Path) -> None:
    found = read(truth(tmp_path, "# Trams\n\nThey run.\n", ("Tram", "Bus")))
    assert found.right == (0, 0, 0, 0) and found.of == (1, 1, 2, 1)


def test_each_document_and_each_kind_has_a_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = truth(tmp_path, DOCUMENT, ("Tram", "Tram"))
    main([str(tmp_path)])
    said = capsys.readouterr().out
    assert "verdicts 1/2" in said and f"{tmp_path}: 1 documents" in said
    assert any(line.startswith("verdicts     0.500") for line in show([read(file)]))
