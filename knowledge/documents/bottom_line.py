"""Which passage of a document sums up, and what it recommends to everybody."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from knowledge.documents.blocks import Block, plain, section_named
from knowledge.documents.bullets import badge_of
from knowledge.documents.cases import Rest
from knowledge.documents.furniture import APPARATUS
from knowledge.documents.general import (
    GENERAL,
    RECOMMENDS,
    General,
    general_verdict,
    section_verdict,
    stated_verdict,
)
from knowledge.documents.judge import Asked, Judge, labels
from knowledge.documents.passages import Draft
from knowledge.documents.verdicts import Verdicts

NOTHING = General(None, "guessed")  # no rule tells, and no judge
MAX_SPOKEN = 8  # lines that may say it
LIKELIER = 0.7  # what a judged verdict takes without a heading


@dataclass(frozen=True)
class Stated:
    """A line that states the verdict for everybody, and the place of the draft that has it."""

    line: str
    verdict: General
    at: int


def find_bottom_line(
    drafts: list[Draft], rests: Sequence[Rest], verdicts: Verdicts, judge: Judge | None
) -> tuple[int, General]:
    """The place of the draft that says what everybody should take, -1 if none does, and what it
    says: one under a heading that recommends, else sums up; else a line that states a decision, or
    a sentence of any other, which becomes a draft of its own; else what the judge makes of the last
    section.
    """
    places = {each.heading: i for i, each in enumerate(drafts) if each.kind == "analysis"}
    summing = [places[rest.heading] for rest in rests if rest.general and rest.heading in places]
    stated = _stated(drafts, rests, verdicts)
    if summing:
        return _of_section(drafts, summing, stated, verdicts, judge)
    if stated:
        return _own_draft(drafts, stated), stated.verdict
    for i, draft in enumerate(drafts):
        if draft.kind in ("analysis", "introduction"):
            general = general_verdict(verdicts, draft.text, False)
            if general and general.label and general.sure != "guessed":
                return _split_off(drafts, i, verdicts), general
    if found := _spoken(drafts, rests, verdicts, judge):
        return found
    last = next((rest.heading for rest in reversed(rests) if rest.heading in places), None)
    if not last or APPARATUS.match(last) or not verdicts.speaks(drafts[places[last]].text):
        return -1, NOTHING
    judged = _judged(judge, verdicts, drafts[places[last]], LIKELIER)
    return (places[last], judged) if judged and judged.label else (-1, NOTHING)


def _of_section(
    drafts: list[Draft],
    summing: Sequence[int],
    stated: Stated | None,
    verdicts: Verdicts,
    judge: Judge | None,
) -> tuple[int, General]:
    """The best of the sections that sum up. A line that states a decision elsewhere is added to it
    where no rule tells the section's own.
    """
    found = {i: section_verdict(verdicts, drafts[i].heading, drafts[i].text) for i in summing}

    def rank(i: int) -> tuple[bool, bool, bool, int]:
        heading, general = drafts[i].heading, found[i]
        told = bool(general and general.label)
        named = section_named(heading) == "bottom-line"
        return bool(RECOMMENDS.search(heading)), told, named, i

    at = max(summing, key=rank)
    general = found[at]
    if general and general.sure != "guessed":
        return at, general
    if stated:
        if stated.line not in drafts[at].text:
            drafts[at] = replace(drafts[at], text=f"{drafts[at].text}\n{stated.line}")
        return at, stated.verdict
    return at, _judged(judge, verdicts, drafts[at]) or general or NOTHING


def _judged(
    judge: Judge | None, verdicts: Verdicts, draft: Draft, least: float = 0.0
) -> General | None:
    """What the judge finds a section to recommend to everybody, with at least that probability."""
    for label, probability in labels(
        judge, verdicts, [Asked(draft.heading, draft.text, "summary")]
    ):
        return General(label if probability >= least else None, "judged", probability)
    return None


def _stated(drafts: Sequence[Draft], rests: Sequence[Rest], verdicts: Verdicts) -> Stated | None:
    """The first line that states the verdict for everybody, in text that is no use case."""
    for block in (block for rest in rests for block in rest.blocks):
        found = [(line, told) for line in _lines(block) if (told := stated_verdict(verdicts, line))]
        if not found:
            continue
        if (place := _place(drafts, plain(block.text))) is not None:
            return Stated(plain(found[0][0]), found[0][1], place)
    return None


def _spoken(
    drafts: list[Draft], rests: Sequence[Rest], verdicts: Verdicts, judge: Judge | None
) -> tuple[int, General] | None:
    """What the judge is surest of among the lines that speak of everybody and of an option, and the
    place of the draft with it.
    """
    found = [
        (line, place)
        for rest in rests
        if not rest.apart
        for block in rest.blocks
        if not (block.rows or block.code)
        for line in map(plain, block.text.split("\n"))
        if GENERAL.search(line) and verdicts.speaks(line)
        if (place := _place(drafts, line)) is not None
    ][:MAX_SPOKEN]
    judged = labels(judge, verdicts, [Asked("", line, "summary") for line, _ in found])
    likely = [
        (probability, line, label, place)
        for (line, place), (label, probability) in zip(found, judged, strict=bool(judged))
        if label and probability >= LIKELIER
    ]
    if not likely:
        return None
    probability, line, label, place = max(likely)
    general = General(label, "judged", probability)
    return _own_draft(drafts, Stated(line, general, place)), general


def _place(drafts: Sequence[Draft], text: str) -> int | None:
    """The place of the draft, no use case, that has `text`."""
    kinds = ("analysis", "introduction")
    found = (i for i, each in enumerate(drafts) if each.kind in kinds and text in each.text)
    return next(found, None)


def _lines(block: Block) -> Iterator[str]:
    """The lines of a paragraph, or "name: value" for a badge and for each row of a table of
    properties.
    """
    if badged := badge_of(block):
        yield ": ".join(badged)
        return
    if not block.rows:
        yield from block.text.split("\n")
        return
    rows = [[cell for cell in row.cells if cell] for row in block.rows]
    if all(len(cells) <= 2 for cells in rows):
        yield from (": ".join(cells) for cells in rows)


def _own_draft(drafts: list[Draft], stated: Stated) -> int:
    """The place of a new draft with a line that states a decision, taken from the draft that has
    it, or of that draft if it has nothing else.
    """
    draft = drafts[stated.at]
    left = "\n".join(filter(None, map(str.strip, draft.text.replace(stated.line, "").split("\n"))))
    if not left and draft.kind == "analysis":
        return stated.at
    drafts[stated.at] = replace(draft, text=left or draft.text)
    drafts.append(replace(draft, text=stated.line, kind="analysis"))
    return len(drafts) - 1


def _split_off(drafts: list[Draft], at: int, verdicts: Verdicts) -> int:
    """The place of a new draft with the line of a draft that speaks of everybody."""
    draft = drafts[at]
    lines = draft.text.split("\n")
    told = [i for i, line in enumerate(lines) if general_verdict(verdicts, line, False)]
    if not told or (len(lines) == 1 and draft.kind == "analysis"):
        return at
    line = lines.pop(told[0])
    if lines:
        drafts[at] = replace(draft, text="\n".join(lines))
    drafts.append(replace(draft, text=line, kind="analysis"))
    return len(drafts) - 1
