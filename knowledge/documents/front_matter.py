"""What a Markdown file says of itself in YAML between two lines of --- at its start.

A person corrects there what the reader recognised: `advisor check --write` writes it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from knowledge.comparison import MAX_OPTIONS
from knowledge.documents.blocks import plain
from knowledge.errors import DocumentError

NO_VERDICT = "none"
MAX_FRONT_MATTER_CHARS = 30_000


@dataclass(frozen=True)
class FrontMatter:
    """Empty where the file says nothing; `verdicts` are by use case, NO_VERDICT for none."""

    title: str = ""
    options: tuple[str, ...] = ()
    both: str = ""
    as_of: str = ""
    in_general: str = ""
    verdicts: Mapping[str, str] = field(default_factory=dict)


def split_front_matter(text: str) -> tuple[FrontMatter, str, int]:
    """The front matter, if any, the text after it, and how many lines it takes."""
    if not re.match(r"---[ \t]*\n", text):
        return FrontMatter(), text, 0
    _, head, body = (*re.split(r"(?m)^---[ \t]*$", text, maxsplit=2), None, None)[:3]
    if head is None or body is None or len(head) > MAX_FRONT_MATTER_CHARS:
        raise DocumentError("its front matter has no closing --- line.")
    try:
        data = yaml.load(head, Loader=yaml.BaseLoader) or {}  # every scalar stays a string
    except (yaml.YAMLError, RecursionError) as exc:
        mark = getattr(exc, "problem_mark", None)
        where = f" (line {mark.line + 1})" if mark else ""
        raise DocumentError(f"its front matter is not valid YAML{where}.") from exc
    if not isinstance(data, dict):
        raise DocumentError('its front matter has no "name: value" lines.')
    return _checked(data), body, head.count("\n") + 1


def _checked(data: dict[str, Any]) -> FrontMatter:
    texts = [data.get(name) or "" for name in ("title", "both", "as_of", "in_general")]
    options = data.get("options") or []
    if (
        not isinstance(options, list)
        or len(options) == 1
        or len(options) > MAX_OPTIONS
        or not all(options)
    ):
        raise DocumentError(
            f"its front matter's options are no list of two to {MAX_OPTIONS} names."
        )
    verdicts = data.get("verdicts") or {}
    if not isinstance(verdicts, dict) or not all(
        isinstance(value, str) for value in verdicts.values()
    ):
        raise DocumentError('its front matter\'s verdicts are no "use case: verdict" lines.')
    if not all(isinstance(value, str) for value in (*texts, *options)):
        raise DocumentError("its front matter has a list where one value belongs.")
    title, both, as_of, in_general = map(plain, texts)
    named = {plain(str(case)): plain(value) for case, value in verdicts.items()}
    return FrontMatter(title, tuple(map(plain, options)), both, as_of, in_general, named)
