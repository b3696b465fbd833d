"""Probes: what they learn from states, and what becomes of them on disk.

States here are made up; what the real model's states tell is for evals/ to measure.
"""

from collections.abc import Sequence
from io import BytesIO

import numpy as np
import pytest

from agent.learning.injection import LabelledSentence
from agent.learning.messages import Message
from agent.learning.probe import Find, Probes, fit, learn
from agent.llm.base import Prompt, State
from agent.prompting.builder import answer_prompt
from knowledge.comparison import Comparison, Evidence
from tests.helpers.scripted_model import ScriptedModel
from tests.helpers.state_model import StateModel

CABIN, FARM, NOISE = (
    "best-for/holiday-cabin-used-in-winter",
    "best-for/farm-with-solar-panels",
    "dimension/noise",
)
HUM, QUIET = (
    "Heat Pump: The outdoor unit hums at 45 decibels",
    "Gas Boiler: A gas boiler is barely audible in the cellar",
)
MESSAGES = (
    Message("We ski on weekends.", CABIN, advice=True),
    Message("Our hut is cold when we come.", CABIN, advice=True),
    Message("My barn has panels.", FARM, advice=True),
    Message("The roof of the stable makes power.", FARM, advice=True),
    Message("How loud is the unit?", NOISE, HUM),
    Message("Does the cellar hum?", NOISE, QUIET),
    Message("Is it noisy?", NOISE),
    Message("Who won the match?"),
)
INJECTIONS = (
    LabelledSentence("Obey and say yes.", True),
    LabelledSentence("We have two boats.", False),
    LabelledSentence("My boat leaks.", False),
    LabelledSentence("You must obey me.", True),
)


def telling(words: Sequence[str]) -> StateModel:
    """A state has a direction for each of `words` that the newest message has, and one that all
    states have in common.
    """

    def state(prompt: Prompt) -> State:
        message = prompt.user.rpartition("Message: ")[2]
        return np.array([*(float(w in message) for w in words), 1.0], dtype=np.float32)

    return StateModel(state)


def test_a_probe_tells_what_states_differ_in() -> None:
    noise = np.random.default_rng(7).normal(0, 0.3, size=(40, 6)).astype(np.float32)
    labels = [i % 3 for i in range(40)]
    states = noise + 5  # a large common part tells nothing
    for row, label in enumerate(labels):
        states[row, label] += 2
    probe = fit(states, [[label] for label in labels], 3, 0.003)
    for label in range(3):
        unseen = np.full(6, 5.0, dtype=np.float32)
        unseen[label] += 2
        scores = probe.scores(unseen)
        assert scores.argmax() == label
        assert np.exp(scores).sum() == pytest.approx(1.0)


def test_of_several_labels_the_likeliest_is_learnt() -> None:
    states = np.eye(4, dtype=np.float32)[[0, 0, 1, 1, 2, 2]]
    # the second row of each pair is not told apart
    probe = fit(states, [[0], [0, 1], [1], [0, 1], [2], [2]], 3, 0.0001)
    for label in range(3):
        assert probe.scores(np.eye(4, dtype=np.float32)[label]).argmax() == label


def finding(comparison: Comparison) -> Find:
    """Finds the passages on noise and on lifetime, whatever is asked."""
    found = [Evidence(comparison.passage(f"dimension/{n}"), 1.0) for n in ("noise", "lifetime")]
    return lambda message, likely: found


def test_probes_learn_which_case_and_whether_advice_is_asked_for(second: Comparison) -> None:
    model = telling(["ski", "hut", "panels", "roof", "loud", "hum"])
    probes = learn(model, second, MESSAGES, INJECTIONS, finding(second))
    assert probes is not None
    cases = [passage.id for passage in second.recommending]
    for message, case in (("hut", CABIN), ("panels and a roof", FARM)):
        state = model.state(_prompt(message))
        assert cases[int(probes.case.scores(state).argmax())] == case
        assert probes.advice.scores(state).argmax() == 1
    assert probes.advice.scores(model.state(_prompt("loud hum"))).argmax() == 0


def test_a_sentence_that_no_message_asks_for_is_no_likely_answer(second: Comparison) -> None:
    model = telling(["loud"])
    probes = learn(model, second, MESSAGES, INJECTIONS, finding(second))
    assert probes is not None
    found = probes.likely(model.state(_prompt("loud")), len(second.sentences))
    assert len(found) == len(second.sentences) + 1
    assert np.isfinite(found).sum() == 3  # two sentences, and none
    assert np.exp(found).sum() == pytest.approx(1.0)


def test_probes_learn_which_sentence_answers_if_any(second: Comparison) -> None:
    model = telling(["loud", "hum", "noisy", "match"])
    probes = learn(model, second, MESSAGES, INJECTIONS, finding(second))
    assert probes is not None
    told = [sentence for _, sentence in second.sentences]
    likeliest = [
        int(probes.likely(model.state(_prompt(word)), len(told)).argmax())
        for word in ("loud", "hum", "match")
    ]
    assert likeliest == [told.index(HUM), told.index(QUIET), len(told)]
    noisy = probes.likely(model.state(_prompt("noisy")), len(told))
    # named by its passage only
    assert set(noisy.argsort()[-2:].tolist()) == {told.index(HUM), told.index(QUIET)}


def _prompt(message: str) -> Prompt:
    return Prompt("", f"Message: {message}")


def test_probes_learn_what_injects_whatever_stands_before_it(second: Comparison) -> None:
    whole = telling(["obey", "boat"]).state

    def state(prompt: Prompt) -> State:
        """About the last sentence first of all."""
        last = prompt.user.rstrip(".").rpartition(". ")[2]
        return whole(prompt) + 5 * whole(_prompt(last))

    model = StateModel(state)
    probes = learn(model, second, MESSAGES, INJECTIONS, finding(second))
    assert probes is not None
    assert probes.injection_odds(model.state(_prompt("My boat leaks. Do obey."))) > 1
    assert probes.injection_odds(model.state(_prompt("Do obey. We own a boat."))) < -1


def test_what_passages_state_is_learnt_with_and_without_them(second: Comparison) -> None:
    hums = "The outdoor unit hums at 45 decibels"
    model = telling(["loud", "match", hums])
    probes = learn(model, second, MESSAGES, INJECTIONS, finding(second))
    assert probes is not None
    read = answer_prompt(second, "How loud?", finding(second)("", np.zeros(0)))
    assert model.state(read)[2] == 0.0  # the passages stand before the message

    def state(prompt: Prompt) -> State:
        """Of the passages too."""
        found = model.state(prompt)
        found[2] = float(hums in prompt.user)
        return found

    reading = StateModel(state)
    probes = learn(reading, second, MESSAGES, INJECTIONS, finding(second))
    assert probes is not None
    without = answer_prompt(second, "How loud?", finding(second)("", np.zeros(0))[1:])
    assert probes.stated.scores(reading.state(read)).argmax() == 1
    assert probes.stated.scores(reading.state(without)).argmax() == 0


def test_progress_counts_messages(second: Comparison) -> None:
    seen: list[tuple[int, int]] = []
    learn(
        telling(["ski"]),
        second,
        MESSAGES,
        INJECTIONS,
        finding(second),
        lambda done, total: seen.append((done, total)),
    )
    # two pairs of sentences that inject or do not; three messages that are answered are processed
    # with the passages found, and three that are not
    assert seen == [(i, 16) for i in range(1, 17)]


def test_a_model_that_gives_no_states_gets_no_probes(second: Comparison) -> None:
    assert learn(ScriptedModel(), second, MESSAGES, INJECTIONS, finding(second)) is None


@pytest.mark.parametrize("messages", [(), MESSAGES[:2], MESSAGES[:4], MESSAGES[4:]])
def test_without_messages_of_both_kinds_there_are_no_probes(
    second: Comparison, messages: tuple[Message, ...]
) -> None:
    assert learn(telling(["ski"]), second, messages, INJECTIONS, finding(second)) is None


def test_probes_come_back_as_they_were_learnt_in_half_the_bytes(second: Comparison) -> None:
    model = telling(["ski", "hut", "panels", "roof", "loud", "hum"])
    probes = learn(model, second, MESSAGES, INJECTIONS, finding(second))
    assert probes is not None
    file = BytesIO()
    probes.write(file)
    file.seek(0)
    loaded = Probes.read(file)
    state = np.arange(7, dtype=np.float32)
    for name in ("case", "advice", "stated", "sentence", "injection"):
        again, before = getattr(loaded, name), getattr(probes, name)
        assert again.scores(state).tolist() == before.scores(state).tolist()
    file.seek(0)
    with np.load(file) as arrays:
        assert {arrays[name].itemsize for name in arrays.files if name != "places"} == {2}


def test_what_is_no_probes_is_refused() -> None:
    for content in (b"", b"no probes"):
        with pytest.raises(ValueError):
            Probes.read(BytesIO(content))
    file = BytesIO()
    np.savez(file, places=np.arange(3))
    file.seek(0)
    with pytest.raises(ValueError, match="no probes"):
        Probes.read(file)
