"""What a document recommends to everybody: "most people take the tram", "if in doubt, the tram"."""

import re
from dataclasses import dataclass

from knowledge.comparison import NEITHER
from knowledge.documents.verdicts import Told, Verdicts

GENERAL_HEADING = re.compile(
    r"(?i)\b(?:bottom line|verdict|conclusions?|conclude|summary|in short|last words?|final\w*"
    r"|closing|overall|default|to sum up"
    r"|takeaways?|rule of thumb|what (?:the |our )?\w+ (?:\w+ )?would (?:say|do|take)|undecided"
    r"|only (?:one|want)|which is better|(?:none|any) of (?:these|them|this)|which (?:one "
    r")?(?:wins|won|is best)|has won|who (?:has )?w[io]ns?"
    r"|what (?:i|we) (?:do|would)\b|at the door|wrap(?:ping)? up|decision|outcome|tl;?dr"
    r"|favou?rite|in general|in doubt|our (?:choice|pick))\b|^(?:our )?recommendation$"
)
STRONGLY_GENERAL = re.compile(
    r"(?i)\b(?:(?:for|suits?) most |^most (?:\w+ ){1,4}|most (?:people|houses|readers"
    r"|households|of us)|in general|overall|by default|in doubt"
    r"|unless something|needs both|as a rule|as a whole|if we had to name)\b"
)
GENERAL = re.compile(
    r"(?i)\b(?:most (?!of (?:the|all) )|mostly|usually|as a whole|on the whole|general(?:ly)?"
    r"|in general|overall|by default|ordinary|typical|average|everybody|everyone|anyone|in "
    r"doubt|undecided"
    r"|unsure|only one|just one|one (?:shoe|thing|of the two|of them)|could keep|had to keep"
    r"|if (?:i|we) had|know nothing|nothing yet"
    r"|unless something|if none|room for|in ten\b|nine \w+ in|for us\b|our answer|we lean"
    r"|simply want|no special|nobody to ask|one sentence"
    r"|if you (?:still )?(?:cannot|can['’]t) decide|first and|try .* first)"
)
NO_WINNER = re.compile(
    r"(?i)\b(?:no|not a|isn['’]t a|never a) (?:\w+ ){0,2}(?:winner|champion|answer|best"
    r"|victor)\b|\bthere is no (?:form|one)\b"
    r"|\bneither is (?:the )?(?:better|best)\b|\brecommend no(?:ne|thing|body)?\b|\bwill not "
    r"make a winner\b|\bdepends on (?:you|who|the|what|your)\b|\bno winner\b"
)
CONDITION = re.compile(
    r"(?i)\b(?:if|when|where|whoever|whose|as long as|unless|provided|those who|people who)\b"
)


@dataclass(frozen=True)
class General:
    """What a text recommends to everybody: a verdict, or that there is none for everybody."""

    told: Told | None


def general_verdict(verdicts: Verdicts, text: str, summing_up: bool) -> General | None:
    """What `text` recommends to everybody, None if it does not speak of it.

    Where it is `summing_up`, a recommendation needs no words such as "most", but no condition.
    """
    marked: list[Told] = []
    loose: list[str] = []
    conditional: set[str] = set()
    everybody = False
    first = ""  # what is recommended before any condition
    for sentence in re.split(r"(?<=[.!?;])\s+|\n", text):
        if re.search(r"(?i)\bchosen option\b", sentence) and (label := verdicts.labelled(sentence)):
            return General(Told(label[0].label, 0))
        if NO_WINNER.search(sentence):
            return General(None)
        told = verdicts.opening(sentence) or verdicts.prose(sentence)
        mentions = list(dict.fromkeys(each.option for each in verdicts.names.mentions(sentence)))
        pattern = GENERAL if summing_up else STRONGLY_GENERAL
        for_them = everybody and re.match(r"(?i)(?:for )?(?:them|they|these)\b", sentence)
        everybody = bool(pattern.search(sentence))
        if told and told.label == NEITHER:
            continue
        if len(mentions) > 1 and len(CONDITION.findall(sentence)) > 1:
            continue  # each for a case of its own
        if (everybody or for_them) and (mentions or told):
            if verdicts.joins_all(sentence):
                told = Told(verdicts.both, 0, "implied")
            elif told is None or told.sure == "guessed":
                told = Told(verdicts.label(mentions), 0, "guessed") if len(mentions) == 1 else None
            if told:
                marked.append(told)
        elif told and summing_up and told.sure != "guessed":
            if CONDITION.search(sentence):
                conditional.add(told.label)
            else:
                first = first if conditional or first else told.label
                loose.append(told.label)
    sound = [each for each in marked if each.sure != "guessed"]
    if sound or (marked and not loose):
        marked = sound or marked
        one = len({each.label for each in marked}) == 1
        return General(Told(marked[0].label, 0, "implied" if one else "guessed"))
    if len(set(loose)) == 1 and (first == loose[0] or not conditional - set(loose)):
        return General(Told(loose[0], 0, "implied"))
    if not loose and len(conditional) == 1:
        return General(Told(conditional.pop(), 0, "guessed"))
    return None
