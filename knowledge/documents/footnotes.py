"""Footnotes: their signs in cells and names of rows, and what they say."""

import re
from collections.abc import Iterable, Mapping, Sequence

from knowledge.documents.blocks import Block, raised

RAISED = r"[⁰¹²³⁴-⁹]+"
NOTE = re.compile(rf"({RAISED}|[*†‡§]{{1,3}})[)⁾.:]?\s*(?=[^\W_])(.+)")
REFERENCE = re.compile(rf"(?:(?<=\S)|(?<=\S ))(?:{RAISED})|(?<=\S)[*†‡§]{{1,3}}(?=[)⁾.,;:\s]|$)")
POWER = re.compile(r"(?<![^\W\d_])(?:[cdkmnµ]?m|ft|in|s)[²³]")  # m² has no footnote
MARKDOWN_NOTE = re.compile(r"\[\^([^\]\s]{1,40})\]")
MARKDOWN_TEXT = re.compile(r" {0,3}\[\^([^\]\s]{1,40})\]:\s*(?=\S)")


def footnotes(blocks: Sequence[Block]) -> dict[str, str]:
    """What each sign says, of the lines of text that begin with one, with those below it."""
    found: dict[str, str] = {}
    for block in blocks:
        if block.rows or block.level or block.code or block.item:
            continue
        sign = ""
        for line in block.text.split("\n"):
            if (match := NOTE.match(line)) and match[1] not in found:
                sign = match[1]
                found[sign] = match[2]
            elif sign and not match:
                found[sign] += f" {line}"
    return found


def noted(texts: Iterable[str], notes: Mapping[str, str]) -> list[str]:
    """The notes that `texts` refer to, each once, with its sign."""
    signs = (sign[0] for text in texts for sign in REFERENCE.finditer(POWER.sub("", text)))
    return [f"{sign} {notes[sign]}" for sign in dict.fromkeys(signs) if sign in notes]


class MarkdownNotes:
    """The footnotes of a Markdown text, by the number that stands for their name."""

    def __init__(self, lines: Iterable[str]) -> None:
        names = [match[1] for line in lines if (match := MARKDOWN_TEXT.match(line))]
        own = all(name.isascii() and name.isdigit() for name in names)
        self._signs = {
            name: raised(name if own else str(i)) for i, name in enumerate(dict.fromkeys(names), 1)
        }

    def signed(self, line: str) -> str:
        """`line` with raised figures for its references, and before a note itself."""
        line = MARKDOWN_TEXT.sub(lambda note: f"{self._sign(note)} ", line)
        return MARKDOWN_NOTE.sub(self._sign, line)

    def _sign(self, note: re.Match[str]) -> str:
        return self._signs.get(note[1], note[0])
