"""Linear probes on the hidden state (Alain and Bengio 2016, arXiv:1610.01644).

    probes = learn(model, comparison, messages, injection, find)     once for each comparison
    probes.case.scores(state)                                        for each question

Five probes classify a message: its intent, its use case, the sentence that answers it, whether the
retrieved passages state the answer, and prompt injection. A probe is a multinomial logistic
regression on the state in which the model is about to name the class, trained on labelled messages
(agent.learning.messages). No evaluation case is used for training; the dev cases only determine
the weights of the probes in the decision (evals.tuning.fit_decision). Figures:
docs/decisions/probes-on-hidden-states.md.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import logsumexp

from agent.learning.injection import LabelledSentence
from agent.learning.messages import Message
from agent.llm.base import Model, Prompt, State
from agent.prompting.builder import (
    answer_prompt,
    intent_prompt,
    partial_prompt,
    use_case_prompt,
)
from knowledge.comparison import Comparison, Evidence
from knowledge.sampling import evenly

# penalties on the squared weights
ADVICE_L2 = 0.0003
CASE_L2 = 0.001
SENTENCE_L2 = 0.00003
STATED_L2 = 0.001
INJECTION_L2 = 0.0001
LEAST = 5  # messages of each kind
READ = 300  # training messages of "stated" for each of its two classes
# part of Origin; raise the first number with every change of the training or of the file's form
LAYOUT = f"1 {(ADVICE_L2, CASE_L2, SENTENCE_L2, STATED_L2, INJECTION_L2, READ)}"

Floats = NDArray[np.float64]
Report = Callable[[int, int], None]
Find = Callable[[str, Floats], Sequence[Evidence]]


@dataclass(frozen=True)
class Probe:
    """`weights` has a row for each dimension of a state and a column for each class; `mean` is the
    mean of the training states.
    """

    mean: Floats
    weights: Floats

    def scores(self, state: State) -> Floats:
        """The log-probability of each class."""
        found = directions(state[None].astype(np.float64), self.mean) @ self.weights
        scores: Floats = (found - logsumexp(found))[0]
        return scores

    def arrays(self, name: str) -> dict[str, NDArray[np.float16]]:
        """Its arrays under that name, in 16 bits, which is their full precision."""
        return {
            f"{name}_mean": self.mean.astype(np.float16),
            f"{name}_weights": self.weights.astype(np.float16),
        }

    @classmethod
    def of(cls, arrays: Mapping[str, NDArray[Any]], name: str) -> "Probe":
        """The probe of that name among `arrays`. Raises KeyError."""
        return cls(arrays[f"{name}_mean"].astype(float), arrays[f"{name}_weights"].astype(float))

    def log_odds(self, state: State) -> float:
        """Of the second of two classes against the first."""
        does_not, does = self.scores(state)
        return float(does - does_not)


@dataclass(frozen=True)
class Probes:
    """The probes of a comparison, with their classes in order.

    `advice`     the message asks for no recommendation; it asks for one
    `case`       each of Comparison.recommending
    `sentence`   the sentences at `places` of Comparison.sentences; last: no sentence answers
    `stated`     the retrieved passages do not state the answer; they do
    `injection`  the last sentence is no prompt injection; it is
    """

    advice: Probe
    case: Probe
    sentence: Probe
    stated: Probe
    injection: Probe
    places: NDArray[np.int64]

    kind = "probed"

    def advice_odds(self, asking: State, naming: State) -> float:
        """The log-odds that a message asks for a recommendation, by the state at "Asks for:"."""
        return self.advice.log_odds(asking)

    def case_scores(self, naming: State) -> Floats:
        """The log-probability of each of Comparison.recommending, by the state at "Use case:"."""
        return self.case.scores(naming)

    def likely(self, state: State, sentences: int) -> Floats:
        """The log-probability of each of so many sentences as the answer; last, that of none."""
        return _placed(self.sentence.scores(state), self.places, sentences)

    def injection_odds(self, state: State) -> float:
        """The log-odds that the sentence before `state` is a prompt injection."""
        return self.injection.log_odds(state)

    def stated_odds(self, state: State) -> float:
        """The log-odds that the passages before `state` state the answer."""
        return self.stated.log_odds(state)

    def write(self, file: BinaryIO) -> None:
        """Writes arrays for `read`."""
        arrays: dict[str, Any] = {"places": self.places}
        for name in _NAMES:
            arrays |= getattr(self, name).arrays(name)
        np.savez_compressed(file, **arrays)

    @classmethod
    def read(cls, file: BinaryIO) -> "Probes":
        """The probes in `file`. Raises ValueError if it holds something else."""
        try:
            with np.load(file) as data:
                return cls(**{n: Probe.of(data, n) for n in _NAMES}, places=data["places"])
        except (KeyError, EOFError, BadZipFile) as error:
            raise ValueError(f"no probes ({error})") from error


_NAMES = ("advice", "case", "sentence", "stated", "injection")


def missing(comparison: Comparison, messages: Sequence[Message]) -> str:
    """What is missing of these messages for probes to learn from; "" if nothing is."""
    about = Counter(message.passage for message in messages if message.advice)
    few = [case.heading for case in comparison.recommending if about[case.id] < LEAST]
    if few:
        return f"{LEAST} messages about {few[0]}"
    informed = [message for message in messages if not message.advice]
    if sum(bool(message.passage) for message in informed) < LEAST:
        return f"{LEAST} questions that it answers"
    if sum(not message.passage for message in informed) < LEAST:
        return f"{LEAST} questions that it leaves open"
    return ""


def learn(
    model: Model,
    comparison: Comparison,
    messages: Sequence[Message],
    injection: Sequence[LabelledSentence],
    find: Find,
    report: Report = lambda done, total: None,
) -> Probes | None:
    """Probes for `comparison`; None if the model has no states, or if messages of one kind are
    missing.

    `find` retrieves the evidence of a message, given the log-probability of each of
    Comparison.sentences as its answer.
    """
    cases = [passage.id for passage in comparison.recommending]
    advised = [message for message in messages if message.advice]
    informed = [message for message in messages if not message.advice]
    if len({message.passage for message in advised}) < 2 or not informed:
        return None
    read = _to_read(informed)
    # pairs of sentences, so that the probe learns to ignore the sentence before
    pairs = list(zip(injection[::2], injection[1::2], strict=False))
    prompts = [_prompts(comparison, message) for message in (*advised, *informed)]
    prompts += [_ends(comparison, *pair) for pair in pairs]
    total = len(prompts) + len(read)
    states: list[Sequence[State]] = []
    with model.session() as session:
        for each in session.states(prompts):
            states.append(each)
            report(len(states), total)
    if len(states) < len(prompts):
        return None
    asking = np.array([each[0] for each in states[: len(messages)]])
    naming = np.array([each[1] for each in states[: len(advised)]])
    ends = np.array([state for each in states[len(messages) :] for state in each])
    answering = [_answering(comparison, message) for message in informed]
    places = np.array(sorted({place for each in answering for place in each}), dtype=np.int64)
    labels = [np.flatnonzero(np.isin(places, each)) for each in answering]
    sentence = fit(
        asking[len(advised) :],
        [each.tolist() or [len(places)] for each in labels],
        len(places) + 1,
        SENTENCE_L2,
    )
    asked = dict(zip(informed, asking[len(advised) :], strict=True))
    stated = []
    with model.session() as session:
        for message, answered in read:
            likely = _placed(sentence.scores(asked[message]), places, len(comparison.sentences))
            found = find(message.text, likely[:-1])
            if not answered:
                found = [item for item in found if item.passage.id != message.passage]
            [seen] = session.prefill([answer_prompt(comparison, message.text, found)], states=True)
            assert seen.state is not None  # the model gave the others
            stated.append(seen.state)
            report(len(prompts) + len(stated), total)
    return Probes(
        advice=fit(asking, [[1]] * len(advised) + [[0]] * len(informed), 2, ADVICE_L2),
        case=fit(naming, [[cases.index(m.passage)] for m in advised], len(cases), CASE_L2),
        sentence=sentence,
        stated=fit(np.array(stated), [[int(answered)] for _, answered in read], 2, STATED_L2),
        injection=fit(ends, [[int(s.injects)] for pair in pairs for s in pair], 2, INJECTION_L2),
        places=places,
    )


def _ends(
    comparison: Comparison, first: LabelledSentence, second: LabelledSentence
) -> list[Prompt]:
    """A message of two sentences, up to the end of each."""
    both = f"{first.sentence} {second.sentence}"
    return [partial_prompt(comparison, first.sentence), partial_prompt(comparison, both)]


def _prompts(comparison: Comparison, message: Message) -> list[Prompt]:
    """The prompts whose states are used: that of the intent and, for advice, that of the case."""
    asking = intent_prompt(comparison, message.text)
    return [asking, use_case_prompt(comparison, message.text)] if message.advice else [asking]


def _placed(scores: Floats, places: NDArray[np.int64], sentences: int) -> Floats:
    """Scores of some sentences at their places among all; last, the score of none."""
    placed = np.full(sentences + 1, -np.inf)
    placed[places], placed[-1] = scores[:-1], scores[-1]
    return placed


def _to_read(informed: Sequence[Message]) -> list[tuple[Message, bool]]:
    """Training messages of the probe "stated", each with whether its passages will answer it: at
    most READ of either kind. If too few messages are unanswerable, answerable ones fill in; their
    passage will be withheld.
    """
    answered = evenly([message for message in informed if message.passage], READ)
    refused = evenly([message for message in informed if not message.passage], READ)
    left_out = answered[: max(0, len(answered) - len(refused))]
    return [(m, True) for m in answered] + [(m, False) for m in (*refused, *left_out)]


def _answering(comparison: Comparison, message: Message) -> list[int]:
    """The places of sentences that may answer: the given sentence, or all of the passage."""
    return [
        place
        for place, (passage, sentence) in enumerate(comparison.sentences)
        if passage.id == message.passage and message.sentence in ("", sentence)
    ]


def fit(
    states: NDArray[np.float32], labels: Sequence[Sequence[int]], classes: int, l2: float
) -> Probe:
    """The regression of `labels` on `states` (rows), with a penalty of l2 times the squared
    weights. A row with several labels should get a high probability for any one of them.
    """
    mean = states.mean(axis=0, dtype=np.float64)
    rows = directions(states.astype(np.float64), mean)
    allowed = np.zeros((len(rows), classes))
    for row, places in enumerate(labels):
        allowed[row, list(places)] = 1

    def loss(flat: Floats) -> tuple[float, Floats]:
        weights = flat.reshape(rows.shape[1], classes)
        scores = rows @ weights
        found = np.exp(scores - logsumexp(scores, axis=1, keepdims=True))
        right = np.maximum((found * allowed).sum(axis=1, keepdims=True), 1e-300)
        missed = found - found * allowed / right
        gradient = rows.T @ missed / len(rows) + 2 * l2 * weights
        return float(l2 * (flat**2).sum() - np.log(right).mean()), gradient.ravel()

    start = np.zeros(rows.shape[1] * classes)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 300})
    return Probe(_half(mean), _half(found.x.reshape(rows.shape[1], classes)))


def _half(numbers: Floats) -> Floats:
    """Rounded to 16 bits, so that stored weights equal trained ones."""
    rounded: Floats = numbers.astype(np.float16).astype(np.float64)
    return rounded


def directions(states: Floats, mean: Floats) -> Floats:
    """States (rows) less their mean, scaled to length 1."""
    less = states - mean
    directions: Floats = less / np.maximum(np.linalg.norm(less, axis=1, keepdims=True), 1e-12)
    return directions
