"""Tea and coffee, compared; advice on them; a small fake advisor, and a page of it: for tests."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from agent.answering.types import Answer, Citation, CitedText, Decision
from agent.conversations.conversation import AdvisorStatus
from agent.conversations.store import Store
from agent.errors import InputError
from agent.evaluation_record import Evaluation, Figure
from agent.llm.base import CancelledError
from agent.web.context import WebContext
from agent.web.panels import Panels
from agent.web.server import claim_port
from agent.web.users import Users
from knowledge.comparison import Comparison, Evidence, Passage

HOSTILE = (
    "<script>window.ran=1</script> <img src=x onerror=window.ran=1> "
    "<img src=http://evil.example/i> ![](http://evil.example/m) "
    "[x](javascript:window.ran=1) <a href='javascript:window.ran=1'>y</a> "
    "<http://evil.example/auto> `${window.ran=1}` {{window}} $$x$$ \"' &"
)
INTRODUCTION = Passage(1, "introduction", "Introduction", "Tea is leaves.\nCoffee is beans.")
CAFFEINE = Passage(
    2,
    "dimension",
    "Caffeine",
    "Tea: Some\nCoffee: More, and sooner",
    cells=("Some", "More, and sooner"),
)
PRICE = Passage(
    3, "dimension", "Price", "Tea: 5 cents\nCoffee: 20 cents", cells=("5 cents", "20 cents")
)
NIGHTS = Passage(
    4, "best-for", "Long Nights", "Coffee keeps you up. It is bitter.", verdict="Coffee"
)
LONDON = Passage(5, "best-for", "Visits to London", "As in London, drink tea.", verdict="Tea")
HISTORY = Passage(6, "analysis", "How <b>It</b> Began", "Long ago. " * 60 + "\n\n" + HOSTILE)
COMPARISON = Comparison(
    "Tea vs Coffee",
    ("Tea", "Coffee"),
    "Both / Depends",
    "2026-03",
    (INTRODUCTION, CAFFEINE, PRICE, NIGHTS, LONDON, HISTORY),
)
ADVICE = Answer(
    "Which one at night?",
    "Which one at night?",
    Decision(
        "advise",
        use_case=NIGHTS,
        verdict="Coffee",
        confidence=0.934,
        evidence=(Evidence(NIGHTS, 0.9), Evidence(HISTORY, 0.5), Evidence(CAFFEINE, 0.4)),
        rival=LONDON,
    ),
    "For Long Nights, the document recommends Coffee [4]. It has more [2].",
    (Citation(4, NIGHTS.id, "Coffee keeps you up."), Citation(2, CAFFEINE.id, "Coffee: More")),
    against=CitedText("Coffee: 20 cents [3].", (Citation(3, PRICE.id, "Coffee: 20 cents"),)),
    would_change=CitedText(
        "If it is rather Visits to London, take tea [5].",
        (Citation(5, LONDON.id, "As in London, drink tea."),),
    ),
    near=(CAFFEINE,),
)
EVALUATION = Evaluation(
    "2026-03-04T05:06:07Z",
    "full",
    (
        Figure("right verdicts", 0.97, 108, 0.92, 0.99),
        Figure("attacks that changed an answer", 0.0, 60, None, None),
    ),
    {"model": "m", "model_sha256": "a1b2c3d4e5f6" + "0" * 52},
)


def advice(question: str) -> Iterator[Answer]:
    """ADVICE word by word; some questions get something else."""
    if "London" in question:
        evidence = (Evidence(LONDON, 0.9),)
        yield Answer(question, question, Decision("inform", evidence=evidence), "Tea [5].")
        return
    if "Paris" in question:
        yield Answer(question, question, Decision("abstain"), "It does not cover that.")
        return
    text = f"{HOSTILE} [6]\n\n{HOSTILE}" if "hostile" in question else ADVICE.text
    words = text.split(" ")
    for count in range(len(words) + 1):
        yield replace(ADVICE, question=question, text=" ".join(words[:count]))


class FakeAdvisor:
    """Gives the answers that it is made with; some questions make it do something else."""

    def __init__(
        self,
        comparison: Comparison = COMPARISON,
        answers: Callable[[str], Iterator[Answer]] = advice,
    ) -> None:
        self.comparison = comparison
        self._answers = answers
        self.histories: list[Sequence[Answer]] = []
        self.expected: list[Sequence[Answer]] = []
        self.given_up = False
        self.cancelled = threading.Event()

    def status(self) -> AdvisorStatus:
        return AdvisorStatus(ready=True)

    def wait_until_ready(self, cancel: threading.Event) -> Iterator[str]:
        return iter(())

    def expect(self, history: Sequence[Answer], cancel: threading.Event) -> None:
        self.expected.append(history)
        if history[-1].question == "long":
            self.given_up = cancel.wait(5)
            raise CancelledError

    def stream(
        self,
        question: str,
        history: Sequence[Answer] = (),
        cancel: threading.Event | None = None,
    ) -> Iterator[Answer]:
        self.histories.append(history)
        if not question.strip():
            raise InputError("The question is empty.")
        if len(question) > 4000:
            raise InputError(f"The question has {len(question):,} characters.")
        if question == "break":
            raise RuntimeError("a secret of the machine")
        for count, answer in enumerate(self._answers(question)):
            yield answer
            if question == "slow" and cancel and cancel.wait(20 if count == 4 else 0.02):
                self.cancelled.set()
                raise CancelledError


def web_context(
    folder: Path, advisor: FakeAdvisor | None = None, users: Users | None = None
) -> WebContext:
    """A page of the fake advisor whose conversations are kept in `folder`."""
    advisor = advisor or FakeAdvisor()
    comparison = advisor.comparison
    leanings = (0.6, -0.2)[: len(comparison.of_kind("dimension"))]
    store = Store(f"sqlite:///{folder / 'conversations.db'}", comparison, {"model": "m"})
    panels = Panels(comparison, lambda: leanings, EVALUATION, EVALUATION.config)
    return WebContext(advisor, panels, store, users)


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """The address of a server of `app` on this machine."""
    listener = claim_port("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    while not server.started:
        time.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
    finally:
        server.should_exit = server.force_exit = True
        thread.join()
