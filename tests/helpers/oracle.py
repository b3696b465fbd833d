"""A document whose verdicts stand in prose, and a judge that knows them."""

from collections.abc import Sequence

from knowledge.documents.judge import Asked, Judge, Judgement

PROSE = """\
# Kayak vs Canoe

Two boats.

| Trait | Kayak | Canoe |
| --- | --- | --- |
| Weight | 22 kg | 31 kg |

## Use cases

### A family with a dog

Wide, dry, and nobody sits alone in it.

### Winter

Both stay in the shed.

### Surf

**Kayak**

It rolls up again.

## Conclusion

Ask who will carry it.
"""


class Oracle(Judge):
    """A judge that knows options, and an answer for the last word of each heading; it remembers
    what it was asked.
    """

    def __init__(self, *options: str, **answers: tuple[int, ...] | None) -> None:
        self.named = options
        self.answers = answers
        self.asked: list[Asked] = []
        self.texts: list[str] = []

    def options(self, text: str) -> Sequence[str]:
        self.texts.append(text)
        return self.named

    def __call__(self, options: Sequence[str], texts: Sequence[Asked]) -> list[Judgement]:
        self.asked += texts
        last = (each.heading.rpartition(" ")[2] for each in texts)
        return [Judgement(self.answers.get(word), 0.8) for word in last]
