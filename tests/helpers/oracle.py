"""A document whose verdicts stand in prose, and a judge that knows them."""

from collections.abc import Sequence

from knowledge.documents.judge import Asked, Judgement

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


class Oracle:
    """A judge with an answer for each heading, which remembers what it was asked."""

    def __init__(self, **answers: tuple[int, ...] | None) -> None:
        self.answers = answers
        self.asked: list[Asked] = []

    def __call__(self, options: Sequence[str], texts: Sequence[Asked]) -> list[Judgement]:
        self.asked += texts
        return [Judgement(self.answers.get(each.heading.split()[-1]), 0.8) for each in texts]
