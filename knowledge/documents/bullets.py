"""Use cases that stand in bullets and in lines that begin in bold type."""

import re
from dataclasses import dataclass, replace

from knowledge.comparison import NEITHER
from knowledge.documents.blocks import Block, plain
from knowledge.documents.decided import CONDITION_FIRST, DENIED, in_sentences, resolved
from knowledge.documents.general import GENERAL, GENERAL_HEADING
from knowledge.documents.sections import Item
from knowledge.documents.verdicts import AGAINST, BADGE, DESIGNATION, Sure, Verdicts

EITHER = re.compile(
    r"(?i)\b(?:whichever|either (?:way|one|of them|option)|(?:decide|settle|choose) on either)\b"
)
PRO_IF = re.compile(r"(?i)^(?:good|pro|yes|right|\+)[,:]?\s+(?:if|when|for|where)\b\s*")
FIT_LINE = re.compile(
    r"(?i)^\W{0,4}(?:(?:best|ideal|perfect|good|great|right|suited|suitable|recommended|not"
    r"|not (?:ideal|suited|recommended))"
    r" (?:fit |choice |suited )?(?:for|if|when)|(?:choose|use|pick|take|buy|get|avoid|skip)(?: "
    r"(?:it|this|them))? (?:for|if|when)"
    r"|(?:it |best )?suits|(?:typical |best )?use cases?"
    r"|who (?:it['’]s|it is|should use it|is it) ?(?:for)?"
    r"|(?:good|poor|best) fit)\s*[:–—]\s*(?=\S)"
)
POOR_FIT = re.compile(
    r"(?i)\b(?:poor|bad|wrong|no|not a) (?:fit|choice)\b"
    r"|\bnot (?:for|ideal|suited|suitable|recommended)\b|\b(?:avoid|skip)\b|\blook elsewhere\b"
)
NO_SITUATION = re.compile(  # bold words before a remark, or before what is for everybody
    r"(?i)\W*(?:notes?|tips?|pro tips?|hints?|warnings?|caution|important|attention|danger|info"
    r"|remember|examples?|rule of thumb|tl;?dr|in short|bottom line)\W*$"
)
NO_BADGE = re.compile(r"(?i)[.!?;,]|\b(?:is|are|was|were|to)\b|\bthe$")
IMPERATIVE = re.compile(
    r"(?i)\W*((?!leave|forget|drop|sell|lose|return|replace)[a-z]{3,}(?<![^s]s|ed|ng|ly))\s+(.+)"
)
MAX_BADGE_WORDS = 10
FIT_SOURCE = "what is said to suit it"
PRO_SOURCE = "a condition among its pros"
PROSE_SOURCE = "its sentences"
MAX_CASE_CHARS = 110


@dataclass(frozen=True)
class FoundCase:
    """A use case: its name, verdict (None where no rule tells it) and text; and where from.

    `parts` are its paragraphs, each of which may be a use case instead, `under` its heading;
    `aside` tells that it stands outside of what the form tells to be use cases.
    """

    heading: str
    label: str | None
    text: str
    line: int
    source: str
    sure: Sure
    expected: bool = True  # whether it stands among use cases
    probability: float | None = None  # of a judged verdict
    under: str = ""
    aside: bool = False
    parts: tuple["FoundCase", ...] = ()


@dataclass(frozen=True)
class Governing:
    """What a heading or line says of all that stands under it."""

    label: str
    against: bool
    source: str
    sure: Sure = "told"


def governed(verdicts: Verdicts, over: Governing, text: str) -> tuple[str, Sure]:
    """The verdict for a use case under a heading or line that has one."""
    if EITHER.search(text):  # an exception among them, for which all options are the same
        return verdicts.both, "implied"
    if not over.against:
        return over.label, over.sure
    names = verdicts.names
    against = [names.options.index(over.label)] if over.label in names.options else []
    others = {each.option for each in names.mentions(text)} - set(against)
    return (verdicts.label([*others]) if others else NEITHER), "implied"


def bullet_case(
    verdicts: Verdicts,
    item: Item,
    over: Governing | None,
    group: bool,
    option: int | None,
    expected: bool = True,
) -> FoundCase | None:
    """The use case of a bullet, if it has a verdict or stands in a `group` of use cases, each of
    which may be `expected` to have one.
    """
    block = item.block
    text, lead = block.text, block.lead
    rest = text[len(lead) :] if lead else ""
    below = "\n".join(each.text for each in item.below)
    asked = ""
    for each in reversed(item.path):
        if len(asked.split()) < 3:
            asked = f"{each} {asked}".strip()

    def case(heading: str, label: str | None, body: str, source: str, sure: Sure) -> FoundCase:
        if asked and len(heading.split()) < 3:  # "Yes"
            heading = f"{asked} {heading}"
        name = case_name(heading)
        if name.endswith("…") and not heading.endswith("…"):  # it was cut
            body = text
        parts = [*item.path, body.strip(" ,;:–—→->"), below]
        full = "\n".join(filter(None, parts)) or name
        return FoundCase(name, label, full, block.line, source, sure)

    everybody = bool(GENERAL.search(text[:60]))
    if NO_SITUATION.match(lead):
        return None
    if option is not None and (pro := PRO_IF.match(text)):
        return case(text[pro.end() :], verdicts.label([option]), text, PRO_SOURCE, "implied")
    if option is not None and (fit := FIT_LINE.match(text)):
        poor = bool(POOR_FIT.search(fit[0]))
        label, how = governed(
            verdicts, Governing(verdicts.label([option]), poor, ""), text[fit.end() :]
        )
        return case(text[fit.end() :], label, text[fit.end() :], FIT_SOURCE, how)
    if (badge := badge_of(block)) and (told := verdicts.opening(badge[1])):
        if GENERAL_HEADING.search(badge[0]):
            return None
        return case(badge[0], told.label, badge[1], "its badge", told.sure)
    if over:
        label, how = governed(verdicts, over, item.text)
        if lead and rest.strip(" .,:;–—-"):
            return case(lead, label, rest, over.source, how)
        head, body = split_item(text)
        return case(head, label, body, over.source, how)
    if lead and rest.strip():
        if found := verdicts.for_case(lead):
            return case(found[0], found[1].label, rest, "its first words", found[1].sure)
        if verdicts.names.exactly(lead) is None and (told := verdicts.opening(rest)):
            return case(lead, told.label, rest, "its first words", told.sure)
        if found_label := verdicts.labelled(rest):
            return case(lead, found_label[0].label, rest, "its label", "told")
        if adopted := resolved(verdicts, rest):
            return case(lead, adopted, rest, "its resolution", "told")
        if not everybody and (decided := in_sentences(verdicts, rest)):
            return case(lead, decided, rest, PROSE_SOURCE, "implied")
    if not everybody and (found_condition := conditional(verdicts, text)):
        return case(found_condition[0], found_condition[1], text, "its first words", "told")
    says = None if CONDITION_FIRST.match(text) else verdicts.governs(first_sentence(text))
    if says and not says[1] and not everybody:
        return case(text, says[0], text, "its first words", "told")
    head, body = split_item(text)
    if DESIGNATION.match(head) or verdicts.names.exactly(head) is not None:
        return None  # "Option 2: the tram", of the options themselves
    if body and (told := verdicts.opening(body)):
        return case(head, told.label, body, "its first words", told.sure)
    if body and not everybody and (decided := in_sentences(verdicts, body)):
        return case(head, decided, body, PROSE_SOURCE, "implied")
    if group and expected and lead and (label_told := _imperative(verdicts, rest)):
        return case(lead, label_told, rest, "its first words", "implied")
    if group and not everybody and not (lead and verdicts.opening(lead)):
        guess = verdicts.guess(text)
        if not lead and (condition := CONDITION_FIRST.match(text)):
            head, body = condition[0], text[condition.end() :]
        guessed = case(lead or head, guess, rest or body or text, PROSE_SOURCE, "guessed")
        return replace(guessed, expected=expected)
    return None


def badge_of(block: Block) -> tuple[str, str] | None:
    """The badge and what has it in "Best budget buy **Tram**, £3"."""
    name = block.bold[0] if block.bold else ""
    badge, found, rest = block.text.partition(name) if name else ("", "", "")
    badge = badge.strip(" :–—-|")
    words = len(badge.split())
    if not found or not BADGE.match(badge) or words > MAX_BADGE_WORDS or NO_BADGE.search(badge):
        return None
    return badge, found + rest


def _imperative(verdicts: Verdicts, text: str) -> str | None:
    """The label of "board the tram.", whatever its verb, unless that speaks against it."""
    match = IMPERATIVE.match(first_sentence(text.strip(" :–—-")))
    if not match or AGAINST.search(match[0]) or DENIED.search(match[0]):
        return None
    told = verdicts.opening(match[2])
    return told.label if told and told.sure == "told" and not DENIED.search(match[2]) else None


def conditional(verdicts: Verdicts, text: str) -> tuple[str, str] | None:
    """The condition and the verdict of "If it is steep, take the tram."; a comma may stand in the
    condition too.
    """
    sentence = first_sentence(text)
    if not CONDITION_FIRST.match(sentence):
        return None
    for comma in re.finditer(r",\s+", sentence):
        if label := in_sentences(verdicts, sentence[comma.end() :]):
            return sentence[: comma.start()], label
    return None


def each_condition(case: FoundCase) -> list[FoundCase]:
    """A use case for each condition of "choose X if …, if …, or if …"; else the case itself."""
    parts = re.split(r",?\s+(?:or\s+|and\s+)?(?=if\s)", case.text)
    if len(parts) < 3 or re.search(r"[.!?]\s", case.text):
        return [case]
    conditions = [part.strip(" .;,") for part in parts if part.startswith("if ")]
    return [replace(case, heading=case_name(each)) for each in conditions]


def split_item(text: str) -> tuple[str, str]:
    """A bullet's name and what it says of it, at a colon, dash or arrow; "" for no such sign."""
    match = re.match(r"(.{3,110}?)\s*(?:[:→⇒]|[-=]>|\s[–—-])\s+(.+)", text, re.DOTALL)
    if match and not re.search(r"[.!?]\s", match[1]):
        return match[1], match[2]
    first, *rest = re.split(r"(?<=[.!?])\s+", text, maxsplit=1)
    return (first, " ".join(rest)) if rest and len(first) <= MAX_CASE_CHARS else (text, "")


def first_sentence(text: str) -> str:
    return re.split(r"(?<=[.!?])\s", text)[0]


def case_name(heading: str) -> str:
    name = plain(heading).strip(" .,:;–—→-")
    cut = name[: MAX_CASE_CHARS - 1].rsplit(" ", 1)[0] + "…"
    return name if len(name) <= MAX_CASE_CHARS else cut
