"""Fills in prompts: files of prompts/ with $variables. Missing and unknown variables are errors."""

import hashlib
from functools import cache
from pathlib import Path
from string import Template

from agent.errors import PromptError

FOLDER = Path(__file__).parents[2] / "prompts"


def fill(name: str, **variables: str) -> str:
    """The text of prompts/NAME.md with its variables filled in.

    Raises PromptError, which names the file and the missing or unknown variables.
    """
    template = _template(name)
    wanted = set(template.get_identifiers())
    for problem, names in (
        ("is missing the variable", wanted - set(variables)),
        ("has no variable", set(variables) - wanted),
    ):
        if names:
            raise PromptError(f"prompts/{name}.md {problem} {', '.join(sorted(names))}.")
    return template.substitute(variables)


@cache
def _template(name: str) -> Template:
    path = FOLDER / f"{name}.md"
    try:
        template = Template(path.read_text(encoding="utf-8").strip())
    except OSError as error:
        raise PromptError(f"{path} cannot be read ({error.strerror}). Reinstall.") from error
    if not template.is_valid():
        raise PromptError(f"prompts/{name}.md has a stray $. Write $$ for a dollar sign.")
    return template


def prompts_of_answers() -> list[Path]:
    """The files that answers depend on: all but those for judging documents and for generating eval
    cases.
    """
    others = ("generating", "judging")
    return [path for path in sorted(FOLDER.rglob("*.md")) if path.parent.name not in others]


def prompts_sha256() -> str:
    """A hash of all prompts of answers."""
    content = hashlib.sha256()
    for path in prompts_of_answers():
        content.update(
            path.relative_to(FOLDER).as_posix().encode() + b"\0" + path.read_bytes() + b"\0"
        )
    return content.hexdigest()
