"""What texts recommend is judged by likelihood; without a model, one line says so."""

import json
from collections.abc import Sequence
from math import log
from pathlib import Path

import numpy as np
import pytest

from agent.downloads.catalogue import embedding_paths
from agent.judge import (
    LISTED,
    WEIGHTS_FILE,
    ModelJudge,
    Signals,
    beyond_usual,
    judged,
    naming,
    observe,
    situations,
)
from agent.settings import read_settings
from evals.datasets.comparisons import TRUTH
from knowledge.comparison import NEITHER
from knowledge.documents.judge import Asked
from knowledge.documents.reader import parse_file
from knowledge.embed import MiniLM
from tests.helpers.command import Run
from tests.helpers.paths import DATA
from tests.helpers.scripted_model import ScriptedModel

WEIGHTS = np.array(json.loads(WEIGHTS_FILE.read_text(encoding="utf-8")))
OPEN = """\
# Kayak vs Canoe

| Trait | Kayak | Canoe |
| --- | --- | --- |
| Weight | 22 kg | 31 kg |
| Seats | 1 | 3 |

## Use cases

### A family with a dog

Wide, dry, and nobody sits alone in it.
"""


def signals(names: list[float], yes: list[float], reader: float = 0.0, chars: int = 300) -> Signals:
    return Signals(np.array(names), np.array(yes), reader, chars)


@pytest.mark.parametrize(
    ("names", "yes", "options"),
    [
        ([3.0, -2.0, -1.0, -1.0], [2.0, -1.0], (0,)),
        ([-2.0, 3.0, -1.0, -1.0], [-1.0, 2.0], (1,)),
        ([-1.0, -1.0, 1.0, 7.0], [-2.0, -2.0], ()),
        ([-2.0, -2.0, 6.0, -1.0], [1.5, 1.5], (0, 1)),
    ],
)
def test_the_likeliest_judgement_is_taken(
    names: list[float], yes: list[float], options: tuple[int, ...]
) -> None:
    found = judged(signals(names, yes), WEIGHTS, "use case")
    assert found.options == options
    assert 0.4 < found.probability <= 1


def test_a_name_counts_as_two_ways_to_ask_for_it_show_on_average() -> None:
    asked: list[str] = []

    def choose(prompt: str, options: Sequence[str]) -> int:
        asked.append(prompt)
        return 1 if "should choose:" in prompt else 0

    no_text, seen = observe(ScriptedModel(choose), ("Kayak", "Canoe"), [Asked("A dog", "Wide.")])
    likely, unlikely = log(0.9), log(0.1 / 3)
    assert seen.names == pytest.approx([(likely + unlikely) / 2] * 2 + [unlikely] * 2)
    assert seen.yes == pytest.approx([log(9)] * 2)
    of_names = [each for each in asked if "A dog" in each and not each.endswith("?")]
    assert len(of_names) == 2
    assert (no_text.chars, seen.chars) == (3, 5)


def test_what_is_usual_for_a_document_does_not_count() -> None:
    no_text = signals([5.0, 0.0, 0.0, 0.0], [1.0, 0.0], reader=-1.0)
    first, second = beyond_usual([no_text, no_text, signals([5.0, 3.0, 0.0, 0.0], [1.0, 2.0])])
    assert judged(second, WEIGHTS, "use case").options == (1,)
    assert first.names[1] < 0 < second.names[1]
    assert (first.reader, second.reader) == (0.0, 1.0)


def test_the_model_is_not_asked_about_what_names_no_situation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked(*_: object) -> None:
        raise AssertionError("the model was asked")

    monkeypatch.setattr(ModelJudge, "_opened", asked)
    judge = ModelJudge(read_settings(data_dir=tmp_path))
    [judgement] = judge(("Kayak", "Canoe"), [Asked("How we tested", "Twice.", "section")])
    assert judgement.options is None
    assert judgement.probability > 0.5


def test_headings_of_situations_are_told_from_others() -> None:
    paths = embedding_paths(read_settings().cache_dir)
    embedder = MiniLM(paths.onnx, paths.tokenizer)

    def situated(heading: str) -> float:
        return situations().log_odds(embedder.embed(naming(Asked(heading, "", "section"))))

    those = [situated(each) for each in ("A family with a dog", "People who live by a weir")]
    others = [situated(each) for each in ("How we tested", "Weight and price")]
    assert min(those) > max(others)


def test_no_model_is_needed_where_nothing_is_likely_to_be_a_use_case() -> None:
    served = ModelJudge(read_settings(base_url="http://127.0.0.1:9"))
    aside = Asked("How we tested the two boats", "The canoe came twice.", "aside")
    [judgement] = served(("Kayak", "Canoe"), [aside])
    assert judgement.options is None
    assert served.warnings == []


def test_without_a_model_the_check_says_that_it_was_not_asked(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ADVISOR_CACHE_DIR", str(tmp_path))
    file = tmp_path / "boats.md"
    file.write_text(OPEN, encoding="utf-8")
    done = run("check", str(file))
    assert done.status == 0
    [said] = [line for line in done.out if line.startswith("Warning: The model was not asked")]
    assert "advisor pull" in said


def test_a_served_model_is_not_asked() -> None:
    judge = ModelJudge(read_settings(base_url="http://127.0.0.1:9"))
    assert judge(("Kayak", "Canoe"), [Asked("A dog", "Wide and dry.")]) == []
    assert judge.silent.startswith("a served model")


@pytest.mark.parametrize(
    ("written", "names"),
    [
        (" Tidewheel\n2. Cron hosts", ["Tidewheel", "Cron hosts"]),
        (" 3.5 mm jack\n2) 2.4 GHz band\n\n3. ", ["3.5 mm jack", "2.4 GHz band", "3. "]),
        ("", []),
    ],
)
def test_a_list_is_read_line_by_line_without_its_numbers(written: str, names: list[str]) -> None:
    assert LISTED.findall(written) == names


def test_a_list_is_kept_by_text_and_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = read_settings(model="smollm2-135m", data_dir=tmp_path)
    text = "# Kayak or canoe?\nThe kayak is quick. The canoe is wide."
    before = ModelJudge(settings).options(text)
    assert before

    def asked_again(*_: object) -> None:
        raise AssertionError("the model was asked again")

    monkeypatch.setattr(ModelJudge, "_opened", asked_again)
    assert ModelJudge(settings).options(text) == before


def test_a_refusal_says_that_there_was_no_model_to_ask(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ADVISOR_CACHE_DIR", str(tmp_path))
    file = tmp_path / "letter.md"
    file.write_text("# Dear neighbours\n\nWe like the lake.\n", encoding="utf-8")
    done = run("check", str(file))
    assert done.status == 2
    [line] = done.err
    assert "no two options were found" in line
    assert "The model was not asked what no rule tells" in line


def test_judgements_are_kept_by_text_and_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = read_settings(model="smollm2-135m", data_dir=tmp_path)
    options, asked = ("Kayak", "Canoe"), [Asked("A dog", "Wide and dry.")]
    before = ModelJudge(settings)(options, asked)
    [judgement] = before
    assert judgement.options in {(0,), (1,), (0, 1), ()}

    def asked_again(*_: object) -> None:
        raise AssertionError("the model was asked again")

    monkeypatch.setattr(ModelJudge, "_opened", asked_again)
    assert ModelJudge(settings)(options, asked) == before
    with pytest.raises(AssertionError):
        ModelJudge(settings)(options, [Asked("A dog", "Narrow and wet.")])


@pytest.mark.model
def test_verdicts_told_in_prose_only_are_judged_as_a_person_does() -> None:
    """Six documents in wordings that nothing was fitted on; the rules alone read 8 of 37."""
    judge, right, wrong, total = ModelJudge(read_settings()), 0, 0, 0
    for truth in sorted((DATA / "prose").glob(f"*{TRUTH}")):
        comparison = parse_file(truth.with_name(truth.name.replace(TRUTH, ".md")), judge=judge)
        verdicts = {each.heading.strip('"'): each.verdict for each in comparison.recommending}
        for case in json.loads(truth.read_text(encoding="utf-8"))["cases"]:
            said = case["recommends"]
            wanted = (
                {None: NEITHER, "both": comparison.both}.get(said, said)
                if not isinstance(said, list)
                else comparison.both
            )
            found = verdicts.get(case["case"])
            right += found == wanted
            wrong += found not in (None, wanted)
            total += 1
    assert right / total >= 0.6
    assert wrong / total <= 0.15
