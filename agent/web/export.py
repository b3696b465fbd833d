"""A conversation to take along: as Markdown, as HTML that prints well, and as JSON.

    exported(conversation, comparison, "md", weighed)  ->  "# A small clinic …"

What was cited stands below each answer with its passage, and the weighed table at the end if there
is one. JSON has each answer as `ask --json` prints it, and which edition of the comparison it was
given under.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from markdown_it import MarkdownIt

from agent.conversations.conversation import Conversation, Turn
from agent.conversations.edition import EARLIER, opens
from agent.web.rendering import templates
from agent.web.scorecard import Weighed, speaks_for
from knowledge.comparison import Comparison


@dataclass(frozen=True)
class Form:
    """How a conversation is written down."""

    media_type: str
    write: Callable[[Conversation, Comparison, Weighed | None], str]


def exported(
    conversation: Conversation, comparison: Comparison, form: str, weighed: Weighed | None = None
) -> str:
    """The text of a file in one of FORMS."""
    return FORMS[form].write(conversation, comparison, weighed)


def _json(conversation: Conversation, comparison: Comparison, weighed: Weighed | None) -> str:
    found: dict[str, Any] = {
        "title": conversation.title,
        "comparison": comparison.title,
        "as_of": comparison.as_of,
        "comparison_sha256": comparison.sha256,
        "turns": [
            {
                "question": turn.question,
                "answer": turn.answer.to_json() if turn.answer else None,
                "note": turn.note,
                "comparison_sha256": turn.earlier or comparison.sha256,
            }
            for turn in conversation.turns
        ],
    }
    if weighed:
        found["weighed"] = weighed.to_json()
    return json.dumps(found, ensure_ascii=False, indent=2) + "\n"


def _markdown(conversation: Conversation, comparison: Comparison, weighed: Weighed | None) -> str:
    as_of = f", as of {comparison.as_of}" if comparison.as_of else ""
    parts = [f"# {_plain(conversation.title)}", f"Asked about *{_plain(comparison.title)}*{as_of}."]
    for turn in conversation.turns:
        parts += _turn(turn, comparison)
    if weighed:
        parts += _table(weighed, comparison)
    return "\n\n".join(parts) + "\n"


def _turn(turn: Turn, comparison: Comparison) -> list[str]:
    parts = [f"## {_plain(turn.question)}"]
    if answer := turn.answer:
        if answer.verdict:
            sure = answer.decision.confidence
            share = "" if sure is None else f" (confidence {sure:.0%})"
            parts.append(f"**{_plain(answer.verdict)}**{share}")
        parts += [_plain(paragraph) for paragraph in answer.text.split("\n\n")]
        parts += [f"*{title}:* {_plain(said.text)}" for title, said in answer.counterpoints]
        opened = opens(turn, comparison)
        for cited in answer.cited:
            heading = f" {_plain(opened[cited.passage].heading)}" if cited.passage in opened else ""
            parts.append(f"> [{cited.number}]{heading}: {_plain(cited.quote)}")
        if turn.earlier:
            parts.append(f"*{EARLIER}*")
    if turn.note:
        parts += [f"*{_plain(line)}*" for line in turn.note.split("\n\n")]
    return parts


def _table(weighed: Weighed, comparison: Comparison) -> list[str]:
    first, second = comparison.options[:2]
    lines = ["| Row | Matters (0 to 5) | Speaks for |", "| --- | --- | --- |"]
    for row, weight, leans in weighed.rows:
        lines.append(
            f"| {_plain(row.heading)} | {weight:g} | {_plain(speaks_for(comparison, leans))} |"
        )
    shares = f"{_plain(first)} {1 - weighed.balance:.0%}, {_plain(second)} {weighed.balance:.0%}"
    return ["## The table, weighed", "\n".join(lines), f"Weighed together: {shares}."]


def _html(conversation: Conversation, comparison: Comparison, weighed: Weighed | None) -> str:
    body = MarkdownIt("js-default").render(_markdown(conversation, comparison, weighed))
    template = templates().get_template("conversation.html.j2")
    return template.render(title=conversation.title, body=body)


def _plain(said: str) -> str:
    """`said` as one line of Markdown that shows it and does nothing else."""
    marked = re.sub(r"([\\`*_{}<>#!|~&]|(?<=\])[(:])", r"\\\1", " ".join(said.split()))
    return re.sub(r"^(\d*)([-+=.)])", r"\1\\\2", marked)


FORMS = {
    "md": Form("text/markdown", _markdown),
    "html": Form("text/html", _html),
    "json": Form("application/json", _json),
}
