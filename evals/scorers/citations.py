"""Scorers of what an answer rests on: its citations and its figures.

Each is (case, answer) -> Score, or None where there is nothing to judge. They need no case: the
answer is held against its own evidence. The rule of support is in support, that of figures
in numeric, each with where it is blind. Not covered: whether the evidence is the right one
(evals.retrieval).
"""

import re

from agent.answering.types import Answer
from evals.datasets.case import Case
from evals.scorers.cited import shown
from evals.scorers.numeric import claims
from evals.scorers.score import Score
from evals.scorers.support import judge
from knowledge.comparison import Passage


def citation_validity(case: Case, answer: Answer) -> Score | None:
    """1 if every [number] opens the passage it means, at words that stand there.

    Each [number] needs a citation and each citation a [number]; the passage must stand in the
    evidence under that number and hold the quote, white space ignored. None where nothing is
    cited: whether something should be is for the recall.
    """
    numbers = shown(answer.text)
    if not numbers and not answer.citations:
        return None
    evidence = {(item.number, item.passage.id): item.passage for item in answer.evidence}
    known = {citation.number for citation in answer.citations}
    faults = [f"[{number}] has no citation" for number in sorted(numbers - known)]
    for citation in answer.citations:
        passage = evidence.get((citation.number, citation.passage))
        if citation.number not in numbers:
            faults.append(f"the text does not show [{citation.number}]")
        if passage is None:
            faults.append(f"[{citation.number}] {citation.passage} is not in the evidence")
        elif not _quoted(citation.quote, passage):
            faults.append(f'[{citation.number}] does not say "{citation.quote}"')
    return Score.unless(*faults)


def citation_recall(case: Case, answer: Answer) -> Score | None:
    """The share of sentences that are supported by what they cite, taken together.

    ALCE's recall (Gao et al. 2023, arXiv:2305.14627); support has the rule, and where it is
    blind: it counts words, so it misses swapped ones and refuses paraphrase. A sentence without a
    citation is not supported. None for an abstention, 0 for an answer that says nothing.
    """
    if answer.abstained or answer.decision.kind == "talk":
        return None
    judged = judge(answer)
    faults = [f"{each.sentence.text} ({each.fault})" for each in judged if each.fault]
    if not judged:  # the program's own words claim nothing
        return None if answer.text.strip() else Score(0.0, "says nothing")
    return Score.share(len(judged), faults)


def citation_precision(case: Case, answer: Answer) -> Score | None:
    """The share of citations that their sentence needs, or that support it alone.

    ALCE's precision (Gao et al. 2023, arXiv:2305.14627), blind where the recall is. None for an
    abstention and where nothing is cited.
    """
    judged = () if answer.abstained else judge(answer)
    cited = [(each, number) for each in judged for number in each.sentence.numbers]
    if not cited:
        return None
    faults = [
        f"[{number}] {each.fault or 'adds nothing'}: {each.sentence.text}"
        for each, number in cited
        if number not in each.precise
    ]
    return Score.share(len(cited), faults)


def numeric_fidelity(case: Case, answer: Answer) -> Score | None:
    """The share of figures that stand in what is cited beside them, and there have that owner.

    numeric has the rule, and where it is blind. Figures of the question that the answer
    repeats are no exception. None for an abstention, for small talk, and where there is no figure.
    """
    found = () if answer.decision.kind in ("abstain", "talk") else claims(answer)
    faults = [claim.fault for claim in found if claim.fault]
    return Score.share(len(found), faults) if found else None


def _quoted(quote: str, passage: Passage) -> bool:
    """Whether `quote` stands in the passage, not cut off within a word or a number."""
    words = " ".join(quote.split())
    whole = rf"(?<!\w)(?<!\d[.,]){re.escape(words)}(?!\w|[.,]\d)"
    return bool(words and re.search(whole, " ".join(passage.text.split())))
