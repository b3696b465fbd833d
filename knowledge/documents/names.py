"""The names of options as documents write them: in full, shortened, in the plural, by initials."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from knowledge.documents.blocks import plain
from knowledge.documents.labelled import Labels

TOKEN = re.compile(r"(?<![\w.])\.(?=[a-z])[a-z]+|[^\W\d_]+(?:['’][^\W\d_]+)?[+#]*|\d+")
NO_NAME_WORDS = """
    a an the of for and or in on at to by with from as is it its our your my one two both either
    neither none all any no not vs versus than that this these those when if what which who how why
    use new old best case option options
"""
NO_NAME = frozenset(NO_NAME_WORDS.split())
MIN_SHORT_CHARS = 3
MAX_NAME_WORDS = 7
MAX_TELLING_WORDS = 5  # of a name each of whose words may stand for it


@dataclass(frozen=True)
class Mention:
    """Where a text names an option; `full` unless by a part of its name."""

    start: int
    end: int
    option: int
    full: bool


def stem(word: str) -> str:
    """What the forms of a word have in common: the singular of a plural, "freelanc" of both
    "freelance" and "freelancing".
    """
    word = word.lower().replace("’", "'").removesuffix("'s")
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    for ending in ("ing", "es", "s", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            return word[: -len(ending)]
    return word


def tokens(text: str) -> tuple[str, ...]:
    return tuple(stem(word) for word in TOKEN.findall(text))


def cleaned(name: str) -> str:
    """A name without footnote signs, ticks, links in brackets, quotation marks and articles."""
    name = re.sub(
        r"[\[(]\s*[^\w\s]*\s*(?:site|link|website|docs?|home)\s*[^\w\s]*\s*[\])]", "", name
    )
    name = re.sub(r"^[^\w.(]+|[\s*†‡§¹²³⁴⁵⁶⁷⁸⁹⁰:;,!?\"“”'’✅🏆]+$", "", plain(name))
    name = re.sub(r"\s*\[\d+\]$", "", name)
    name = re.sub(r"^(?i:the|an|a)\s+(?=\S)", "", name)
    return plain(re.sub(r"\.$", "", name))


def initials(name: str) -> str:
    return "".join(word[0] for word in TOKEN.findall(name)).upper()


class Names:
    """The options of a document, and by what words its text may name them; `labels` are such as
    "Option A", "" for none.
    """

    def __init__(
        self,
        options: Sequence[str],
        also: Sequence[Iterable[str]] = (),
        labels: Sequence[str] = (),
    ) -> None:
        self.options = tuple(options)
        self._labels = Labels(labels)
        self._also = [tuple(each) for each in also] or [()] * len(self.options)

    @cached_property
    def _known(self) -> dict[tuple[str, ...], tuple[int, bool]]:
        known: dict[tuple[str, ...], tuple[int, bool]] = {}
        named = [tokens(option) for option in self.options]
        for i, words in enumerate(named):
            others = {word for j, other in enumerate(named) if j != i for word in other}
            for start in range(len(words)):
                for end in range(start + 1, min(len(words), start + MAX_NAME_WORDS) + 1):
                    part = words[start:end]
                    own = [w for w in part if w not in others and w not in NO_NAME]
                    telling = [w for w in own if len(w) >= MIN_SHORT_CHARS and not w.isdigit()]
                    if len(part) == 1 and (not telling or len(words) > MAX_TELLING_WORDS):
                        continue
                    if own and part[0] not in NO_NAME and part[-1] not in NO_NAME:
                        if part in known and known[part][0] != i:
                            known[part] = (-1, False)  # it may mean either
                        else:
                            known[part] = (i, False)
        for i, words in enumerate(named):
            for name in (words, *map(tokens, self._also[i])):
                if name:
                    known[name] = (i, True)
        return {part: found for part, found in known.items() if found[0] >= 0}

    @cached_property
    def _longest(self) -> int:
        return max((len(part) for part in self._known), default=0)

    def mentions(self, text: str) -> list[Mention]:
        """Where `text` names options, in its order, the longest name at each place."""
        found: list[Mention] = []
        words = [(match, stem(match[0])) for match in TOKEN.finditer(text)]
        i = 0
        while i < len(words):
            for size in range(min(self._longest, len(words) - i), 0, -1):
                part = tuple(word for _, word in words[i : i + size])
                if part in self._known:
                    option, full = self._known[part]
                    end = words[i + size - 1][0].end()
                    found.append(Mention(words[i][0].start(), end, option, full))
                    i += size
                    break
            else:
                i += 1
        return self._with_labels(found, text)

    def _with_labels(self, found: list[Mention], text: str) -> list[Mention]:
        spans = self._labels.spans(text)
        kept = [
            each for each in found if all(each.start >= b or each.end <= a for a, b, _ in spans)
        ]
        labelled = [Mention(start, end, option, True) for start, end, option in spans]
        return sorted([*kept, *labelled], key=lambda each: each.start)

    def only(self, name: str) -> int | None:
        """The option that `name` is a name of: all its words, apart from a few around them."""
        if (labelled := self._labels.exactly(cleaned(name))) is not None:
            return labelled
        words = [word for word in tokens(cleaned(name)) if word not in NO_NAME]
        found = self.mentions(name)
        options = {each.option for each in found}
        if len(options) != 1 or not words:
            return None
        covered = sum(len(tokens(name[each.start : each.end])) for each in found)
        return options.pop() if covered * 2 >= len(words) else None

    def exactly(self, name: str) -> int | None:
        """The option with exactly the words of `name`, or that is known by them."""
        option, _ = self._known.get(tokens(cleaned(name)), (None, False))
        return self._labels.exactly(cleaned(name)) if option is None else option


def contained(shorter: str, longer: str) -> bool:
    """Whether each word of `shorter` stands in `longer`, in the same order."""
    rest = iter(tokens(longer))
    words = [word for word in tokens(shorter) if word not in NO_NAME]
    return bool(words) and all(word in rest for word in words)


def abbreviates(short: str, name: str) -> bool:
    """Whether `short` is made of letters of `name`: its initials, or as TTX of "tabletop exercise",
    at least one of each word.
    """
    words = [word.lower() for word in TOKEN.findall(name)]
    letters = short.lower()
    if (
        not 2 <= len(letters) <= 5
        or not letters.isalpha()
        or len(words) > len(letters)
        or not words
    ):
        return False
    if short.upper() == initials(name) and len(words) > 1:
        return True
    if len(words) < 2 or letters[0] != words[0][0]:
        return False
    at = 0
    for word in words:
        taken = 0
        spot = 0
        while at < len(letters) and (spot := word.find(letters[at], spot)) >= 0:
            if taken and len(letters) - at <= len(words) - words.index(word) - 1:
                break
            at, taken, spot = at + 1, taken + 1, spot + 1
        if not taken:
            return False
    return at == len(letters)


def same_name(a: str, b: str) -> bool:
    """Whether two names are of one option: the same words, one within the other, or initials."""
    if tokens(cleaned(a)) == tokens(cleaned(b)) or contained(a, b) or contained(b, a):
        return True
    upper = [each for each in (a, b) if each.isupper()]
    return len(upper) == 1 and abbreviates(upper[0], b if upper[0] == a else a)
