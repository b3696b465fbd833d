"""Messages about one comparison, from the file NAME.messages.jsonl next to it.

    read_messages(file, comparison)  ->  (Message("Our ward …", "best-for/…", advice=True), …)

docs/using.md describes the file. A comparison needs none; where there is one,
agent.learning.probe learns from it. Not covered: the quality of a single message.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.errors import InputError
from knowledge.comparison import Comparison


@dataclass(frozen=True)
class Message:
    """A message of a user. `passage` is the id of the passage that it is about, or "" if the
    document does not answer it; `sentence` is the answering sentence, if it is known.
    """

    text: str
    passage: str = ""
    sentence: str = ""
    advice: bool = False


def read_messages(file: Path, comparison: Comparison) -> tuple[Message, ...]:
    """The messages of a file. Raises InputError, which names the first invalid line."""
    try:
        return messages_in(file.read_bytes(), comparison, f"{file}:")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{file} cannot be read as UTF-8 text ({error}).") from error


def messages_in(data: bytes, comparison: Comparison, where: str = "line ") -> tuple[Message, ...]:
    """The messages of a file's content; errors begin with `where` and the line number.

    Raises InputError, or UnicodeDecodeError.
    """
    found = []
    for number, line in enumerate(data.decode("utf-8").split("\n"), 1):
        try:
            if line.strip():
                found.append(_message(json.loads(line), comparison))
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(
                f'{where}{number}: "{line[:60]}" is not {{"passage": id, "message": text}}.'
            ) from error
        except InputError as error:
            raise InputError(
                f"{where}{number}: {error} Correct it, or remove the file: none is needed."
            ) from error
    return tuple(found)


def _message(entry: Any, comparison: Comparison) -> Message:
    text, name, sentence = str(entry["message"]), entry["passage"], entry.get("sentence", "")
    if not name:
        return Message(text)
    try:
        passage = comparison.passage(name)
    except KeyError as error:
        raise InputError(f'{comparison.title} has no passage "{name}".') from error
    if sentence:
        holding = [each for each in passage.sentences if f" {each}".endswith(f" {sentence}")]
        if not holding:
            raise InputError(f'{name} has no sentence "{sentence[:60]}".')
        sentence = holding[0]
    advice = not sentence and entry.get("advice", passage.verdict is not None)
    return Message(text, name, sentence, bool(advice))
