"""Step one: a question that stands on its own.

A first question is taken as it is. A follow-up that leans on an earlier message gets that message
put before it; the model has no part in this, so it costs no time and answers given earlier cannot
give orders later. (Small models asked to rewrite follow-ups repeated one of the two: of 40 dev
conversations a 1.5B model rewrote about 10 rightly.)
"""

import re
import unicodedata
from collections.abc import Sequence

from agent.answer import Exchange
from agent.errors import InputUnusable
from agent.prompts import prompt
from knowledge.comparison import sentences
from knowledge.words import stems

MAX_QUESTION_CHARS = 4000
MAX_EARLIER_CHARS = 2000
ENOUGH_WORDS = 5  # new content words with which a message is taken to stand alone
FEW_WORDS = 3  # and with fewer than these it is a fragment
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
ASKS_ON = re.compile(  # what is supposed is the condition of a question, no case
    r",\s*(?:what|how|who|whose|when|where|why|which|is|are|do|does|did|can|could|will|would)\b",
    re.IGNORECASE,
)
GOING_ON = frozenset(
    ("and", "but", "or", "so", "then", "no", "not", "nor", "sorry", "with", "without", "for")
)


def readable(question: str) -> str:
    """`question` without control characters and needless space.

    Raises InputUnusable if nothing is left that could be a question, or far too much is.
    """
    text = unicodedata.normalize("NFC", question.encode(errors="replace").decode())
    text = "".join(" " if unicodedata.category(c) in ("Cc", "Cf", "Cs") else c for c in text)
    text = re.sub(r"\s+", " ", text).strip()
    if not text:
        raise InputUnusable("The question is empty. Describe your case, or ask about the document.")
    if not any(c.isalpha() for c in text):
        raise InputUnusable(
            f'The question "{text[:20]}" has no words. Describe your case in words.'
        )
    if len(text) > MAX_QUESTION_CHARS:
        raise InputUnusable(
            f"The question has {len(text):,} characters; at most {MAX_QUESTION_CHARS:,} can be "
            "read. Shorten it to what matters for the choice."
        )
    return text


def understand(question: str, history: Sequence[Exchange]) -> str:
    """`question` with the earlier message that it leans on before it, if it leans on one.

    That is the one with which it shares most words, the newest of several: so "back to the
    banks" finds the banks. A case that is supposed instead ("and if it were …?") is put as if it
    were the sender's own.
    """
    if stands_alone(question, history):
        supposed = SUPPOSED.match(question) if history else None
        if supposed is None or ASKS_ON.search(question):
            return question
        case = question[supposed.end() :].strip(" ?.,")
        return prompt("recommendation_message", message=f"{case[:1].upper()}{case[1:]}.")
    asked = set(stems(question))
    shared = [len(asked & set(stems(exchange.question))) for exchange in history]
    place = max(range(len(history)), key=lambda i: (shared[i], i))
    return f"{history[place].standalone_question[-MAX_EARLIER_CHARS:]} {question}"


def question_alone(message: str) -> str:
    """The last question of a message that says more; empty if it asks none, or nothing else.

    What else a message says may hide what it asks: a story, a quotation, an order to the advisor.
    """
    parts = sentences(message)
    asked = [part for part in parts if part.endswith("?")]
    return asked[-1] if asked and len(parts) > 1 else ""


def stands_alone(message: str, history: Sequence[Exchange]) -> bool:
    """Whether `message` says enough to be understood without what was said before it.

    It leans on that if it says little that is new and points back with a word such as "it",
    begins as if it went on ("and", "no"), or asks nothing; but a case that is supposed instead
    ("and if it were …") takes the place of the one before. English only.
    """
    if not history:
        return True
    said = {word for exchange in history for word in stems(exchange.question)}
    new = set(stems(message)) - said
    words = [word.split("'")[0] for word in re.findall(r"[a-z']+", message.lower())]
    supposes = any(word in SUPPOSING for word in words) and len(set(stems(message))) >= FEW_WORDS
    if len(new) >= ENOUGH_WORDS or supposes:
        return True
    points_back = any(word in POINTING_BACK for word in words)
    goes_on = not words or words[0] in GOING_ON
    fragment = len(new) < FEW_WORDS or not message.rstrip().endswith("?")
    return not (points_back or goes_on or fragment)
