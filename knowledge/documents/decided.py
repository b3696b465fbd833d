"""Decisions that a cell, a bullet or a paragraph states: "not the ferry; tram or bus", "Take the
tram.", "Resolved: that the tram be kept".

    in_cell(verdicts, "Tram if the budget allows").label        "Tram"
    in_sentences(verdicts, "It is steep. Take the tram.")       "Tram"

Only forms that decide are read; an option that is named or praised is none. Where sentences decide
differently, or on a further condition, nothing is told.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from knowledge.comparison import NEITHER
from knowledge.documents.blocks import Block
from knowledge.documents.names import Mention
from knowledge.documents.verdicts import (
    BOTH,
    ENDS,
    JOIN,
    MARKS,
    QUALIFIED,
    VERBS,
    Told,
    Verdicts,
)

CONDITION_FIRST = re.compile(
    r"(?i)\W*(?:if|when|whenever|where|unless|as long as|for)\b[^,.?!]*,\s"
)
NEITHER_OF = re.compile(rf"(?i){MARKS}neither\b")
MINUTE_LEVEL = 6
SENTENCE = r"(?<=[.!?])[\"”’)]?\s+(?=[^a-z\s])|\n"  # not after "max."
SENTENCES = re.compile(SENTENCE)
CLAUSES = re.compile(rf"{SENTENCE}|;\s+|\s[–—]\s|,\s(?=(?:otherwise|else)\b)")
DENIED = re.compile(
    r"(?i)\b(?:not?|nor|never|neither|none|nothing|without|except|avoid|rather|instead|hardly"
    r"|cannot|too|than)\b|n['’]t\b"
)
CONDITIONAL = re.compile(r"(?i)\b(?:if|when|provided|as long as|only|until)\b")
AND_IF = re.compile(r"(?i),\s+(?:and|but) (?:if|when)\b")  # of something else
FALLBACK = re.compile(r"(?i)\W*(?:failing (?:that|this)|at a pinch|second (?:choice|best))\b")
TAKEN = re.compile(
    rf"(?i){MARKS}(?:(?:otherwise|else),?\s+)?(?:{VERBS}\s+)?(?:(?:the|an?|your)\s+)?"
)
VERBAL = re.compile(rf"{DENIED.pattern}|(?:s|ed)$")
HOLDS = re.compile(  # after the name that a cell begins with
    r"(?i)\s+(?:(?:is|are|will be|would be)\s+)(?:(?!not|never|hardly|too)\w+\s+)?"
    r"(?:ample|enough|fine|adequate|sufficient|good|ideal|best|better|right)\b"
    r"|\s+(?:while|once)\b"
)
GOOD = (
    r"(?:sensible|reasonable|safe|safer|safest|best|better|right|obvious|natural|usual|default"
    r"|good|simplest)"
)
ADVISE = rf"(?:{VERBS}|begin with|advise|suggest|have (?:\w+ ){{1,3}}(?:{VERBS}|begin with))"
PROPOSES = r"(?:recommend|propose|advise|decide|resolve|agree)[sd]?"
OPENS = r"^\W*(?:(?:so|then|here|please|just|simply|always|therefore)\b,? )*"
DECIDES = (  # @ is an option, or several
    rf"{OPENS}(?:{VERBS}|give (?:them|him|her)) (?:(?:the|an?|your|our) )?@",
    rf"\b(?:we|I)(?:['’](?:d|ll)| (?:would|will|shall|should|always|usually|have decided to"
    rf"|decided to))? (?:therefore |then |still )?{ADVISE}"
    r" (?:(?:the|an?|our) )?@",
    r"@(?: (?!not)\w+)? (?:is|are|remains?|stays?|(?:has|have) become|(?:is|are) therefore)"
    rf" (?:(?:the|our|my|an?) )?(?:more )?{GOOD} (?:(?!second|third|other)\w+ )?"
    r"(?:choice|pick|purchase|buy|option|answer|default|thing|start|starting point"
    r"|recommendation|solution|one)\b",
    rf"@(?: \w+)? (?:is|are) (?:what|the one(?: that)?) (?:we|I)(?:['’]d| would)? {ADVISE}\b",
    rf"{OPENS}(?:the )?@ it is\b",
    r"^\W*for (?:us|me),? (?:the )?@(?: \w+)? (?:was|were|is|are) the (?:right|best|better)\b",
    r"@ (?:is|are) (?:(?!not|never)\w+ )?(?:the|our) (?:recommended|preferred) \w+\b"
    r"(?! (?:for|on|in|where)\b)",
    r"@ (?:is|are) (?:the|our) default\b(?! \w)",
    r"\b(?:our|my|the) (?:\w+ ){0,2}(?:advice|recommendation|suggestion) (?:is|remains) (?:the )?@",
    rf"{OPENS}(?:avoid|skip|leave) (?:the )?«[0-9]+» and {VERBS} (?:the )?@",
    rf"{OPENS}(?:you|they|he|she)(?:['’]ll| will)? (?:need|want) (?:(?:the|an?) )?@(?=\W*$|[,;:] )",
    rf"\b{PROPOSES} (?:that (?:the|this) [\w ]{{1,30}} )?(?:to |be )?award(?:ed)? "
    r"(?:[\w/]+ ){0,4}?to (?:the )?@",
)
TAKES = re.compile(rf"(?i)\b{VERBS} (?:(?:the|an?|your|our) )?«([0-9]+)»")
RESOLVED = re.compile(
    r"(?im)(?:^|(?<=[.!?]\s))\W{0,4}(?:it was )?(?:resolved|agreed|decided|decision|resolution)\b"
    r"(?:\s*\([^()\n]*\)|\s+unanimously)?\W{0,4}\s*(?=(?:that|to)\b)"
)
MINUTE = re.compile(r"\s*(?:[A-Z]{1,3}[./]?)?\d+(?:\.\d+)+\s+([^.?!\n]{3,80}\.)\s+(?=\S)")
ADOPT = (
    r"(?:adopt|introduc|support|retain|keep|kept|choos|chosen|select|approv|buy|bought|purchas"
    r"|order|use|take|install|recommend|prefer|fund|financ|engag|hire|lend for|lent for)\w*"
)
OPTION = "«([0-9]+)»(?!['’]s)"
ADOPTED = (
    rf"@(?: \w+){{0,2}} be {ADOPT}",
    rf"\b(?:to|may|shall|should|will|that the [\w ]{{1,20}}) (?:follow|{ADOPT}) (?:(?:the|an?) )?@",
)


def in_cell(verdicts: Verdicts, text: str) -> Told | None:
    """The verdict of a cell that holds a judgement: what it begins with, or its first clause that
    decides, with a later one if each is for a condition. Clauses that deny an option are passed
    over.
    """
    if told := verdicts.opening(text):
        return told
    if NEITHER_OF.match(text):
        denied = {each.option for each in verdicts.names.mentions(_split(CLAUSES, text)[0])}
        if len(denied) == len(verdicts.names.options):
            return Told(NEITHER, 0, "implied")
    found: list[int] = []
    for clause in _split(CLAUSES, text):
        if found and FALLBACK.match(clause):
            break
        if begun := _begun(verdicts, clause):
            options, bound = begun
            found += options
            if not bound:
                break
        elif verdicts.names.mentions(clause) and not DENIED.search(clause):
            return None
    return Told(verdicts.label(found), 0, "implied") if found else None


def _begun(verdicts: Verdicts, clause: str) -> tuple[list[int], bool] | None:
    """The options that a clause begins with, if no more than a condition or their sufficing is said
    of them, and whether it is a condition.
    """
    mentions = {each.start: each for each in verdicts.names.mentions(clause)}
    start = TAKEN.match(clause)
    at = start.end() if start else 0
    cut = re.match(r"([^\W\d_]+)\.\s+", clause[at:])  # "Max. benefit" of "Maximum benefit"
    first = mentions.get(at + cut.end() if cut else at)
    if first is None or (cut and not _begins(verdicts.names.options[first.option], cut[1])):
        return None
    named = _joined(clause, mentions, first)
    end, options = named[-1].end, [each.option for each in named]
    if kind := re.match(r"\s+([^\W\d_]+)\b", clause[end:]):  # "the bow saw", of "the bow"
        last = not clause[end + kind.end() :].strip(" .") and not VERBAL.search(kind[1])
        end += kind.end() if last or kind[1].lower() in verdicts.kinds else 0
    if QUALIFIED.match(clause, end):
        return options, bool(CONDITIONAL.search(clause, end))
    if HOLDS.match(clause, end) or ENDS.match(clause, end):
        return options, False
    return None


def _begins(name: str, short: str) -> bool:
    return name.casefold().startswith(short.casefold())


def in_sentences(verdicts: Verdicts, text: str) -> str | None:
    """The label that the sentences of `text` decide on, None if none does or they differ."""
    found: set[str] = set()
    for sentence in _split(SENTENCES, text):
        if sentence.startswith(('"', "“", "‘")) or sentence.endswith("?"):
            continue
        label, bound = decided(verdicts, sentence)
        if label and bound:
            return None
        if label:
            found.add(label)
    return found.pop() if len(found) == 1 else None


def resolved(verdicts: Verdicts, text: str) -> str | None:
    """The label that a resolution in `text` adopts: "RESOLVED (5 for): that the tram be kept"."""
    for match in RESOLVED.finditer(text):
        sentence = _split(SENTENCES, " ".join(text[match.end() :].split()))[0]
        sentence = re.split(r",? but not\b", sentence)[0]
        if DENIED.search(sentence):
            return None
        marked, groups = _marked(verdicts, sentence)
        if len(groups) == 1 and _which(ADOPTED, marked) is not None:
            return verdicts.label(groups[0])
        either = re.search(r"(?i)\b(?:either|both)\b", sentence)
        if either and not groups and re.search(rf"(?i)\b(?:be|to|may) {ADOPT}", sentence):
            return verdicts.both
        return None
    return None


def minuted(blocks: Sequence[Block]) -> list[Block]:
    """`blocks` with a heading for each numbered paragraph that begins with a name, where some state
    what was resolved: "2.3 Evening lessons. The committee heard … RESOLVED: that …".
    """
    found = [None if each.level or each.rows else MINUTE.match(each.text) for each in blocks]
    if not any(
        match and RESOLVED.search(each.text) for each, match in zip(blocks, found, strict=True)
    ):
        return [*blocks]
    parts: list[Block] = []
    for each, match in zip(blocks, found, strict=True):
        if match:
            parts.append(Block(MINUTE_LEVEL, match[1].rstrip("."), line=each.line))
            each = replace(each, text=each.text[match.end() :], bold=())
        parts.append(each)
    return parts


def decided(verdicts: Verdicts, sentence: str) -> tuple[str | None, bool]:
    """The label that a sentence decides on, and whether on a further condition."""
    sentence = AND_IF.split(sentence)[0]
    told = verdicts.opening(sentence)
    alone = told and (told.sure == "implied" or not sentence[told.end :].strip(" .!"))
    if told and alone and not BOTH.match(sentence):
        return told.label, False
    said, _, reason = sentence.partition(": ")
    if reason and verdicts.names.mentions(said):
        sentence = said
    marked, groups = _marked(verdicts, sentence)
    at = _which(DECIDES, marked)
    if at is None:
        return None, False
    another = any(int(each) != at for each in TAKES.findall(marked))
    bound = (
        another
        or CONDITIONAL.search(marked)
        or QUALIFIED.match(marked, marked.find(f"«{at}»") + len(f"«{at}»"))
    )
    return verdicts.label(groups[at]), bool(bound)


def _marked(verdicts: Verdicts, sentence: str) -> tuple[str, list[list[int]]]:
    """`sentence` with «0» for the first option or options joined by "or" and "and", and so on, and
    what these are.
    """
    mentions = {each.start: each for each in verdicts.names.mentions(sentence)}
    groups: list[list[int]] = []
    parts, at = [], 0
    for start, mention in mentions.items():
        if start < at:
            continue
        named = _joined(sentence, mentions, mention)
        parts += [sentence[at:start], f"«{len(groups)}»"]
        groups.append([each.option for each in named])
        at = named[-1].end
        at -= 2 * sentence[:at].endswith(("'s", "’s"))
    return "".join([*parts, sentence[at:]]), groups


def _joined(text: str, mentions: dict[int, Mention], first: Mention) -> list[Mention]:
    found = [first]
    while (join := JOIN.match(text, found[-1].end)) and join.end() in mentions:
        found.append(mentions[join.end()])
    return found


def _which(forms: tuple[str, ...], marked: str) -> int | None:
    """The place of the only option that one of the forms holds for, in `marked`."""
    found = {
        int(match[1])
        for form in forms
        for match in re.finditer(f"(?i){form.replace('@', OPTION)}", marked)
    }
    return found.pop() if len(found) == 1 else None


def _split(pattern: re.Pattern[str], text: str) -> list[str]:
    return [part for part in map(str.strip, pattern.split(text)) if part]
