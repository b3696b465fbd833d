"""The local model as a LangChain chat model: llama.cpp in this process.

    model = LocalChatModel(Path("model.gguf"))
    model.invoke([HumanMessage("…")])                 as any other chat model
    with model.turn() as turn: turn.likelihoods(…)     as the advisor uses it

Blocks whose `extras` name a `passage` are read once and their cells kept (agent.llm.session).
Greedy and deterministic: the same messages give the same text, whatever was asked before.
"""

import re
import secrets
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from jinja2 import Template
from jinja2.sandbox import ImmutableSandboxedEnvironment
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, SystemMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from pydantic import PrivateAttr

from agent.errors import InputUnusable, ModelUnavailable
from agent.llm.base import Messages, State, Usage, open_text
from agent.llm.engine import Engine
from agent.llm.prompt_layout import Prompt, Text
from agent.llm.session import Turn as EngineTurn
from agent.llm.session import open_turn

Way = Literal["keeping", "prefix", "plain"]  # what is kept from turn to turn: agent.settings


class LocalChatModel(BaseChatModel):
    """Raises ModelUnavailable if the file cannot be loaded or has no usable chat template.

    A model with a recurrent memory cannot join what was read apart: it keeps nothing from turn to
    turn, and gives no states.
    """

    max_tokens: int = 512
    _engine: Engine = PrivateAttr()
    _way: str = PrivateAttr()
    _compiled: Template | None = PrivateAttr(None)

    def __init__(
        self,
        path: Path,
        cells_mib: int = 256,
        threads: int = 2,
        way: Way = "keeping",
        gpu_layers: int = 0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self._engine = Engine(path, cells_mib, threads, gpu_layers=gpu_layers)
        self._way = way if self._engine.goes_back else "plain"

    @property
    def engine(self) -> Engine:
        return self._engine

    def close(self) -> None:
        """Frees the model's memory; it is of no use afterwards."""
        self._engine.close()

    @property
    def _llm_type(self) -> str:
        return "llama.cpp"

    @contextmanager
    def turn(self, cancel: threading.Event | None = None) -> Iterator["LocalTurn"]:
        """One question's use of the model; waits for the turn before (agent.llm.base.Turn)."""
        with open_turn(self._engine, cancel) as turn:
            yield LocalTurn(self, turn, turn.usage)

    def keep(self, messages: Messages, cancel: threading.Event | None = None) -> None:
        """Reads the system message and the passages of `messages` ahead of time, nothing else.

        Setting `cancel` ends it with Cancelled.
        """
        prompt = self.prompt(messages)
        if prompt.base:
            with open_turn(self._engine, cancel) as turn:
                turn.keep(prompt)

    def lacks(self, messages: Messages) -> int:
        """How many tokens `keep` would read."""
        with open_turn(self._engine) as turn:
            return turn.lacks(self.prompt(messages))

    def prompt(self, messages: Messages) -> Prompt:
        """`messages` in the model's chat template, for the engine.

        The template sees a mark where each text stands, so text from people and documents is
        never read as the template's control tokens.
        """
        *turns, last = messages
        written = [Text(last.text)] if isinstance(last, AIMessage) else []
        if not written:
            turns = [*turns, last]
        mark = secrets.token_hex(8)
        texts: list[tuple[Text, bool]] = []
        marked: list[dict[str, str]] = []
        for message in turns:
            content = _text_blocks(message)
            marks = "".join(f"{mark}:{len(texts) + i};" for i in range(len(content)))
            marked.append({"role": _ROLES[message.type], "content": marks})
            texts += content
        pieces = re.split(rf"{mark}:(\d+);", self._render(marked))
        if open_text(last) is not None:
            pieces[-1] = ""  # neither the end of the message nor the beginning of an answer
        # everything before the first text of a person is the base
        system = len(_text_blocks(turns[0])) if isinstance(turns[0], SystemMessage) else 0
        base: list[Text] = []
        before: list[Text] = []
        passages: list[Text] = []
        after: list[Text] = []
        for i, piece in enumerate(pieces):
            text, keep = texts[int(piece)] if i % 2 else (Text(piece, special=True), False)
            if not text.text:
                continue
            if i // 2 < system or i == 2 * system:
                base.append(text)
            elif keep and not after:
                passages.append(text)
            else:
                (after if passages else before).append(text)
        (after if passages else before).extend(written)
        prompt = Prompt(tuple(base), tuple(before), tuple(passages), tuple(after))
        if self._way == "plain":
            return prompt.plain
        return prompt.prefix if self._way == "prefix" else prompt

    def _render(self, messages: list[dict[str, str]]) -> str:
        try:
            return self._template().render(
                messages=messages,
                add_generation_prompt=True,
                bos_token=self._engine.start_token,
                eos_token=self._engine.end_token,
                raise_exception=_refuse,
            )
        except (InputUnusable, ModelUnavailable):
            raise
        except Exception as error:  # a template is foreign code: it can raise anything
            raise ModelUnavailable(
                f"The chat template of {self._engine.path} fails ({error}). "
                "Set ADVISOR_MODEL to another GGUF file."
            ) from error

    def _template(self) -> Template:
        """The model's chat template, compiled once: that takes 7 ms."""
        if self._compiled is None:
            if not self._engine.chat_template:
                raise ModelUnavailable(
                    f"{self._engine.path} has no chat template, so it is no chat model. "
                    "Set ADVISOR_MODEL to an instruction-tuned GGUF file."
                )
            environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
            self._compiled = environment.from_string(self._engine.chat_template)
        return self._compiled

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        cancel: threading.Event | None = kwargs.get("cancel")
        max_tokens: int = kwargs.get("max_tokens", self.max_tokens)
        with self.turn(cancel) as turn:
            for piece in turn.stream(messages, max_tokens, stop or ()):
                if piece:
                    if run_manager:
                        run_manager.on_llm_new_token(piece)
                    yield ChatGenerationChunk(message=AIMessageChunk(content=piece))
            usage = turn.usage
        total = usage.prompt_read + usage.prompt_reused
        yield ChatGenerationChunk(
            message=AIMessageChunk(
                content="",
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
        chunks = [chunk.message for chunk in self._stream(messages, stop, run_manager, **kwargs)]
        usage = chunks[-1].usage_metadata if isinstance(chunks[-1], AIMessageChunk) else None
        text = "".join(chunk.text for chunk in chunks)
        message = AIMessage(text, usage_metadata=usage)
        return ChatResult(generations=[ChatGeneration(message=message)])


def _refuse(message: str) -> None:
    raise InputUnusable(f"The model's chat template refuses these messages: {message}")


_ROLES = {"system": "system", "human": "user", "ai": "assistant"}


@dataclass
class LocalTurn:
    """agent.llm.base.Turn on the engine."""

    model: LocalChatModel
    inner: EngineTurn
    usage: Usage

    def likelihoods(self, messages: Messages, options: Sequence[str]) -> list[float]:
        self._read(messages)
        return self.inner.likelihoods(options)

    def look(self, *prompts: Messages) -> None:
        if self.model.engine.goes_back:
            self.inner.look([self.model.prompt(messages) for messages in prompts])

    def _read(self, messages: Messages) -> None:
        self.inner.read(self.model.prompt(messages))

    def state(self, messages: Messages) -> State | None:
        if not self.model.engine.goes_back:
            return None
        self._read(messages)
        return self.inner.state()

    def states(self, groups: Sequence[Sequence[Messages]]) -> Iterator[Sequence[State]]:
        if self.model.engine.goes_back:
            yield from self.inner.states(
                [[self.model.prompt(m) for m in group] for group in groups]
            )

    def stream(
        self,
        messages: Messages,
        max_tokens: int,
        stop: Sequence[str] = (),
        seed: int | None = None,
    ) -> Iterator[str]:
        self._read(messages)
        yield from self.inner.write(max_tokens, stop, seed)


def _text_blocks(message: BaseMessage) -> list[tuple[Text, bool]]:
    """The texts of a message, each with whether it is a passage to be kept."""
    if isinstance(message.content, str):
        return [(Text(message.content), False)]
    blocks = []
    for part in message.content:
        if isinstance(part, str):
            blocks.append((Text(part), False))
        elif part.get("type") == "text":
            blocks.append((Text(str(part["text"])), "passage" in (part.get("extras") or {})))
        else:
            raise InputUnusable(f'The local model reads text only, not "{part.get("type")}".')
    return blocks
