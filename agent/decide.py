"""Step three: advise, inform or abstain, settled before a word is written.

Nothing here trusts what a model says; it weighs how likely the model finds each possible answer.
  - The likelihood of each use case's name after the question, less the same after questions
    without content (contextual calibration, Zhao et al. 2021, arXiv:2102.09690), fused with the
    similarity of question and use case.
  - The likelihood that the passages state the answer ("yes" against "no").
  - How much of the question stands in the evidence, which no model has a say in.
Weights come from evals/fit_decision.py, which fits them on the dev cases only.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from agent.answer import Decision
from agent.messages import NO_USE_CASE, answer_messages, naming_messages
from agent.model import Model, Turn
from knowledge.comparison import Comparison
from knowledge.retrieve import Retrieved

KINDS = ("advise", "inform", "abstain")
EMPTY_QUESTIONS = ("N/A", "Which one?", "Which should I choose?", "I have a question.")
WEIGHTS_FILE = Path(__file__).parent / "decision_weights.json"

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Weights:
    """A logistic model of the kind of answer, and one of the use case.

    `kind` has a row of one weight per feature of Signals.features, and a bias, for each of KINDS;
    `likelihood` and `similarity` weigh a use case's two scores.
    """

    kind: tuple[tuple[float, ...], ...]
    likelihood: float
    similarity: float

    @classmethod
    def read(cls, path: Path = WEIGHTS_FILE) -> "Weights":
        data = json.loads(path.read_text())
        kind = tuple(tuple(row) for row in data["kind"])
        return cls(kind, data["likelihood"], data["similarity"])


@dataclass(frozen=True)
class Signals:
    """What is known of a question before it is decided. Use cases stand in the document's order.

    `likelihoods`    log-probability of each use case's name, less that of an empty question
    `similarities`   cosine similarity of the question and each use case
    `no_use_case`    log-probability of "none" in their place, less that of an empty question
    `answerable`     log-odds that the passages state the answer
    `evidence`       score of the best evidence
    `coverage`       share of the question's words in the best sentence of the evidence
    `named`          share of its names and numbers in the sentence that is likeliest the answer
    """

    likelihoods: tuple[float, ...]
    similarities: tuple[float, ...]
    no_use_case: float
    answerable: float
    evidence: float
    coverage: float
    named: float

    @property
    def features(self) -> Floats:
        return np.array(
            [
                self.no_use_case,
                self.answerable,
                max(self.similarities, default=0.0),
                self.evidence,
                self.coverage,
                self.named,
                1.0,
            ]
        )

    def kinds(self, weights: Weights) -> Floats:
        """The probability of each of KINDS."""
        return _softmax(np.array(weights.kind) @ self.features)

    def use_cases(self, weights: Weights) -> Floats:
        """The probability of each use case, given that one is described."""
        scores = weights.likelihood * np.array(self.likelihoods)
        return _softmax(scores + weights.similarity * np.array(self.similarities))


class Decider:
    """Decides questions about one comparison."""

    def __init__(self, comparison: Comparison, weights: Weights | None = None) -> None:
        self.comparison = comparison
        self.weights = weights or Weights.read()
        self._use_cases = comparison.of_kind("best-for")
        self._baseline: Floats = np.zeros(len(self._use_cases) + 1)
        self._calibrated = False

    def calibrate(self, model: Model) -> None:
        """Learns what `model` makes of questions without content; once, before the first one.

        In turns of their own: a question must find the cache as every other question does.
        """
        if self._calibrated:
            return
        names = []
        for question in EMPTY_QUESTIONS:
            with model.turn() as turn:
                names.append(self._names(turn, question))
        self._baseline, self._calibrated = np.mean(names, axis=0), True

    def decide(self, turn: Turn, question: str, retrieved: Retrieved) -> Decision:
        """The kind of answer that `question` gets, and the verdict where it asks for one."""
        signals = self.signals(turn, question, retrieved)
        kinds = signals.kinds(self.weights)
        kind = KINDS[int(kinds.argmax())]
        if kind == "abstain":
            return Decision("abstain")
        if kind == "inform":
            return Decision("inform", evidence=retrieved.evidence)
        use_cases = signals.use_cases(self.weights)
        use_case = self._use_cases[int(use_cases.argmax())]
        # what matters is whether the verdict is right: use cases that share it add up
        confidence = sum(
            probability
            for probability, other in zip(use_cases, self._use_cases, strict=True)
            if other.verdict == use_case.verdict
        )
        decided = [item for item in retrieved.use_cases if item.passage == use_case]
        others = [item for item in retrieved.evidence if item.passage != use_case]
        return Decision(
            "advise", use_case, use_case.verdict, float(confidence), (*decided, *others)
        )

    def signals(self, turn: Turn, question: str, retrieved: Retrieved) -> Signals:
        """What is known of `question`; evals.fit_decision fits the weights on it."""
        names = self._names(turn, question) - self._baseline
        similarity = {item.passage.id: item.score for item in retrieved.use_cases}
        yes, no = turn.likelihoods(
            answer_messages(self.comparison, question, retrieved.evidence), ["yes", "no"]
        )
        return Signals(
            likelihoods=tuple(names[:-1].tolist()),
            similarities=tuple(similarity.get(p.id, 0.0) for p in self._use_cases),
            no_use_case=float(names[-1]),
            answerable=yes - no,
            evidence=max((e.score for e in retrieved.evidence), default=0.0),
            coverage=max((q.coverage for q in retrieved.quotations), default=0.0),
            named=retrieved.quotations[0].named if retrieved.quotations else 0.0,
        )

    def _names(self, turn: Turn, question: str) -> Floats:
        """The log-probability of each use case's name, and last that of none of them."""
        options = [f" {name}" for name in (*(p.heading for p in self._use_cases), NO_USE_CASE)]
        return np.array(turn.likelihoods(naming_messages(self.comparison, question), options))


def _softmax(scores: Floats) -> Floats:
    exponentials: Floats = np.exp(scores - scores.max())
    share: Floats = exponentials / exponentials.sum()
    return share
