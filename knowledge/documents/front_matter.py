"""What a document says of itself in YAML: between two lines of --- at its start, or beside it.

A person corrects there what the reader recognised: `advisor check --write` and the page write it.
Markdown and plain text hold it themselves. For other formats it is in a file beside the document,
named after it: notes.docx.yaml has what notes.docx cannot hold.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from knowledge.cache import write_whole
from knowledge.comparison import MAX_OPTIONS
from knowledge.documents.blocks import plain
from knowledge.errors import DocumentError

NO_VERDICT = "none"
MAX_FRONT_MATTER_CHARS = 30_000
HOLDING = (".md", ".markdown", ".mdx", ".txt", "")  # suffixes of files that hold it themselves
AT_THE_START = re.compile(r"---[ \t]*\r?\n(.*?)^---[ \t]*\r?$\n?", re.DOTALL | re.MULTILINE)


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
    return _checked(_values(head)), body, head.count("\n") + 1


def front_matter_file(document: Path) -> Path:
    """The file that holds the front matter of `document`: itself, or the one beside it."""
    if document.suffix.lower() in HOLDING:
        return document
    return document.with_name(f"{document.name}.yaml")


def read_beside(document: Path) -> FrontMatter:
    """The front matter beside `document`, empty if there is none. Raises DocumentError."""
    file = front_matter_file(document)
    if file == document or not file.is_file():
        return FrontMatter()
    try:
        with file.open(encoding="utf-8-sig") as opened:
            text = opened.read(MAX_FRONT_MATTER_CHARS + 1)
    except (OSError, UnicodeDecodeError) as exc:
        raise DocumentError(f"its front matter, {file.name}, cannot be read ({exc}).") from exc
    if len(text) > MAX_FRONT_MATTER_CHARS:
        raise DocumentError(f"its front matter, {file.name}, is too long.")
    return _checked(_values(text))


def write_front_matter(document: Path, values: Mapping[str, Any], replace: bool = False) -> None:
    """Adds `values` to the front matter of `document`: those that it does not have, or all.

    The rest stays as it is, with its line ends; with `replace`, comments in the front matter go.
    Raises OSError, and DocumentError if what is there is no front matter.
    """
    file = front_matter_file(document)
    text = file.read_bytes().decode("utf-8-sig") if file.exists() else ""
    line_end = "\r\n" if "\r\n" in text else "\n"
    head, body = text, ""
    if file == document:
        match = AT_THE_START.match(text)
        head = match[1] if match else ""
        body = text[match.end() :] if match else f"{line_end}{text}"
    known = _values(head)
    added = {name: value for name, value in values.items() if replace or name not in known}
    if not added:
        return
    if replace:
        head, added = "", known | added
    head += yaml.safe_dump(
        added, sort_keys=False, allow_unicode=True, width=1000, line_break=line_end
    )
    if file == document:
        head = f"---{line_end}{head}---{line_end}"
    write_whole(file.resolve(), f"{head}{body}")


def _values(head: str) -> dict[str, Any]:
    try:
        data = yaml.load(head, Loader=yaml.BaseLoader) or {}  # every scalar stays a string
    except (yaml.YAMLError, RecursionError) as exc:
        mark = getattr(exc, "problem_mark", None)
        where = f" (line {mark.line + 1})" if mark else ""
        raise DocumentError(f"its front matter is not valid YAML{where}.") from exc
    if not isinstance(data, dict):
        raise DocumentError('its front matter has no "name: value" lines.')
    return data


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
