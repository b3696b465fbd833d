"""Step 1: a question that stands on its own.

A first question stays as it is. A follow-up that depends on earlier messages is joined with the
message that it shares most words with. The model rewrites fragments only, and only with words of
the conversation (docs/decisions/follow-ups.md). Earlier answers are never used, so they cannot
give orders.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence

from agent.answering.types import Answer
from agent.errors import InputError
from agent.learning.injection import parts
from agent.llm.base import Prompt, Session
from agent.prompting.builder import rewrite_prompt
from agent.prompting.templates import fill
from knowledge.text.sentences import sentences
from knowledge.text.words import stems

MAX_QUESTION_CHARS = 4000
MAX_EARLIER_CHARS = 1000  # a longer passage would be cut, and lose its newest message
ENOUGH_WORDS = 5  # a message with so many new content words stands alone
FEW_WORDS = 3  # a message with fewer content words is a fragment
REWRITE_TOKENS = 60
POINTING_BACK = frozenset(
    (
        *("it", "its", "this", "that", "these", "those", "they", "them", "their", "he", "him"),
        *("his", "she", "her", "hers", "one", "ones", "other", "others", "same", "both", "either"),
    )
)
SUPPOSING = frozenset(("if", "suppose", "supposing", "instead"))
SUPPOSED = re.compile(
    r"(?:(?:and|but|or|so|then|what|no|now)\b,?\s*)*"
    r"(?:if|suppose|supposing)\s+(?:it|this|that|we|i|they)\s+(?:were|was)\b",
    re.IGNORECASE,
)
ASKS_ON = re.compile(  # then the supposition is a condition of the question, not a case
    r",\s*(?:what|how|who|whose|when|where|why|which|is|are|do|does|did|can|could|will|would)\b",
    re.IGNORECASE,
)
GOING_ON = frozenset(
    ("and", "but", "or", "so", "then", "no", "not", "nor", "sorry", "with", "without", "for")
)


def readable(question: str) -> str:
    """`question` in one line, without control characters and redundant space.

    Raises InputError if it has no words, or more than MAX_QUESTION_CHARS.
    """
    return " ".join(readable_lines(question))


def readable_lines(question: str) -> tuple[str, ...]:
    """The lines of `question` that are not empty, each as `readable` has it. Raises likewise."""
    normal = unicodedata.normalize("NFC", question.encode(errors="replace").decode())
    lines = tuple(filter(None, map(_one_line, re.split(r"[\r\n]+", normal))))
    text = " ".join(lines)
    if not text:
        raise InputError("The question is empty. Describe your case, or ask about the document.")
    if not any(c.isalnum() for c in text):
        raise InputError(f'The question "{text[:20]}" has no words. Describe your case in words.')
    if len(text) > MAX_QUESTION_CHARS:
        raise InputError(
            f"The question has {len(text):,} characters; at most {MAX_QUESTION_CHARS:,} can be "
            "read. Shorten it to what matters for the choice."
        )
    return lines


def _one_line(text: str) -> str:
    shown = (" " if unicodedata.category(c) in ("Cc", "Cf", "Cs") else c for c in text)
    return " ".join("".join(shown).split())


def rewrite(
    session: Session,
    question: str,
    history: Sequence[Answer],
    without_injections: Callable[[str], str],
) -> Iterator[str]:
    """The readings of `question`, likeliest first. The caller takes the next one, which is made
    only then, if the document does not answer.

    The second reading is the first one `without_injections`. It comes second because honest
    messages may sound like orders (docs/decisions/prompt-injection.md).
    """
    first, *others = _readings(session, question, history)
    yield first
    calm = without_injections(first)
    if calm != first:
        yield calm
    yield from others


def newest_of(reading: str, message: str) -> str:
    """What `reading` has of `message`, without an order or a story that it leaves out; all of a
    fragment that the model has worded anew.
    """
    if reading in message:
        return reading
    kept = " ".join(part for part in parts(message) if part in reading)
    return kept or (message if _fragment(message) else "")


def _readings(session: Session, question: str, history: Sequence[Answer]) -> tuple[str, ...]:
    """The readings that keep every sentence.

    A supposition ("and if it were …?") is worded as the sender's own case. A question that stands
    alone and points to nothing is not joined: the document would answer the earlier one.
    """
    alone = [reading for reading in (question, question_alone(question)) if reading]
    if not history:
        return tuple(alone)
    joined = f"{_shares_most(question, history)[-MAX_EARLIER_CHARS:]} {question}"
    if stands_alone(question, history):
        supposed = SUPPOSED.match(question)
        if supposed and not ASKS_ON.search(question):
            case = question[supposed.end() :].strip(" ?.,")
            return (
                fill("fragments/recommendation_message", message=f"{case[:1].upper()}{case[1:]}."),
            )
        if refers(question) or not question.endswith("?"):
            return (*alone, joined)
        return tuple(alone)
    written = _rewritten(session, question, history) if _fragment(question) else ""
    return (question, joined) if written == question else (written or joined, question)


def history_prompt(history: Sequence[Answer]) -> Prompt:
    """The prompt that a model may process before the next message is known."""
    return rewrite_prompt("", _newest(history))


def _rewritten(session: Session, question: str, history: Sequence[Answer]) -> str:
    """The model's rewriting of a follow-up. Returns `question` if the model changed nothing and the
    question points nowhere, and "" if the model used words from outside the conversation.
    """
    asked = set(stems(question))
    said = {word for earlier in history for word in stems(earlier.standalone_question)}
    before = session.usage.written
    prompt = rewrite_prompt(question, _newest(history))
    written = "".join(session.stream(prompt, REWRITE_TOKENS, stop=["\n"])).strip()
    found = set(stems(written))
    if found == asked and not refers(question):
        return question
    whole = session.usage.written - before < REWRITE_TOKENS
    kept = found & asked and found <= asked | said and not found <= asked
    return written if whole and kept else ""


def _newest(history: Sequence[Answer]) -> list[str]:
    """The newest messages that fit MAX_EARLIER_CHARS, oldest first."""
    kept: list[str] = []
    for earlier in reversed(history):
        room = MAX_EARLIER_CHARS - sum(map(len, kept))
        if kept and len(earlier.standalone_question) > room:
            break
        kept.insert(0, earlier.standalone_question[-room:])
    return kept


def _shares_most(question: str, history: Sequence[Answer]) -> str:
    """The earlier message that shares most words with `question`; the newest if several do."""
    asked = set(stems(question))
    shared = [len(asked & set(stems(earlier.question))) for earlier in history]
    place = max(range(len(history)), key=lambda i: (shared[i], i))
    return history[place].standalone_question


def question_alone(message: str) -> str:
    """The last question of a message with several sentences; "" if there is none.

    The other sentences, such as a story, a quotation or an order, may hide the question.
    """
    parts = sentences(message)
    asked = [part for part in parts if part.endswith("?")]
    return asked[-1] if asked and len(parts) > 1 else ""


def stands_alone(message: str, history: Sequence[Answer]) -> bool:
    """Whether `message` can be understood without earlier messages. English only.

    A message with few new words depends on them if it points back ("it"), continues ("and", "no"),
    or asks nothing. A supposition ("and if it were …") replaces the earlier case, so it stands
    alone.
    """
    if not history:
        return True
    said = {word for earlier in history for word in stems(earlier.question)}
    new = set(stems(message)) - said
    supposes = not SUPPOSING.isdisjoint(_words(message)) and len(set(stems(message))) >= FEW_WORDS
    if len(new) >= ENOUGH_WORDS or supposes:
        return True
    fragment = len(new) < FEW_WORDS or not message.rstrip().endswith("?")
    return not (refers(message) or fragment)


def asks_in_full(question: str) -> bool:
    """Whether `question` neither points back nor goes on, and has two content words at least.
    English only: of another language no word points back.
    """
    return not refers(question) and len(set(stems(question))) > 1


def _fragment(message: str) -> bool:
    return len(set(stems(message))) <= FEW_WORDS


def refers(message: str) -> bool:
    """Whether `message` points back ("it"), or goes on from an earlier one ("and"). English only:
    of another language no word does.
    """
    return goes_on(message) or not POINTING_BACK.isdisjoint(_words(message))


def goes_on(message: str) -> bool:
    """Whether `message` begins as if it went on from an earlier one ("and", "for")."""
    words = _words(message)
    return not words or words[0] in GOING_ON


def _words(message: str) -> list[str]:
    return [word.split("'")[0] for word in re.findall(r"[a-z']+", message.lower())]
