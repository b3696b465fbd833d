"""The local model as a LangChain chat model: llama.cpp in this process.

    model = LocalChatModel(Path("model.gguf"))
    model.invoke([HumanMessage("…")])                     as any other chat model
    with model.session() as session: session.prefill(…)   as the advisor uses it

Greedy and deterministic: the same messages give the same text, whatever was asked before.
"""

import re
import secrets
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from jinja2 import Template
from jinja2.sandbox import ImmutableSandboxedEnvironment
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models.chat_models import BaseChatModel, generate_from_stream
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, SystemMessage
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from pydantic import PrivateAttr

from agent.errors import InputError, ModelUnavailableError
from agent.llm.base import Options, Prefilled, Prompt, State, Usage
from agent.llm.engine import Engine
from agent.llm.kv_cache import Key, KVData
from agent.llm.prompt_layout import EnginePrompt, Text, tokenized
from agent.llm.session import Session as EngineSession
from agent.llm.session import open_session


class LocalChatModel(BaseChatModel):
    """Raises ModelUnavailableError if the file cannot be loaded or has no usable chat template.

    With `caching`, system messages and passages are processed once and restored from the KV cache.
    A model with a recurrent memory cannot do that, and gives no hidden states.
    """

    max_tokens: int = 512
    _engine: Engine = PrivateAttr()
    _caching: bool = PrivateAttr()

    def __init__(
        self,
        path: Path,
        kv_cache_mib: int = 256,
        threads: int = 2,
        caching: bool = True,
        gpu_layers: int = 0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self._engine = Engine(path, kv_cache_mib, threads, gpu_layers=gpu_layers)
        self._caching = caching and self._engine.can_rewind

    @property
    def engine(self) -> Engine:
        return self._engine

    def close(self) -> None:
        """Frees the model's memory; the model is of no use afterwards."""
        self._engine.close()

    @property
    def _llm_type(self) -> str:
        return "llama.cpp"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        """What LangChain's cache tells models apart by: without it one answers for another."""
        return {"model": str(self._engine.path), "max_tokens": self.max_tokens}

    @contextmanager
    def session(self, cancel: threading.Event | None = None) -> Iterator["LocalSession"]:
        """One question's use of the model; waits for the session before it."""
        with open_session(self._engine, cancel) as session:
            yield LocalSession(self, session, session.usage)

    def preload(self, prompt: Prompt, cancel: threading.Event | None = None) -> None:
        """Caches the system message and the passages of `prompt` ahead of time.

        Setting `cancel` ends it with CancelledError.
        """
        if self._caching:
            with open_session(self._engine, cancel) as session:
                session.preload(self.engine_prompt(prompt))

    def preload_beside(self, prompt: Prompt, held: Mapping[Key, KVData]) -> dict[Key, KVData]:
        """The entries that `preload` makes of `prompt`; those `held` are not made again."""
        keys = self.cache_keys(prompt)
        with open_session(self._engine) as session:
            cache = self._engine.kv_cache
            cache.use({key: held[key] for key in keys if key in held})
            session.preload(self.engine_prompt(prompt))
            return {key: data for key in keys if (data := cache.get(key)) is not None}

    def cache_keys(self, prompt: Prompt) -> tuple[Key, ...]:
        """The keys of the entries of the KV cache that `preload` makes."""
        joined, _ = tokenized(self._engine, self.engine_prompt(prompt))
        return tuple((joined.prefix, passage) for passage in ((), *joined.passages))

    def uncached_tokens(self, prompt: Prompt) -> int:
        """How many tokens `preload` would process."""
        return sum(
            len(passage or prefix)
            for prefix, passage in self.cache_keys(prompt)
            if (prefix, passage) not in self._engine.kv_cache
        )

    def engine_prompt(self, prompt: Prompt) -> EnginePrompt:
        """`prompt` in the model's chat template, for the engine."""
        before, between, after = self._frame
        text = [Text(prompt.text), Text(prompt.begun)]
        if not prompt.begun:  # the message ends, and the model's own begins
            text = [Text(prompt.text), after, Text(prompt.reply)]
        laid_out = EnginePrompt(
            (before, Text(prompt.system), between),
            tuple(Text(passage) for passage in prompt.passages if passage),
            tuple(piece for piece in text if piece.text),
        )
        return laid_out if self._caching else laid_out.uncached

    @cached_property
    def _frame(self) -> tuple[Text, Text, Text]:
        """What the chat template puts before, between and after a system and a user message."""
        before, between, after = self._around(["system", "user"])
        return before, between, after

    def _around(self, roles: Sequence[str]) -> list[Text]:
        """What the chat template puts around the texts of messages with these roles.

        The template sees a mark where each text stands, so text from people and documents is
        never read as the template's control tokens.
        """
        mark = secrets.token_hex(8)
        messages = [{"role": role, "content": f"{mark}:{i};"} for i, role in enumerate(roles)]
        pieces = re.split(rf"{mark}:\d+;", self._render(messages))
        return [Text(piece, special=True) for piece in pieces]

    def _chat_prompt(self, messages: Sequence[BaseMessage]) -> EnginePrompt:
        """Any messages of LangChain; the last one is continued if it is the model's own."""
        *_, last = messages
        answered = list(messages[:-1] if isinstance(last, AIMessage) else messages)
        around = self._around([_ROLES[message.type] for message in answered])
        pieces = [around[0]]
        for message, following in zip(answered, around[1:], strict=True):
            pieces += [Text(_plain_text(message)), following]
        if isinstance(last, AIMessage):
            pieces.append(Text(last.text))
        prompt = EnginePrompt(
            tuple(pieces[:3]), (), tuple(piece for piece in pieces[3:] if piece.text)
        )
        begins = isinstance(messages[0], SystemMessage) and prompt.text  # the model needs some text
        return prompt if self._caching and begins else prompt.uncached

    def _render(self, messages: list[dict[str, str]]) -> str:
        try:
            return self._template.render(
                messages=messages,
                add_generation_prompt=True,
                bos_token=self._engine.start_token,
                eos_token=self._engine.end_token,
                raise_exception=_refuse,
            )
        except (InputError, ModelUnavailableError):
            raise
        except Exception as error:  # a template is foreign code: it can raise anything
            raise ModelUnavailableError(
                f"The chat template of {self._engine.path} fails ({error}). "
                "Set ADVISOR_MODEL to another GGUF file."
            ) from error

    @cached_property
    def _template(self) -> Template:
        """The model's chat template, compiled once: that takes 7 ms."""
        if not self._engine.chat_template:
            raise ModelUnavailableError(
                f"{self._engine.path} has no chat template, so it is no chat model. "
                "Set ADVISOR_MODEL to an instruction-tuned GGUF file."
            )
        environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
        return environment.from_string(self._engine.chat_template)

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        max_tokens: int = kwargs.get("max_tokens", self.max_tokens)
        with open_session(self._engine, kwargs.get("cancel")) as session:
            session.process(self._chat_prompt(messages))
            for piece in session.write(max_tokens, stop or ()):
                if piece:
                    if run_manager:
                        run_manager.on_llm_new_token(piece)
                    yield ChatGenerationChunk(message=AIMessageChunk(content=piece))
            usage = session.usage
        total = usage.prompt_read + usage.prompt_reused
        yield ChatGenerationChunk(
            message=AIMessageChunk(
                content="",
                # LangChain counts usage by the name of the model
                response_metadata={"model_name": self._engine.path.name},
                usage_metadata={
                    "input_tokens": total,
                    "output_tokens": usage.written,
                    "total_tokens": total + usage.written,
                    "input_token_details": {"cache_read": usage.prompt_reused},
                },
            )
        )

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return generate_from_stream(self._stream(messages, stop, run_manager, **kwargs))


def _refuse(message: str) -> None:
    raise InputError(f"The model's chat template refuses these messages: {message}")


_ROLES = {"system": "system", "human": "user", "ai": "assistant"}


@dataclass
class LocalSession:
    """agent.llm.base.Session on the engine."""

    model: LocalChatModel
    inner: EngineSession
    usage: Usage

    def prefill(
        self, prompts: Sequence[Prompt], options: Options = (), states: bool = False
    ) -> list[Prefilled]:
        states = states and self.model.engine.can_rewind
        return self.inner.prefill([self.model.engine_prompt(p) for p in prompts], options, states)

    def states(self, groups: Sequence[Sequence[Prompt]]) -> Iterator[Sequence[State]]:
        if self.model.engine.can_rewind:
            yield from self.inner.states(
                [[self.model.engine_prompt(prompt) for prompt in group] for group in groups]
            )

    def stream(
        self,
        prompt: Prompt,
        max_tokens: int,
        stop: Sequence[str] = (),
        seed: int | None = None,
    ) -> Iterator[str]:
        self.inner.process(self.model.engine_prompt(prompt))
        yield from self.inner.write(max_tokens, stop, seed)


def _plain_text(message: BaseMessage) -> str:
    parts = [message.content] if isinstance(message.content, str) else message.content
    for part in parts:
        if isinstance(part, dict) and part.get("type") != "text":
            raise InputError(f'The local model reads text only, not "{part.get("type")}".')
    return message.text
