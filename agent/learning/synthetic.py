"""Messages that probes are trained on: given ones, or synthetic ones by the model.

    synthesize(model, comparison)  ->  (Message("Our ward …", "best-for/…", advice=True), …)

Synthetic messages describe cases of each passage that gives a verdict, ask for each sentence of the
document, and ask for facts that it leaves open. They teach words that the document never uses.

A file next to the comparison, NAME.messages.jsonl, replaces synthetic messages on its subjects
(docs/using.md describes it). Messages of many people work better (docs/decisions/messages.md).
Sampling uses fixed seeds. Not covered: the quality of a single message.
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
# bounds on the number of answerable questions, and number of unanswerable ones; each takes a second
MIN_ASKED, MAX_ASKED, UNANSWERED = 200, 600, 100
MAX_TOKENS = 70
SHOWN_SENTENCES = 3  # of the use case, in the prompt
MIN_WORDS = 3  # shorter messages are dropped

Report = Callable[[int, int], None]
T = TypeVar("T")


@dataclass(frozen=True)
class Message:
    """A message of a user. `passage` is the id of the passage that it is about, or "" if the
    document does not answer it; `sentence` is the answering sentence, if it is known.
    """

    text: str
    passage: str = ""
    sentence: str = ""
    advice: bool = False

    @property
    def about(self) -> tuple[str, bool]:
        """The subject: messages of one subject are either given or synthetic."""
        return self.passage, self.advice


def synthesize(
    model: Model,
    comparison: Comparison,
    report: Report = lambda done, total: None,
    known: Sequence[Message] = (),
) -> tuple[Message, ...]:
    """Messages about the subjects without `known` messages. Too short ones, and copies of other
    messages or of the prompt's examples, are dropped.
    """
    given = {message.about for message in known}
    tasks = [task for task in _tasks(comparison) if task[0].about not in given]
    examples = (
        fill("synthetic/imagine_messages")
        + fill("synthetic/imagine_questions")
        + fill("synthetic/imagine_unanswered")
    )
    found: dict[tuple[str, str], Message] = {}
    with model.session() as session:  # one session, since consecutive prompts share their beginning
        for seed, (blank, prompt) in enumerate(tasks):
            text = "".join(session.stream(prompt, MAX_TOKENS, stop=["\n"], seed=seed)).strip()
            if len(text.split()) >= MIN_WORDS and text not in examples:
                found.setdefault((text, blank.passage), replace(blank, text=text))
            report(seed + 1, len(tasks))
    return tuple(found.values())


def subjects(comparison: Comparison) -> set[tuple[str, bool]]:
    """The subjects that messages should cover."""
    return {blank.about for blank, _ in _tasks(comparison)}


def _tasks(comparison: Comparison) -> Iterator[tuple[Message, Prompt]]:
    """The messages to synthesize, with an empty text, and their prompts."""
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
    """Sentences with senders: every sentence as often as needed for `at_least`, but at most `most`
    in total, evenly spread.
    """
    rounds = -(-at_least // max(1, len(comparison.sentences)))
    for place, said in enumerate(at_most(most, comparison.sentences * rounds)):
        yield *said, senders[place % len(senders)]


def at_most(count: int, items: Sequence[T]) -> list[T]:
    """`count` of `items` at even distances, or all of them if there are fewer."""
    count = min(count, len(items))
    return [items[place * len(items) // count] for place in range(count)]


def _writing(examples: str, asked: str, begun: str) -> Prompt:
    return Prompt(examples, f"{asked}\n", begun=begun)


def recipe(comparison: Comparison, known: Collection[tuple[str, bool]]) -> str:
    """A hash of everything except the model that synthetic messages depend on; `known` subjects are
    left out.
    """
    whole = hashlib.sha256(repr((MAX_TOKENS, MIN_WORDS)).encode())
    for blank, prompt in _tasks(comparison):
        if blank.about not in known:
            whole.update(repr((blank, prompt)).encode())
    return whole.hexdigest()


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
                f"{where}{number}: {error} "
                "Correct it, or remove the file: the model then synthesizes messages."
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
    """The content of a file for read_messages."""
    lines = [json.dumps(_entry(message), ensure_ascii=False) for message in messages]
    return "\n".join([*lines, ""]).encode()


def _entry(message: Message) -> dict[str, object]:
    entry: dict[str, object] = {"passage": message.passage, "message": message.text}
    if message.sentence:
        return entry | {"sentence": message.sentence}
    if message.passage and not message.advice:
        return entry | {"advice": False}
    return entry
