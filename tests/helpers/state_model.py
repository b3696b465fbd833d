"""A model that gives hidden states made up from its prompts."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from agent.llm.base import Options, Prefilled, Prompt, State, Usage


class StateModel:
    """A model and its session. `state` makes the state of a prompt; of options, each is less likely
    than the one before. `prefills` has the prompts of each prefill. Nothing else may be asked.
    """

    usage = Usage()

    def __init__(self, state: Callable[[Prompt], State]) -> None:
        self.state = state
        self.prefills: list[list[Prompt]] = []

    @contextmanager
    def session(self, cancel: threading.Event | None = None) -> Iterator["StateModel"]:
        yield self

    def prefill(
        self, prompts: Sequence[Prompt], options: Options = (), states: bool = False
    ) -> list[Prefilled]:
        assert states
        self.prefills.append(list(prompts))
        weighed = [tuple(-float(i) for i in range(len(each))) for each in options]
        return [
            Prefilled(weighed[i] if weighed else (), self.state(prompt))
            for i, prompt in enumerate(prompts)
        ]

    def states(self, groups: Sequence[Sequence[Prompt]]) -> Iterator[Sequence[State]]:
        for group in groups:
            yield [self.state(prompt) for prompt in group]

    def stream(self, *arguments: object, **named: object) -> Iterator[str]:
        raise AssertionError("nothing is written")

    def preload(self, prompt: Prompt, cancel: threading.Event | None = None) -> None:
        raise AssertionError("nothing is preloaded")

    def close(self) -> None:
        raise AssertionError("it is used on")
