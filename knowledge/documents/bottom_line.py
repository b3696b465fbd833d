"""Which passage of a document sums up, and what it recommends to everybody."""

from collections.abc import Sequence
from dataclasses import replace

from knowledge.documents.blocks import section_named
from knowledge.documents.cases import Rest
from knowledge.documents.general import General, general_verdict
from knowledge.documents.judge import Asked, Judge, labels
from knowledge.documents.passages import Draft
from knowledge.documents.verdicts import Verdicts

NOTHING = General(None, "told")
LIKELY, LIKELIER = 0.5, 0.7  # what a judged verdict takes, the latter without a heading


def find_bottom_line(
    drafts: list[Draft], rests: Sequence[Rest], verdicts: Verdicts, judge: Judge | None
) -> tuple[int, General]:
    """The place of the draft that says what everybody should take, -1 if none does, and what it
    says: the last one under a heading that sums up; else a sentence of any other, which becomes a
    draft of its own; else what the judge makes of the last section.
    """
    places = {each.heading: i for i, each in enumerate(drafts) if each.kind == "analysis"}
    summing = [places[rest.heading] for rest in rests if rest.general and rest.heading in places]
    if summing:
        named = [i for i in summing if section_named(drafts[i].heading) == "bottom-line"]
        at = (named or summing)[-1]
        if found := verdicts.for_case(drafts[at].heading):  # "Best overall: Quill 6"
            return at, General(found[1].label, "told")
        general = general_verdict(verdicts, drafts[at].text, True)
        if general is None or general.sure == "guessed":
            general = _judged(judge, verdicts, drafts[at], LIKELY) or general
        return at, general or NOTHING
    for i, draft in enumerate(drafts):
        if draft.kind in ("analysis", "introduction"):
            general = general_verdict(verdicts, draft.text, False)
            if general and general.label and general.sure != "guessed":
                return _split_off(drafts, i, verdicts), general
    last = next((rest.heading for rest in reversed(rests) if rest.heading in places), None)
    judged = _judged(judge, verdicts, drafts[places[last]], LIKELIER) if last else None
    return (places[last], judged) if last and judged and judged.label else (-1, NOTHING)


def _judged(judge: Judge | None, verdicts: Verdicts, draft: Draft, least: float) -> General | None:
    """What the judge finds a section to recommend to everybody, with at least that probability."""
    for label, probability in labels(
        judge, verdicts, [Asked(draft.heading, draft.text, "summary")]
    ):
        return General(label if probability >= least else None, "judged", probability)
    return None


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
