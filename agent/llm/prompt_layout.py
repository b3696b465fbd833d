"""How a prompt lies in a model's context: what of it is cached, and what is decoded anew.

    joined, text = tokenized(engine, EnginePrompt((Text("You advise."),), text=(Text("Hi"),)))

Not covered: decoding it (agent.llm.session), and chat templates (agent.llm.local).
"""

from dataclasses import dataclass, replace

from agent.llm.engine import Engine
from agent.llm.kv_cache import Tokens

PASSAGE_TOKENS = 1024  # a longer passage is cut


@dataclass(frozen=True)
class Text:
    """A piece of a prompt. `special` honours the model's control tokens: never for foreign text."""

    text: str
    special: bool = False


@dataclass(frozen=True)
class EnginePrompt:
    """A prompt with the tokens of the chat template. `prefix` and each of `passages` are cached."""

    prefix: tuple[Text, ...]
    passages: tuple[Text, ...] = ()
    text: tuple[Text, ...] = ()

    @property
    def uncached(self) -> "EnginePrompt":
        """The same prompt, of which nothing is cached."""
        return replace(
            self, prefix=(), passages=(), text=(*self.prefix, *self.passages, *self.text)
        )


@dataclass(frozen=True)
class Joined:
    """The tokens that a text follows: of the prefix, and of each passage."""

    prefix: Tokens
    passages: tuple[Tokens, ...]

    @property
    def tokens(self) -> int:
        return len(self.prefix) + sum(map(len, self.passages))

    @property
    def end(self) -> int:
        """The position of the text: after passages it starts where the longest ends."""
        return len(self.prefix) + max(map(len, self.passages), default=0)


def tokenized(engine: Engine, prompt: EnginePrompt) -> tuple[Joined, Tokens]:
    """What the text of `prompt` follows, and the text; what is cached is tokenized once."""
    prefix = [engine.tokenize_once(text.text, text.special) for text in prompt.prefix]
    passages = [engine.tokenize_once(text.text, text.special) for text in prompt.passages]
    text = [engine.tokenize(text.text, text.special) for text in prompt.text]
    cut = tuple(tokens[:PASSAGE_TOKENS] for tokens in passages)
    joined = Joined(tuple(token for tokens in prefix for token in tokens), cut)
    return joined, tuple(token for tokens in text for token in tokens)
