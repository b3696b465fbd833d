"""Cases: conversations and what their last answer must be, read from files of JSON Lines.

    cases = read_cases([Path("evals/datasets/dev-fact.jsonl")], comparison)

One JSON object a line, blank lines skipped, its form in README.md: a case, or in a file
NAME.conversations.jsonl a conversation with a check after each turn, which becomes a case for each.
What does not fit is one line for people (InputError): file and line number, the value, and what is
wanted. Not covered: whether a case is fair, and whether any answer could meet it.
"""

import json
import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, ValidationInfo

from agent.errors import InputError
from knowledge.comparison import Comparison
from knowledge.validation import fault, shown

Kind = Literal[
    "verdict",
    "fact",
    "abstain",
    "followup",
    "injection",
    "turn",
    "overview",
    "multi",
    "act",
    "case",
]
Does = Literal["why", "more", "doubt", "talk"]
TurnDoes = Literal[
    "advice",
    "case",
    "answer",
    "fact",
    "compare",
    "claim",
    "overview",
    "list",
    "why",
    "more",
    "doubt",
    "small",
    "about",
    "multi",
]
KINDS: tuple[Kind, ...] = get_args(Kind)
IN_CONVERSATIONS: tuple[Kind, ...] = ("turn", "overview", "multi", "act", "case")
GENERATED = "generated-"
ADVISED = ("advice", "case", "answer", "multi")  # of a turn: what its answer's verdict counts for
CONVERSATIONS = ".conversations.jsonl"
WANTED = ("must", "must_not", "cites", "relevant", "parts", "knows", "forgets", "does")


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("write a text")
    return text


def _regex(pattern: str) -> str:
    try:
        re.compile(pattern, re.IGNORECASE)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"no regex ({' '.join(str(error).split())})") from error
    return pattern


def _passage(passage: str, info: ValidationInfo) -> str:
    known = [each.id for each in info.context.passages] if info.context else [passage]
    if passage not in known:
        nearest = get_close_matches(passage, known, n=1, cutoff=0.0)[0]
        raise ValueError(f"no passage of the comparison, the nearest is {nearest}")
    return passage


def _label(verdict: str | None, info: ValidationInfo) -> str | None:
    if info.context and verdict not in (None, *info.context.labels):
        labels = ", ".join(map(shown, info.context.labels))
        raise ValueError(f"no label of the comparison, use one of {labels}, or null")
    return verdict


Text = Annotated[str, AfterValidator(_not_blank)]
Regex = Annotated[Text, AfterValidator(_regex)]
PassageId = Annotated[Text, AfterValidator(_passage)]


class Wanted(BaseModel):
    """What an answer must be; what is left out is left open.

    `verdict` counts if it is given: None is a value of it, no recommendation. `must` and `must_not`
    are regexes, searched with case ignored; of `cites`, passage ids, one is enough. `relevant` are
    the passages that an answer may rest on, `parts` regexes of which a complete answer has each.
    The context of validation is the comparison that it is about; without one, verdicts and passages
    are not looked up.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    verdict: Annotated[str | None, AfterValidator(_label)] = None
    abstain: bool = False
    must: tuple[Regex, ...] = ()
    must_not: tuple[Regex, ...] = ()
    cites: tuple[PassageId, ...] = ()
    relevant: tuple[PassageId, ...] = ()
    parts: tuple[Regex, ...] = ()

    @property
    def scores_verdict(self) -> bool:
        return "verdict" in self.model_fields_set


class Asked(BaseModel):
    """What is asked: messages of one person, the last of which is answered."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Text
    kind: Kind
    turns: tuple[Text, ...] = Field(min_length=1)


class Case(Wanted, Asked):  # its fields in the order of a line: what is asked comes first
    """A conversation and what its last answer must be.

    `knows` and `forgets` are regexes over what is known of the person's case after the answer, and
    `does` is what the last message must be taken for. Wordings of one intent share a `group`, and
    turns of one conversation.
    """

    knows: tuple[Regex, ...] = ()
    forgets: tuple[Regex, ...] = ()
    does: Does | None = None
    group: Text = Field(default_factory=lambda fields: fields["id"])

    @property
    def generated(self) -> bool:
        """Whether the model wrote it (evals.generation), as its id says."""
        return self.id.startswith(GENERATED)

    @property
    def wanted(self) -> dict[str, Any]:
        """What it expects, as its line in a case file says it: only what is not left open."""
        fields = {*WANTED, "abstain"}
        verdict = {"verdict": self.verdict} if self.scores_verdict else {}
        return verdict | self.model_dump(mode="json", include=fields, exclude_defaults=True)


class KnownCase(BaseModel):
    """Regexes over what is known of the person's case after a turn."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    has: tuple[Regex, ...] = ()
    lacks: tuple[Regex, ...] = ()


class Turn(Wanted):
    """A message, what it does, and what its answer must be."""

    message: Text
    does: TurnDoes
    case: KnownCase = KnownCase()


class Conversation(BaseModel):
    """A conversation of one person, with a check after each turn."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Text
    turns: tuple[Turn, ...] = Field(min_length=1)

    @property
    def cases(self) -> tuple[Case, ...]:
        """A case for each turn, which has the turns before it."""
        messages = tuple(turn.message for turn in self.turns)
        return tuple(
            self._case(turn, messages[:number], number) for number, turn in enumerate(self.turns, 1)
        )

    def _case(self, turn: Turn, messages: tuple[str, ...], number: int) -> Case:
        wanted: dict[str, Any] = turn.model_dump(include=set(Wanted.model_fields) - {"verdict"})
        if turn.scores_verdict and turn.does in ADVISED:
            wanted["verdict"] = turn.verdict
        if turn.does in ("why", "more", "doubt"):
            wanted["does"] = turn.does
        elif turn.does in ("small", "about"):
            wanted["does"] = "talk"
        return Case(
            id=f"{self.id}-turn-{number}",
            kind=_kind(turn),
            turns=messages,
            knows=turn.case.has,
            forgets=turn.case.lacks,
            group=self.id,
            **wanted,
        )


def _kind(turn: Turn) -> Kind:
    if turn.does in ("overview", "list"):
        return "overview"
    if turn.does == "multi":
        return "multi"
    if turn.does in ("why", "more", "doubt", "small", "about"):
        return "act"
    return "case" if turn.does in ("case", "answer") else "turn"


def read_cases(files: Sequence[Path], comparison: Comparison) -> list[Case]:
    """The cases of `files` about `comparison`, in order, each id once over all files.

    Raises InputError for the first thing that does not fit.
    """
    first: dict[str, str] = {}
    cases: list[Case] = []
    for file in files:
        before = len(cases)
        form = Conversation if file.name.endswith(CONVERSATIONS) else Case
        for place, line in _lines(file):
            try:
                entry = form.model_validate_json(line, strict=True, context=comparison)
                json.loads(line, object_pairs_hook=_once_each)  # pydantic takes the last of two
            except ValidationError as error:
                raise InputError(f"{place}: {fault(error, form.model_fields)}") from error
            except ValueError as error:
                raise InputError(f"{place}: {error}") from error
            for case in entry.cases if isinstance(entry, Conversation) else (entry,):
                if case.id in first:
                    taken = f"the id {shown(case.id)} is taken by {first[case.id]}"
                    raise InputError(f"{place}: {taken}. Rename one.")
                first[case.id] = place
                cases.append(case)
        if len(cases) == before:
            raise InputError(f"{file}:1: the file holds no case. Write one JSON object a line.")
    return cases


def _lines(file: Path) -> Iterator[tuple[str, str]]:
    """Each line that is not blank, with its place as file:line."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputError(f"{file} cannot be read ({error.strerror}). Check the path.") from error
    except UnicodeDecodeError as error:
        broken = error.object.count(b"\n", 0, error.start) + 1
        wrong = f"the byte 0x{error.object[error.start]:02x} is not UTF-8"
        raise InputError(f"{file}:{broken}: {wrong}. Save the file as UTF-8.") from error
    # not splitlines(): a JSON string may hold other line separators
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield f"{file}:{number}", line


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"the field {shown(name)} stands twice. Keep one.")
    return dict(pairs)
