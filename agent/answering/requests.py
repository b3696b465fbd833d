"""What a message asks for, and what is known of the person's case after it.

    heard = hear(tagger, "We own the flat now. What does each cost, and which one?", history)
    heard.case.text      ->  "We own the flat now. What does each cost, and which one?"
    heard.requests       ->  (Request("fact", …), Request("advice", …))

Sentences that ask become requests, in their order; those that only describe the case make one
request for advice, if nothing else is asked. Not covered: what is answered (agent.advisor).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np
from scipy.special import logit

from agent.answering.rewrite import asks_in_full, refers
from agent.answering.types import OVERVIEWS, Answer, Decision
from agent.dialogue.acts import Act, Tagged, Tagger, split
from agent.dialogue.case import Case

TELLING: frozenset[Act] = frozenset(("case", "correct", "suppose", "back"))
# acts that go on from the last answer
GOING_ON: tuple[Act, ...] = ("why", "more", "doubt")
INFORMATION: frozenset[Act] = frozenset(("fact", "compare", "claim", *OVERVIEWS))
ASKING: frozenset[Act] = frozenset(("advice", *INFORMATION, *GOING_ON, "about"))
QUESTIONS: frozenset[Act] = frozenset(("fact", "compare", "claim"))
DOCUMENT: frozenset[Act] = frozenset(("advice", *QUESTIONS))
# what a message does that asks nothing, those first that a reply goes by
REMARKS: tuple[Act, ...] = ("no", "thanks", "greet", "yes", "aside")
SMALL_TALK: tuple[Act, ...] = ("about", "thanks", "greet")  # the first one is answered
_ASKING = r"(?=(?:what|how|who|whose|when|where|why|which)\b)"
# two questions in one sentence: "What does it cost, and who makes it?"; more of them have commas
_AND = re.compile(rf",?\s+(?:and|or)\s+{_ASKING}", re.IGNORECASE)
_COMMA = re.compile(rf",\s+{_ASKING}", re.IGNORECASE)
_QUESTION = re.compile(_ASKING, re.IGNORECASE)
_SPEAKER = re.compile(r"\W{0,2}(\w[\w .'-]{0,30}):\s+\S")  # of a line that quotes somebody
# probability from which a first message is kept from the document: of 167 questions of fact (dev)
# 0.02 are above, of small talk 0.91 (docs/decisions/what-a-message-does.md)
SURE = 0.9
# the same of overviews: of 207 questions of the dev cases 0.005 are above, of overviews 0.66
SURE_OF_OVERVIEW = 0.93
LIKELY_OVERVIEW = 0.8  # the same where the document has no answer; other languages are below it
PROBABLE = 0.5  # probability from which questions that are each asked in full are taken apart
PERHAPS = 0.25  # probability of a statement of the case that is added to it
# with a sure question in 0.88 of 576 questions of fact (training), in 0.03 of 576 for advice
LITTLE, HARDLY = 0.05, -2.0  # probability, and the log-odds of advice that it is worth
CERTAIN = 8.0  # log-odds that nothing else outweighs


@dataclass(frozen=True)
class Request:
    """One thing that a message asks for, in the person's words; `advises` are the log-odds that it
    asks for advice, not for information, by the acts.
    """

    act: Act
    text: str
    advises: float = 0.0

    @property
    def certain(self) -> "Request":
        """As one of several requests, of which each is known for what it is."""
        return replace(self, advises=CERTAIN if self.act == "advice" else -CERTAIN)

    @property
    def talks(self) -> bool:
        """Whether it asks nothing of the document."""
        return self.act == "about" or self.act in REMARKS


@dataclass(frozen=True)
class Heard:
    """What a message does, without what it quotes of somebody else's conversation.

    `confirmed` is whether it answers the advisor's question with yes. `otherwise` is how it is read
    if the document does not answer `requests`: sentence by sentence, or as a whole; `instead` is
    what it probably asks for if it does not answer that either: an overview, or small talk.
    `changing` are the statements of a message that corrects or supposes something.
    """

    message: str
    said: tuple[Tagged, ...]
    case: Case
    requests: tuple[Request, ...]
    confirmed: bool = False
    otherwise: tuple[Request, ...] = ()
    instead: Request | None = None
    changing: tuple[str, ...] = ()

    @property
    def attempts(self) -> tuple[tuple[Request, ...], ...]:
        """What is answered, and what is answered in its place if the document has no answer."""
        found = (self.requests, self.otherwise, (self.instead,) if self.instead else ())
        return tuple(filter(None, found))

    @classmethod
    def plainly(cls, message: str, case: Case | None = None) -> "Heard":
        """`message` as one question, about the document."""
        return cls(message, (), case or Case(), (Request("fact", message),))

    def worded(self, request: Request, history: Sequence[Answer]) -> tuple[str, Sequence[Answer]]:
        """`request` as it is put to the document, and the messages that it may refer to.

        Advice is asked for on all that is known of the case. A message with one request is put as
        it was typed.
        """
        history = [each for each in history if each.decision.kind != "talk"]
        alone = len(self.requests) == 1 and request is self.requests[0]
        if request.act == "advice" and self.case and (history or not alone):
            asked = "" if request.text in self.case.in_force else request.text
            return f"{self.case.text} {asked}".strip(), ()
        if alone or not request.text:
            return self.message, history
        for text in self.message.partition(request.text)[0].splitlines():
            for each in filter(None, map(str.strip, split(text))):
                history.append(Answer(each, each, Decision("inform")))
        return request.text, history


def hear(tagger: Tagger, message: str, history: Sequence[Answer] = ()) -> Heard:
    """What `message` does after the answers of `history`, oldest first."""
    last = history[-1] if history else None
    before = split(last.question)[-1] if last else ""
    own = _own_lines(message.split("\n"))
    message = " ".join(own)
    said = tuple(tagger.read(split(message), last.reply if last else "none", before))
    case = before_it = last.case if last else Case()
    for each in said:
        case = _adding(case, each, tagger, before_it.in_force)
    asked = last is not None and last.reply == "asked"
    confirmed = asked and any(each.does[0] == "yes" for each in said)
    if confirmed and last and last.decision.rival:
        case = case.told(last.decision.rival.heading)
    requests, otherwise = _requests(message, said, confirmed, history)
    changing: tuple[str, ...] = ()
    if any(_changes(each) for each in said):
        told = {each.text for each in said}
        changing = tuple(each for each in case.in_force if each in told)
    instead = _instead(message, said) if [each.act for each in requests] == ["fact"] else None
    return Heard(message, said, case, requests, confirmed, otherwise, instead, changing)


def _changes(said: Tagged) -> bool:
    """Whether a sentence corrects or supposes something."""
    return _telling(said)[:1] in (["correct"], ["suppose"])


def _telling(said: Tagged) -> list[Act]:
    """What a sentence tells of the case; of a question that has to be more likely than not."""
    least = 0.5 if said.text.endswith("?") else 0.0
    return [act for act in said.does if act in TELLING and said.acts[act] >= least]


def _own_lines(lines: Sequence[str]) -> Sequence[str]:
    """The lines that are no transcript, in which somebody named before a colon speaks again after
    another; a form has each label once. So where each speaks once it is none, and a form that
    repeats its labels is one.
    """
    speakers = [found[1] for line in lines if (found := _SPEAKER.match(line))]
    turns = [name for name, _ in groupby(speakers)]
    if len(turns) == len(set(turns)):
        return lines
    return [line for line in lines if not _SPEAKER.match(line)] or lines


def _adding(case: Case, said: Tagged, tagger: Tagger, known: Sequence[str]) -> Case:
    """`case` after one more sentence of a message before which it had the statements `known`.

    A sentence that may be a statement of it is added, whatever else it does: one too many does less
    harm than one too few.
    """
    telling = _telling(said)
    if not telling and said.acts["case"] >= PERHAPS and not said.text.endswith("?"):
        telling = ["case"]
    if not telling:
        return case
    if telling[0] == "back":
        return case.as_it_is
    if telling[0] == "case":
        return case.told(said.text)
    odds = [tagger.replaces(said.text, old) for old in case.in_force]
    gone = [place for place, share in enumerate(odds) if share >= 0.5]
    if telling[0] == "suppose":
        return case.supposing(said.text, gone)
    earlier = [place for place, old in enumerate(case.in_force) if old in known]
    if earlier and not gone:  # a correction corrects something that was said before
        gone = [max(earlier, key=odds.__getitem__)]
    return case.told(said.text, gone)


def _requests(
    message: str, said: Sequence[Tagged], confirmed: bool, history: Sequence[Answer]
) -> tuple[tuple[Request, ...], tuple[Request, ...]]:
    """What is asked: advice first, once, about all that was said of the case; the rest in order.
    Second, what they are otherwise: the requests of sentences, or the message as a whole.

    A first message is taken apart only where the tagger is sure, or each question is asked in full;
    it is kept from the document only where the tagger is sure.
    """
    going_on = bool(history)
    first = 0.0 if going_on else _hardly(said)
    found: list[Request] = []
    for each in said:
        asks = _asks(each, going_on)
        if asks is None or any(asks == other.act == "advice" for other in found):
            continue
        odds = _advises([each]) if going_on else first
        found += [Request(asks, part, odds) for part in _parts(each.text, asks)]
    told = confirmed or any(map(_telling, said))
    if told:  # advice on what is new goes before a doubt about the last one
        found = [each for each in found if each.act not in GOING_ON]
    answered = confirmed and not any(each.act == "advice" for each in found)
    if answered or (told and all(each.act == "about" for each in found)):
        found.append(Request("advice", "", _advises(said) if going_on else 0.0))
    each_certain = _advice_first([each.certain for each in found])
    # advice is decided on all that was said, so only questions of fact are asked apart
    apart = each_certain if all(each.act in QUESTIONS for each in found) else ()
    if len(found) > 1 and not going_on and not _each_is_sure(said):
        whole = (Request("fact", message, first),)
        in_full = _in_full(said)
        return (in_full, whole) if in_full else (whole, apart)
    if len(found) > 1:
        return each_certain, ()
    if found and told and found[0].act == "compare":  # "We are two. With which does one begin?"
        found = [replace(found[0], advises=0.0)]
    if found:
        return tuple(found), apart if found[0].text not in ("", message) else ()
    does = {act for each in said for act in each.does}
    remark = next((act for act in REMARKS if act in does), None)
    if remark is None or not (going_on or all(_likeliest(each) >= SURE for each in said)):
        unclear = going_on and len(said) == 1 and _unclear(said[0])
        return (Request("fact", message, _advises(said) if unclear else first),), ()
    return (Request(remark, message),), ()


def _instead(message: str, said: Sequence[Tagged]) -> Request | None:
    """What a message asks for that is no question to the document, if that is likely."""
    for each in said:
        if each.does[0] in OVERVIEWS and _likeliest(each) >= LIKELY_OVERVIEW:
            return Request(each.does[0], each.text)
    # so are 0.015 of 460 questions that documents leave open
    acts = {each.does[0] for each in said}
    if not acts <= {*SMALL_TALK, *GOING_ON}:
        return None
    return next(Request(act, message) for act in (*SMALL_TALK, *GOING_ON) if act in acts)


def _parts(sentence: str, asks: Act) -> list[str]:
    """The requests of a sentence that asks for that."""
    return _questions(sentence) if asks in INFORMATION else [sentence]


def _questions(sentence: str) -> list[str]:
    """The questions of a sentence that has one or more."""
    parts = _AND.split(sentence)
    return [each for part in parts for each in _COMMA.split(part)] if len(parts) > 1 else parts


def _asks(said: Tagged, going_on: bool) -> Act | None:
    """What a sentence asks for; None if it asks nothing."""
    asking = [act for act in said.does if act in ASKING]
    for act in asking:
        least = SURE_OF_OVERVIEW if act in OVERVIEWS else SURE
        if going_on and act in GOING_ON:  # else a question is asked of the document
            least = 0.5 if said.text.endswith("?") or _QUESTION.match(said.text) else 0.0
        if act in DOCUMENT or said.acts[act] >= least:
            return act
    return "fact" if asking else None


def _each_is_sure(said: Sequence[Tagged]) -> bool:
    """Whether each sentence that asks something is told for certain."""
    asking = [each for each in said if ASKING.intersection(each.does)]
    return all(_likeliest(each) >= SURE and each.text.endswith("?") for each in asking)


def _in_full(said: Sequence[Tagged]) -> tuple[Request, ...]:
    """The questions of a first message, if none refers to another, and both of two are probable and
    asked in full, or most of several; what they ask for is as likely as their sentences say.
    """
    found: list[Request] = []
    asking = doubtful = 0
    for each in said:
        if (asks := _asks(each, going_on=False)) is None:
            continue
        parts = _parts(each.text, asks)
        if not each.text.endswith("?") or any(map(refers, parts)):
            return ()
        sure = _likeliest(each) >= PROBABLE and all(map(asks_in_full, parts))
        asking, doubtful = asking + 1, doubtful + (not sure)
        advises = float(np.clip(logit(each.acts["advice"]), -CERTAIN, CERTAIN))
        found += [Request(asks, part, advises) for part in parts]
    if len(found) < 2 or sum(each.act == "advice" for each in found) > 1:
        return ()
    return _advice_first(found) if 2 * doubtful < max(asking, 2) else ()


def _advice_first(requests: Sequence[Request]) -> tuple[Request, ...]:
    """`requests` with advice first, as the verdict stands before anything is written."""
    return tuple(sorted(requests, key=lambda each: each.act != "advice"))


def _likeliest(said: Tagged) -> float:
    return max(said.acts.values())


def _hardly(said: Sequence[Tagged]) -> float:
    """Log-odds that a first message asks for advice: what the model shows of it decides, but less
    so where a question is asked and nothing sounds like asking for advice.
    """
    questions = max((each.acts[act] for each in said for act in QUESTIONS), default=0.0)
    advice = max((each.acts["advice"] for each in said), default=0.0)
    return HARDLY if advice < LITTLE and questions >= SURE else 0.0


def _advises(said: Sequence[Tagged]) -> float:
    """Log-odds that decide whether sentences ask for advice or for information: in a conversation a
    question is read with earlier messages, which may have asked for something else.
    """
    asks = max((each.acts["advice"] for each in said), default=0.0)
    if len(said) == 1 and _unclear(said[0]):
        others = max(said[0].acts[act] for act in ASKING if act != "advice")
        return CERTAIN if asks > others else -CERTAIN
    informs = max((each.acts[act] for each in said for act in INFORMATION), default=0.0)
    tells = max((each.acts[act] for each in said for act in TELLING), default=0.0)
    return CERTAIN if max(asks, tells * (1 - informs)) > informs else -CERTAIN


def _unclear(said: Tagged) -> bool:
    """Whether a sentence is a question of which no act is likely: then the likeliest of those that
    ask decides.
    """
    return said.text.endswith("?") and all(said.acts[act] < 0.5 for act in ASKING | TELLING)
