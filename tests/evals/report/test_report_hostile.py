"""The report obeys nothing that stands in it, whatever a case or an answer says."""

import base64
import copy
import hashlib
import re
from pathlib import Path

import pytest

from evals.report.report import write_report
from tests.helpers.sample_run import (
    HOSTILE,
    RESULTS,
    hostile,
    many,
    one,
    said,
    written,
)


def test_the_script_runs_by_its_hash_and_nothing_else_does(tmp_path: Path) -> None:
    soup = written(hostile(), tmp_path)
    (script,) = soup.select("script")
    digest = base64.b64encode(hashlib.sha256(str(script.string).encode()).digest()).decode()
    policy = one(soup, "meta[http-equiv=Content-Security-Policy]")["content"]
    assert policy == (
        "default-src 'none'; style-src 'unsafe-inline'; "
        f"script-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
    assert "innerHTML" not in str(script.string)


def test_the_page_loads_nothing(tmp_path: Path) -> None:
    soup = written(hostile(), tmp_path)
    loaders = "[src], [srcset], [data], [xlink\\:href], link, iframe, img, object, embed, base"
    assert soup.select(loaders) == []
    assert [a["href"] for a in soup.select("[href]") if not str(a["href"]).startswith("#")] == []
    quiet = str(one(soup, "style").string) + str(one(soup, "script").string)
    assert re.findall(r"url\(|@import|https?:|fetch\(|import\(", quiet) == []


def test_markup_from_a_case_stays_text(tmp_path: Path) -> None:
    soup = written(hostile(), tmp_path)
    assert soup.select("img, [onerror], a[href^=javascript]") == []
    plain = " ".join(HOSTILE.split())
    for place in (
        "title",
        "h1",
        ".meta",
        ".config th",
        ".config td",
        ".confusion tbody th",
        "#c1 .text",
        "#c2 .turns li",
        "#c2 q",
        "#c2e1",
        "#c2 .why",
        "#c1 ul:last-of-type",
        "#c3 code",
        ".case .tag",
        ".flips .pair dd",
        ".bars .label",
    ):
        assert any(plain in said(found) for found in soup.select(place)), place
    kinds = [str(option["value"]) for option in soup.select("[name=kind] option")]
    assert kinds[1] == "verdict" + HOSTILE


def test_a_page_of_900_cases_stays_under_3_mb(tmp_path: Path) -> None:
    write_report(many(900), tmp_path)
    assert (tmp_path / "report.html").stat().st_size < 3_000_000


def test_results_that_lack_something_leave_an_earlier_report_as_it_was(tmp_path: Path) -> None:
    write_report(RESULTS, tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    results = copy.deepcopy(RESULTS)
    del results["cases"][1]["answer"]["standalone_question"]
    with pytest.raises(Exception, match="standalone_question"):
        write_report(results, tmp_path)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before
