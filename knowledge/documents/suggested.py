"""Options that a judge names, as far as the document's own words bear them out."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from knowledge.comparison import MAX_OPTIONS, slug
from knowledge.documents.blocks import Block, plain
from knowledge.documents.judge import Judge
from knowledge.documents.names import NO_NAME, TOKEN, Names, cleaned, stem, tokens

MAX_EXCERPT_CHARS = 3_000  # about 700 tokens, ten seconds
MAX_BLOCK_CHARS = 400
MAX_NAMES = 12  # that are looked for
MAX_WORDS = 6  # of a name
LEAST = 2  # mentions of what a document compares
SHARE = 0.2  # of the mentions of the most often named
APART = re.compile(r"[.!?:;|]")  # between words that are no name together


def suggested_options(judge: Judge | None, blocks: Sequence[Block]) -> list[str]:
    """The names, as the document writes them, of what `judge` says that it compares; [] if there
    are fewer than two, or too many.
    """
    if not judge or not (text := excerpt(blocks)):
        return []
    lines = [_Line.of(block.text) for block in blocks]
    options: list[str] = []
    for name in judge.options(text)[:MAX_NAMES]:
        written = _as_written(name, lines)
        if written and _key(written) not in map(_key, options):
            options.append(written)
    mentions = _mentions(options, blocks)
    least = max(LEAST, SHARE * max(mentions, default=0))
    options = [name for name, count in zip(options, mentions, strict=True) if count >= least]
    return options if 2 <= len(options) <= MAX_OPTIONS else []


def _key(name: str) -> str:
    """What two names must not have in common: singular and plural are one, and C and C++."""
    return slug(" ".join(tokens(name)))


def excerpt(blocks: Sequence[Block]) -> str:
    """The beginnings of texts of `blocks`, headings marked, up to MAX_EXCERPT_CHARS."""
    shown: list[str] = []
    room = MAX_EXCERPT_CHARS
    for block in blocks:
        if block.rows:  # the rules know the columns of tables
            continue
        text = ("# " if block.level else "") + plain(block.text)[:MAX_BLOCK_CHARS]
        if room < len(text):
            break
        shown.append(text)
        room -= len(text)
    return "\n".join(shown)


@dataclass(frozen=True)
class _Line:
    """A text with its words and their stems."""

    text: str
    words: tuple[re.Match[str], ...]
    stems: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> "_Line":
        words = tuple(TOKEN.finditer(text))
        return cls(text, words, tuple(stem(word[0]) for word in words))


def _as_written(name: str, lines: Sequence[_Line]) -> str:
    """`name` in the words that `lines` have for it, its own or those that they mostly have; "" if
    they have none.
    """
    name = cleaned(name.partition(" (")[0])
    words = TOKEN.findall(name)
    wanted = tuple(map(stem, words))
    if not 0 < len(wanted) <= MAX_WORDS or NO_NAME.issuperset(map(str.lower, words)):
        return ""
    written: Counter[str] = Counter()
    for line in lines:
        for start in range(len(line.words) - len(wanted) + 1):
            if line.stems[start : start + len(wanted)] == wanted:
                found = line.words[start : start + len(wanted)]
                gaps = (line.text[a.end() : b.start()] for a, b in pairwise(found))
                if not any(map(APART.search, gaps)):
                    written[plain(line.text[found[0].start() : found[-1].end()])] += 1
    own = next((each for each in written if each.lower() == name.lower()), "")
    return own or next((each for each, _ in written.most_common(1)), "")


def _mentions(options: Sequence[str], blocks: Sequence[Block]) -> list[int]:
    """How often `blocks` name each option, by half of its name or more."""
    counts = [0] * len(options)
    names = Names(options)
    for block in blocks:
        for each in names.mentions(block.text):
            said = len(tokens(block.text[each.start : each.end]))
            if 2 * said >= len(tokens(options[each.option])):
                counts[each.option] += 1
    return counts
