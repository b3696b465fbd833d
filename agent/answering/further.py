"""Requests that are answered without retrieval by question: overviews, lists, "why?", small talk.

further = Further(retriever, decider, about)
further.answer(request, heard, history)      None: it is a question to the document
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

from agent.answering import talk
from agent.answering.decide import Decider
from agent.answering.grounding import DENIAL
from agent.answering.outline import Outline
from agent.answering.requests import GOING_ON, QUESTIONS, Heard, Request
from agent.answering.rewrite import goes_on
from agent.answering.types import OVERVIEWS, Answer, CitedText, Decision
from agent.prompting.templates import fill
from knowledge.comparison import Comparison, Evidence, Passage
from knowledge.index import texts
from knowledge.retrieve import Quotation, Retrieved, Retriever
from knowledge.text.words import stems

FEW_WORDS = 3
_OTHER = re.compile(r"\bthe others?\b(?! \w)|\bthe other (?:one|option)\b", re.IGNORECASE)
_NO_WINNER = re.compile(r"\b(?:neither|none|no (?:clear )?winner)\b", re.IGNORECASE)
_CLAUSE_END = re.compile(r"[,;:.!?…]+|\b(?:and|but|so|because|since)\b")
CLOSE = 0.1  # rows within it of the nearest are about the same thing
MOST_ASKED = 4  # rows of a contrast that come first as the nearest to what is asked
MOSTLY = 0.5  # share of the words of a question
COMPARABLE = 0.15  # similarity from which a row tells how the options compare
ASKED_FOR = 0.25  # similarity from which a contrast asks for some rows more than for others


class Further:
    """What is answered from the structure of one comparison, and from the conversation."""

    def __init__(self, retriever: Retriever, decider: Decider, about: talk.About) -> None:
        self._retriever, self._decider, self._about = retriever, decider, about
        self._outline = Outline(self._comparison)

    @property
    def _comparison(self) -> Comparison:
        return self._retriever.index.comparison

    def answer(self, request: Request, heard: Heard, history: Sequence[Answer]) -> Answer | None:
        """The answer to `request`; None if the document has to be asked."""
        last = _about_the_document(history)
        request = self._for_another(request, last)
        if said := self._same_of_another(request, last):
            return _answer(request, self._informing(said), said)
        if request.act in OVERVIEWS:
            return self._overview(request, last)
        if request.act in GOING_ON:
            return self._going_on(request, last, history) if last else self._talk(request)
        if heard.confirmed and request.act == "advice" and last is not None:
            return self._confirmed(request, last)
        stays = request.act == "no" and last is not None and last.reply == "asked"
        ordered = request.act == "aside" and self._outline.named(request.text) is not None
        if last is not None and (stays or (ordered and last.verdict is not None)):
            said = CitedText(fill("replies/kept"))
            acts = (request.act,)
            return replace(last, question=request.text, text=said.text, citations=(), acts=acts)
        return self._talk(request, bool(history)) if request.talks else None

    def _talk(self, request: Request, begun: bool = False) -> Answer:
        """A friendly line, in a conversation that has `begun` no greeting; whatever is beside the
        subject, such as an order, is refused.
        """
        said = talk.talk(self._comparison, request.act, self._about, begun)
        return _answer(request, Decision("abstain" if request.act == "aside" else "talk"), said)

    def resting(self, decision: Decision, said: CitedText, *passages: Passage) -> Decision:
        """`decision` with the passages that `said` cites, and `passages`, in its evidence."""
        known = {item.passage.id for item in decision.evidence}
        found = (*self._evidence(said), *(Evidence(each, 1.0) for each in passages))
        more = tuple(item for item in found if item.passage.id not in known)
        return replace(decision, evidence=(*decision.evidence, *more))

    def change(self, now: Decision, heard: Heard, history: Sequence[Answer]) -> CitedText:
        """Whether new facts of the case have changed the verdict, if there was one before."""
        before = next((each for each in reversed(history) if each.verdict is not None), None)
        case = before.decision.use_case if before else None
        if now.verdict is None or before is None or case is None:
            return CitedText()
        told = before.case != heard.case
        struck_out = bool(heard.said and heard.case)  # the case before was changed with it
        if before.verdict == now.verdict:
            return CitedText(fill("replies/unchanged")) if told else CitedText()
        if not told and not struck_out:
            return CitedText()
        if case not in self._comparison.passages:
            return CitedText()  # of an earlier edition
        if case.kind == "best-for":
            said = fill("replies/changed", use_case=case.heading, verdict=str(before.verdict))
        else:
            said = fill("replies/changed_in_general", verdict=str(before.verdict))
        return CitedText().adding(said, case, case.sentences[0])

    def because(self, answer: Answer, heard: Heard) -> CitedText | None:
        """Which of the person's words speak most for the use case, if they said several things."""
        case = answer.decision.use_case
        said = clauses(heard)
        if case is None or case.kind != "best-for" or len(said) < 2 or heard.confirmed:
            return None
        embed = self._retriever.index.embedder.embed
        described = embed(next(texts(case)))
        words = max(said, key=lambda each: float(embed(each) @ described))
        return CitedText().adding(fill("replies/because", words=words), case, case.sentences[0])

    def _for_another(self, request: Request, last: Answer | None) -> Request:
        """`request` as the list or contrast of `last`, if all that it says is "and" or "for" and
        another option.
        """
        if last is None or last.acts not in (("cases",), ("contrast",)):
            return request
        if self._names_an_option_only(request) and self._option(request, last):
            return replace(request, act=last.acts[0])
        return request

    def _names_an_option_only(self, request: Request) -> bool:
        """Whether all that a question says is "and" or "for" and an option."""
        if request.act not in (*QUESTIONS, *OVERVIEWS) or not goes_on(request.text):
            return False
        beside = self._outline.without_options(_OTHER.sub("", request.text))
        return not stems(beside) and not DENIAL.search(request.text)

    def _same_of_another(self, request: Request, last: Answer | None) -> CitedText | None:
        """What the row that `last` told of one option says of another, if that is all that is
        asked: "And the other one?".
        """
        if last is None or last.decision.kind != "inform" or QUESTIONS.isdisjoint(last.acts[:1]):
            return None
        if not self._names_an_option_only(request):
            return None
        quotes = {each.quote for each in last.citations}
        cited = {each.passage for each in last.citations}
        rows = [row for row in self._comparison.of_kind("dimension") if row.id in cited]
        if len(rows) != 1:
            return None
        told = zip(self._comparison.options, rows[0].sides, strict=True)
        others = [option for option, side in told if not any(each in side for each in quotes)]
        option = self._option(request, last)
        if option is None and len(others) == 1 and _OTHER.search(request.text):
            [option] = others
        return self._outline.topic(rows, option) if option else None

    def _option(self, request: Request, last: Answer | None) -> str | None:
        """The one option that `request` is about; "the other" is that besides the one of `last`."""
        option = self._outline.named(request.text)
        if option is None and last is not None and _OTHER.search(request.text):
            option = self._outline.other_than(last.question)
        return option

    def _overview(self, request: Request, last: Answer | None) -> Answer | None:
        option = self._option(request, last)
        if request.act == "cases" and _NO_WINNER.search(request.text):
            said = self._outline.undecided()
        elif request.act == "cases":
            said = self._outline.cases(option)
        elif request.act == "respects":
            said = self._outline.respects()
        elif request.act == "summary":
            said = self._outline.summary(self._rows)
        elif request.act == "topic":
            said = self._outline.topic(self._near(self._retriever.retrieve(request.text)), option)
        else:
            rows = dict.fromkeys((*self._asked_for(request, last), *self._rows))
            said = self._outline.contrast(tuple(rows), option)
        if not said.text:
            return None
        return _answer(request, self._informing(said), said)

    def _asked_for(self, request: Request, last: Answer | None) -> tuple[Passage, ...]:
        """The rows that a contrast asks for more than for others, or else the contrast before it
        ("And the same for the other?"), nearest first.
        """
        earlier = (last.question,) if last and last.acts == ("contrast",) else ()
        for text in (request.text, *earlier):
            retrieved = self._respects(text)
            if retrieved.rows(ASKED_FOR):
                return _by_similarity(retrieved)[:MOST_ASKED]
        return ()

    def compared(
        self, request: Request, decision: Decision, quotations: Sequence[Quotation]
    ) -> Passage | None:
        """The table row that tells how the options compare in what `request` asks; None if a
        sentence elsewhere has most of its words, or the first of `quotations`, which are given
        without it, is of a passage that is nearer.
        """
        if request.act != "compare" or decision.kind != "inform":
            return None
        retrieved = self._respects(request.text)
        row = next(iter(_by_similarity(retrieved)), None)
        if row is None or retrieved.similarities[row.id] < COMPARABLE:
            return None
        similar = retrieved.similarities
        nearer = any(similar[each.passage.id] > similar[row.id] for each in quotations[:1])
        best = next(iter(retrieved.quotations), None)
        elsewhere = best is not None and best.passage != row and best.coverage > MOSTLY
        return None if nearer or elsewhere else row

    def _respects(self, asked: str) -> Retrieved:
        """What is found for what `asked` wants to know of the options, without their names."""
        return self._retriever.retrieve(self._outline.without_options(asked) or asked)

    def _near(self, retrieved: Retrieved) -> tuple[Passage, ...]:
        """The table rows that are about what is asked."""
        rows = retrieved.rows(self._retriever.near)
        least = max((retrieved.similarities[row.id] for row in rows), default=0.0) - CLOSE
        return tuple(row for row in rows if retrieved.similarities[row.id] >= least)

    @cached_property
    def _rows(self) -> tuple[Passage, ...]:
        """The table rows, those first that the bottom line and the use cases speak of most."""
        rows = self._comparison.of_kind("dimension")
        telling = [p.text for p in self._comparison.recommending]
        found = [self._retriever.retrieve(text).similarities for text in telling]
        weight = {row.id: sum(each.get(row.id, 0.0) for each in found) for row in rows}
        return tuple(sorted(rows, key=lambda row: (-weight[row.id], row.number)))

    def _going_on(self, request: Request, last: Answer, history: Sequence[Answer]) -> Answer:
        if request.act == "doubt" and not last.citations:  # of what was said before
            last = next((each for each in reversed(history) if each.verdict is not None), last)
        case = last.decision.use_case
        cited = [item.passage for item in last.evidence]
        quoted = {citation.passage for citation in last.citations}
        passages = [case] if case else []
        passages += [each for each in cited if each.id in quoted and each not in passages]
        if request.act == "more":
            passages += [each for each in last.near if each not in passages]
        if request.act == "doubt":
            said = talk.doubted(last)
        else:
            heard = frozenset(c.quote for each in history for c in each.citations)
            said = talk.more(passages, heard)
            if request.act == "why" and not said.citations:  # then once more
                said = talk.more(passages, frozenset())
        if not said.text:
            return self._talk(request)
        decision = last.decision if case else self._informing(said)
        return _answer(request, self.resting(decision, said), said)

    def _confirmed(self, request: Request, last: Answer) -> Answer | None:
        rival = last.decision.rival
        if rival is None:
            return None
        decision = self._decider.confirmed(rival)
        named = fill("replies/verdict", use_case=rival.heading, verdict=str(rival.verdict))
        said = CitedText().adding(named, rival, rival.sentences[0])
        for sentence in rival.sentences[:2]:
            said = said.adding(sentence, rival, sentence)
        return _answer(request, decision, said)

    def _informing(self, said: CitedText) -> Decision:
        return Decision("inform", evidence=self._evidence(said))

    def _evidence(self, said: CitedText) -> tuple[Evidence, ...]:
        names = dict.fromkeys(citation.passage for citation in said.citations)
        return tuple(Evidence(self._comparison.passage(name), 1.0) for name in names)


def _by_similarity(retrieved: Retrieved) -> tuple[Passage, ...]:
    """The table rows, nearest first."""
    rows = [item.passage for item in retrieved.table]
    return tuple(sorted(rows, key=lambda row: -retrieved.similarities[row.id]))


def clauses(heard: Heard) -> tuple[str, ...]:
    """What the person said of their case, in parts of FEW_WORDS or more."""
    parts = (part.strip() for each in heard.case.in_force for part in _CLAUSE_END.split(each))
    return tuple(part for part in parts if len(part.split()) >= FEW_WORDS)


def _answer(request: Request, decision: Decision, said: CitedText) -> Answer:
    return Answer(
        request.text,
        request.text,
        decision,
        text=said.text.strip(),
        citations=said.citations,
        acts=(request.act,),
    )


def _about_the_document(history: Sequence[Answer]) -> Answer | None:
    """The newest answer that is no small talk."""
    return next((each for each in reversed(history) if each.decision.kind != "talk"), None)
