"""What a model understands of any message, learnt once over many comparisons.

    understanding = shipped_understanding(model_sha256)      None for any other model
    known = Learnt(understanding, open_reference(model, comparison, …))
    known.case_scores(state)                                 for each question

Nothing in `Understanding` belongs to one comparison; evals.tuning.learn makes the file that ships,
and figures are in docs/decisions/learn-once.md. A `Reference` is what the model shows of one
comparison before any question: its use cases, and texts that anybody could write, which are
subtracted from what it shows of a question (batch calibration, Zhou et al. 2023, arXiv:2309.17249).
Not covered: the words of one comparison's users, which agent.learning.probe learns from messages.
"""

from dataclasses import dataclass, fields
from functools import cache, cached_property
from itertools import combinations
from pathlib import Path
from typing import Any, BinaryIO
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_softmax

from agent.learning.probe import Floats, Probe, directions
from agent.llm.base import Model, Prompt, State
from agent.prompting.builder import answer_prompt, signal_prompts, use_case_prompt
from agent.prompting.templates import fill
from knowledge.cache import file_sha256
from knowledge.comparison import Comparison, Passage
from knowledge.retrieve import Retriever
from knowledge.sampling import evenly

FILE = Path(__file__).parent / "understanding.npz"
PROBES = ("advice", "general", "injection", "stated")
TOP_K = 4  # passages retrieved for a question or a message to learn from
ASKED = 2  # questions of either kind in answer prompts of the reference
DESCRIBING = 3  # sentences of a use case that describe it
# of 318 pairs of training use cases 3 lie above; from 0.3 on, messages are taken for the other one
# in 0.14, below it in 0.04 (docs/decisions/learn-once.md)
ALIKE = 0.6


@dataclass(frozen=True)
class Understanding:
    """Probes on states less the reference's, and the scale of matches.

    `advice`     at "Asks for:": the message asks for no recommendation; it asks for one
    `general`    at "Use case:": it describes a situation; it asks whatever the situation
    `injection`  after the text: its last sentence is no prompt injection; it is
    `stated`     at the end of an answer prompt: the passages do not state the answer; they do
    `scale`      of the cosine similarity of message and use case, as a log-probability
    """

    model_sha256: str
    advice: Probe
    general: Probe
    injection: Probe
    stated: Probe
    scale: float

    def write(self, file: BinaryIO) -> None:
        """Writes arrays for `read`."""
        arrays: dict[str, Any] = {
            "model_sha256": np.array(self.model_sha256),
            "scale": np.array(self.scale),
        }
        for name in PROBES:
            arrays |= getattr(self, name).arrays(name)
        np.savez_compressed(file, **arrays)

    @classmethod
    def read(cls, file: BinaryIO) -> "Understanding":
        """What `write` wrote. Raises ValueError if the file holds something else."""
        try:
            with np.load(file) as data:
                probes = {name: Probe.of(data, name) for name in PROBES}
                return cls(str(data["model_sha256"]), **probes, scale=float(data["scale"]))
        except (KeyError, EOFError, BadZipFile) as error:
            raise ValueError(f"nothing learnt ({error})") from error


@dataclass(frozen=True)
class Reference:
    """What a model shows of one comparison before any question.

    `cases`     (recommending, width): states at "Use case:" of the use cases' own texts
    `asking`    (width,): mean state of `anybody` at "Asks for:"; `naming` at "Use case:"
    `asks_for`  (3,): mean log-probability of each of ASKS_FOR after `anybody`
    `names`     (recommending,): that of each case's name
    `stated`    (width,): mean state at the end of answer prompts, half of them for questions that
                the document answers (its own sentences), half for `anybody`
    """

    cases: NDArray[np.float32]
    asking: NDArray[np.float32]
    naming: NDArray[np.float32]
    asks_for: Floats
    names: Floats
    stated: NDArray[np.float32]

    def write(self, file: BinaryIO) -> None:
        """Writes arrays for `read`."""
        np.savez(file, **{each.name: getattr(self, each.name) for each in fields(self)})

    @classmethod
    def read(cls, file: BinaryIO) -> "Reference":
        """What `write` wrote. Raises ValueError if the file holds something else."""
        try:
            with np.load(file) as data:
                return cls(**{each.name: data[each.name] for each in fields(cls)})
        except (KeyError, EOFError, BadZipFile) as error:
            raise ValueError(f"no reference ({error})") from error


@dataclass(frozen=True)
class Learnt:
    """What was learnt over many comparisons, applied to one; agent.learning.probe.Probes has the
    same methods.
    """

    comparison: Comparison
    understanding: Understanding
    reference: Reference

    kind = "learnt"

    def advice_odds(self, asking: State, naming: State) -> float:
        """The log-odds that a message asks for a recommendation that the document may give, by its
        states at "Asks for:" and at "Use case:".
        """
        asks = self.understanding.advice.log_odds(asking - self.reference.asking)
        if self._bottom_line:
            return asks
        # the document has nothing for a request without a situation
        return _log_odds_of_both(asks, -self._general(naming))

    def case_scores(self, naming: State) -> Floats:
        """The log-probability of each of Comparison.recommending, by the state at "Use case:"."""
        scores = self.understanding.scale * self.matches(naming)
        if not scores.size:
            return scores
        if not self._bottom_line:
            alone: Floats = log_softmax(scores)
            return alone
        scores[self._bottom_line] = -np.inf
        general = self._general(naming)
        found: Floats = log_softmax(scores) - np.logaddexp(0, general)
        found[self._bottom_line] = -np.logaddexp(0, -general)
        return found

    def matches(self, naming: State) -> Floats:
        """The cosine similarity of a message with each use case, each less the reference's mean."""
        message = directions(
            naming[None].astype(np.float64), self.reference.naming.astype(np.float64)
        )
        found: Floats = self._cases @ message[0]
        return found

    def likely(self, asking: State, sentences: int) -> Floats | None:
        """None: nothing is known of the document's sentences."""
        return None

    def stated_odds(self, state: State) -> float:
        """The log-odds that the passages before `state` state the answer."""
        return self.understanding.stated.log_odds(state - self.reference.stated)

    def injection_odds(self, state: State) -> float:
        """The log-odds that the sentence before `state` is a prompt injection."""
        return self.understanding.injection.log_odds(state - self.reference.asking)

    def _general(self, naming: State) -> float:
        return self.understanding.general.log_odds(naming - self.reference.naming)

    @cached_property
    def _bottom_line(self) -> list[int]:
        """The place of the bottom line among the cases, if it is one."""
        cases = enumerate(self.comparison.recommending)
        return [place for place, case in cases if case.kind == "bottom-line"]

    def alike(self) -> list[tuple[Passage, Passage, float]]:
        """Use cases that are hard to tell apart, with the cosine similarity of their states."""
        cases, similar = self.comparison.recommending, self._cases @ self._cases.T
        own = [place for place in range(len(cases)) if place not in self._bottom_line]
        return [
            (cases[one], cases[other], float(similar[one, other]))
            for one, other in combinations(own, 2)
            if similar[one, other] >= ALIKE
        ]

    @cached_property
    def _cases(self) -> Floats:
        states = self.reference.cases.astype(np.float64)
        own = [i for i in range(len(states)) if i not in self._bottom_line]
        return directions(states, states[own].mean(axis=0)) if own else states


def described(passage: Passage) -> str:
    """The text of a use case as if somebody had written it."""
    return f"{passage.heading}. {' '.join(passage.sentences[:DESCRIBING])}"


def anybody() -> list[str]:
    """Texts that anybody could write, whatever is compared."""
    return fill("fragments/anybody").splitlines()


def refer(model: Model, retriever: Retriever) -> Reference:
    """The reference of a comparison, by a model with hidden states."""
    comparison = retriever.index.comparison
    cases = comparison.recommending
    own = [[use_case_prompt(comparison, described(case))] for case in cases]
    own += [[use_case_prompt(comparison, case.heading)] for case in cases]
    with model.session() as session:
        states = list(session.states(own))
        seen = [
            session.prefill(*signal_prompts(comparison, text), states=True) for text in anybody()
        ]
    asked, named = zip(*seen, strict=True)
    stated = []
    for prompt in _answering(retriever):
        with model.session() as session:
            [shown] = session.prefill([prompt], states=True)
        assert shown.state is not None  # the model gave the others
        stated.append(shown.state)
    asking = np.mean([each.state for each in asked], axis=0)
    return Reference(
        # without a use case there are no states, and the width is not that of an empty array
        np.array(states, np.float32).reshape(2, len(cases), len(asking)).mean(axis=0),
        asking,
        np.mean([each.state for each in named], axis=0),
        np.mean([each.log_probabilities for each in asked], axis=0),
        np.mean([each.log_probabilities for each in named], axis=0),
        np.mean(stated, axis=0),
    )


def _answering(retriever: Retriever) -> list[Prompt]:
    """Answer prompts of sentences of the document as questions, and of as many of `anybody`."""
    comparison = retriever.index.comparison
    own = [f"{sentence.rstrip('.')}?" for _, sentence in evenly(comparison.sentences, ASKED)]
    return [
        answer_prompt(comparison, question, retriever.retrieve(question, TOP_K).evidence)
        for question in (*own, *evenly(anybody(), len(own)))
    ]


def understanding_sha256() -> str:
    """The SHA-256 of the file that ships."""
    return file_sha256(FILE)


def shipped_understanding(model_sha256: str) -> Understanding | None:
    """What ships, if it was learnt for that model."""
    understanding = _shipped()
    return understanding if understanding.model_sha256 == model_sha256 else None


@cache
def _shipped() -> Understanding:
    with FILE.open("rb") as file:
        return Understanding.read(file)


def _log_odds_of_both(first: float, second: float) -> float:
    """The log-odds that two independent claims hold, from those of each."""
    both = -np.logaddexp(0, -first) - np.logaddexp(0, -second)
    return float(both - np.log(-np.expm1(min(both, -1e-12))))
