"""Decisions that a cell, a bullet or a paragraph states: "not the ferry; tram or bus", "Take the
tram.", "Resolved: that the tram be kept".

    in_cell(verdicts, "Tram if the budget allows").label        "Tram"
    in_sentences(verdicts, "It is steep. Take the tram.")       "Tram"

Only forms that decide are read; an option that is named or praised is none. Where sentences decide
differently, or on a further condition, nothing is told.
"""

import re

from knowledge.comparison import NEITHER
from knowledge.documents.names import Mention
from knowledge.documents.verdicts import (
    BOTH,
    ENDS,
    GOES,
    JOIN,
    MARKS,
    QUALIFIED,
    VERBS,
    Told,
    Verdicts,
)

NEITHER_OF = re.compile(rf"(?i){MARKS}neither\b")
SENTENCE = r"(?<=[.!?])[\"”’)]?\s+(?=[^a-z\s])|\n"  # not after "max."
SENTENCES = re.compile(SENTENCE)
CLAUSES = re.compile(rf"{SENTENCE}|;\s+|\s[–—]\s|,\s(?=(?:otherwise|else)\b)")
DENIED = re.compile(
    r"(?i)\b(?:not?|nor|never|neither|none|nothing|without|except|avoid|rather|instead|hardly"
    r"|cannot|too|than)\b|n['’]t\b"
)
CONDITIONAL = re.compile(r"(?i)(?<!even )\b(?:if|when|provided|as long as|only|until)\b")
CONCEDED = re.compile(  # a condition that binds no decision: on a price, or on the reader's time
    r"(?i)^\W*(?:if (?:you|they|we) can (?:afford|bear|spare|stand|live with)\b[^,:]*,"
    r"|if (?:the|your) (?:budget|money|space|room) (?:allows|permits),"
    r"|if you (?:have|want|read|need)\b[^,:]*\b(?:one|a single|only a) (?:sentence|word|answer)\b"
    r"[^,:]*[:,]"
    r"|unless\b[^,:]*,|until\b[^,:]*,)\s+"
)
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
OPENS = (
    r"^\W*(?:(?:so|then|here|please|just|simply|always|therefore|go and|in (?:that|this) case)\b,? "
    r")*"
)
ARTICLE = (  # before a name: "a decent tram", "a piece of cork"
    r"(?:the|an?|your|our)"
    r"(?: (?:good|decent|proper|simple|plain|small|large|new|used|second-hand))?"
    r"(?: \w+ of)?"
)
DECIDES = (  # @ is an option, or several
    rf"{OPENS}(?:{GOES}|give (?:them|him|her)) (?:{ARTICLE} )?@",
    rf"\b(?:we|I)(?:['’](?:d|ll)| (?:would|will|shall|should|always|usually|have decided to"
    rf"|decided to))? (?:therefore |then |still )?{ADVISE}"
    rf" (?:{ARTICLE} )?@",
    rf"\b(?:we|I) (?:consider|think|find|regard|see) (?:the )?@ (?:(?:to be|as) )?(?:(?:the|an?) )?"
    rf"{GOOD} (?:(?!second|third|other)[\w-]+ )?(?:choice|option|solution|one|answer)\b",
    rf"{OPENS}only (?:(?:the|an?) )?@ (?:can (?:cope|help)|is (?:fair|safe|suitable"
    r"|right|allowed|permitted|(?:strong|good|quick|safe|big) enough|up to))\b",
    r"^(?:(?:the|an?) )?@ (?:should|is to|are to) (?:normally |always |usually )?be"
    r" (?:preferred|chosen)\b",
    r"\b(?:are|is|be) best (?:served|off) (?:by|with) (?:(?:the|an?) )?@",
    r"@(?: (?!not)\w+)? (?:is|are|remains?|stays?|(?:has|have) become|(?:is|are) therefore)"
    rf" (?:(?:the|our|my|an?) )?(?:more )?{GOOD} (?:(?!second|third|other)\w+ )?"
    r"(?:choice|pick|purchase|buy|option|answer|default|thing|start|starting point"
    r"|recommendation|solution|one)\b",
    rf"@(?: \w+)? (?:is|are) (?:what|the one(?: that)?) (?:we|I)(?:['’]d| would)? {ADVISE}\b",
    rf"{OPENS}(?:the )?@ it is\b",
    r"\b(?:for (?:you|them|us|him|her)|here) it is (?:the )?@",
    rf"{OPENS}(?:the )?@ (?:is|are|will be) (?:quite )?(?:enough|sufficient|ample)\W*$",
    r"\b(?:we|I) (?:always )?(?:tell|advise|urge)\b[^.;:«]{1,80}"
    rf" to {GOES} (?:{ARTICLE} )?@",
    r"^\W*for (?:us|me),? (?:the )?@(?: \w+)? (?:was|were|is|are) the (?:right|best|better)\b",
    r"@ (?:is|are) (?:now )?(?:the|our) (?:recommended|preferred) \w+\b(?! (?:for|on|in|where)\b)",
    rf"{OPENS}(?:you|they|he|she)(?:['’]ll| will)? need (?:(?:the|an?) )?@(?=\W*$|[,;:] )",
    r"@ (?:is|are|remains?) (?:our|my) (?:(?:first|top|main|clear|usual) )?"
    r"(?:choice|pick|answer)\b",
    r"(?<!not )(?<!never )\bbelong (?:on|in|with) (?:(?:the|an?|our) )?@",
    r"^\W*(?:anything|whatever|everything|whoever)\b.*\bbelongs (?:on|in|with)"
    r" (?:(?:the|an?|our) )?@",
    r"^\W*only (?:the )?@(?: \w+)? (?:fits?|qualif(?:y|ies)|will do|remains|is left)"
    r"(?=\W*$|[,;:])",
    r"^\W*(?:either )?(?:the )?@(?: \w+)? will (?:(?:both|each) )?do(?=\W*$|[,;:])",
    r"\b(?:we|I)(?:['’]d| would) say (?:(?:the|an?) )?@(?=\W*$|[,;:])",
    rf"{OPENS}it(?:['’]s| is) (?:the )?@(?=\W*$|[,;:]| or nothing\b)",
    rf"\b{PROPOSES} (?:that (?:the|this) [\w ]{{1,30}} )?(?:to |be )?award(?:ed)? "
    r"(?:[\w/]+ ){0,4}?to (?:the )?@",
)
REPORTED = (  # what those did whom a text tells of
    r"\b(?:she|he|they)(?: (?:has|have|both|all|now|finally|therefore|then))*"
    r" (?:(?:gone|went|go|goes) (?:back to|for|with)|chose|chosen|decided (?:on|for)"
    r"|settled (?:on|for))"
    rf" (?:{ARTICLE} )?@",
)
REGRETTED = re.compile(
    r"(?i)\b(?:regret\w*|mistake|wrong|should have|sorry|disagree\w*|unfortunately|but I would"
    r" (?!do)|would (?:rather|not)|too (?:soon|late))\b"
)
TAKEN_UP = re.compile(  # of what the sentence before names
    rf"(?i)^\W*{VERBS} (?:that|this)(?: one)?\W*$"
    r"|^(?:(?!not|never|nor)[^.!?])*\b(?:I|we) (?:agree(?= with (?:that|every|all|her|him|them)\b"
    r"|\W*$)|would (?:do|have done) the same\b)"
)
EITHER_ONE = re.compile(rf"(?i)^\W*{VERBS} (?:the one\b(?! of)|whichever\b)")
WRAPPED = re.compile(r"(?<=[^\n]{60})\n(?=\S)|(?<=[^\W\d_])\n(?=[a-z])|(?<=,)\n(?=[a-z])")
EITHER = (rf"\b(?:can|could|may) (?:{VERBS}) (?:either )?(?:{ARTICLE} )?@",)
WHICHEVER = re.compile(rf"(?i)\b(?:can|may|should) (?:just |simply )?{VERBS} whichever\b")
PART = re.compile(r"(?i)\s+with (?:an?|its|their) (?!\w+ (?:who|that))")  # of what is taken
SPLITS = re.compile(rf"(?i){OPENS}(?:split|divide|share out|combine)\b")
FOR = re.compile(r"(?i)«[0-9]+» for\b")
ONLY = re.compile(r"(?i)^\W*only (?=(?:(?:the|an?) )?«)")  # "Only the tram will do"
UNBOUND = re.compile(  # what is no further condition
    r"(?i)\s+(?:for (?:now|the (?:moment|present|time being)|a while)\b|if nothing\b[^.,;]*)"
)
ASSIGNED = re.compile(  # of what stands before: "moves to the tram by May"
    rf"(?i)\W*(?:(?:will|shall|should|must|now|therefore|all|also) )*(?:{GOES}"
    r"|uses|takes|gets|keeps|goes (?:to|with|on)|runs? on|(?:stays|remains) (?:with|on|in)"
    r"|(?:moves|switche?s|changes) to) (?:(?:the|an?|our|their) )?«0»"
    r"(?=\W*$|[.,;:(]|\s+(?:from|until|by|in|for|at|on|as|too|well)\b)"
)
MOVES = re.compile(  # without a name, of a move from one option to the other
    rf"{OPENS}(?:(?P<stays>stay(?: put| where you are)?|remain|do not move|don['’]t move)"
    r"|move|migrate|switch|upgrade)(?=\W*$|[,;:] )",
    re.IGNORECASE,
)
TAKES_BOTH = re.compile(
    rf"{OPENS}{VERBS} (?:both|either|(?P<all>any|all(?: three| four| five| six)?))"
    r"(?: (?:one|of (?:them|these|the (?:two|three|four|five|six))))?(?=\W*$|[,;:] )",
    re.IGNORECASE,
)
TAKES = re.compile(rf"(?i)\b{GOES} (?:(?:the|an?|your|our) )?«([0-9]+)»")
OPTION = "«([0-9]+)»(?!['’]s)"


def in_cell(verdicts: Verdicts, text: str) -> Told | None:
    """The verdict of a cell that holds a judgement: what it begins with, or its first clause that
    decides, with a later one if each is for a condition. Clauses that deny an option are passed
    over.
    """
    if told := verdicts.opening(text):
        return told
    if NEITHER_OF.match(text):
        denied = {each.option for each in verdicts.names.mentions(split_off(CLAUSES, text)[0])}
        if len(denied) == len(verdicts.names.options):
            return Told(NEITHER, 0, "implied")
    found: list[int] = []
    for clause in split_off(CLAUSES, text):
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
    """The label that the sentences of `text` decide on, None if none does or they differ. Where
    none does, what those did of whom they tell, unless it was regretted.
    """
    found: set[str] = set()
    reported, before = None, ""  # what the last sentence tells of somebody
    for sentence in split_off(SENTENCES, unwrapped(text)):
        if sentence.startswith(('"', "“", "‘")) or sentence.endswith("?"):
            continue
        label, bound = decided(verdicts, sentence)
        label = label or _taken_up(verdicts, sentence, before)
        if label and bound:
            return None
        if label:
            found.add(label)
        reported, before = _reported(verdicts, sentence), sentence
    if not found and reported and not REGRETTED.search(text):
        return reported
    return found.pop() if len(found) == 1 else None


def unwrapped(text: str) -> str:
    """`text` without the breaks that its lines have for their length."""
    return WRAPPED.sub(" ", text)


def _taken_up(verdicts: Verdicts, sentence: str, before: str) -> str | None:
    """The label of what the sentence before names, if this one says no more than to take it, or
    one of several, or agrees: "The tram has a lift. Take that."
    """
    if verdicts.names.mentions(sentence) or DENIED.search(before):
        return None
    named = [each.option for each in verdicts.names.mentions(before)]
    several = len({*named}) > 1 and EITHER_ONE.match(sentence)
    return verdicts.label(named) if named and (several or TAKEN_UP.match(sentence)) else None


def _reported(verdicts: Verdicts, sentence: str) -> str | None:
    """The label of what somebody chose, as in "they decided on the tram"."""
    marked, groups = mark_options(verdicts, sentence)
    at = None if DENIED.search(sentence) else which_option(REPORTED, marked)
    return None if at is None else verdicts.label(groups[at])


def assigned(verdicts: Verdicts, text: str) -> str | None:
    """The label of what `text` says that the situation named before it uses, stays on or moves to,
    on no further condition: "moves to the tram by the end of May."
    """
    sentence = split_off(SENTENCES, text)[0] if text.strip() else ""
    marked, groups = mark_options(verdicts, sentence)
    bound = DENIED.search(marked) or re.search(r"(?i)\b(?:if|when|unless|only)\b", marked)
    if len(groups) != 1 or bound or not ASSIGNED.match(marked):
        return None
    return verdicts.label(groups[0])


def decided(verdicts: Verdicts, sentence: str) -> tuple[str | None, bool]:
    """The label that a sentence decides on, and whether on a further condition."""
    sentence = UNBOUND.sub("", CONCEDED.sub("", AND_IF.split(sentence)[0]))
    told = verdicts.opening(sentence)
    alone = told and (told.sure == "implied" or not sentence[told.end :].strip(" .!"))
    if told and alone and not BOTH.match(sentence):
        return told.label, False
    if WHICHEVER.search(sentence) and not DENIED.search(sentence):
        return verdicts.both, False
    if verdicts.move and (moves := MOVES.match(sentence)):
        return verdicts.label([int(not moves["stays"])]), bool(CONDITIONAL.search(sentence))
    if two := TAKES_BOTH.match(sentence):
        both = verdicts.both if two["all"] or len(verdicts.names.options) == 2 else None
        return both, bool(CONDITIONAL.search(sentence))
    marked, groups = mark_options(verdicts, sentence)
    if len(groups) == len(FOR.findall(marked)) > 1 and SPLITS.match(marked):
        return verdicts.label([option for group in groups for option in group]), False
    at = which_option(DECIDES, marked)
    if at is None and re.search(r"(?i)\bor\b", sentence):
        at = which_option(EITHER, marked)
        at = at if at is not None and len(groups[at]) > 1 else None
    if at is None:
        return None, False
    end = marked.find(f"«{at}»") + len(f"«{at}»")
    another = any(int(each) != at for each in TAKES.findall(marked))
    bound = (
        another
        or CONDITIONAL.search(ONLY.sub("", marked))
        or (QUALIFIED.match(marked, end) and not (len(groups) == 1 and PART.match(marked, end)))
    )
    return verdicts.label(groups[at]), bool(bound)


def mark_options(verdicts: Verdicts, sentence: str) -> tuple[str, list[list[int]]]:
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


def which_option(forms: tuple[str, ...], marked: str) -> int | None:
    """The place of the only option that one of the forms holds for, in `marked`."""
    found = {
        int(match[1])
        for form in forms
        for match in re.finditer(f"(?i){form.replace('@', OPTION)}", marked)
    }
    return found.pop() if len(found) == 1 else None


def split_off(pattern: re.Pattern[str], text: str) -> list[str]:
    return [part for part in map(str.strip, pattern.split(text)) if part]
