"""Numbers in comparable form: "$43M" equals "43 million dollars".

Covered: digits with grouping and decimals, percent, currency signs and words, the scales hundred
to trillion, and the words zero to ninety-nine. Not covered: words beyond a scale ("two hundred
and five" is 200 and 5), fractions, ranges as ranges (their ends are two numbers), ordinals in
words, and units other than percent and currency.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_SCALES = {
    "hundred": 1e2,
    "k": 1e3, "thousand": 1e3,
    "m": 1e6, "mn": 1e6, "mio": 1e6, "million": 1e6,
    "b": 1e9, "bn": 1e9, "billion": 1e9,
    "t": 1e12, "tn": 1e12, "trillion": 1e12,
}  # fmt: skip
_WORDS = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
    "nineteen",
]  # fmt: skip
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_ONES = _WORDS[1:10]
_CURRENCIES = {
    "$": "$", "usd": "$", "dollar": "$", "dollars": "$", "€": "€", "eur": "€", "euro": "€",
    "euros": "€", "£": "£", "gbp": "£", "pounds": "£",
}  # fmt: skip
_NUMBER = re.compile(
    r"(?P<currency>[$€£])?\s?"
    r"(?:(?<![\w.])(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
    rf"|\b(?:(?P<tens>{'|'.join(_TENS)})(?:[\s-](?P<ones>{'|'.join(_ONES)}))?"
    rf"|(?P<word>{'|'.join(_WORDS)}))\b)"
    r"(?:\s?(?P<scale>hundred|thousand|million|billion|trillion|mio|mn|bn|tn|[kmbt])(?![a-z]))?\+?"
    r"(?:\s?-?(?P<unit>%|per\s?cent\b|dollars?\b|usd\b|euros?\b|eur\b|gbp\b|pounds\b))?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Number:
    """A value in units of one, with "%" or a currency sign, or "" for a bare number."""

    value: float
    unit: str

    def same(self, other: "Number") -> bool:
        """Whether the values are equal and the units compatible; a bare number fits every unit."""
        equal = abs(self.value - other.value) <= 1e-9 * max(abs(self.value), 1.0)
        return equal and (self.unit == other.unit or not self.unit or not other.unit)


def numbers(text: str) -> list[Number]:
    """The numbers of `text`, in order. Digits inside a word or a [citation] are not numbers."""
    found = []
    for match in _matches(text):
        if (match["word"] or "").lower() == "one" and not match["scale"]:
            continue  # mostly a pronoun: "the one that"
        value = _value(match)
        value *= _SCALES[match["scale"].lower()] if match["scale"] else 1.0
        unit = (match["unit"] or "").lower()
        if unit == "%" or unit.startswith("per"):
            unit = "%"
        else:
            unit = _CURRENCIES.get(unit) or match["currency"] or ""
        found.append(Number(value, unit))
    return found


def written(text: str) -> list[str]:
    """The different numbers of `text` that are written in digits, as they stand there."""
    return list(dict.fromkeys(m[0].strip() for m in _matches(text) if m["digits"]))


def _matches(text: str) -> Iterator[re.Match[str]]:
    return _NUMBER.finditer(re.sub(r"\[\d+\]", " ", text))


def _value(match: re.Match[str]) -> float:
    """The value of digits or words, without their scale."""
    if match["digits"]:
        return float(match["digits"].replace(",", ""))
    if match["word"]:
        return float(_WORDS.index(match["word"].lower()))
    tens = 20 + 10 * _TENS.index(match["tens"].lower())
    return float(tens + (_WORDS.index(match["ones"].lower()) if match["ones"] else 0))


def missing(sentence: str, source: str) -> list[Number]:
    """The numbers of `sentence` that are missing in `source`."""
    there = numbers(source)
    return [number for number in numbers(sentence) if not any(map(number.same, there))]
