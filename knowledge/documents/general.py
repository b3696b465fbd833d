"""What a document recommends to everybody: "most people take the tram", "if in doubt, the tram"."""

import re
from dataclasses import dataclass

from knowledge.documents.decided import decided, in_sentences
from knowledge.documents.furniture import RECORDS
from knowledge.documents.verdicts import Sure, Verdicts

RECOMMENDING = (  # a heading that recommends, but for no situation
    r"^\W*(?:(?:the|our|my|final|overall) )*(?:recommendation|decision|outcome|advice|choice|pick)"
    r"\W*$"
)
GENERAL_HEADING = re.compile(
    r"(?i)\b(?:bottom line|verdict|conclusions?|conclude|summary|in short|final\w*|closing|overall"
    r"|default|to sum up|in sum|in brief|all in all|(?:cannot|can['’]t) decide"
    r"|general (?:advice|guidance|recommendation)|takeaways?|rule of thumb|undecided"
    r"|which (?:one )?is best|wrap up|(?:not |un)sure(?= yet\W*$|\W*$)"
    rf"|decision(?! (?:{RECORDS}|trees?|flow\w*|charts?|matrix|diagrams?|guides?|aids?)\b)"
    r"|outcome|tl;?dr|in general|in doubt|our (?:choice|pick))\b"
    rf"|{RECOMMENDING}"
)
RECOMMENDS = re.compile(  # what else sums up may only tell what was examined
    rf"(?i)\b(?:bottom line|verdict|conclu\w+|decision|outcome|best overall)\b|{RECOMMENDING}"
)
EVERYBODY = (
    r"most (?!of (?:the|all) )|everybody|everyone|anyone|the majority|in (?:case of )?doubt"
    r"|undecided|(?:un|not )sure(?! (?:that|whether|if|about|of|how))"
    r"|had to (?:choose|keep|pick|take|buy) (?:only )?one"
    r"|none of (?:the|these) (?:\w+ )?(?:fits?|appl(?:y|ies))|(?:if|where) (?:nothing|none of)"
)
FOR_EVERYBODY = re.compile(rf"(?i)\b(?:{EVERYBODY})\b")
GENERAL = re.compile(
    rf"(?i)\b(?:{EVERYBODY}|usually|as a rule|on the whole|in general|overall|by default"
    r"|the default(?= ?\W)|unless)\b"
)
NO_WINNER = re.compile(
    r"(?i)\bno (?:\w+ ){0,2}(?:winner|answer|best)\b|\bneither is (?:the )?better\b"
    r"|\bdepends on (?:you|who|the|what|your)\b"
)
STATED = re.compile(  # a line of its own: "Decision: we take the tram"
    r"(?i)^\W*(?:(?:the|our|my|final|overall) )*(?:verdict|decision|outcome|recommendation"
    r"|recommended option|chosen option|conclusion|bottom line|tl;?dr|in short|rule of thumb"
    r"|winner|best overall|overall winner|overall)(?: outcome)?(?:\s*[:|–—→]\s*|(?<=tl;dr)\s+)(.+)"
)
CHOOSES = re.compile(
    r"(?i)\b(?:recommend|advise|propose|approve|award|choose|select|adopt|prefer)(?:s|d|ed)?\b"
    r"|\b(?:chose|chosen|(?:decided?|opt(?:ed|s)?) (?:for|on)|go(?:es)? (?:for|with))\b"
)
CONDITIONAL = re.compile(r"(?i)\b(?:if|when|unless|until|only)\b")
DENIED = re.compile(r"(?i)\b(?:not?|never|neither|none|avoid|reject\w*|against|without)\b|n['’]t\b")

# decided.CONDITION_FIRST without "for" and "unless", which may speak of everybody
SOMETIMES = re.compile(r"(?i)\W*(?:if|when|whenever|where|as long as)\b[^,.?!]*,\s")
LATER = re.compile(r",\s+(?=(?:and|but|since|because|which)(?: [^\s,]+){5})")
CONTRADICTED = re.compile(  # what was reported: "Many hold that … We do not."
    r"(?:^|[.!?]\s+|\n)(?:(?:We|I) (?:do|did|would|have|can) ?(?:not|never|n['’]t)\b"
    r"|(?:That|This|It) (?:is|was)(?: not|n['’]t) (?:so|true|right|our)\b)"
)


@dataclass(frozen=True)
class General:
    """What a text recommends to everybody: a label, or None for no verdict."""

    label: str | None
    sure: Sure
    probability: float | None = None  # of a judged verdict


def recommends_alone(heading: str) -> bool:
    """Whether a heading says that something is recommended and nothing else: "Our advice"."""
    return bool(re.search(f"(?i){RECOMMENDING}", heading))


def general_verdict(verdicts: Verdicts, text: str, summing_up: bool) -> General | None:
    """What `text` recommends to everybody, None where no rule tells.

    A text that is not `summing_up` needs a sentence such as "most people take the tram".
    """
    if summing_up and (found := verdicts.labelled(text)):
        return General(found[0].label, "told")
    no_winner, said = False, list[str]()
    for sentence in re.split(r"(?<=[.!?;])\s+|\n", text):
        no_winner |= bool(NO_WINNER.search(sentence))
        if SOMETIMES.match(sentence) and not FOR_EVERYBODY.search(sentence):
            continue
        said.append(sentence)
        # what is usual of its price is no advice to everybody
        first = LATER.split(sentence)[0]
        everybody = FOR_EVERYBODY.search(sentence) or GENERAL.search(first)
        label, bound = decided(verdicts, sentence)
        if everybody and label and not bound:
            return General(label, "implied")
        chosen = verdicts.guess(sentence)
        if everybody and chosen:
            if verdicts.joins_all(sentence):
                return General(verdicts.both, "implied")
            return General(chosen, "implied" if _names_one(verdicts, sentence) else "guessed")
    if no_winner:
        return General(None, "implied")
    if not summing_up or CONTRADICTED.search(text):
        return None
    unbound = "\n".join(said)
    if label := in_sentences(verdicts, unbound):
        return General(label, "implied")
    label = verdicts.guess(unbound) if _names_one(verdicts, unbound) else None
    return General(label, "guessed") if label else None


def _rated(verdicts: Verdicts, text: str) -> General | None:
    """The option with which a verdict box begins, "Alder: 78 %", if none in it has more."""
    rated = [
        (each.option, each.start, float(match[1].replace(",", ".")))
        for each in verdicts.names.mentions(text)
        if (match := re.match(r"\s*[:–—|(-]+\s*(\d+(?:[.,]\d+)?)", text[each.end :]))
    ]
    if not rated or rated[0][1] > len("* The ") or max(each[2] for each in rated) > rated[0][2]:
        return None
    return General(verdicts.label([rated[0][0]]), "implied")


def section_verdict(verdicts: Verdicts, heading: str, text: str) -> General | None:
    """What a section that sums up recommends: by its heading ("Best overall: X"), by its text, or
    because its heading promises a recommendation and a sentence recommends one option, with no
    condition, or its text names one alone.
    """
    parts = re.split(r"\s*[:|–—→]\s+|\s+[-–—]\s+", heading)
    named = {option for part in parts if (option := verdicts.names.exactly(part)) is not None}
    if len(named) == 1 and any(GENERAL_HEADING.search(part) for part in parts):
        return General(verdicts.label([*named]), "told")
    if found := _rated(verdicts, text) or general_verdict(verdicts, text, True):
        return found
    if not recommends_alone(heading):
        return None
    for sentence in re.split(r"(?<=[.!?;])\s+|\n", text):
        bound = CONDITIONAL.search(sentence) or DENIED.search(sentence)
        if not bound and _names_one(verdicts, sentence) and CHOOSES.search(sentence):
            return General(verdicts.label([verdicts.names.mentions(sentence)[0].option]), "implied")
    if DENIED.search(text) or not _names_one(verdicts, text):
        return None
    return General(verdicts.label([verdicts.names.mentions(text)[0].option]), "guessed")


def stated_verdict(verdicts: Verdicts, line: str) -> General | None:
    """The verdict of a line that states one for everybody: "Decision: we take the tram"."""
    match = STATED.match(line)
    if match is None:
        return None
    sentence = re.split(r"(?<=[.!?])\s", match[1])[0]
    if told := verdicts.opening(sentence):
        return General(told.label, told.sure)
    told = verdicts.opening(sentence, strict=False)
    bound = CONDITIONAL.search(sentence) or DENIED.search(sentence)
    if told is None or bound or not _names_one(verdicts, sentence):
        return None
    return General(told.label, "implied")


def _names_one(verdicts: Verdicts, text: str) -> bool:
    return len({each.option for each in verdicts.names.mentions(text)}) == 1
