"""Step three: advise, inform or abstain, settled before a word is written.

Nothing here trusts what a model says. What it makes of a message is taken in two ways: how likely
it finds each possible answer, less how likely it finds it after questions without content
(contextual calibration, Zhao et al. 2021, arXiv:2102.09690); and what linear probes read off its
hidden state (agent.learning.probe).
  - What the message asks for decides whether it is advised.
  - The use case, by its name's likelihood, the probe, and the similarity of question and use case,
    decides how.
  - Whether the passages state the answer, by "yes" against "no" and a probe, how likely a sentence
    is to answer, and whether the names of the question stand there, decides whether another
    message is answered at all. Advice does not wait for it.
How much each weighs comes from evals/tuning/fit_decision.py, which fits that on the dev cases only.
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
NEAR = 0.3  # off-topic dev questions stay under 0.2, and what is answered lies above
FAR = 8.0  # log-odds beyond which they make no difference
CLEARLY = 0.7  # probability of a verdict below which its rival is named
# probability of a use case below which it is only the nearest: 4 % of dev cases lie there, and
# three quarters of sixteen that the document does not have
NEARLY = 0.85
MOST_CONFIDENT = 0.99  # the dev cases are too few to show more
WEIGHTS_FILE = Path(__file__).parent / "decision_weights.json"

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Weights:
    """Logistic models: of the use case, with a weight for each of its three scores, and `advise`
    (of Asked.features) and `inform` (of Answerable.features), each with a bias last.
    The `unprobed` ones are for a model that has no probes.
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
    """What is known before the passages are read. Cases stand in the order of
    Comparison.recommending.

    `asks_for`       log-probability of each of ASKS_FOR, less that after an empty question
    `advice`         log-odds that a recommendation is asked for, by the probe; None without one
    `log_probabilities`    log-probability of each case's name, less that after an empty question
    `probed`         log-probability of each case, by the probe; even without one
    `similarities`   cosine similarity of the question and each case
    `evidence`       score of the best evidence
    """

    asks_for: tuple[float, ...]
    advice: float | None
    log_probabilities: tuple[float, ...]
    probed: tuple[float, ...]
    similarities: tuple[float, ...]
    evidence: float

    def features(self, weights: Weights) -> Floats:
        """What tells whether a recommendation is asked for; how clearly a case is described does
        too.
        """
        recommendation, *others = self.asks_for
        told = [recommendation - np.logaddexp.reduce(others)]
        probed = [] if self.advice is None else [self.advice]
        near = max(self.similarities, default=0.0)
        clear = np.log(self.cases(weights).max())
        return np.array([*told, *probed, near, self.evidence, clear, 1.0])

    def advise(self, weights: Weights) -> float:
        """The probability that the message asks for a recommendation that can be given."""
        chosen = weights.advise_unprobed if self.advice is None else weights.advise
        return _sigmoid(float(np.array(chosen) @ self.features(weights)))

    def cases(self, weights: Weights) -> Floats:
        """The probability of each case, given that one is described."""
        scores = weights.likelihood * np.array(self.log_probabilities)
        scores += weights.probe * np.array(self.probed)
        return _softmax(scores + weights.similarity * np.array(self.similarities))


@dataclass(frozen=True)
class AnswerSignals:
    """What is known of a message that asks for no recommendation once passages are read.

    `answerable`   log-odds that the passages state the answer
    `stated`       the same by the probe; None without one
    `covered`      log-odds that any sentence of the document does, by the probe; None without one
    `named`        whether all its names and numbers stand in the sentence that is likeliest the
                   answer: a figure of another owner or year is none
    `unknown_names`    how many names of it the document never mentions
    `likeliest`    score of that sentence
    `nearest`      cosine similarity of the text nearest to it; beyond NEAR it makes no difference
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
        """The kind of answer that `question` gets, and the verdict where it asks for one."""
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
        # what matters is whether the verdict is right: cases that share it add up
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
        """What a question asks for and which case it describes."""
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
        """Whether the evidence answers `question`."""
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
        """`question` without what is there to steer the advisor."""
        if self.probes is None:
            return question
        return without_injections(session, self.comparison, self.probes.injection_odds, question)

    def observe(self, session: Session, question: str) -> "QuestionSignals":
        """What the model makes of `question` before anything is retrieved for it."""
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
    """What a model makes of a question before anything is retrieved for it: log-probabilities of
    each of ASKS_FOR and of each case's name, and what the probes say.

    `probed`    log-probability of each case; even without probes, and then the rest is None
    `advice`    log-odds that a recommendation is asked for
    `likely`    log-probability that each of Comparison.sentences answers
    `covered`   log-odds that any of them does
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
