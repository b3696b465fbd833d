"""What was learnt over many comparisons, applied to one; states are made up."""

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from typing import BinaryIO

import numpy as np
import pytest
from numpy.typing import NDArray

from agent.downloads.catalogue import ARTIFACTS
from agent.learning.probe import Probe
from agent.learning.understanding import (
    Learnt,
    Reference,
    Understanding,
    anybody,
    described,
    refer,
    shipped_understanding,
)
from agent.llm.base import State
from agent.settings import DEFAULT_MODEL
from knowledge.comparison import Comparison
from knowledge.documents.reader import parse_text
from knowledge.embed import MiniLM
from knowledge.index import index_in_memory
from knowledge.retrieve import Retriever
from tests.helpers.boats import BOATS
from tests.helpers.state_model import StateModel

WIDTH = 3
ASKS, POOL, EVERYBODY = np.eye(WIDTH, dtype=np.float32)
POOL_ID = "best-for/swimming-pool"


def probe(toward: State) -> Probe:
    """Of two classes; the second lies in that direction."""
    weights = np.zeros((WIDTH, 2))
    weights[:, 1] = 5 * toward - 1
    return Probe(np.zeros(WIDTH), weights)


UNDERSTANDING = Understanding(
    "model",
    advice=probe(ASKS),
    general=probe(EVERYBODY),
    injection=probe(ASKS),
    stated=probe(POOL),
    scale=5.0,
)


def learnt(comparison: Comparison, usual: State | None = None) -> Learnt:
    """Of a comparison whose swimming pool lies in one direction, and all else against it."""
    rows = [POOL if case.id == POOL_ID else -POOL for case in comparison.recommending]
    nothing = np.zeros(WIDTH, np.float32) if usual is None else usual
    names = np.zeros(len(comparison.recommending))
    reference = Reference(np.array(rows), nothing, nothing, np.zeros(3), names, nothing)
    return Learnt(comparison, UNDERSTANDING, reference)


def without_verdict_in_general(comparison: Comparison) -> Comparison:
    passages = (
        replace(p, verdict=None) if p.kind == "bottom-line" else p for p in comparison.passages
    )
    return replace(comparison, passages=tuple(passages))


def test_the_use_case_in_the_direction_of_a_message_is_likeliest(second: Comparison) -> None:
    scores = learnt(second).case_scores(POOL)
    assert second.recommending[int(scores.argmax())].id == POOL_ID
    assert np.exp(scores).sum() == pytest.approx(1.0)


def test_what_anybody_could_write_is_subtracted(second: Comparison) -> None:
    # everything that is written about this comparison points at the pool
    known = learnt(second, usual=5 * POOL)
    assert known.matches(5 * POOL + ASKS) == pytest.approx([0.0] * len(second.recommending))
    assert second.recommending[int(known.matches(6 * POOL).argmax())].id == POOL_ID
    assert known.advice_odds(5 * POOL + ASKS, POOL) == pytest.approx(4.0)


def test_what_a_document_states_is_told_beside_what_it_always_shows(second: Comparison) -> None:
    known = learnt(second)
    usual = Learnt(second, UNDERSTANDING, replace(known.reference, stated=2 * POOL))
    assert usual.stated_odds(3 * POOL) == known.stated_odds(POOL) > 0 > usual.stated_odds(POOL)


def test_a_message_without_a_situation_is_about_the_bottom_line(second: Comparison) -> None:
    scores = learnt(second).case_scores(EVERYBODY)
    assert second.recommending[int(scores.argmax())].id == "bottom-line"
    assert np.exp(scores).sum() == pytest.approx(1.0)


def test_a_general_request_is_none_where_the_document_says_nothing_in_general(
    second: Comparison,
) -> None:
    known = learnt(without_verdict_in_general(second))
    assert known.advice_odds(ASKS, EVERYBODY) < 0
    assert known.advice_odds(ASKS, POOL) > 0
    assert np.exp(known.case_scores(POOL)).sum() == pytest.approx(1.0)
    assert learnt(second).advice_odds(ASKS, EVERYBODY) > 0


def test_use_cases_that_lie_in_one_direction_are_named_in_pairs(second: Comparison) -> None:
    ids = [case.id for case in second.recommending]
    rows = np.array([[1.0, 0.0, float(i)] for i in range(len(ids))], np.float32)
    rows[ids.index(POOL_ID)] = rows[ids.index("best-for/farm-with-solar-panels")] = [-9.0, 5.0, 0.0]
    reference = replace(learnt(second).reference, cases=rows)
    found = Learnt(second, UNDERSTANDING, reference).alike()
    [(one, other, similarity)] = [each for each in found if POOL_ID in (each[0].id, each[1].id)]
    assert {one.id, other.id} == {POOL_ID, "best-for/farm-with-solar-panels"}
    assert similarity == pytest.approx(1.0)
    assert all("bottom-line" not in (one.id, other.id) for one, other, _ in found)


def test_of_a_document_without_use_cases_nothing_is_likely(second: Comparison) -> None:
    nothing = replace(without_verdict_in_general(second), passages=second.of_kind("dimension"))
    known = Learnt(
        nothing,
        UNDERSTANDING,
        replace(learnt(second).reference, cases=np.zeros((0, WIDTH), np.float32)),
    )
    assert known.case_scores(POOL).size == 0
    assert known.likely(POOL, 5) is None


def recording() -> StateModel:
    """Its state shows how long the newest text is, and whether a use case is to be named."""
    return StateModel(
        lambda prompt: np.array(
            [float(len(prompt.text)), float("Use case" in prompt.begun)], np.float32
        )
    )


def test_a_reference_has_the_use_cases_and_what_anybody_could_write(
    second: Comparison, second_retriever: Retriever
) -> None:
    reference = refer(recording(), second_retriever)
    assert reference.cases.shape == (len(second.recommending), 2)
    around = len("Message: \n")
    first = second.recommending[0]
    lengths = (len(described(first)) + len(first.heading)) / 2 + around
    assert reference.cases[0].tolist() == [lengths, 1.0]
    mean = float(np.mean([len(text) for text in anybody()])) + around
    assert reference.asking.tolist() == pytest.approx([mean, 0.0])
    assert reference.naming.tolist() == pytest.approx([mean, 1.0])
    assert reference.asks_for.tolist() == [0.0, -1.0, -2.0]
    assert len(reference.names) == len(second.recommending)
    [_, sentence], *_ = second.sentences
    assert reference.stated[0] > len(sentence) / 4  # one of four questions
    assert reference.stated[1] == 0.0


def test_a_document_that_recommends_nothing_has_a_reference(embedder: MiniLM) -> None:
    # the states of no use case were an array without a width
    table = BOATS.partition("## When")[0]
    nothing = parse_text(table, "markdown")
    reference = refer(recording(), Retriever(index_in_memory(nothing, embedder)))
    assert reference.cases.shape == (0, 2)
    known = Learnt(nothing, UNDERSTANDING, reference)
    assert known.case_scores(reference.naming).size == 0 and known.alike() == []


def test_what_was_learnt_comes_back_as_it_was_written() -> None:
    file = BytesIO()
    UNDERSTANDING.write(file)
    file.seek(0)
    again = Understanding.read(file)
    assert (again.model_sha256, again.scale) == ("model", 5.0)
    for name in ("advice", "general", "injection", "stated"):
        state = np.array([0.5, -1.0, 2.0], np.float32)
        assert getattr(again, name).log_odds(state) == getattr(UNDERSTANDING, name).log_odds(state)


def test_a_reference_comes_back_as_it_was_written(second_retriever: Retriever) -> None:
    reference, file = refer(recording(), second_retriever), BytesIO()
    reference.write(file)
    file.seek(0)
    again = Reference.read(file)
    arrays: list[tuple[NDArray[np.float32], NDArray[np.float32]]] = [
        (again.cases, reference.cases),
        (again.naming, reference.naming),
    ]
    assert all((one == other).all() for one, other in arrays)


@pytest.mark.parametrize("read", [Understanding.read, Reference.read])
@pytest.mark.parametrize("content", [b"", b"something else"])
def test_what_is_something_else_is_refused(
    read: Callable[[BinaryIO], object], content: bytes
) -> None:
    with pytest.raises(ValueError):
        read(BytesIO(content))


def test_what_ships_was_learnt_for_the_default_model_and_no_other() -> None:
    found = shipped_understanding(ARTIFACTS[DEFAULT_MODEL].sha256)
    assert found is not None and found.scale > 1
    assert shipped_understanding("of another model") is None
