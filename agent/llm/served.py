"""A model served elsewhere: any OpenAI-compatible server, through LangChain's init_chat_model.

Such servers seldom give the likelihood of a text of ours, so options are weighed by asking:
the option that the server names gets nearly all of the weight.
"""

import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from difflib import SequenceMatcher
from math import log
from typing import Any

import httpx
from langchain.chat_models import init_chat_model
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

from agent.errors import ModelUnavailableError
from agent.llm.base import CancelledError, Prompt, StatelessSession, Usage
from agent.urls import Url

NAMED = 0.9  # the weight of the option that the server names; the others share the rest


class ServedModel:
    """A chat model behind `base_url`. Raises ModelUnavailableError when it does not answer."""

    def __init__(
        self, name: str, base_url: Url | str, api_key: str, timeout_s: float = 120.0
    ) -> None:
        self.base_url = Url(base_url) if isinstance(base_url, str) else base_url
        try:
            self._chat: BaseChatModel = init_chat_model(
                name,
                model_provider="openai",
                base_url=self.base_url.get_secret_value(),
                api_key=api_key or "none",
                temperature=0,
                timeout=timeout_s,
                max_retries=1,
                stream_usage=True,
            )
        except Exception as error:  # what is no address is refused here, in many ways
            raise self._unreachable(error) from error

    @contextmanager
    def session(self, cancel: threading.Event | None = None) -> Iterator["ServedSession"]:
        """One question's use of the server; sessions run side by side."""
        yield ServedSession(self, cancel)

    def preload(self, prompt: Prompt, cancel: threading.Event | None = None) -> None:
        """Servers cache what they like."""

    def close(self) -> None:
        """The server keeps its model."""

    def check(self) -> None:
        """Raises ModelUnavailableError unless the server answers within five seconds."""
        try:
            address = self.base_url.get_secret_value().rstrip("/")
            httpx.get(f"{address}/models", timeout=5.0, trust_env=False)
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            raise self._unreachable(error) from error

    def _unreachable(self, error: Exception) -> ModelUnavailableError:
        detail = self.base_url.masked((str(error) or type(error).__name__).splitlines()[0])
        return ModelUnavailableError(
            f"The model server at {self.base_url} does not answer ({detail}). Start it, set "
            "ADVISOR_BASE_URL to where it is, or unset it to run the model here."
        )

    def stream(self, messages: list[BaseMessage], **limits: Any) -> Iterator[BaseMessage]:
        try:
            yield from self._chat.stream(messages, **limits)
        except Exception as error:  # clients of many providers raise errors of their own
            raise self._unreachable(error) from error


class ServedSession(StatelessSession):
    """agent.llm.base.Session on a server."""

    def __init__(self, model: ServedModel, cancel: threading.Event | None) -> None:
        self.usage = Usage()
        self._model, self._cancel = model, cancel

    def log_probabilities(self, prompt: Prompt, options: Sequence[str]) -> tuple[float, ...]:
        names = [option.strip() for option in options]
        asked = _messages(prompt, f"Reply with exactly one of: {'; '.join(names)}.")
        reply = "".join(self._ask(asked, 40, ())).strip()
        # the first of the options that stands in the reply, else the one most like it
        standing = {
            i: match.start()
            for i, name in enumerate(names)
            if (match := re.search(rf"(?<!\w){re.escape(name)}(?!\w)", reply, re.IGNORECASE))
        }
        named = (
            min(standing, key=lambda i: (standing[i], -len(names[i])))
            if standing
            else max(
                range(len(names)), key=lambda i: SequenceMatcher(None, names[i], reply).ratio()
            )
        )
        rest = (1 - NAMED) / max(len(names) - 1, 1)
        return tuple(log(NAMED if i == named else rest) for i in range(len(names)))

    def stream(
        self,
        prompt: Prompt,
        max_tokens: int,
        stop: Sequence[str] = (),
        seed: int | None = None,
    ) -> Iterator[str]:
        yield from self._ask(_messages(prompt), max_tokens, stop)

    def _ask(
        self, messages: list[BaseMessage], max_tokens: int, stop: Sequence[str]
    ) -> Iterator[str]:
        limits: dict[str, Any] = {"max_tokens": max_tokens}
        if stop:
            limits["stop"] = list(stop)
        for chunk in self._model.stream(messages, **limits):
            if self._cancel is not None and self._cancel.is_set():
                raise CancelledError
            if usage := getattr(chunk, "usage_metadata", None):
                reused = (usage.get("input_token_details") or {}).get("cache_read", 0)
                self.usage.prompt_read += usage["input_tokens"] - reused
                self.usage.prompt_reused += reused
                self.usage.written += usage["output_tokens"]
            if chunk.text:
                yield chunk.text


def _messages(prompt: Prompt, request: str = "") -> list[BaseMessage]:
    """`prompt` as every server takes it; what is to be continued becomes a request, since few
    servers continue a message.
    """
    text = "".join(prompt.passages) + prompt.text
    if begun := prompt.begun or prompt.reply:
        text = text.rstrip()
        request = f"{request} Continue after this, without repeating it: {begun}".strip()
    parts = [part for part in (text, request) if part]
    return [SystemMessage(prompt.system), HumanMessage("\n\n".join(parts))]
