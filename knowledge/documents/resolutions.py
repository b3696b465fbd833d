"""What minutes say was resolved: "RESOLVED (5 for): that the tram be kept"."""

import re
from collections.abc import Sequence
from dataclasses import replace

from knowledge.documents.blocks import Block
from knowledge.documents.decided import DENIED, SENTENCES, mark_options, split_off, which_option
from knowledge.documents.verdicts import PUT_OFF, Verdicts

MINUTE_LEVEL = 6
RESOLVED = re.compile(
    r"(?im)(?:^|(?<=[.!?]\s))\W{0,4}(?:it was )?(?:resolved|agreed|decided|decision|resolution)\b"
    r"(?:\s*\([^()\n]*\)|\s+unanimously)?\W{0,4}\s*(?=(?:that|to)\b)"
)
RESOLUTION = re.compile(  # "RESOLVED unanimously: the tram", "AGREED, 4 votes to 1: …"
    r"(?m)^\W{0,4}(?:RESOLVED|AGREED|DECIDED|DECISION|RESOLUTION|Resolved|Agreed|Decided)\b"
    r"(?:\s*\([^()\n]*\)|\s+unanimously|,?\s+\d+[^:.\n]{0,40})*:\s+"
)
UNDECIDED = re.compile(
    rf"{PUT_OFF.pattern}|\b(?:defer|postpone|adjourn|reject|refuse|decline|withdraw|drop|ask"
    r"|await|report|obtain|obtained)\b"
)
MINUTE = re.compile(r"\s*\d+(?:\.\d+)+\s+([^.?!\n]{3,80}\.)\s+(?=\S)")
ADOPT = (
    r"(?:adopt|introduc|support|retain|keep|kept|choos|chosen|select|approv|buy|bought|purchas"
    r"|order|use|take|install|recommend|prefer|fund|financ|engag|hire|lend for|lent for)\w*"
)
ADOPTED = (
    rf"@(?: \w+){{0,2}} be {ADOPT}",
    rf"\b(?:to|may|shall|should|will|that the [\w ]{{1,20}}) (?:follow|{ADOPT}) (?:(?:the|an?) )?@",
)


def resolved(verdicts: Verdicts, text: str) -> str | None:
    """The label that a resolution in `text` adopts: "RESOLVED (5 for): that the tram be kept"."""
    for match in RESOLVED.finditer(text):
        sentence = split_off(SENTENCES, " ".join(text[match.end() :].split()))[0]
        sentence = re.split(r",? but not\b", sentence)[0]
        if DENIED.search(sentence):
            return None
        marked, groups = mark_options(verdicts, sentence)
        if len(groups) == 1 and which_option(ADOPTED, marked) is not None:
            return verdicts.label(groups[0])
        either = re.search(r"(?i)\b(?:either|both)\b", sentence)
        if either and not groups and re.search(rf"(?i)\b(?:be|to|may) {ADOPT}", sentence):
            return verdicts.both
        return None
    return _resolution(verdicts, text)


def _resolution(verdicts: Verdicts, text: str) -> str | None:
    """The label of a resolution after a colon: the only option, or options, that it names."""
    match = RESOLUTION.search(text)
    sentence = SENTENCES.split(" ".join(text[match.end() :].split()))[0] if match else ""
    if DENIED.search(sentence) or UNDECIDED.search(sentence):
        return None
    _, groups = mark_options(verdicts, sentence)
    return verdicts.label(groups[0]) if len(groups) == 1 else None


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
