"""Learns what every comparison has in common: `python -m evals.tuning.learn`.

From what evals.tuning.states saw of the training comparisons, it fits the probes and the scale of
matches (agent/learning/understanding.npz), the map of questions (knowledge/question_map.npz) and
the weights of the decision ("learnt" in agent/answering/decision_weights.json). What it prints is
of comparisons by writers that were left out of everything: probes, scale, map and weights. Takes
three minutes; nothing is random. Validation comparisons are never read here.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize, minimize_scalar
from scipy.special import log_softmax, logsumexp

from agent.answering.decide import (
    WEIGHTS_FILE,
    AdviceSignals,
    AnswerSignals,
    Decider,
    QuestionSignals,
    Weights,
    with_evidence,
)
from agent.downloads.catalogue import model_sha256
from agent.factory import open_embedder
from agent.judge import ModelJudge
from agent.learning.probe import Probe, fit
from agent.learning.understanding import FILE, Learnt, Reference, Understanding, reference_of
from agent.settings import read_settings
from evals.datasets.comparisons import (
    GENERAL,
    LabelledComparison,
    LabelledMessage,
    read_training,
)
from evals.files import write
from evals.tuning.states import TOP_K, Seen, load
from evals.tuning.weights import case_weights, logistic
from knowledge.embed import MiniLM
from knowledge.index import Index, texts
from knowledge.retrieve import QUESTION_MAP, QuestionMap, Retriever

ADVISING = ("advice", GENERAL)
ADVICE_L2 = GENERAL_L2 = INJECTION_L2 = 0.0003
STATED_L2 = 0.001
MAP_RANK, MAP_L2, MAP_TEMPERATURE, MAP_ROUNDS = 16, 0.01, 0.05, 60
# a question that is wrongly refused costs three times what quotations cost that do not answer one
ANSWERING = 3 / 4
SCALES = (0.0, 40.0)  # between which the scale of matches is looked for
FIGURES = ("advised", "not advised", "use case", "verdict", "informed", "abstained")

States = NDArray[np.float32]


class Remembering(MiniLM):
    """An embedder that embeds each text once."""

    def __init__(self, embedder: MiniLM) -> None:
        self._embedder, self._known = embedder, dict[str, NDArray[np.float32]]()

    def embed(self, text: str) -> NDArray[np.float32]:
        if text not in self._known:
            self._known[text] = self._embedder.embed(text)
        return self._known[text]


@dataclass(frozen=True)
class Embedded:
    """A training comparison with the vectors of its index, in order."""

    labelled: LabelledComparison
    embedder: MiniLM
    vectors: NDArray[np.float32]

    @classmethod
    def of(cls, labelled: LabelledComparison, embedder: MiniLM) -> "Embedded":
        passages = labelled.comparison.passages
        vectors = [embedder.embed(text) for p in passages for text in texts(p)]
        return cls(labelled, embedder, np.array(vectors))

    def retriever(self, question_map: QuestionMap | None) -> Retriever:
        index = Index(self.labelled.comparison, self.embedder, self.vectors)
        return Retriever(index, question_map=question_map)


@dataclass(frozen=True)
class Known:
    """A training comparison, what the model shows of it, and what is retrieved for its messages."""

    labelled: LabelledComparison
    seen: Seen
    retriever: Retriever

    @cached_property
    def reference(self) -> Reference:
        seen = self.seen
        asking, naming = seen.anybody.mean(axis=0)
        weighed = list(zip(seen.anybody_asks_for, seen.anybody_names, strict=True))
        return reference_of(seen.cases, asking, naming, weighed)

    @cached_property
    def messages(self) -> list[LabelledMessage]:
        """Those whose states were seen."""
        return [self.labelled.messages[place] for place in self.seen.places]

    def learnt(self, understanding: Understanding) -> Learnt:
        return Learnt(self.labelled.comparison, understanding, self.reference)

    def right(self, message: LabelledMessage) -> int | None:
        """The place of the case that a message is about, if it asks for a recommendation that the
        document gives.
        """
        ids = [case.id for case in self.labelled.comparison.recommending]
        advised = message.does in ADVISING and message.about
        return ids.index(message.about[0]) if advised else None


@dataclass(frozen=True)
class Example:
    """A message of a comparison by a writer that nothing was learnt from.

    `asked` is there if the message was named, with the place of its use case in `right` if the
    document recommends something; `answerable` if it was read with its passages, which have the
    answer if `answered`.
    """

    writer: str
    verdicts: tuple[str | None, ...]
    asked: AdviceSignals | None
    right: int | None
    answerable: AnswerSignals | None
    answered: bool


@dataclass(frozen=True)
class Training:
    """All training comparisons, and what evals.tuning.states has seen of some or all of them."""

    embedded: tuple[Embedded, ...]
    seen: Mapping[str, Seen]

    def known(self, question_map: QuestionMap | None) -> list[Known]:
        """Those that the model has seen, with what a map makes of retrieval."""
        return [
            Known(each.labelled, self.seen[each.labelled.name], each.retriever(question_map))
            for each in self.embedded
            if each.labelled.name in self.seen
        ]

    def by_others(self, writer: str) -> list[Embedded]:
        return [each for each in self.embedded if each.labelled.writer != writer]


def open_training() -> Training:
    """Everything that there is to learn from."""
    embedder = Remembering(open_embedder(read_settings()))
    embedded, seen = [], {}
    for labelled in read_training(judge=ModelJudge(read_settings())):
        embedded.append(Embedded.of(labelled, embedder))
        with suppress(FileNotFoundError):
            seen[labelled.name] = load(labelled)
    return Training(tuple(embedded), seen)


def understanding_of(training: Sequence[Known], model: str) -> Understanding:
    """What is learnt of these comparisons."""
    asking = [(k.seen.messages[:, 1] - k.reference.asking, k) for k in training]
    naming = [(k.seen.messages[:, 2] - k.reference.naming, k) for k in training]
    ends = [(k.seen.messages[:, 0] - k.reference.asking, k) for k in training]
    probes = Understanding(
        model,
        advice=_probe(asking, lambda m: m.does in ADVISING, lambda m: True, ADVICE_L2),
        general=_probe(
            naming, lambda m: m.does == GENERAL, lambda m: m.does in ADVISING, GENERAL_L2
        ),
        injection=_probe(ends, lambda m: m.does == "steer", lambda m: True, INJECTION_L2),
        stated=_stated(training),
        scale=1.0,
    )
    return replace(probes, scale=_scale(training, probes))


def _probe(
    seen: Sequence[tuple[States, Known]],
    wanted: Callable[[LabelledMessage], bool],
    among: Callable[[LabelledMessage], bool],
    l2: float,
) -> Probe:
    """A probe that tells messages that are `wanted` from the others `among` all."""
    rows = [
        (states[row], wanted(known.messages[row]))
        for states, known in seen
        for row in range(len(states))
        if among(known.messages[row])
    ]
    return fit(np.array([state for state, _ in rows]), [[int(is_)] for _, is_ in rows], 2, l2)


def _stated(training: Sequence[Known]) -> Probe:
    states = np.concatenate([known.seen.stated for known in training])
    labels = [[int(_answered(k, place))] for k in training for place in k.seen.read]
    return fit(states, labels, 2, STATED_L2)


def _answered(known: Known, place: int) -> bool:
    """Whether a passage that is retrieved for the message has its answer."""
    message = known.labelled.messages[place]
    found = known.retriever.retrieve(message.text, TOP_K).evidence
    return any(item.passage.id in message.about for item in found)


def _scale(training: Sequence[Known], probes: Understanding) -> float:
    """The scale under which the use cases of messages are likeliest."""
    found = []
    for known in training:
        learnt = known.learnt(probes)
        cases = known.labelled.comparison.recommending
        own = [place for place, case in enumerate(cases) if case.kind == "best-for"]
        for row, message in enumerate(known.messages):
            if (right := known.right(message)) in own:
                matches = learnt.matches(known.seen.messages[row, 2])[own]
                found.append((matches, own.index(right or 0)))

    def loss(scale: float) -> float:
        return -float(np.mean([log_softmax(scale * matches)[right] for matches, right in found]))

    return round(float(minimize_scalar(loss, bounds=SCALES, method="bounded").x), 2)


def map_of(training: Sequence[Embedded]) -> QuestionMap:
    """The map under which questions are nearest to the texts that answer them."""
    rows = []
    for each in training:
        passages = each.labelled.comparison.passages
        owners = np.array([p.id for p in passages for _ in texts(p)])
        asked = [m for m in each.labelled.messages if m.does == "fact" and m.about]
        questions = np.array([each.embedder.embed(m.text) for m in asked], dtype=np.float64)
        right = np.array([np.isin(owners, m.about) for m in asked])
        rows.append((questions, each.vectors.astype(np.float64), right))
    width, total = rows[0][0].shape[1], sum(len(questions) for questions, _, _ in rows)
    start = np.random.default_rng(0).normal(0, 0.02, 2 * width * MAP_RANK)

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        left, right_ = flat.reshape(2, width, MAP_RANK)
        gradient, missed = np.zeros((2, width, MAP_RANK)), 0.0
        for questions, answers, right in rows:
            inner = questions @ right_
            scores = (questions + inner @ left.T) @ answers.T / MAP_TEMPERATURE
            share = np.exp(scores - logsumexp(scores, axis=1, keepdims=True))
            found = np.maximum((share * right).sum(axis=1, keepdims=True), 1e-300)
            missed -= float(np.log(found).sum())
            wrong = (share - share * right / found) @ answers / MAP_TEMPERATURE
            gradient[0] += wrong.T @ inner
            gradient[1] += questions.T @ (wrong @ left)
        penalty = MAP_L2 * float((flat**2).sum())
        return missed / total + penalty, gradient.ravel() / total + 2 * MAP_L2 * flat

    options = {"maxiter": MAP_ROUNDS}
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options=options).x
    left, right_ = found.reshape(2, width, MAP_RANK).astype(np.float32)
    return QuestionMap(left, right_.T)


def examples(known: Known, understanding: Understanding) -> list[Example]:
    """The signals of the messages of one comparison."""
    comparison, seen = known.labelled.comparison, known.seen
    learnt = known.learnt(understanding)
    decider = Decider(comparison, Weights(1.0, 1.0, 1.0), learnt).referring(known.reference)
    verdicts = tuple(case.verdict for case in comparison.recommending)
    named, read = seen.named.tolist(), seen.read.tolist()
    found = []
    for place in sorted({*named, *read}):
        message = known.labelled.messages[place]
        if message.does in ("advice", "fact") and not message.about:
            continue  # the reader missed what it is about
        retrieved = known.retriever.retrieve(message.text, TOP_K)
        asked = answerable = None
        if place in named:
            row, weighed = seen.places.tolist().index(place), named.index(place)
            none = np.zeros(len(comparison.recommending))
            signals = QuestionSignals(
                seen.asks_for[weighed].astype(float), seen.names[weighed].astype(float), none
            )
            signals = decider.with_states(signals, seen.messages[row, 1], seen.messages[row, 2])
            asked = decider.asked(signals, retrieved)
        if place in read:
            answerable = replace(
                with_evidence(retrieved),
                answerable=float(seen.answers[read.index(place)]),
                stated=learnt.stated_odds(seen.stated[read.index(place)]),
            )
        answered = any(item.passage.id in message.about for item in retrieved.evidence)
        found.append(
            Example(
                known.labelled.writer,
                verdicts,
                asked,
                known.right(message),
                answerable,
                answered,
            )
        )
    return found


def weights_of(data: Sequence[Example]) -> Weights:
    """The weights under which the answers of `data` are likeliest."""
    asked = [(e.asked, e.right) for e in data if e.asked]
    cases = case_weights([(asked, right) for asked, right in asked if right is not None])
    read = [(e.answerable.features, e.answered) for e in data if e.answerable]
    return replace(
        cases,
        advise=logistic([a.features(cases) for a, _ in asked], [r is not None for _, r in asked]),
        inform=logistic([f for f, _ in read], [answered for _, answered in read], ANSWERING),
    )


def rates(data: Sequence[Example], weights: Weights) -> NDArray[np.float64]:
    """Hits and counts of each of FIGURES."""
    hits = np.zeros((len(FIGURES), 2))
    for example in data:
        if example.asked:
            advised, right = example.asked.advise(weights) >= 0.5, example.right
            hits[0 if right is not None else 1] += (advised == (right is not None), 1)
            if right is not None:
                best = int(example.asked.cases(weights).argmax())
                hits[2] += (best == right, 1)
                hits[3] += (example.verdicts[best] == example.verdicts[right], 1)
        if example.answerable:
            informed = example.answerable.inform(weights) >= 0.5
            hits[4 if example.answered else 5] += (informed == example.answered, 1)
    return hits


def left_out(training: Training, most: int | None = None) -> list[Example]:
    """The examples of every comparison, by what was learnt of other writers' comparisons, or of at
    most so many of these.
    """
    found = []
    for writer in sorted({each.labelled.writer for each in training.embedded}):
        question_map = map_of(training.by_others(writer))
        known = training.known(question_map)
        others = [each for each in known if each.labelled.writer != writer]
        understanding = understanding_of(_at_most(others, most), "")
        for each in known:
            if each.labelled.writer == writer:
                found += examples(each, understanding)
    return found


def _at_most(items: Sequence[Known], count: int | None) -> Sequence[Known]:
    """`count` of `items` at even distances, or all of them."""
    if count is None or count >= len(items):
        return items
    return [items[place * len(items) // count] for place in range(count)]


def crossed(data: Sequence[Example]) -> NDArray[np.float64]:
    """`rates` of comparisons whose writers were left out of the weights too."""
    hits = np.zeros((len(FIGURES), 2))
    for writer in sorted({example.writer for example in data}):
        weights = weights_of([example for example in data if example.writer != writer])
        hits += rates([example for example in data if example.writer == writer], weights)
    return hits


def main() -> None:
    """Learns, prints the figures of left-out writers, and writes what ships."""
    training = open_training()
    data = left_out(training)
    print(f"{len(training.seen)} comparisons; of writers that were left out:")
    for name, (right, count) in zip(FIGURES, crossed(data), strict=True):
        print(f"{name:12} {right / count:.3f} of {count:.0f}")
    question_map = map_of(training.embedded)
    np.savez(
        QUESTION_MAP,
        left=question_map.left.astype(np.float16),
        right=question_map.right.astype(np.float16),
    )
    understanding = understanding_of(training.known(question_map), model_sha256(read_settings()))
    with FILE.open("wb") as file:
        understanding.write(file)
    kinds: dict[str, Any] = json.loads(WEIGHTS_FILE.read_text(encoding="utf-8"))
    kinds["learnt"] = asdict(weights_of(data))
    write(WEIGHTS_FILE, json.dumps(kinds, indent=1) + "\n")


if __name__ == "__main__":
    main()
