"""`advisor eval --generate` from a document to a case file that `advisor eval` reads.

A scripted model writes about the second comparison, so what must be kept is known beforehand.
"""

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

import agent.factory
from agent.downloads.catalogue import model_path
from agent.llm.local import LocalChatModel
from agent.progress import no_report
from agent.settings import read_settings
from evals.datasets.case import read_cases
from evals.generation.draft import Writer
from evals.generation.figures import NOT_STATED
from evals.generation.wordings import ELSE, messages
from knowledge.comparison import Comparison
from knowledge.embed import MiniLM
from tests.helpers.command import Run
from tests.helpers.scripted_model import ScriptedModel

SLUG = "heat-pump-vs-gas-boiler"
LIFETIME = "How long does a gas boiler last?"
PRICE = "What does a heat pump cost with installation?"
POOL = "I swim every morning and the water is too cold in May. What should I get?"
# by what stands at the end of the prompt
WRITTEN = {
    "Gas Boiler lasts 15 years": LIFETIME,
    "Figure: 15": LIFETIME,
    "Figure: $14,000": PRICE,
    "Figure: $4,500": "What does a gas boiler for $4,500 need?",  # names the figure
    "Figure: 20": "How long does it last?",  # of which of the two?
    "Figure: 45": "How loud is the outdoor unit of a heat pump, and its grille?",
    f"Question: {LIFETIME}\nThing: Gas Boiler": "How long does a samovar last?",
    f"Question: {PRICE}\nThing: Heat Pump": "What does a gas boiler cost with installation?",
}


def write(prompt: str) -> str:
    """What the model writes: a message about the pool for its use case, and WRITTEN."""
    asked = prompt.rpartition("\n\n")[2]
    if "Use case: Swimming Pool" in asked and "a retired teacher" in asked:
        return POOL
    return next((text for end, text in reversed(WRITTEN.items()) if end in asked), "not stated")


def choose(prompt: str, options: Sequence[str]) -> int:
    """What the model names: the pool for a message about swimming, and the figures of WRITTEN."""
    if options == [" yes", " no"]:
        return 0
    if f" {NOT_STATED}" in options:
        asked = prompt.rpartition("Question: ")[2]
        wanted = " 15" if LIFETIME in asked else " $14,000"
    else:
        swims = "swim" in prompt.rpartition("Message: ")[2]
        wanted = " Swimming Pool" if swims else f" {ELSE}"
    return list(options).index(wanted) if wanted in options else 0


@pytest.fixture
def file(tmp_path: Path, indexes: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where cases are to go, with an index of the second comparison and a scripted model."""
    shutil.copytree(indexes, tmp_path / "data" / "indexes")
    monkeypatch.setattr(agent.factory, "open_model", lambda settings: ScriptedModel(choose, write))
    return tmp_path / "mine.jsonl"


def generate(run: Run, file: Path) -> tuple[int, list[str]]:
    done = run("eval", "--generate", "--comparison", SLUG, "--out", str(file))
    return done.status, done.err


def test_what_survives_its_round_trip_becomes_a_case(
    run: Run, file: Path, second: Comparison
) -> None:
    status, _ = generate(run, file)
    assert status == 0
    cases = {case.turns[0]: case for case in read_cases([file], second)}
    assert set(cases) == {POOL, LIFETIME, PRICE, "How long does a samovar last?"}
    assert all(case.generated for case in cases.values())
    assert cases[POOL].verdict == "Heat Pump"
    assert cases[POOL].cites == ("best-for/swimming-pool",)
    assert cases[PRICE].cites == ("dimension/purchase-price",)
    assert cases["How long does a samovar last?"].abstain


def test_one_line_a_kind_says_what_was_dropped_and_the_last_what_to_do(
    run: Run, file: Path
) -> None:
    _, lines = generate(run, file)
    verdict, fact, abstain, remedy = lines[-4:]
    assert verdict.startswith(
        "verdict: 1 kept of 36 (unfinished, or an example: 35). None for: New Energy"
    )
    assert fact.startswith("fact: 2 kept of 11 (")
    assert "names the figure: 1" in fact
    assert abstain == "abstain: 1 kept of 2 (asks of something in the document: 1)"
    assert "is generated. Read it, and correct or remove what is wrong" in remedy


def test_a_file_that_is_there_is_never_overwritten(run: Run, file: Path) -> None:
    file.write_text("edited by hand\n", encoding="utf-8")
    status, [line] = generate(run, file)
    assert status == 2
    assert line.startswith(f"{file} is there already, and may have been edited.")
    assert file.read_text(encoding="utf-8") == "edited by hand\n"


def test_a_document_of_which_nothing_survives_is_one_line(
    run: Run, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agent.factory, "open_model", lambda settings: ScriptedModel())
    status, lines = generate(run, file)
    assert status == 2
    assert lines[-1].startswith("Nothing that was written survived its round trip")
    assert not file.exists()


@pytest.mark.model
def test_the_default_model_describes_a_use_case_in_other_words(
    second: Comparison, embedder: MiniLM
) -> None:
    settings = read_settings()
    use_case = second.of_kind("best-for")[0]
    small = replace(second, passages=(second.passages[0], use_case))
    model = LocalChatModel(model_path(settings), settings.kv_cache_mib, settings.threads)
    try:
        with model.session() as session:
            draft = messages(Writer(session), small, embedder, no_report)
    finally:
        model.close()
    assert draft.cases
    assert {case.cites for case in draft.cases} == {(use_case.id,)}
    assert all(use_case.heading.lower() not in case.turns[0].lower() for case in draft.cases)
