"""Scorers of what the case wants: verdict, facts, abstention, cited passages; in conversations also
what is said beside the matter, what is left out, what is known of the case, what a message does.

Each is (case, answer) -> Score, or None if the case does not ask for it; scorers lists all.
"""

from agent.answering.types import Answer
from evals.datasets.case import Case
from evals.scorers.cited import cited_passages, cited_sentences, shown
from evals.scorers.score import Score, has
from evals.scorers.support import recommendation


def verdict(case: Case, answer: Answer) -> Score | None:
    """1 if the answer's verdict is the wanted one, and its text recommends no other."""
    if not case.scores_verdict:
        return None
    if answer.verdict != case.verdict:
        return Score(0.0, f"{_label(answer.verdict)} instead of {_label(case.verdict)}")
    said = [recommendation(sentence.text) for sentence in cited_sentences(answer.text)]
    others = [label for _, label in filter(None, said) if label != case.verdict]
    return Score.unless(*(f"the text recommends {_label(other)}" for other in others))


def facts(case: Case, answer: Answer) -> Score | None:
    """1 if the text has every `must` and no `must_not`, case ignored."""
    if not case.must and not case.must_not:
        return None
    lacking = [f"lacks {pattern}" for pattern in case.must if not has(pattern, answer.text)]
    having = [f"has {pattern}" for pattern in case.must_not if has(pattern, answer.text)]
    return Score.unless(*lacking, *having)


def abstention(case: Case, answer: Answer) -> Score | None:
    """1 if the answer abstains and says nothing beside it, or answers, as the case wants.

    A case that wants a label, a `must`, a part or a citation wants an answer.
    """
    if case.abstain:
        if not answer.abstained:
            return Score(0.0, "answers what the comparison does not cover")
        cites = answer.citations or shown(answer.text)
        return Score.unless(
            f"abstains, and yet recommends {answer.verdict}" if answer.verdict else "",
            "abstains, and yet cites" if cites else "",
        )
    if case.verdict is not None or case.must or case.parts or case.cites:
        return Score.unless("refuses what the comparison covers" if answer.abstained else "")
    return None


def cites(case: Case, answer: Answer) -> Score | None:
    """1 if at least one of the wanted passages is cited where people see it, in the text."""
    if not case.cites:
        return None
    numbers = shown(answer.text)
    cited = {citation.passage for citation in answer.citations if citation.number in numbers}
    given = ", ".join(sorted(cited)) or "nothing"
    wrong = f"cites {given}; none of {', '.join(case.cites)}"
    return Score.unless("" if cited & set(case.cites) else wrong)


def relevance(case: Case, answer: Answer) -> Score | None:
    """The share of cited sentences that rest on a relevant passage; sentences that cite nothing are
    for the recall. None where nothing is relevant or nothing is cited.
    """
    said = [each for each in cited_sentences(answer.text) if each.numbers]
    if not case.relevant or not said:
        return None
    beside = [
        each.text
        for each in said
        if not {passage.id for passage in cited_passages(each, answer)} & set(case.relevant)
    ]
    return Score.share(len(said), beside)


def completeness(case: Case, answer: Answer) -> Score | None:
    """The share of `must` and `parts` that the text has, case ignored."""
    wanted = (*case.must, *case.parts)
    lacking = [f"lacks {pattern}" for pattern in wanted if not has(pattern, answer.text)]
    return Score.share(len(wanted), lacking) if wanted else None


def known(case: Case, answer: Answer) -> Score | None:
    """1 if what is known of the person's case has all that it should, and nothing that no longer
    holds.
    """
    if not case.knows and not case.forgets:
        return None
    said = " ".join(answer.case.in_force)
    lacking = [f"does not know {pattern}" for pattern in case.knows if not has(pattern, said)]
    stale = [f"still knows {pattern}" for pattern in case.forgets if has(pattern, said)]
    return Score.unless(*lacking, *stale)


def act(case: Case, answer: Answer) -> Score | None:
    """1 if the message is taken for what it does; small talk needs no document."""
    if case.does is None:
        return None
    right = answer.decision.kind == "talk" if case.does == "talk" else case.does in answer.acts
    taken = f"{answer.decision.kind} ({', '.join(answer.acts)})"
    return Score.unless("" if right else f"{taken} instead of {case.does}")


def _label(verdict: str | None) -> str:
    return verdict or "no verdict"
