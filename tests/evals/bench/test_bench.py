"""The bench: its statistics, its chart, its documents, bad input, and contenders in processes.

A small model runs where one has to; what the default model takes is for `advisor bench` to say.
"""

import json
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest

from agent import cli
from agent.downloads.catalogue import model_path
from agent.settings import read_settings
from evals.bench import growth
from evals.bench.chart import chart
from evals.bench.cli import _table
from evals.bench.contenders import answered
from evals.bench.figures import Contender, Figures, percentile
from evals.bench.job import Job, JobResult, Measurement, Question
from evals.bench.run import _grown, measured, mixed
from knowledge.documents.reader import parse_file, parse_text


@pytest.mark.parametrize(
    ("values", "part", "wanted"),
    [
        ([3.0], 0.95, 3.0),
        ([4.0, 1.0, 3.0, 2.0], 0.5, 2.5),
        ([4.0, 1.0, 3.0, 2.0], 1.0, 4.0),
        ([float(n) for n in range(21)], 0.95, 19.0),
        ([0.0, 10.0], 0.95, 9.5),
        ([], 0.5, None),
    ],
)
def test_a_percentile_lies_between_two_values_in_proportion(
    values: list[float], part: float, wanted: float | None
) -> None:
    assert percentile(values, part) == wanted


def took(*first_s: float) -> JobResult:
    asked = [Measurement(s, s + 2, read=10, reused=90, written=41) for s in first_s]
    return JobResult(start_s=7, peak_mib=99, questions=asked, writing=asked[:1])


OURS = Contender.of("ours", took(0.5, 1.0, 1.5), cold=JobResult(start_s=30))
STOCK = Contender.of("stock", took(2.0, 4.0, 5.0))
SERVER = Contender.of("server", JobResult(missing="xllamacpp is not installed"))
CONFIG = {"model": 'a<b>"&', "threads": 2}
FIGURES = Figures(CONFIG, (STOCK, SERVER, OURS), 25.0, (replace(OURS, name="<28> & more"),))


def test_figures_are_medians_and_ratios_of_what_was_measured() -> None:
    assert (OURS.first_token_p50_s, OURS.total_p50_s, OURS.tokens_per_s) == (1.0, 3.0, 20.0)
    assert (OURS.start_cold_s, OURS.start_warm_s, STOCK.start_cold_s) == (30, 7, 7)
    assert (STOCK.start_warm_s, OURS.followup_p50_s) == (None, None)
    assert (FIGURES.ratio("stock"), FIGURES.ratio("server"), FIGURES.ratio("plain")) == (
        4,
        None,
        None,
    )
    assert json.loads(json.dumps(FIGURES.to_json()))["writing_share"] == 0.8


def test_what_could_not_be_measured_says_why() -> None:
    assert (SERVER.missing, SERVER.peak_mib) == ("xllamacpp is not installed", None)
    assert Contender.of("ours", took(1.0), cold=JobResult(missing="no cells")).missing == "no cells"
    assert list(_table([OURS, SERVER]).columns[3].cells) == ["1.00", "–"]


def test_the_chart_is_xml_that_escapes_labels_and_loads_nothing() -> None:
    drawn = chart(FIGURES)
    elements = list(ElementTree.fromstring(drawn).iter())
    texts = [element.text or "" for element in elements]
    assert "<28> & more" in texts
    assert "xllamacpp is not installed" in texts
    assert any('a<b>"&' in text for text in texts)
    assert "prefers-color-scheme: dark" in drawn
    assert {element.tag.rpartition("}")[2] for element in elements} <= {
        *("svg", "title", "desc", "style", "rect", "path", "text")
    }
    assert not [name for name in ("href", "url(", "@import") if name in drawn]


def test_a_longer_median_is_a_longer_bar() -> None:
    bars = [
        float(element.attrib["width"])
        for element in ElementTree.fromstring(chart(FIGURES)).iter()
        if element.get("class", "").startswith("bar")
    ]
    # of 400, where the longest whisker ends: 4, none and 1 of 4.9 seconds, and 1 of 1.45
    assert bars == [326.5, 0.0, 81.6, 275.9]


@pytest.mark.parametrize("passages", growth.SIZES)
def test_a_generated_comparison_has_just_as_many_passages(passages: int) -> None:
    text = growth.comparison_of(passages)
    comparison = parse_text(text, "markdown")
    assert (len(comparison.passages), comparison.warnings) == (passages, ())
    towns = [
        q.split(" at ")[1].split()[0].strip("?")
        for q in growth.questions_about(passages, 9)
        if " at " in q
    ]
    assert len(towns) == 6
    assert all(f"### Crossing at {town}\n" in text for town in towns)


@pytest.mark.parametrize(
    ("arguments", "url", "said"),
    [
        (["--questions", "0"], "", "--questions 0 cannot be asked. Use 1 to 100."),
        (["--chart", "no/such/folder/a.svg"], "", "--chart no/such/folder/a.svg is no file"),
        ([], "http://127.0.0.1:9/v1", "ADVISOR_BASE_URL=http://127.0.0.1:9/v1 is a model served"),
    ],
)
def test_bad_input_is_refused_in_one_line(
    arguments: list[str],
    url: str,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("ADVISOR_BASE_URL", url)
    monkeypatch.setattr(sys, "argv", ["advisor", "bench", *arguments])
    with pytest.raises(SystemExit) as caught:
        cli.main()
    error = capsys.readouterr().err
    assert (caught.value.code, error.count("\n")) == (2, 1)
    assert said in error


def test_a_contender_that_dies_is_missing_and_not_the_end(tmp_path: Path) -> None:
    job = Job(str(tmp_path / "none.gguf"), {"n_ctx": 512, "n_batch": 64, "n_threads": 1})
    assert measured("stock", job, read_settings()).missing == "its process ended with status 1"


def test_a_server_that_is_not_installed_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "xllamacpp", None)  # so it is for Python where it is not
    job = Job(str(tmp_path / "none.gguf"), {"n_ctx": 512, "n_batch": 64, "n_threads": 1})
    assert answered("server", job).missing == "xllamacpp is not installed"


@pytest.mark.model
def test_stock_and_ours_answer_the_same_questions_in_processes_of_their_own(tmp_path: Path) -> None:
    file = tmp_path / "ferries.md"
    file.write_text(growth.comparison_of(14), encoding="utf-8")
    slug = parse_file(file).slug
    settings = read_settings(model="smollm2-135m", comparison=slug, data_dir=tmp_path / "data")
    passages = "".join(passage.text for passage in parse_file(file).passages[:4])
    questions = [
        Question([text], "You know ferries.", f"{passages}\n{text}")
        for text in growth.questions_about(14, 3)
    ]
    job = Job(str(model_path(settings)), questions=questions, document=str(file))
    ours = measured("unprobed", replace(job, writing=questions[:1]), settings)
    job = replace(job, runs_with=ours.runs_with, writing=questions[:1])
    stock = measured("stock", job, settings)
    assert (ours.missing, stock.missing, ours.runs_with) == ("", "", stock.runs_with)
    for found in (ours, stock):
        assert len(found.questions) == 2  # one more warmed up
        assert all(0 < asked.first_token_s <= asked.total_s for asked in found.questions)
        assert all(asked.reused > asked.read > 0 for asked in found.questions)
        assert found.start_s > 0 and found.peak_mib > 90  # the model's file alone
        assert max(asked.tokens_per_s for asked in found.writing) > 1
    assert stock.bare_tokens_per_s and stock.bare_tokens_per_s > 1


@pytest.mark.model
def test_a_generated_comparison_is_asked_twice_and_by_the_plain_way(tmp_path: Path) -> None:
    settings = read_settings(model="smollm2-135m", kv_cache_mib=40, data_dir=tmp_path / "data")
    rows = _grown(40, Job(str(model_path(settings))), 3, settings, tmp_path)
    assert [each.name for each in rows] == ["40 passages", "40 again", "40 plain"]
    first, again, plain = rows
    assert [each.missing for each in rows] == ["", "", ""]
    assert {each.questions for each in rows} == {3}
    reads = [each.read_p50_tokens or 0 for each in rows]
    assert again.reused_p50_tokens and again.reused_p50_tokens > reads[1] > 0
    assert plain.reused_p50_tokens == 0 and reads[2] > reads[1]
    assert first.start_cold_s and first.search_p50_s and plain.start_cold_s is None


def test_the_first_of_mixed_items_are_spread_over_all() -> None:
    for count in (1, 2, 9, 25, 101):
        order = mixed(range(count))
        assert sorted(order) == list(range(count))
    few = sorted(mixed(range(25))[:6])
    assert few[0] < 5 and few[-1] > 19
    assert max(b - a for a, b in pairwise(few)) < 9
