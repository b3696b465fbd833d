"""Step one: a question that stands on its own.

A first question is taken as it is. A follow-up is rewritten by the model with the newest turns
of the conversation at hand; everything after this step sees the rewritten question only, so what
was said earlier cannot give orders later.
"""

import re
import unicodedata
from collections.abc import Sequence

from langchain_core.messages import AIMessage, HumanMessage

from agent.answer import Exchange
from agent.errors import InputUnusable
from agent.messages import system_message
from agent.model import Turn
from agent.prompts import prompt
from knowledge.comparison import Comparison

MAX_QUESTION_CHARS = 4000
MAX_HISTORY_CHARS = 3000  # about 750 tokens
MAX_REWRITTEN_TOKENS = 120


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


def understand(
    turn: Turn, comparison: Comparison, question: str, history: Sequence[Exchange]
) -> str:
    """`question` as it would be asked without the conversation before it."""
    if not history:
        return question
    request = prompt("rewrite", conversation=newest(history), question=question)
    messages = [
        system_message(comparison),
        HumanMessage(request),
        AIMessage("Rewritten:"),
    ]
    written = "".join(turn.stream(messages, MAX_REWRITTEN_TOKENS, stop=["\n"]))
    return written.strip().strip('"') or question


def newest(history: Sequence[Exchange]) -> str:
    """The newest exchanges that fit MAX_HISTORY_CHARS, oldest first."""
    lines: list[str] = []
    size = 0
    for exchange in reversed(history):
        answer = exchange.answer if len(exchange.answer) < 300 else exchange.answer[:300] + " …"
        line = f"Person: {exchange.question}\nAdvisor: {answer}"
        size += len(line)
        if lines and size > MAX_HISTORY_CHARS:
            break
        lines.insert(0, line)
    return "\n".join(lines)
