"""Replies that need no model: greetings, thanks, the advisor itself, doubts, and "tell me more".

talk(comparison, "greet", about).text     ->  "Hello! … You could ask: …"
reasons(last, said)                       ->  what the document says beyond what was said
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from agent.answering.suggestions import case_suggestion, row_suggestion
from agent.answering.types import Answer, CitedText
from agent.dialogue.acts import Act
from agent.evaluation_record import Evaluation
from agent.prompting.templates import fill
from knowledge.comparison import Comparison, Passage
from knowledge.sampling import evenly

MOST_MORE = 3  # sentences of "tell me more"


def _never() -> Evaluation | None:
    return None


@dataclass(frozen=True)
class About:
    """What the advisor tells of itself: its model, where that runs, and how right it was."""

    model: str = "unknown"
    where: str = "this machine"
    evaluation: Callable[[], Evaluation | None] = _never

    def text(self, comparison: Comparison) -> str:
        """What it says of itself."""
        said = fill("replies/about", title=comparison.title, where=self.where, model=self.model)
        if found := self.evaluation():
            figures = "; ".join(
                f"{each.label} {100 * each.value:.0f} % of {each.n}" for each in found.figures
            )
            said += " " + fill("replies/about_figures", date=found.created[:10], figures=figures)
        return said


NOTHING_KNOWN = About()


def talk(comparison: Comparison, act: Act, about: About, begun: bool = False) -> CitedText:
    """A friendly line, and three things to ask; a conversation that has `begun` is not greeted."""
    if act == "about":
        line = about.text(comparison)
    elif act == "greet" and not begun:
        line = fill("replies/greeting", title=comparison.title)
    elif act == "thanks":
        line = fill("replies/thanks")
    else:
        line = fill("replies/at_hand", title=comparison.title)
    return CitedText(f"{line} {_offer(comparison)}".strip())


def _offer(comparison: Comparison) -> str:
    cases = [case_suggestion(comparison, each) for each in comparison.of_kind("best-for")]
    rows = [row_suggestion(comparison, each) for each in comparison.of_kind("dimension")]
    some = [each.question for each in (*evenly(cases, 2), *rows)][:3]
    if len(some) < 3:
        some = [each.question for each in (*cases, *rows)][:3]
    if len(some) < 3:
        return ""
    return fill("replies/offer", first=some[0], second=some[1], third=some[2])


def more(passages: Sequence[Passage], said: frozenset[str]) -> CitedText:
    """What `passages` say beyond the sentences `said`; or that there is no more."""
    left = [(p, s) for p in passages for s in p.sentences if s not in said]
    text = CitedText()
    for passage, sentence in left[:MOST_MORE]:
        text = text.adding(text.opening(sentence, passage), passage, sentence)
    return text if left else CitedText(fill("replies/no_more"))


def doubted(last: Answer) -> CitedText:
    """How sure the advisor is of its last answer, and what would change it."""
    decision = last.decision
    case = decision.use_case
    if case is not None and decision.verdict is not None:
        share = f"{100 * (decision.confidence or 0):.0f} %"
        words = {"share": share, "verdict": decision.verdict}
        if case.kind == "best-for":
            said = fill("replies/doubt", use_case=case.heading, **words)
        else:
            said = fill("replies/doubt_in_general", **words)
        text = CitedText().adding(said, case, case.sentences[0])
        text = text.adding(case.sentences[0], case, case.sentences[0])
        return text.and_then(last.would_change).and_then(last.against)
    passages = {item.passage.id: item.passage for item in last.evidence}
    text = CitedText()
    for each in last.citations:
        if each.passage in passages:
            passage = passages[each.passage]
            said = text.opening(each.quote, passage)
            said = said if text.text else fill("replies/says_so", quote=said)
            text = text.adding(said, passage, each.quote)
    return text
