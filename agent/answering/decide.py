"""Steps 2 and 4: the model's signals for a question; advice, information or abstention.

The decision uses signals instead of generated text (docs/decisions/decide-from-signals.md): the
log-probability of each option, less its log-probability after texts without content (contextual
calibration, Zhao et al. 2021, arXiv:2102.09690), and the hidden state, read by what was learnt over
many comparisons (agent.learning.understanding) or from messages about this one
(agent.learning.probe).
  - The intent decides whether the message gets advice.
  - The use case decides which: log-probability of its name, its state, and similarity.
  - Without advice, "yes" against "no", a probe, the score of the likeliest sentence, and the names
    of the question decide whether the passages answer.
The weights are fitted by evals/tuning/learn.py over the training comparisons, and for a document
with messages by evals/tuning/fit_decision.py, on the dev cases only.
"""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from agent.answering.types import Decision, Fit
from agent.learning.injection import without_injections
from agent.learning.understanding import Reference
from agent.llm.base import Model, Session, State
from agent.prompting.builder import (
    ASKS_FOR,
    answer_prompt,
    signal_prompts,
)
from knowledge.comparison import Comparison, Evidence, Passage
from knowledge.retrieve import Retrieved

EMPTY_QUESTIONS = ("N/A", "Which one?", "Which should I choose?", "I have a question.")
FAR = 8.0  # log-odds are clipped here
CLEARLY = 0.7  # probability of a verdict below which its rival is named
# probability of a use case below which it is called the nearest
NEARLY = 0.85
MOST_CONFIDENT = 0.99  # the dev cases are too few to show more
WEIGHTS_FILE = Path(__file__).parent / "decision_weights.json"

Floats = NDArray[np.float64]


class Readout(Protocol):
    """What hidden states tell: agent.learning.probe.Probes, trained on messages about this
    comparison, or agent.learning.understanding.Learnt, from many others. `kind` names its weights.
    """

    @property
    def kind(self) -> str: ...

    def advice_odds(self, asking: State, naming: State) -> float:
        """The log-odds that a message asks for a recommendation, by its states at "Asks for:" and
        at "Use case:".
        """
        ...

    def case_scores(self, naming: State) -> Floats:
        """The log-probability of each of Comparison.recommending."""
        ...

    def likely(self, asking: State, sentences: int) -> Floats | None:
        """The log-probability of each of so many sentences as the answer, last that of none; None
        where nothing is known of sentences.
        """
        ...

    def stated_odds(self, state: State) -> float:
        """The log-odds that the passages before `state`, of an answer prompt, state the answer."""
        ...

    def injection_odds(self, state: State) -> float:
        """The log-odds that the sentence before `state` is a prompt injection."""
        ...


@dataclass(frozen=True)
class Weights:
    """Three logistic models: of the use case, with a weight for each of its scores; `advise`, of
    AdviceSignals.features; and `inform`, of AnswerSignals.features. The last weight of the latter
    two is the bias. Beyond the cosine similarity `nearest_at_most` the nearest text tells nothing
    more.
    """

    likelihood: float
    probe: float
    similarity: float
    advise: tuple[float, ...] = ()
    inform: tuple[float, ...] = ()
    nearest_at_most: float = 1.0

    @classmethod
    def read(cls, kind: str, path: Path = WEIGHTS_FILE) -> "Weights":
        """Those for a readout of that kind: "probed", "learnt"; "unknown" is for none."""
        data = json.loads(path.read_text(encoding="utf-8"))[kind]
        return cls(
            data["likelihood"],
            data["probe"],
            data["similarity"],
            tuple(data["advise"]),
            tuple(data["inform"]),
            data["nearest_at_most"],
        )


@dataclass(frozen=True)
class AdviceSignals:
    """Signals for advice. Cases are in the order of Comparison.recommending.

    `asks_for`           log-probability of each of ASKS_FOR, less that after an empty question
    `advice`             log-odds of a request for a recommendation, by its state; or None
    `log_probabilities`  log-probability of each case's name, less that after an empty question
    `probed`             log-probability of each case by the state; zeros without one
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
        clear = np.log(self.cases(weights).max()) if self.similarities else 0.0
        return np.array([*intent, *probed, near, self.evidence, clear, 1.0])

    def advise(self, weights: Weights, advises: float = 0.0) -> float:
        """The probability that the message asks for a recommendation that the document gives, with
        log-odds `advises` that are known otherwise.
        """
        return _sigmoid(float(np.array(weights.advise) @ self.features(weights)) + advises)

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
    `nearest`        cosine similarity of the nearest text
    """

    answerable: float
    stated: float | None
    covered: float | None
    named: bool
    unknown_names: int
    likeliest: float
    nearest: float

    def features(self, weights: Weights) -> Floats:
        """The features of `inform`."""
        probed = [
            float(np.clip(p, -FAR, FAR)) for p in (self.stated, self.covered) if p is not None
        ]
        named = [float(self.named), float(min(self.unknown_names, 2))]
        nearest = min(self.nearest, weights.nearest_at_most)
        return np.array([self.answerable, *probed, *named, self.likeliest, nearest, 1.0])

    def inform(self, weights: Weights) -> float:
        """The probability that the evidence answers."""
        return _sigmoid(float(np.array(weights.inform) @ self.features(weights)))


class Decider:
    """Decides questions about one comparison.

    `baseline` is what the model shows after questions without content, which is subtracted from
    what it shows after a question; `calibrated` measures it.
    """

    def __init__(
        self,
        comparison: Comparison,
        weights: Weights | None = None,
        readout: Readout | None = None,
        baseline: "QuestionSignals | None" = None,
    ) -> None:
        self.comparison = comparison
        self.readout = readout
        self.weights = weights or Weights.read(readout.kind if readout else "unknown")
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
        return Decider(self.comparison, self.weights, self.readout, baseline)

    def referring(self, reference: Reference) -> "Decider":
        """The same decider with the baseline of `reference`."""
        none = np.zeros(len(self._cases))
        baseline = QuestionSignals(reference.asks_for, reference.names, none)
        return Decider(self.comparison, self.weights, self.readout, baseline)

    def decide(
        self,
        session: Session,
        question: str,
        seen: "QuestionSignals",
        retrieved: Retrieved,
        advises: float = 0.0,
    ) -> Decision:
        """The kind of answer that `question` gets, and the verdict if it asks for one.

        `advises` are log-odds, known otherwise, that it asks for a recommendation.
        """
        asked = self.asked(seen, retrieved)
        advise = asked.advise(self.weights, advises) if self._cases else 0.0
        if advise >= 0.5:
            return self._advice(asked, advise, retrieved)
        if retrieved.another_year:
            return Decision("abstain")
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

    def confirmed(self, use_case: Passage) -> Decision:
        """The verdict of the use case that the person has said to be theirs."""
        return Decision(
            "advise",
            use_case,
            use_case.verdict,
            confidence=MOST_CONFIDENT,
            evidence=(Evidence(use_case, 1.0),),
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
        [read] = session.prefill([prompt], [["yes", "no"]], states=seen.advice is not None)
        yes, no = read.log_probabilities
        stated = None
        if self.readout and read.state is not None:
            stated = self.readout.stated_odds(read.state)
        return replace(
            with_evidence(retrieved), answerable=yes - no, stated=stated, covered=seen.covered
        )

    def without_injections(self, session: Session, question: str) -> str:
        """`question` without sentences that look like prompt injection."""
        if self.readout is None:
            return question
        return without_injections(session, self.comparison, self.readout.injection_odds, question)

    def observe(self, session: Session, question: str) -> "QuestionSignals":
        """The signals of `question` before retrieval."""
        prompts, options = signal_prompts(self.comparison, question)
        asked, named = session.prefill(prompts, options, states=True)
        seen = QuestionSignals(
            np.array(asked.log_probabilities),
            np.array(named.log_probabilities),
            np.zeros(len(self._cases)),
        )
        if self.readout is None or asked.state is None or named.state is None:
            return seen
        return self.with_states(seen, asked.state, named.state)

    def with_states(
        self, seen: "QuestionSignals", asking: State, naming: State
    ) -> "QuestionSignals":
        """The signals of a question with those of its states."""
        assert self.readout  # there would be nothing to add
        likely = self.readout.likely(asking, len(self.comparison.sentences))
        covered = None
        if likely is not None:
            covered = float(np.logaddexp.reduce(likely[:-1]) - likely[-1])
            likely = likely[:-1]
        return replace(
            seen,
            advice=self.readout.advice_odds(asking, naming),
            probed=self.readout.case_scores(naming),
            likely=likely,
            covered=covered,
        )


def with_evidence(retrieved: Retrieved) -> AnswerSignals:
    """The signals for information that are known without the model."""
    likeliest = retrieved.quotations[:1]
    return AnswerSignals(
        answerable=0.0,
        stated=None,
        covered=None,
        named=any(quotation.named == 1 for quotation in likeliest),
        unknown_names=len(retrieved.unknown_names),
        likeliest=sum(quotation.score for quotation in likeliest),
        nearest=retrieved.nearest,
    )


@dataclass(frozen=True)
class QuestionSignals:
    """The model's signals for a question before retrieval. `probed` is zeros, and the fields after
    it are None, as far as nothing is known of its states.

    `asks_for`  log-probability of each of ASKS_FOR
    `cases`     log-probability of each case's name
    `probed`    log-probability of each case by the state
    `advice`    log-odds of a request for a recommendation
    `likely`    log-probability of each of Comparison.sentences as the answer
    `covered`   log-odds that any of them answers
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
