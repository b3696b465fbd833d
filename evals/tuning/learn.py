"""Learns what every comparison has in common: `python -m evals.tuning.learn`.

From what evals.tuning.states saw of the training comparisons, it fits the probes and the scale of
matches (agent/learning/understanding.npz) and the weights of the decision ("learnt" in
agent/answering/decision_weights.json). What it prints is of comparisons by writers that were left
out of everything: embedder, probes, scale and weights. Takes three minutes; nothing is random.
Validation comparisons are never read here.
"""

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from operator import attrgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

from agent.answering.decide import (
    WEIGHTS_FILE,
    AdviceSignals,
    AnswerSignals,
    Decider,
    QuestionSignals,
    Weights,
    with_evidence,
)
from agent.downloads.catalogue import embedding_paths, model_sha256
from agent.learning.probe import Probe, fit
from agent.learning.understanding import FILE, TOP_K, Learnt, Understanding
from agent.settings import read_settings
from evals.datasets.comparisons import (
    GENERAL,
    LabelledComparison,
    LabelledMessage,
    read_training,
)
from evals.files import write
from evals.tuning.folds import left_out_retriever
from evals.tuning.states import Seen, load
from evals.tuning.weights import case_weights, logistic
from knowledge.retrieve import Retriever
from knowledge.sampling import evenly

ADVISING = ("advice", GENERAL)
ADVICE_L2 = GENERAL_L2 = INJECTION_L2 = 0.0003
STATED_L2 = 0.001
# a question that is wrongly refused costs one and a half times what quotations cost that do not
# answer one (docs/decisions/learn-once.md)
ANSWERING = 0.6
SCALES = (0.0, 40.0)  # between which the scale of matches is looked for
ASKING, NAMING = attrgetter("asking"), attrgetter("naming")
FIGURES = ("advised", "not advised", "use case", "verdict", "informed", "abstained")

States = NDArray[np.float32]


@dataclass(frozen=True)
class TrainingComparison:
    """A comparison, what the model shows of it, and its retriever by an embedder that was tuned
    without its writer.
    """

    labelled: LabelledComparison
    retriever: Retriever
    seen: Seen

    @cached_property
    def messages(self) -> list[LabelledMessage]:
        """Those whose states were seen."""
        return [self.labelled.messages[place] for place in self.seen.places]

    def learnt(self, understanding: Understanding) -> Learnt:
        return Learnt(self.labelled.comparison, understanding, self.seen.reference)

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


def open_training() -> list[TrainingComparison]:
    """What evals.tuning.states has read so far."""
    files = embedding_paths(read_settings().cache_dir)
    found = []
    for labelled in read_training():
        with suppress(FileNotFoundError):
            seen = load(labelled)
            found.append(TrainingComparison(labelled, left_out_retriever(labelled, files), seen))
    return found


def understanding_of(training: Sequence[TrainingComparison], model: str) -> Understanding:
    """What is learnt of these comparisons."""
    ends, asking, naming = (
        [(each.seen.messages[:, place] - less(each.seen.reference), each) for each in training]
        for place, less in enumerate((ASKING, ASKING, NAMING))
    )
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
    seen: Sequence[tuple[States, TrainingComparison]],
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


def _stated(training: Sequence[TrainingComparison]) -> Probe:
    states = np.concatenate([e.seen.stated - e.seen.reference.stated for e in training])
    labels = [[int(answered)] for each in training for answered in each.seen.answered]
    return fit(states, labels, 2, STATED_L2)


def _scale(training: Sequence[TrainingComparison], probes: Understanding) -> float:
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


def examples(known: TrainingComparison, understanding: Understanding) -> list[Example]:
    """The signals of the messages of one comparison."""
    comparison, seen = known.labelled.comparison, known.seen
    learnt, retriever = known.learnt(understanding), known.retriever
    decider = Decider(comparison, Weights(1.0, 1.0, 1.0), learnt).referring(seen.reference)
    verdicts = tuple(case.verdict for case in comparison.recommending)
    places, named, read = seen.places.tolist(), seen.named.tolist(), seen.read.tolist()
    found = []
    for place in sorted({*named, *read}):
        message = known.labelled.messages[place]
        if message.does in ("advice", "fact") and not message.about:
            continue  # the reader missed what it is about
        retrieved = retriever.retrieve(message.text, TOP_K)
        asked = answerable = None
        answered = False
        if place in named:
            row, weighed = places.index(place), named.index(place)
            none = np.zeros(len(comparison.recommending))
            signals = QuestionSignals(
                seen.asks_for[weighed].astype(float), seen.names[weighed].astype(float), none
            )
            signals = decider.with_states(signals, seen.messages[row, 1], seen.messages[row, 2])
            asked = decider.asked(signals, retrieved)
        if place in read:
            row = read.index(place)
            answered = bool(seen.answered[row])
            answerable = replace(
                with_evidence(retrieved),
                answerable=float(seen.answers[row]),
                stated=learnt.stated_odds(seen.stated[row]),
            )
        right = known.right(message)
        found.append(Example(known.labelled.writer, verdicts, asked, right, answerable, answered))
    return found


def weights_of(data: Sequence[Example]) -> Weights:
    """The weights under which the answers of `data` are likeliest."""
    asked = [(e.asked, e.right) for e in data if e.asked]
    cases = case_weights([(asked, right) for asked, right in asked if right is not None])
    read = [(e.answerable.features(cases), e.answered) for e in data if e.answerable]
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


def left_out(training: Sequence[TrainingComparison], most: int | None = None) -> list[Example]:
    """The examples of every comparison, by what was learnt of other writers' comparisons, or of at
    most so many of these.
    """
    found = []
    for writer in sorted({each.labelled.writer for each in training}):
        others = [each for each in training if each.labelled.writer != writer]
        understanding = understanding_of(evenly(others, most or len(others)), "")
        for each in training:
            if each.labelled.writer == writer:
                found += examples(each, understanding)
    return found


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
    print(f"{len(training)} comparisons; of writers that were left out:")
    for name, (right, count) in zip(FIGURES, crossed(data), strict=True):
        print(f"{name:12} {right / count:.3f} of {count:.0f}")
    understanding = understanding_of(training, model_sha256(read_settings()))
    with FILE.open("wb") as file:
        understanding.write(file)
    kinds: dict[str, Any] = json.loads(WEIGHTS_FILE.read_text(encoding="utf-8"))
    kinds["learnt"] = asdict(weights_of(data))
    write(WEIGHTS_FILE, json.dumps(kinds, indent=1) + "\n")


if __name__ == "__main__":
    main()
