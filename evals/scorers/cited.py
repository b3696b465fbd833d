"""An answer taken apart: its sentences with what each cites, and the words that carry content.

    for sentence in cited_sentences(answer.text):
        passages = cited_passages(sentence, answer)

Words are compared as knowledge.text.words has them. English only.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from itertools import groupby

from agent.answering.types import Answer
from agent.prompting.templates import fill
from knowledge.comparison import Passage
from knowledge.text.sentences import statements
from knowledge.text.words import names, stems

MARKER = re.compile(r"\[(\d+(?:\s*,\s*\d+)*)\]")
_REPORTING = frozenset(stems("according document comparison passage section table says states"))
_FIGURE_WORDS = frozenset(
    stems(
        "k m mn mio b bn t tn thousand million billion trillion percent per cent usd dollar "
        "dollars eur euro euros gbp pounds zero one two three four five six seven eight nine ten "
        "eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty"
    )
)


@dataclass(frozen=True)
class Cited:
    """A sentence of an answer without its [numbers], and the numbers, each once, in order."""

    text: str
    numbers: tuple[int, ...]


def cited_sentences(text: str) -> tuple[Cited, ...]:
    """The sentences of an answer, each with what it cites.

    [n] belongs to the sentence that it stands in, or behind whose full stop it stands. A sentence
    ends after "[n]." whatever follows, so that nothing rides on the citation of another. A cell
    of a table is a sentence, which cites what its row cites; the header, the names of rows, and
    what the program says of itself are none.
    """
    found = []
    for begun, lines in groupby(text.splitlines(), lambda line: line[:1] == "|"):
        if begun:
            for name, *cells in (_cells(line) for line in lines if MARKER.search(line)):
                found += [_cited(f"{cell} {_markers(name)}") for cell in cells if cell]
            continue
        # a list's own numbers
        prose = "\n".join(re.sub(r"^\s*(?:\d+[.)]|[-*•])\s+", "", line) for line in lines)
        prose = re.sub(rf"([.!?])((?:\s*{MARKER.pattern})+)", r"\2\1", prose)
        for part in re.split(r"(?<=\][.!?])(?![\"'”’)])", prose):
            found += [_cited(sentence) for sentence in statements(part)]
    return tuple(each for each in found if not own_words(each))


def _cited(sentence: str) -> Cited:
    cited = [int(n) for marker in MARKER.findall(sentence) for n in marker.split(",")]
    return Cited(unmarked(sentence), tuple(dict.fromkeys(cited)))


def _markers(name: str) -> str:
    return " ".join(match[0] for match in MARKER.finditer(name))


def _cells(row: str) -> list[str]:
    return [cell.strip() for cell in row.strip().strip("|").split("|")]


def own_words(sentence: Cited) -> bool:
    """Whether `sentence` is one that the program says of itself, and that claims nothing of the
    document; what it says is not covered cites nothing.
    """
    forms = _own_words() if sentence.numbers else (*_own_words(), *_uncovered())
    return any(re.fullmatch(form, sentence.text) for form in forms)


@cache
def _own_words() -> tuple[str, ...]:
    forms = (
        fill("replies/other_rows", rows="ANY"),
        fill("replies/left_out", questions="ANY"),
        fill("replies/because", words="ANY"),
        fill("replies/unchanged"),
        fill("replies/no_more"),
        fill("replies/kept"),
    )
    return _patterns(forms)


@cache
def _uncovered() -> tuple[str, ...]:
    answers = (fill("replies/uncovered"), fill("replies/nothing_more"))
    named = (fill("replies/part", question="ANY", answer=answer) for answer in answers)
    forms = (
        fill("replies/unknown", names="ANY"),
        fill("replies/nearest", headings="ANY"),
        fill("replies/noted", use_cases="ANY"),
    )
    return _patterns((*answers, *named, *forms))


def _patterns(forms: Iterable[str]) -> tuple[str, ...]:
    return tuple(re.escape(form).replace("ANY", ".*") for form in forms)


def without_confidence(sentence: str) -> str:
    """`sentence` without the share by which the program says how sure it is: no figure of the
    document.
    """
    opening, _, _ = fill("replies/doubt", share="ANY", use_case="", verdict="").partition(" sure")
    return re.sub(re.escape(opening).replace("ANY", r"\d+\ %"), "", sentence)


def cited_passages(sentence: Cited, answer: Answer) -> tuple[Passage, ...]:
    """The passages of the evidence that `sentence` cites; a number that is not there has none."""
    found = {item.number: item.passage for item in answer.evidence}
    return tuple(found[number] for number in sentence.numbers if number in found)


def shown(text: str) -> set[int]:
    """The numbers of the citations that `text` shows."""
    return {int(n) for marker in MARKER.findall(text) for n in marker.split(",")}


def unmarked(text: str) -> str:
    """`text` without its [numbers], white space as single spaces."""
    return re.sub(r"\s+([.,;:!?])", r"\1", " ".join(MARKER.sub(" ", text).split()))


def spoken(passage: Passage) -> str:
    """All that a passage says: heading, verdict and text."""
    return "\n".join(filter(None, (passage.heading, passage.verdict, passage.text)))


def content(text: str) -> set[str]:
    """The content-word stems of `text` that are neither figures nor words that only report."""
    words = {word for word in stems(text) if not word[0].isdigit()}
    return words - _FIGURE_WORDS - _REPORTING


def spelled(words: set[str], text: str) -> list[str]:
    """The stems `words` as `text` spells them, in its order, each once."""
    found = [word for word in re.findall(r"[^\W_]+", text) if words & set(stems(word))]
    return list(dict.fromkeys(found))


def named(sentence: str, source: str) -> set[str]:
    """The names in `sentence`.

    Its first word counts as one too, unless `source` has it in lower case, it is a stop word or
    an adverb in -ly: better a first word too many than an owner too few.
    """
    found = names(sentence)
    first = re.match(r"\W*([A-Z]\w*)", sentence)
    lower = set(stems(" ".join(re.findall(r"\b[a-z]\w*", source))))
    if first and not first[1].endswith("ly") and not set(stems(first[1])) <= lower:
        found = found | {first[1]}
    return {name for name in found if content(name)}
