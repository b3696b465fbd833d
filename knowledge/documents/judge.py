"""What the reader asks where no rule tells what is compared, or what a text recommends.

    judge.options("# By water or by rail?…")    -> ["Tram", "Ferry"]
    judge(("Tram", "Ferry"), [Asked("With a pram", "The gangway is wide.")])
        -> [Judgement((1,), 0.93)]
    labels(judge, verdicts, texts)      the same with labels of verdicts

The advisor supplies one that asks its language model (agent.judge); without one, the rules'
guess stays.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol

from knowledge.comparison import NEITHER
from knowledge.documents.bullets import FoundCase
from knowledge.documents.verdicts import Verdicts

# a use case recommends something; a section or one of its paragraphs may, and so may what stands
# aside in a document whose use cases the form tells; one that sums up may, to everybody
Among = Literal["use case", "section", "paragraph", "aside", "summary"]
# the probability that a judgement takes to be believed, among all options
LIKELY: dict[Among, float] = {
    "use case": 0.38,
    "section": 0.38,
    "paragraph": 0.38,
    "aside": 0.7,
    "summary": 0.5,
}


@dataclass(frozen=True)
class Asked:
    """A section, bullet or paragraph: its heading, or that of its section, "" if there is none; its
    text; and what it stands among.
    """

    heading: str
    text: str
    among: Among = "use case"


@dataclass(frozen=True)
class Judgement:
    """What a text recommends: places of options, () for none of them, None if it recommends
    nothing; and the probability of that, in [0, 1].
    """

    options: tuple[int, ...] | None
    probability: float


class Judge(Protocol):
    """Knows what the rules of the reader do not tell of a document."""

    def options(self, text: str) -> Sequence[str]:
        """The names of what `text`, the beginning of a document, compares; not yet checked. None
        at all if there is nobody to ask.
        """
        return ()

    def __call__(self, options: Sequence[str], texts: Sequence[Asked]) -> list[Judgement]:
        """A judgement for each of `texts`, which stand in a document on `options`; none at all if
        there is nobody to ask.
        """
        ...


def labels(
    judge: Judge | None, verdicts: Verdicts, texts: Sequence[Asked]
) -> list[tuple[str | None, float]]:
    """The label that each text recommends, None for nothing that is likely, and the probability of
    that; none at all if there is nobody to ask.
    """
    judgements = judge(verdicts.names.options, texts) if judge and texts else []
    return [
        (_label(each, text.among, verdicts), each.probability)
        for text, each in zip(texts, judgements, strict=bool(judgements))
    ]


def _label(judgement: Judgement, among: Among, verdicts: Verdicts) -> str | None:
    if judgement.options is None or judgement.probability < LIKELY[among]:
        return None
    return verdicts.label(list(judgement.options)) if judgement.options else NEITHER


def asked(case: FoundCase) -> Asked:
    """What a judge is asked about an open use case."""
    if case.aside:
        return Asked(case.heading, case.text, "aside")
    among: Among = "paragraph" if case.under else "section"
    return Asked(case.under or case.heading, case.text, "use case" if case.expected else among)


def settled(case: FoundCase, judged: Mapping[int, tuple[str | None, float]]) -> Iterator[FoundCase]:
    """`case` as it was judged, or those of its paragraphs that recommend something, if several do,
    and what is left.
    """
    whole, *parts = (
        with_judgement(each, *judged.get(id(each), (None, None))) for each in (case, *case.parts)
    )
    told = [each for each in parts if each.label]
    if len(told) < 2:
        yield whole
        return
    yield from told
    left = "\n".join(each.text for each in parts if not each.label)
    if left:
        yield replace(whole, text=left, label=None, probability=None)


def with_judgement(case: FoundCase, label: str | None, probability: float | None) -> FoundCase:
    """`case` as it was judged: with no verdict if none is likely."""
    if probability is None:
        return case
    if label is None:
        return replace(case, label=None, sure="judged")
    return replace(case, label=label, sure="judged", probability=probability)
