"""Words in comparable form: lower-case English stems without stop words."""

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache

import snowballstemmer
from bm25s.stopwords import STOPWORDS_EN_PLUS

from knowledge.text.sentences import sentences

STOP_WORDS = frozenset(STOPWORDS_EN_PLUS)
_stemmer = snowballstemmer.stemmer("english")


@lru_cache(maxsize=50_000)
def _stem(word: str) -> str:
    stemmed: str = _stemmer.stemWord(word)
    return stemmed


_NAME = re.compile(r"\b(?:[A-Z][\w.]*[A-Z\d][\w.]*|[A-Z][a-z]\w+)\b")


def names(sentence: str) -> set[str]:
    """Capitalized words after the first word of the sentence, and words with inner capitals."""
    first = re.match(r"\W*(\w+)", sentence)
    begins = first.group(1) if first else ""
    return {
        name for name in _NAME.findall(sentence) if name != begins or re.search(r".[A-Z\d]", name)
    }


def stems(text: str) -> list[str]:
    """The stems of the content words of `text`, in order: "GPUs, self-hosted" -> gpu, self, host.

    Numbers stay as written. Stemmer: Porter 2 (Snowball).
    """
    text = re.sub(r"\b([A-Z]{2,})s\b", r"\1", text)  # GPUs is a plural of GPU
    words = re.findall(r"\d[\d.,]*\d|[^\W_]+", text.lower().replace("'s", " "))
    return [_stem(word) for word in words if word not in STOP_WORDS]


@dataclass(frozen=True)
class Terms:
    """A question with its words, numbers and names, each found once.

    `stems` are its content words in order, `words` the distinct ones, `numbers` those that begin
    with a digit, and `names` the stems of its capitalised words, except a first word of a sentence.
    """

    text: str

    @cached_property
    def stems(self) -> tuple[str, ...]:
        return tuple(stems(self.text))

    @cached_property
    def words(self) -> frozenset[str]:
        return frozenset(self.stems)

    @cached_property
    def numbers(self) -> frozenset[str]:
        return frozenset(word for word in self.words if word[0].isdigit())

    @cached_property
    def names(self) -> frozenset[str]:
        written = {name for sentence in sentences(self.text) for name in names(sentence)}
        return frozenset(stems(" ".join(written)))


def akin(name: str, word: str) -> bool:
    """Whether two stems belong to one name: "china" and "chines", "europ" and "european"."""
    pairs = zip(name, word, strict=False)
    shared = next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(name), len(word)))
    return name == word or (name[0].isalpha() and shared >= max(4, min(len(name), len(word)) - 1))
