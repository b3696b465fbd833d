"""What was recognised in a document: as a tree, as JSON, and as front matter to be corrected.

    advisor check FILE [--json] [--options A --options B] [--write]
    advisor new "A vs B" [FILE]

Not covered: use cases that the advisor cannot tell apart, which takes the model; `advisor index`
names them.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from agent.errors import InputError
from agent.judge import ModelJudge, explaining
from agent.settings import read_settings
from knowledge.documents.blocks import sides_of
from knowledge.documents.build import Reading
from knowledge.documents.front_matter import (
    NO_VERDICT,
    front_matter_file,
    write_front_matter,
)
from knowledge.documents.passages import Finding
from knowledge.documents.reader import read_file
from knowledge.documents.report import as_object, lint

PARTS = {
    "option": "Options",
    "introduction": "Introduction",
    "dimension": "Rows of tables",
    "analysis": "Analysis",
    "best-for": "Use cases",
    "bottom-line": "In general",
}
SKELETON = """\
---
# The options: two to six names, as the text has them.
options: [{options}]
# The verdict where it depends, or where all of them are right.
both: Both / Depends
# When the figures were collected.
as_of: ""
# What most people should take: an option, the line above, or none.
in_general: none
---

# {title}

Who should read this, and what the options have in common.

## Feature Comparison

| Dimension | {columns} |
| --- |{rules}
| Price | {cells} |

## Detailed Analysis

### One aspect that needs more than a cell

What was measured, by whom, and when.

## Best For

{cases}
## The Bottom Line

What you would say to somebody who tells you nothing about themselves.
"""
CASE = """\
### A use case for {option}

**{option}**

Why, in two sentences or more that name the reasons.

"""


def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The document.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
    options: Annotated[
        list[str] | None,
        typer.Option("--options", metavar="NAME", help="An option's name; once for each."),
    ] = None,
    write: Annotated[
        bool,
        typer.Option("--write", help="Write front matter to correct (FILE, or FILE.yaml)."),
    ] = False,
) -> None:
    """Show what is recognised in a document, where it stands, and how sure that is."""
    judge = ModelJudge(read_settings())
    with explaining(judge):
        reading = read_file(file, options or (), judge)
    warnings = [*reading.comparison.warnings, *judge.warnings]
    found = lint(reading.comparison)
    if write:
        typer.echo(f"Corrections are read from {write_recognised(file, reading)}.", err=True)
    if as_json:
        print(json.dumps(as_object(reading, warnings, found), ensure_ascii=True))
        return
    print("\n".join(tree(reading)))
    for warning in warnings:
        print(f"Warning: {warning}")
    for line in found:
        print(f"Advice: {line}")


def new(
    title: Annotated[str, typer.Argument(metavar='"A vs B"', help="The options, with vs.")],
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="Where to; none: standard output.")
    ] = None,
) -> None:
    """Print or write a commented document to fill in."""
    text = skeleton(title)
    if file is None:
        print(text, end="")
        return
    try:
        with file.open("x", encoding="utf-8") as target:
            target.write(text)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise InputError(f"{file} cannot be written: {why}. Name another file.") from error


def tree(reading: Reading) -> Iterator[str]:
    """The lines of the tree: what was recognised, its verdict, how sure, by what and where."""
    yield reading.comparison.title
    for kind, name in PARTS.items():
        found = [each for each in reading.findings if each.kind == kind]
        if found:
            yield f"  {name} ({len(found)})"
        yield from (f"    {_line(each)}" for each in found)


def _line(finding: Finding) -> str:
    verdict = f" -> {finding.verdict}" if finding.verdict else ""
    if finding.kind == "bottom-line" and not finding.verdict:
        verdict = " -> no verdict"
    where = f", line {finding.line}" if finding.line else ""
    likely = "" if finding.probability is None else f" {finding.probability:.2f}"
    return f"{finding.heading}{verdict}  [{finding.sure}{likely}: {finding.source}{where}]"


def write_recognised(file: Path, reading: Reading) -> Path:
    """Adds to the front matter of `file` what was recognised and is not in it yet; where it is.

    Raises InputError if it cannot be written.
    """
    comparison = reading.comparison
    general = [each.verdict for each in comparison.of_kind("bottom-line")]
    values: dict[str, Any] = {
        "options": list(comparison.options),
        "both": comparison.both,
        "in_general": (general or [None])[0] or NO_VERDICT,
        "verdicts": {
            each.heading: each.verdict or NO_VERDICT for each in comparison.of_kind("best-for")
        },
    }
    holding = front_matter_file(file)
    try:
        write_front_matter(file, values)
    except OSError as error:
        why = error.strerror or error
        raise InputError(f"{holding} cannot be written: {why}. Check its permissions.") from error
    return holding


def skeleton(title: str) -> str:
    """A document on these options, with a comment for each thing that a person says."""
    options = sides_of(title) or tuple(filter(None, re.split(r"(?i)\s+vs\.?\s+", title.strip())))
    if len(options) < 2:
        raise InputError(f'"{title}" names no two options. Write it as "A vs B".')
    return SKELETON.format(
        title=" ".join(title.split()),
        options=", ".join(json.dumps(option, ensure_ascii=False) for option in options),
        columns=" | ".join(options),
        rules=" --- |" * len(options),
        cells=" | ".join("1" for _ in options),
        cases="".join(CASE.format(option=option) for option in options),
    )
