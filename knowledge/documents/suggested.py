"""Options that a judge names, as far as the document's own words bear them out."""

from collections import Counter
from collections.abc import Sequence

from knowledge.comparison import MAX_OPTIONS
from knowledge.documents.blocks import Block, plain
from knowledge.documents.judge import Judge
from knowledge.documents.names import NO_NAME, TOKEN, Names, cleaned, stem, tokens

MAX_EXCERPT_CHARS = 3_000  # about 700 tokens, ten seconds
MAX_BLOCK_CHARS = 400
MAX_WORDS = 6  # of a name
LEAST = 2  # mentions of what a document compares
SHARE = 0.2  # of the mentions of the most often named


def suggested_options(judge: Judge | None, blocks: Sequence[Block]) -> list[str]:
    """The names, as the document writes them, of what `judge` says that it compares; [] if there
    are fewer than two, or too many.
    """
    if not judge:
        return []
    options: list[str] = []
    for name in judge.options(excerpt(blocks)):
        written = _as_written(name, blocks)
        if written and tokens(written) not in map(tokens, options):
            options.append(written)
    text = "\n".join(block.text for block in blocks)
    mentions = Counter(each.option for each in Names(options).mentions(text))
    least = max(LEAST, SHARE * max(mentions.values(), default=0))
    options = [name for i, name in enumerate(options) if mentions[i] >= least]
    return options if 2 <= len(options) <= MAX_OPTIONS else []


def excerpt(blocks: Sequence[Block]) -> str:
    """The beginnings of texts of `blocks`, headings marked, up to MAX_EXCERPT_CHARS."""
    shown: list[str] = []
    room = MAX_EXCERPT_CHARS
    for block in blocks:
        if block.rows:  # whose columns the rules know
            continue
        text = ("# " if block.level else "") + plain(block.text)[:MAX_BLOCK_CHARS]
        if room < len(text):
            break
        shown.append(text)
        room -= len(text)
    return "\n".join(shown)


def _as_written(name: str, blocks: Sequence[Block]) -> str:
    """`name` in the words that `blocks` mostly have for it, "" if they have none."""
    wanted = [stem(word) for word in TOKEN.findall(cleaned(name.partition(" (")[0]))]
    if not 0 < len(wanted) <= MAX_WORDS or NO_NAME.issuperset(wanted):
        return ""
    written: Counter[str] = Counter()
    for block in blocks:
        words = [*TOKEN.finditer(block.text)]
        stems = [stem(word[0]) for word in words]
        for start in range(len(words) - len(wanted) + 1):
            if stems[start : start + len(wanted)] == wanted:
                end = words[start + len(wanted) - 1].end()
                written[block.text[words[start].start() : end]] += 1
    return written.most_common(1)[0][0] if written else ""
