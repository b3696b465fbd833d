"""From what was recognised to numbered passages, each with an id of its own."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from knowledge.comparison import SIGNS, Kind, Passage, slug
from knowledge.documents.blocks import KINDS, short
from knowledge.documents.verdicts import Sure


@dataclass(frozen=True)
class Finding:
    """Something recognised: the options, a row, a use case, the bottom line, a passage.

    `source` says by what it was recognised, `line` where it stands (0: unknown), `probability` how
    likely a judged verdict is.
    """

    kind: Kind | Literal["option"]
    heading: str
    verdict: str | None
    source: str
    sure: Sure
    line: int = 0
    probability: float | None = None


@dataclass(frozen=True)
class Draft:
    """A passage without its number."""

    kind: Kind
    heading: str
    text: str
    finding: Finding
    verdict: str | None = None
    cells: tuple[str, ...] = ()
    parent: str = ""


def numbered(drafts: list[Draft]) -> tuple[Passage, ...]:
    """The passages by kind, each with an id of its own."""
    drafts.sort(key=lambda draft: KINDS.index(draft.kind))
    counted: dict[str, int] = {}
    for draft in drafts:
        known = Passage(1, draft.kind, draft.heading, "").id
        counted[known] = counted.get(known, 0) + 1
    passages: list[Passage] = []
    ids: set[str] = set()
    for draft in drafts:
        heading = draft.heading
        known = Passage(1, draft.kind, heading, "").id
        if counted[known] > 1 and draft.parent and slug(draft.parent) != slug(heading):
            heading = f"{draft.heading} ({short(draft.parent)})"
        number = 1
        while Passage(1, draft.kind, heading, "").id in ids or not slug(heading):
            number += 1
            heading = f"{draft.heading} ({number})"
        passage = Passage(
            len(passages) + 1, draft.kind, heading, draft.text, draft.verdict, draft.cells
        )
        ids.add(passage.id)
        passages.append(passage)
    return tuple(passages)


def labelled(cell: str, option: str, others: Sequence[str]) -> str:
    """The cell as a sentence that can stand alone: with its option's name, unless it begins so.

    Nothing of an empty cell. "Bike Sharing is dear" does not begin with "Bike" if that is another
    option.
    """
    if not cell:
        return ""
    longer = any(len(other) > len(option) and _begins(cell, other) for other in others)
    return cell if _begins(cell, option) and not longer else f"{option}: {cell}"


def _begins(text: str, name: str) -> bool:
    """Whether the first words of `text` are those of `name`, whatever stands between them; the last
    one may be a plural.
    """
    words = map(re.escape, re.findall(rf"[^\W_]+[{SIGNS}]*", name))
    if not (pattern := r"[\W_]+".join(words)):
        return False
    plural = r"(?:(?<=[^\W_]{2})s|(?:(?<=[sxz])|(?<=[cs]h))es)?"
    ends = rf"(?![^\W_]|[{SIGNS}&])"  # R&D is not R's
    case = 0 if name.isupper() else re.IGNORECASE  # "Uses" is no plural of US
    return bool(re.match(rf"[\W_]*{pattern}{plural}{ends}", text, case))
