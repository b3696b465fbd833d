"""What a document recommends to everybody: "most people take the tram", "if in doubt, the tram"."""

import re
from dataclasses import dataclass

from knowledge.documents.verdicts import Sure, Verdicts

GENERAL_HEADING = re.compile(
    r"(?i)\b(?:bottom line|verdict|conclusions?|conclude|summary|in short|final\w*|closing|overall"
    r"|default|to sum up|takeaways?|rule of thumb|undecided|which (?:one )?is best|wrap up"
    r"|decision|outcome|tl;?dr|in general|in doubt|our (?:choice|pick))\b|^(?:our )?recommendation$"
)
GENERAL = re.compile(
    r"(?i)\b(?:most (?!of (?:the|all) )|usually|as a rule|on the whole|in general|overall"
    r"|by default|everybody|everyone|anyone|in doubt|undecided|unsure|unless)\b"
)
NO_WINNER = re.compile(
    r"(?i)\bno (?:\w+ ){0,2}(?:winner|answer|best)\b|\bneither is (?:the )?better\b"
    r"|\bdepends on (?:you|who|the|what|your)\b"
)


@dataclass(frozen=True)
class General:
    """What a text recommends to everybody: a label, or None for no verdict."""

    label: str | None
    sure: Sure
    probability: float | None = None  # of a judged verdict


def general_verdict(verdicts: Verdicts, text: str, summing_up: bool) -> General | None:
    """What `text` recommends to everybody, None where no rule tells.

    A text that is not `summing_up` needs a sentence such as "most people take the tram".
    """
    if summing_up and (found := verdicts.labelled(text)):
        return General(found[0].label, "told")
    no_winner = False
    for sentence in re.split(r"(?<=[.!?;])\s+|\n", text):
        no_winner |= bool(NO_WINNER.search(sentence))
        chosen = verdicts.guess(sentence)
        if GENERAL.search(sentence) and chosen:
            if verdicts.joins_all(sentence):
                return General(verdicts.both, "implied")
            return General(chosen, "implied" if _names_one(verdicts, sentence) else "guessed")
    if no_winner:
        return General(None, "implied")
    label = verdicts.guess(text) if summing_up and _names_one(verdicts, text) else None
    return General(label, "guessed") if label else None


def _names_one(verdicts: Verdicts, text: str) -> bool:
    return len({each.option for each in verdicts.names.mentions(text)}) == 1
