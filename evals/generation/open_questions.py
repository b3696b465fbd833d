"""Questions near the document's subject that it leaves open: its figures, asked of something else.

The model puts another thing in the place of an option or a name in a question that the document
answers. It is kept if the document has no word for the new thing, and nothing else has
changed: then nothing in it states the answer, and no judge is needed. Not covered: other years,
since "until 2028" may answer for 2027, and questions that a document leaves open although it has
all of their words.
"""

import re

from agent.progress import Report
from agent.prompting.templates import fill
from evals.datasets.case import GENERATED, Case
from evals.generation.draft import Draft, Writer
from knowledge.comparison import Comparison
from knowledge.sampling import evenly
from knowledge.text.words import names, stems

MOST = 24  # questions written


def open_questions(writer: Writer, comparison: Comparison, facts: Draft, report: Report) -> Draft:
    """A case of kind "abstain" for each question of `facts` that can be asked of another thing."""
    draft = Draft("abstain")
    known = {word for p in comparison.passages for word in stems(f"{p.heading} {p.text}")}
    asked = [(fact, thing) for fact in facts.cases for thing in _things(comparison, fact.turns[0])]
    asked = evenly(asked, MOST)
    for place, (fact, thing) in enumerate(asked, 1):
        question = writer.write(
            fill("generating/swaps"),
            fill("generating/swap", question=fact.turns[0], thing=thing),
            "Of another:",
            seed=place,
        )
        case = Case(
            id=f"{GENERATED}abstain-{place:02}",
            kind="abstain",
            turns=(question or "?",),
            abstain=True,
            group=fact.group,
        )
        draft.add(case, _fault(question, fact.turns[0], thing, known))
        report(place, len(asked))
    return draft


def _things(comparison: Comparison, question: str) -> list[str]:
    """What in `question` can be replaced: options, and other names."""
    options = [o for o in comparison.options if re.search(rf"\b{re.escape(o)}\b", question, re.I)]
    taken = set(stems(" ".join(options)))
    return [*options, *(name for name in sorted(names(question)) if not set(stems(name)) <= taken)]


def _fault(question: str, before: str, thing: str, known: set[str]) -> str:
    """What makes `question` unusable; "" if nothing does."""
    words, old = set(stems(question)), set(stems(before))
    if not question.endswith("?") or set(stems(thing)) <= words:
        return "asks of the same thing"
    new = words - old
    if not new or new & known:
        return "asks of something in the document"
    if old - words - set(stems(thing)):
        return "asks something else"
    return ""
