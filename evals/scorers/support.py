"""Whether a cited sentence stands in the passages it cites: the rule behind recall and precision.

The rule is its own, and may not import agent.answering.grounding: what refuses sentences while an
answer is written must not also be what judges the answer. A sentence stands in passages TAKEN
TOGETHER (heading, verdict and text of each) if
  - at least SHARE of its content-word stems do; words that only report ("according to the
    document") are left out, and so are figures, which are judged apart,
  - every figure of it does, with unit and scale, and so does every name,
  - it denies what they deny: a clause of it and a clause of theirs that shares most words with
    it deny alike (see `_agree`).
The sentence that opens advice is judged by what it says instead: a cited passage must be that use
case and have that verdict; and the one that asks which of two use cases it is, by whether the cited
one has another verdict.

Blind: words that swap roles ("A pays B" for "B pays A"), a figure of another owner in the same
passage (numeric sees that), opposites that are no denials ("rose" for "fell"), a denial
moved within its clause, and wrong words in a sentence of which SHARE is right. It refuses true
sentences in words of their own. English only.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agent.answering.types import Answer
from agent.prompting.templates import fill
from evals.scorers.cited import (
    Cited,
    cited_passages,
    cited_sentences,
    content,
    named,
    spelled,
    spoken,
)
from evals.scorers.numeric import carries, figures
from knowledge.comparison import Passage
from knowledge.text.words import stems

SHARE = 0.75

_DENIAL = re.compile(
    r"\b(?:not|no|never|none|nothing|nobody|nowhere|neither|nor|without|cannot|lacks?|lacking"
    r"|zero)\b|n['’]t\b",
    re.IGNORECASE,
)
_CLAUSE_END = re.compile(r"[;:.!?]\s+|\n|,?\s(?:and|but|or|yet|while|whereas|although|because)\s")


@dataclass(frozen=True)
class Judgement:
    """A cited sentence, why it is not supported ("" if it is), and its precise citations."""

    sentence: Cited
    fault: str
    precise: tuple[int, ...]


def judge(answer: Answer) -> tuple[Judgement, ...]:
    """Each sentence of `answer`, judged by what it cites.

    A citation is precise if the cited passages together support the sentence, and either the
    passage alone does too, or without it the others no longer do (ALCE, Gao et al. 2023,
    arXiv:2305.14627, with the rule above in the place of a language model).
    """
    found = []
    for sentence in cited_sentences(answer.text):
        passages = cited_passages(sentence, answer)
        fault = unsupported(sentence.text, passages, answer.verdict)
        precise = []
        for passage in () if fault else passages:
            others = [other for other in passages if other != passage]
            alone = unsupported(sentence.text, [passage], answer.verdict)
            if not alone or unsupported(sentence.text, others, answer.verdict):
                precise.append(passage.number)
        found.append(Judgement(sentence, fault, tuple(precise)))
    return tuple(found)


def unsupported(sentence: str, passages: Sequence[Passage], verdict: str | None = None) -> str:
    """Why `sentence`, without its [numbers], does not stand in `passages`; "" if it does."""
    if not passages:
        return "cites no passage of the evidence"
    if said := recommendation(sentence):
        if any((_case(passage), passage.verdict) == said for passage in passages):
            return ""
        return f"no cited passage recommends {said[1]} {f'for {said[0]}' if said[0] else 'at all'}"
    if said := judged_before(sentence):
        if any((_case(passage), passage.verdict) == said for passage in passages):
            return ""
        return f"no cited passage gives {said[0] or 'the general case'} the verdict {said[1]}"
    if rival := asked_about(sentence):
        if any(_case(p) == rival and p.verdict not in (None, verdict) for p in passages):
            return ""
        return f"no cited passage gives {rival} another verdict"
    source = "\n".join(map(spoken, passages))
    there, words = set(stems(source)), content(sentence)
    share = len(words & there) / len(words) if words else float(bool(figures(sentence)))
    if share < SHARE:
        return f"not cited: {', '.join(spelled(words - there, sentence)) or 'any content'}"
    if absent := [str(figure) for figure in figures(sentence) if not carries(source, figure)]:
        return f"not cited: {', '.join(absent)}"
    if unknown := [n for n in sorted(named(sentence, source)) if not set(stems(n)) <= there]:
        return f"not cited: {', '.join(unknown)}"
    return "" if _deny_alike(sentence, source) else "denies what is said, or says what is denied"


def judged_before(sentence: str) -> tuple[str, str] | None:
    """Use case ("" in general) and verdict, if `sentence` has the form of one that tells an earlier
    verdict, or how sure one is.
    """
    named = {"use_case": "USECASE", "verdict": "VERDICT"}
    share = {"share": "SHARE"}
    return _case_and_verdict(
        sentence,
        fill("replies/changed", **named),
        fill("replies/changed_in_general", verdict="VERDICT"),
        fill("replies/doubt", **named, **share),
        fill("replies/doubt_in_general", verdict="VERDICT", **share),
    )


def recommendation(sentence: str) -> tuple[str, str] | None:
    """Use case ("" in general) and verdict, if `sentence` has the form of one that opens advice."""
    return _case_and_verdict(
        sentence,
        fill("replies/verdict_nearest", use_case="USECASE", verdict="VERDICT"),
        fill("replies/verdict", use_case="USECASE", verdict="VERDICT"),
        fill("replies/verdict_in_general", verdict="VERDICT"),
    )


def _case_and_verdict(sentence: str, *forms: str) -> tuple[str, str] | None:
    for form in forms:
        pattern = re.escape(form).replace("USECASE", "(?P<case>.+)").replace("SHARE", ".+")
        match = re.fullmatch(pattern.replace("VERDICT", "(?P<verdict>.+)"), sentence)
        if match:
            return match.groupdict().get("case", ""), match["verdict"]
    return None


def asked_about(sentence: str) -> str:
    """The use case, if `sentence` has the form of one that asks whether it is that; else ""."""
    form = re.escape(fill("replies/settle", rival="RIVAL")).replace("RIVAL", "(.+)")
    match = re.fullmatch(form, sentence)
    return match[1] if match else ""


def _case(passage: Passage) -> str:
    return "" if passage.kind == "bottom-line" else passage.heading


def _deny_alike(sentence: str, source: str) -> bool:
    """Whether each clause of `sentence` agrees with one of the clauses of `source` nearest to it.

    Nearest are those that share most content words with it.
    """
    theirs = [clause for clause in _CLAUSE_END.split(source) if clause.strip()]
    for clause in _CLAUSE_END.split(sentence):
        words = content(clause)
        shared = [len(words & content(other)) for other in theirs]
        near = [t for t, count in zip(theirs, shared, strict=True) if count == max(shared)]
        if words and not any(_agree(clause, other) for other in near):
            return False
    return True


def _agree(ours: str, theirs: str) -> bool:
    """Whether two clauses deny the same.

    Half of the three words after each denial of ours stand behind a denial of theirs; and of
    each denial of theirs that we speak of, half stand behind a denial of ours.
    """
    denied, said = _denied(ours), set(stems(ours))
    their_denied = _denied(theirs)
    spoken_of = [three for three in their_denied if three and _half(three, said)]
    return (
        len(denied) <= len(their_denied)
        and all(_half(three, _behind(theirs)) for three in denied)
        and all(_half(three, _behind(ours)) for three in spoken_of)
    )


def _denied(clause: str) -> list[set[str]]:
    """For each denial in `clause`, the next three content words, or as many as follow."""
    return [set(stems(clause[denial.end() :])[:3]) for denial in _DENIAL.finditer(clause)]


def _behind(clause: str) -> set[str]:
    """The words behind the first denial of `clause`."""
    denial = _DENIAL.search(clause)
    return set(stems(clause[denial.end() :])) if denial else set()


def _half(words: set[str], there: set[str]) -> bool:
    return 2 * len(words & there) >= len(words)
