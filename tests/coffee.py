"""Tea and coffee, compared; advice on them; and a small fake advisor: for tests of the page."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace

from agent.answer import Answer, Citation, Decision, Exchange
from agent.errors import InputUnusable
from agent.model import Cancelled
from knowledge.comparison import Comparison, Evidence, Passage

INTRODUCTION = Passage(1, "introduction", "Introduction", "Tea is leaves.\nCoffee is beans.")
CAFFEINE = Passage(
    2,
    "dimension",
    "Caffeine",
    "Tea: Some\nCoffee: More, and sooner",
    cells=("Some", "More, and sooner"),
)
NIGHTS = Passage(
    3, "best-for", "Long Nights", "Coffee keeps you up. It is bitter.", verdict="Coffee"
)
LONDON = Passage(4, "best-for", "Visits to London", "As in London, drink tea.", verdict="Tea")
COMPARISON = Comparison(
    "Tea vs Coffee",
    ("Tea", "Coffee"),
    "Both / Depends",
    "2026-03",
    (INTRODUCTION, CAFFEINE, NIGHTS, LONDON),
)
ADVICE = Answer(
    "Which one at night?",
    "Which one at night?",
    Decision(
        "advise",
        use_case=NIGHTS,
        verdict="Coffee",
        confidence=0.934,
        evidence=(Evidence(NIGHTS, 0.9), Evidence(INTRODUCTION, 0.5), Evidence(CAFFEINE, 0.4)),
    ),
    "For Long Nights, the document recommends Coffee [3]. It has more [2].",
    (Citation(3, NIGHTS.id, "Coffee keeps you up."), Citation(2, CAFFEINE.id, "Coffee: More")),
)
HOSTILE = "<script>alert(1)</script> ![](http://evil.example/x) [x](javascript:alert(1)) \"' &"


class FakeAdvisor:
    """Gives ADVICE word by word; some questions make it do something else."""

    comparison = COMPARISON

    def __init__(self) -> None:
        self.histories: list[Sequence[Exchange]] = []
        self.expected: list[Sequence[Exchange]] = []
        self.given_up = False

    def expect(self, history: Sequence[Exchange], cancel: threading.Event) -> None:
        self.expected.append(history)
        if history[-1].question == "long":
            self.given_up = cancel.wait(5)
            raise Cancelled

    def stream(
        self,
        question: str,
        history: Sequence[Exchange] = (),
        cancel: threading.Event | None = None,
    ) -> Iterator[Answer]:
        self.histories.append(history)
        if not question.strip():
            raise InputUnusable("The question is empty.")
        if question == "break":
            raise RuntimeError("a secret of the machine")
        words = ADVICE.text.split(" ")
        for count in range(len(words) + 1):
            yield replace(ADVICE, question=question, text=" ".join(words[:count]))
            if question == "slow" and cancel and cancel.wait(5):
                raise Cancelled
