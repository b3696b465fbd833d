"""Messages that people might send, written by the model before anyone asks.

    imagine(model, comparison)  ->  (Message("Our ward …", "best-for/…", advice=True), …)

For each passage that gives a verdict they describe cases of it; for each sentence of the document
they ask for what it states, or for what it leaves open. They are what agent.learning.probe learns
from, so that words which the document never uses are known too. A file beside the comparison,
NAME.messages.jsonl, takes their place: one JSON object a line, {"passage": id, "message": text},
the id empty where the document does not answer. It may name the "sentence" that answers; with that,
or with "advice": false, a message about a use case asks for what is said there, not for advice.
What the file does not speak of is imagined. The shipped comparison has one: its messages have many
voices, better than those of a small model. What people really sent is better still. Drawn with
fixed seeds. (Second comparison of the tests, 84 cases, all questions imagined: facts right 0.90
with several questions for each sentence and unanswered ones, 0.70 with one for each; verdicts 0.86
and 0.81.) Not covered: whether a message is a good one. Most are; the probe averages over them.
"""

import hashlib
import json
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from agent.errors import InputError
from agent.llm.base import Model, Prompt
from agent.prompting.templates import fill
from knowledge.comparison import Comparison, Passage

ROUNDS = 3  # messages of each sender for each use case
# questions that are answered, several for each sentence of a short document, and some for a part of
# a long one, and those that are not; each takes a second
MIN_ASKED, MAX_ASKED, UNANSWERED = 200, 600, 100
MAX_TOKENS = 70
SHOWN_SENTENCES = 3  # of the use case, to its writer
MIN_WORDS = 3  # of a message that says something

Report = Callable[[int, int], None]
T = TypeVar("T")


@dataclass(frozen=True)
class Message:
    """What somebody might send. `passage` is the id of what it is about, empty if the document
    does not answer; `sentence` the one that does, if it is known.
    """

    text: str
    passage: str = ""
    sentence: str = ""
    advice: bool = False

    @property
    def about(self) -> tuple[str, bool]:
        """Messages alike in this are imagined, or given, together."""
        return self.passage, self.advice


def synthesize(
    model: Model,
    comparison: Comparison,
    report: Report = lambda done, total: None,
    known: Sequence[Message] = (),
) -> tuple[Message, ...]:
    """Messages about all that none of the `known` ones is about; those that say nothing, or repeat
    another or an example of the prompt, are left out.
    """
    given = {message.about for message in known}
    tasks = [task for task in _tasks(comparison) if task[0].about not in given]
    examples = (
        fill("synthetic/imagine_messages")
        + fill("synthetic/imagine_questions")
        + fill("synthetic/imagine_unanswered")
    )
    found: dict[tuple[str, str], Message] = {}
    with model.session() as session:  # one for all: what a prompt shares with the last stays read
        for seed, (blank, prompt) in enumerate(tasks):
            text = "".join(session.stream(prompt, MAX_TOKENS, stop=["\n"], seed=seed)).strip()
            if len(text.split()) >= MIN_WORDS and text not in examples:
                found.setdefault((text, blank.passage), replace(blank, text=text))
            report(seed + 1, len(tasks))
    return tuple(found.values())


def subjects(comparison: Comparison) -> set[tuple[str, bool]]:
    """All that messages should be about."""
    return {blank.about for blank, _ in _tasks(comparison)}


def _tasks(comparison: Comparison) -> Iterator[tuple[Message, Prompt]]:
    """What the model is to write, still without a text, and the prompt for it."""
    senders = fill("synthetic/senders").splitlines()
    for case in comparison.recommending:
        described = f"{case.heading}. {' '.join(case.sentences[:SHOWN_SENTENCES])}"
        if case.kind == "bottom-line":
            described = fill("synthetic/imagined_general_case")
        for sender in senders * ROUNDS:
            asked = fill(
                "synthetic/imagined_message",
                title=comparison.title,
                use_case=described,
                sender=sender,
            )
            blank = Message("", case.id, advice=True)
            yield blank, _writing(fill("synthetic/imagine_messages"), asked, "Message:")
    for passage, sentence, sender in _shared_out(comparison, senders, MIN_ASKED, MAX_ASKED):
        asked = fill("synthetic/imagined_question", sentence=sentence, sender=sender)
        blank = Message("", passage.id, sentence)
        yield blank, _writing(fill("synthetic/imagine_questions"), asked, "Question:")
    for _, sentence, sender in _shared_out(comparison, senders, UNANSWERED, UNANSWERED):
        asked = fill("synthetic/imagined_question", sentence=sentence, sender=sender)
        yield Message(""), _writing(fill("synthetic/imagine_unanswered"), asked, "Question:")


def _shared_out(
    comparison: Comparison, senders: Sequence[str], at_least: int, most: int
) -> Iterator[tuple[Passage, str, str]]:
    """Every sentence as often as it takes to have so many, or some where that is too many, and who
    asks about it.
    """
    rounds = -(-at_least // max(1, len(comparison.sentences)))
    for place, said in enumerate(at_most(most, comparison.sentences * rounds)):
        yield *said, senders[place % len(senders)]


def at_most(count: int, items: Sequence[T]) -> list[T]:
    """So many of `items` at even distances, all of them if they are no more."""
    count = min(count, len(items))
    return [items[place * len(items) // count] for place in range(count)]


def _writing(examples: str, asked: str, begun: str) -> Prompt:
    return Prompt(examples, f"{asked}\n", begun=begun)


def recipe(comparison: Comparison, known: Collection[tuple[str, bool]]) -> str:
    """A hash of all that what is imagined depends on beside the model; what is `known` is left
    out.
    """
    whole = hashlib.sha256(repr((MAX_TOKENS, MIN_WORDS)).encode())
    for blank, prompt in _tasks(comparison):
        if blank.about not in known:
            whole.update(repr((blank, prompt)).encode())
    return whole.hexdigest()


def read_messages(file: Path, comparison: Comparison) -> tuple[Message, ...]:
    """The messages of a file. Raises InputError naming the line that is none."""
    try:
        return messages_in(file.read_bytes(), comparison, f"{file}:")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{file} cannot be read as UTF-8 text ({error}).") from error


def messages_in(data: bytes, comparison: Comparison, where: str = "line ") -> tuple[Message, ...]:
    """The messages of a file's content; `where` stands before the number of a line that is none.

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
                f"{where}{number}: {error} "
                "Correct it, or remove the file to have messages written anew."
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
    if sentence and sentence not in passage.sentences:
        raise InputError(f'{name} has no sentence "{sentence[:60]}".')
    advice = not sentence and entry.get("advice", passage.verdict is not None)
    return Message(text, name, sentence, bool(advice))


def as_lines(messages: Sequence[Message]) -> bytes:
    """The content of a file that read_messages reads."""
    lines = [json.dumps(_entry(message), ensure_ascii=False) for message in messages]
    return "\n".join([*lines, ""]).encode()


def _entry(message: Message) -> dict[str, object]:
    entry: dict[str, object] = {"passage": message.passage, "message": message.text}
    if message.sentence:
        return entry | {"sentence": message.sentence}
    if message.passage and not message.advice:
        return entry | {"advice": False}
    return entry
