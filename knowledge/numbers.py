"""Numbers as people write them, made comparable: "$43M" equals "43 million dollars".

Covered: digits with grouping and decimals, percent, currency signs and words, the scales thousand
to trillion, and the words zero to twenty. Not covered: fractions, ranges as ranges (their ends
are two numbers), ordinals in words, and units other than percent and currency.
"""

import re
from dataclasses import dataclass

_SCALES = {
    "k": 1e3, "thousand": 1e3,
    "m": 1e6, "mn": 1e6, "mio": 1e6, "million": 1e6,
    "b": 1e9, "bn": 1e9, "billion": 1e9,
    "t": 1e12, "tn": 1e12, "trillion": 1e12,
}  # fmt: skip
_WORDS = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
]
_CURRENCIES = {
    "$": "$", "usd": "$", "dollar": "$", "dollars": "$", "€": "€", "eur": "€", "euro": "€",
    "euros": "€", "£": "£", "gbp": "£", "pounds": "£",
}  # fmt: skip
_NUMBER = re.compile(
    r"(?P<currency>[$€£])?\s?"
    r"(?:(?<![\w.])(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
    rf"|\b(?P<word>{'|'.join(_WORDS)})\b)"
    r"(?:\s?(?P<scale>thousand|million|billion|trillion|mio|mn|bn|tn|[kmbt])(?![a-z]))?\+?"
    r"(?:\s?-?(?P<unit>%|per\s?cent\b|dollars?\b|usd\b|euros?\b|eur\b|gbp\b|pounds\b))?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Number:
    """A value in units of one, with "%" or a currency sign, or "" for a bare number."""

    value: float
    unit: str

    def same(self, other: "Number") -> bool:
        """Equal value, and units that do not contradict each other: a bare one may be either."""
        equal = abs(self.value - other.value) <= 1e-9 * max(abs(self.value), 1.0)
        return equal and (self.unit == other.unit or not self.unit or not other.unit)


def numbers(text: str) -> list[Number]:
    """The numbers of `text`, in order. Digits inside a word or a [citation] are not numbers."""
    found = []
    for match in _NUMBER.finditer(re.sub(r"\[\d+\]", " ", text)):
        digits, word = match["digits"], match["word"]
        if word and word.lower() == "one" and not match["scale"]:
            continue  # mostly a pronoun: "the one that"
        value = float(digits.replace(",", "")) if digits else float(_WORDS.index(word.lower()))
        value *= _SCALES[match["scale"].lower()] if match["scale"] else 1.0
        unit = (match["unit"] or "").lower()
        if unit == "%" or unit.startswith("per"):
            unit = "%"
        else:
            unit = _CURRENCIES.get(unit) or match["currency"] or ""
        found.append(Number(value, unit))
    return found


def missing(sentence: str, source: str) -> list[Number]:
    """The numbers of `sentence` that do not stand in `source`."""
    there = numbers(source)
    return [number for number in numbers(sentence) if not any(map(number.same, there))]
