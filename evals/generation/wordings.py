"""Each use case's verdict in the words of people whom it fits.

The model writes a message for each sender of prompts/generating/senders.md. It is kept if it leads
back: the names of the use cases, weighed by the model after the message, and the similarity of
their texts give its use case and no other, and "yes" is likelier than "no" where the model compares
the two. What the advisor decides by is not asked, except for
that similarity: an evaluation must not choose the questions that are easy for what it evaluates.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from agent.progress import Report
from agent.prompting.templates import fill
from evals.datasets.case import GENERATED, Case
from evals.generation.draft import Draft, Writer
from knowledge.comparison import Comparison, Passage, slug
from knowledge.embed import MiniLM
from knowledge.sampling import evenly
from knowledge.text.words import stems

MOST = 96  # messages written; of more, so many at even distances
INTRODUCING = 3  # sentences of the introduction that the model sees
ELSE = "something else"  # as in prompts/generating/use_cases.md
SHOWN = 2  # sentences of the use case that the model sees, for every other sender
SURE = 0.99  # probability of the use case from which a message is kept
SIMILARITY = 12.0  # weight of cosine similarity next to the log-probability of the name
FITS = 0.15  # log-odds of "yes" from which a message is kept
NEAR = 0.3  # similarity that a use case must exceed
NAME = 3  # words from which a heading is a name; "Swimming Pool" is what everybody calls it
NEAR_COPY = 0.9  # cosine similarity of two messages from which one is dropped

Floats = NDArray[np.float64]


def messages(writer: Writer, comparison: Comparison, embedder: MiniLM, report: Report) -> Draft:
    """A case of kind "verdict" for each message that survives the round trip."""
    draft, senders = Draft("verdict"), fill("generating/senders").splitlines()
    use_cases = [case for case in comparison.of_kind("best-for") if case.verdict]
    leads_back = RoundTrip(writer, comparison, use_cases, embedder)
    kept: dict[int, list[Floats]] = {place: [] for place in range(len(use_cases))}
    tasks = [(place, voice) for place in kept for voice in range(len(senders))]
    tasks = evenly(tasks, MOST)
    for done, (place, voice) in enumerate(tasks, 1):
        use_case = use_cases[place]
        message = writer.write(
            fill("generating/messages"),
            fill(
                "generating/message",
                choice=_choice(comparison),
                use_case=_shown(comparison, use_case) if voice % 2 == 0 else use_case.heading,
                sender=senders[voice],
            ),
            "Message:",
        )
        fault = _fault(message, use_case, comparison)
        vector = embedder.embed(message or "?").astype(np.float64)
        if not fault and any(float(vector @ other) >= NEAR_COPY for other in kept[place]):
            fault = "near copy of another"
        fault = fault or leads_back.fault(message, vector, place)
        if not fault:
            kept[place].append(vector)
        case = Case(
            id=f"{GENERATED}verdict-{use_case.number:02}-{voice + 1}",
            kind="verdict",
            turns=(message or "?",),
            verdict=use_case.verdict,
            cites=(use_case.id,),
            group=use_case.id,
        )
        draft.add(case, fault)
        report(done, len(tasks))
    draft.without = [case.heading for place, case in enumerate(use_cases) if not kept[place]]
    return draft


class RoundTrip:
    """From a message back to its use case."""

    def __init__(
        self,
        writer: Writer,
        comparison: Comparison,
        use_cases: Sequence[Passage],
        embedder: MiniLM,
    ) -> None:
        self._writer, self._comparison, self._use_cases = writer, comparison, use_cases
        self._options = ", ".join(comparison.options)
        self._names = [case.heading for case in use_cases]
        texts = [f"{case.heading}. {' '.join(case.sentences)}" for case in use_cases]
        self._texts = np.array([embedder.embed(text) for text in texts])
        self._headings = np.array([embedder.embed(name) for name in self._names])
        # contextual calibration, as in agent.answering.decide
        nobody = fill("fragments/anybody").splitlines()
        self._usual = np.mean([self._weigh(text) for text in nobody], axis=0) if use_cases else 0.0

    def fault(self, message: str, vector: Floats, place: int) -> str:
        """Why `message` does not lead back to the use case at `place`; "" if it does."""
        similarity = np.append((self._texts @ vector + self._headings @ vector) / 2, NEAR)
        names = self._weigh(message) - self._usual
        probability = softmax(names + SIMILARITY * similarity)
        if int(probability.argmax()) != place:
            return "fits another use case"
        if probability[place] < SURE:
            return "may fit another use case"
        return "" if self._fits(message, self._use_cases[place]) >= FITS else "may not fit"

    def _fits(self, message: str, use_case: Passage) -> float:
        """The log-odds that the sender is in the situation of the use case."""
        asked = fill(
            "generating/fit",
            options=self._options,
            use_case=_shown(self._comparison, use_case),
            message=message,
        )
        yes, no = self._writer.weigh(fill("generating/fits"), asked, "Fits:", ["yes", "no"])
        return yes - no

    def _weigh(self, message: str) -> Floats:
        """The log-probability of each use case, and last of none."""
        names = [*self._names, ELSE]
        asked = fill(
            "generating/use_case",
            options=self._options,
            use_cases="; ".join(names),
            message=message,
        )
        return np.array(self._writer.weigh(fill("generating/use_cases"), asked, "Use case:", names))


def _choice(comparison: Comparison) -> str:
    """What is compared: the title, and the beginning of the introduction."""
    begun = [each for p in comparison.of_kind("introduction") for each in p.sentences[:INTRODUCING]]
    return f"{comparison.title}. {' '.join(begun)}".strip()


def _shown(comparison: Comparison, use_case: Passage) -> str:
    """A use case with its reasons, without sentences that name an option."""
    reasons = [each for each in use_case.sentences if not _named(comparison, each)]
    return f"{use_case.heading}. {' '.join(reasons[:SHOWN])}".strip()


def _named(comparison: Comparison, text: str) -> int:
    """How many options `text` names."""
    words = set(stems(text))
    return sum(set(stems(option)) <= words for option in comparison.options)


def _fault(message: str, use_case: Passage, comparison: Comparison) -> str:
    """What makes `message` unusable by itself; "" if nothing does."""
    if not message or message[-1] not in ".?!":
        return "unfinished, or an example"
    if _named(comparison, message) not in (0, len(comparison.options)):
        return "names one option only"
    if (
        len(use_case.heading.split()) >= NAME
        and f"-{slug(use_case.heading)}-" in f"-{slug(message)}-"
    ):
        return "names the use case"
    return ""
