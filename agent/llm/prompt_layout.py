"""How a prompt lies in a model's context: what of it is kept for later turns, and what is text.

    joined, text = tokenized(engine, Prompt(base=(Text("You advise."),), after=(Text("Hi"),)))

Not covered: reading it (agent.llm.session), and chat templates (agent.llm.local).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from agent.llm.engine import Engine
from agent.llm.kv_cache import Tokens

PASSAGE_TOKENS = 1024  # a longer passage is cut


@dataclass(frozen=True)
class Text:
    """A piece of a prompt. `special` honours the model's control tokens: never for foreign text."""

    text: str
    special: bool = False


@dataclass(frozen=True)
class Prompt:
    """What a model is to have read. `base` and `passages` are kept for later turns."""

    base: tuple[Text, ...]
    before: tuple[Text, ...] = ()
    passages: tuple[Text, ...] = ()
    after: tuple[Text, ...] = ()

    @property
    def prefix(self) -> "Prompt":
        """The same text, of which only the base is kept for later turns."""
        return Prompt(self.base, (*self.before, *self.passages, *self.after))

    @property
    def plain(self) -> "Prompt":
        """The same text with nothing that is kept for later turns."""
        return Prompt((), (*self.base, *self.before, *self.passages, *self.after))


@dataclass(frozen=True)
class Joined:
    """What a text joins: the tokens of base and passages, and of the text between them."""

    base: Tokens
    before: Tokens
    passages: tuple[Tokens, ...]

    @property
    def tokens(self) -> int:
        return len(self.base) + len(self.before) + sum(map(len, self.passages))

    @property
    def end(self) -> int:
        """The position of the text: after passages it starts where the longest ends."""
        return len(self.base) + max([len(self.before), *map(len, self.passages)])


def tokenized(engine: Engine, prompt: Prompt) -> tuple[Joined, Tokens]:
    """What the text of `prompt` joins, and the text; base and passages are tokenized once."""

    def joined(texts: Sequence[Text]) -> Tokens:
        return tuple(token for t in texts for token in engine.tokenize(t.text, t.special))

    base = [engine.tokenize_once(text.text, text.special) for text in prompt.base]
    passages = [engine.tokenize_once(text.text, text.special) for text in prompt.passages]
    before, after = joined(prompt.before), joined(prompt.after)
    if not passages:
        before, after = (), before + after
    cut = tuple(tokens[:PASSAGE_TOKENS] for tokens in passages)
    return Joined(tuple(token for tokens in base for token in tokens), before, cut), after
