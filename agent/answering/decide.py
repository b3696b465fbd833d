"""Steps 2 and 4: the model's signals for a question; advice, information or abstention.

The decision uses signals instead of generated text (docs/decisions/decide-from-signals.md): the
log-probability of each option, less its log-probability after questions without content (contextual
calibration, Zhao et al. 2021, arXiv:2102.09690), and linear probes on the hidden state
(agent.learning.probe).
  - The intent decides whether the message gets advice.
  - The use case decides which: log-probability of its name, probe, and similarity.
  - Without advice, "yes" against "no", a probe, the score of the likeliest sentence, and the names
    of the question decide whether the passages answer.
evals/tuning/fit_decision.py fits the weights, on the dev cases only.
"""

import json
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from agent.answering.types import Decision, Fit
from agent.learning.injection import without_injections
from agent.learning.probe import Probes
from agent.llm.base import Model, Session
from agent.prompting.builder import (
    ASKS_FOR,
    answer_prompt,
    case_name,
    intent_prompt,
    use_case_prompt,
)
from knowledge.comparison import Comparison
from knowledge.retrieve import Retrieved

EMPTY_QUESTIONS = ("N/A", "Which one?", "Which should I choose?", "I have a question.")
NEAR = 0.3  # cosine similarity that separates related texts from unrelated ones
FAR = 8.0  # log-odds are clipped here
CLEARLY = 0.7  # probability of a verdict below which its rival is named
# probability of a use case below which it is called the nearest
NEARLY = 0.85
MOST_CONFIDENT = 0.99  # the dev cases are too few to show more
WEIGHTS_FILE = Path(__file__).parent / "decision_weights.json"

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Weights:
    """Three logistic models: of the use case, with a weight for each of its scores; `advise`, of
    AdviceSignals.features; and `inform`, of AnswerSignals.features. The last weight of the latter
    two is the bias. The `unprobed` variants serve models without probes.
    """

    likelihood: float
    probe: float
    similarity: float
    advise: tuple[float, ...] = ()
    advise_unprobed: tuple[float, ...] = ()
    inform: tuple[float, ...] = ()
    inform_unprobed: tuple[float, ...] = ()

    @classmethod
    def read(cls, path: Path = WEIGHTS_FILE) -> "Weights":
        data = json.loads(path.read_text(encoding="utf-8"))
        return cls(
            data["likelihood"],
            data["probe"],
            data["similarity"],
            tuple(data["advise"]),
            tuple(data["advise_unprobed"]),
            tuple(data["inform"]),
            tuple(data["inform_unprobed"]),
        )


@dataclass(frozen=True)
class AdviceSignals:
    """Signals for advice. Cases are in the order of Comparison.recommending.

    `asks_for`           log-probability of each of ASKS_FOR, less that after an empty question
    `advice`             the probe's log-odds of a request for a recommendation; None without probes
    `log_probabilities`  log-probability of each case's name, less that after an empty question
    `probed`             the probe's log-probability of each case; zeros without probes
    `similarities`       cosine similarity of the question and each case
    `evidence`           score of the best evidence
    """

    asks_for: tuple[float, ...]
    advice: float | None
    log_probabilities: tuple[float, ...]
    probed: tuple[float, ...]
    similarities: tuple[float, ...]
    evidence: float

    def features(self, weights: Weights) -> Floats:
        """The features of `advise`, with the log-probability of the likeliest case among them."""
        recommendation, *others = self.asks_for
        intent = [recommendation - np.logaddexp.reduce(others)]
        probed = [] if self.advice is None else [self.advice]
        near = max(self.similarities, default=0.0)
        clear = np.log(self.cases(weights).max())
        return np.array([*intent, *probed, near, self.evidence, clear, 1.0])

    def advise(self, weights: Weights) -> float:
        """The probability that the message asks for a recommendation that the document gives."""
        chosen = weights.advise_unprobed if self.advice is None else weights.advise
        return _sigmoid(float(np.array(chosen) @ self.features(weights)))

    def cases(self, weights: Weights) -> Floats:
        """The probability of each case, given that the message describes one."""
        scores = weights.likelihood * np.array(self.log_probabilities)
        scores += weights.probe * np.array(self.probed)
        return _softmax(scores + weights.similarity * np.array(self.similarities))


@dataclass(frozen=True)
class AnswerSignals:
    """Signals for information: whether the evidence answers the question.

    `answerable`     log-odds of "yes": the passages state the answer
    `stated`         the probe's log-odds of the same; None without probes
    `covered`        the probe's log-odds that any sentence of the document answers; None without it
    `named`          whether the likeliest sentence has all names and numbers of the question, since
                     a figure of another owner or year is no answer
    `unknown_names`  number of names in the question that the document never mentions
    `likeliest`      score of the likeliest sentence
    `nearest`        cosine similarity of the nearest text; clipped at NEAR
    """

    answerable: float
    stated: float | None
    covered: float | None
    named: bool
    unknown_names: int
    likeliest: float
    nearest: float

    @property
    def features(self) -> Floats:
        probed = [
            float(np.clip(p, -FAR, FAR)) for p in (self.stated, self.covered) if p is not None
        ]
        named = [float(self.named), float(min(self.unknown_names, 2))]
        near = min(self.nearest, NEAR)
        return np.array([self.answerable, *probed, *named, self.likeliest, near, 1.0])

    def inform(self, weights: Weights) -> float:
        """The probability that the evidence answers."""
        chosen = weights.inform_unprobed if self.covered is None else weights.inform
        return _sigmoid(float(np.array(chosen) @ self.features))


class Decider:
    """Decides questions about one comparison.

    `baseline` is what the model shows after questions without content, which is subtracted from
    what it shows after a question; `calibrated` measures it.
    """

    def __init__(
        self,
        comparison: Comparison,
        weights: Weights | None = None,
        probes: Probes | None = None,
        baseline: "QuestionSignals | None" = None,
    ) -> None:
        self.comparison = comparison
        self.probes = probes
        self.weights = weights or Weights.read()
        self._cases = comparison.recommending
        none = np.zeros(len(self._cases))
        self._baseline = baseline or QuestionSignals(np.zeros(len(ASKS_FOR)), none, none)

    def calibrated(self, model: Model) -> "Decider":
        """The same decider with the baseline of `model`.

        Each question has a session of its own, so that each finds the same context.
        """
        found = []
        for question in EMPTY_QUESTIONS:
            with model.session() as session:
                found.append(self.observe(session, question))
        baseline = QuestionSignals(
            np.mean([each.asks_for for each in found], axis=0),
            np.mean([each.cases for each in found], axis=0),
            np.zeros(len(self._cases)),
        )
        return Decider(self.comparison, self.weights, self.probes, baseline)

    def decide(
        self, session: Session, question: str, seen: "QuestionSignals", retrieved: Retrieved
    ) -> Decision:
        """The kind of answer that `question` gets, and the verdict if it asks for one."""
        asked = self.asked(seen, retrieved)
        advise = asked.advise(self.weights)
        if advise >= 0.5:
            return self._advice(asked, advise, retrieved)
        if self.answerable(session, question, seen, retrieved).inform(self.weights) >= 0.5:
            return Decision("inform", evidence=retrieved.evidence)
        return Decision("abstain")

    def _advice(self, asked: AdviceSignals, advise: float, retrieved: Retrieved) -> Decision:
        cases = asked.cases(self.weights)
        place = int(cases.argmax())
        case = self._cases[place]
        # the confidence is that of the verdict, so cases with the same verdict add up
        same = np.array([other.verdict == case.verdict for other in self._cases])
        right = float(cases[same].sum())
        rival = None if same.all() else self._cases[int(np.where(same, -1, cases).argmax())]
        fit: Fit = "clear"
        if rival and rival.kind == "best-for" and right < CLEARLY:
            fit = "open"
        elif case.kind == "best-for" and cases[place] < NEARLY:
            fit = "nearest"
        said = (case, rival) if fit == "open" else (case,)
        decided = [item for each in said for item in retrieved.cases if item.passage == each]
        others = [item for item in retrieved.evidence if item.passage not in said]
        return Decision(
            "advise",
            case,
            case.verdict,
            confidence=min(advise * right, MOST_CONFIDENT),
            evidence=(*decided, *others),
            rival=rival,
            fit=fit,
        )

    def asked(self, seen: "QuestionSignals", retrieved: Retrieved) -> AdviceSignals:
        """The signals for advice."""
        similarity = {item.passage.id: item.score for item in retrieved.cases}
        return AdviceSignals(
            asks_for=tuple((seen.asks_for - self._baseline.asks_for).tolist()),
            advice=seen.advice,
            log_probabilities=tuple((seen.cases - self._baseline.cases).tolist()),
            probed=tuple(seen.probed.tolist()),
            similarities=tuple(similarity.get(case.id, 0.0) for case in self._cases),
            evidence=max((item.score for item in retrieved.evidence), default=0.0),
        )

    def answerable(
        self, session: Session, question: str, seen: "QuestionSignals", retrieved: Retrieved
    ) -> AnswerSignals:
        """The signals for information."""
        prompt = answer_prompt(self.comparison, question, retrieved.evidence)
        probed = self.probes is not None and seen.covered is not None
        [read] = session.prefill([prompt], [["yes", "no"]], states=probed)
        yes, no = read.log_probabilities
        stated = None
        if self.probes and read.state is not None:
            absent, present = self.probes.stated.scores(read.state)
            stated = float(present - absent)
        likeliest = retrieved.quotations[:1]
        return AnswerSignals(
            answerable=yes - no,
            stated=stated,
            covered=seen.covered,
            named=any(quotation.named == 1 for quotation in likeliest),
            unknown_names=len(retrieved.unknown_names),
            likeliest=sum(quotation.score for quotation in likeliest),
            nearest=retrieved.nearest,
        )

    def without_injections(self, session: Session, question: str) -> str:
        """`question` without sentences that look like prompt injection."""
        if self.probes is None:
            return question
        return without_injections(session, self.comparison, self.probes.injection_odds, question)

    def observe(self, session: Session, question: str) -> "QuestionSignals":
        """The signals of `question` before retrieval."""
        asking = intent_prompt(self.comparison, question)
        naming = use_case_prompt(self.comparison, question)
        options = [
            [f" {name}" for name in ASKS_FOR],
            [f" {case_name(case)}" for case in self._cases],
        ]
        asked, named = session.prefill([asking, naming], options, states=True)
        seen = QuestionSignals(
            np.array(asked.log_probabilities),
            np.array(named.log_probabilities),
            np.zeros(len(self._cases)),
        )
        if self.probes is None or asked.state is None or named.state is None:
            return seen
        no, yes = self.probes.advice.scores(asked.state)
        likely = self.probes.likely(asked.state, len(self.comparison.sentences))
        return replace(
            seen,
            advice=float(yes - no),
            probed=self.probes.case.scores(named.state),
            likely=likely[:-1],
            covered=float(np.logaddexp.reduce(likely[:-1]) - likely[-1]),
        )


@dataclass(frozen=True)
class QuestionSignals:
    """The model's signals for a question before retrieval. Without probes, `probed` is zeros and
    the fields after it are None.

    `asks_for`  log-probability of each of ASKS_FOR
    `cases`     log-probability of each case's name
    `probed`    the probe's log-probability of each case
    `advice`    the probe's log-odds of a request for a recommendation
    `likely`    the probe's log-probability of each of Comparison.sentences as the answer
    `covered`   the probe's log-odds that any of them answers
    """

    asks_for: Floats
    cases: Floats
    probed: Floats
    advice: float | None = None
    likely: Floats | None = None
    covered: float | None = None


def _sigmoid(score: float) -> float:
    return float(1 / (1 + np.exp(-np.clip(score, -500, 500))))


def _softmax(scores: Floats) -> Floats:
    exponentials: Floats = np.exp(scores - scores.max())
    share: Floats = exponentials / exponentials.sum()
    return share
