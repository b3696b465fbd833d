"""What a piece of text recommends: as a label, in a heading over use cases, or in a sentence.

Rules know structure (a label word and a colon, a condition, an option's name in the place of an
object), never the words of one document. What no rule tells is None.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Literal

from knowledge.comparison import NEITHER, joined
from knowledge.documents.labelled import NOUNS as LABEL_NOUNS
from knowledge.documents.names import NO_NAME, Mention, Names

Sure = Literal["told", "implied", "judged", "guessed"]

MARKS = r"[\s→⇒>:–—\-*•✅✔✓🏆👉🥇⭐|=“\"'(]*"
SKIPPED = re.compile(  # before a verdict: "so take the …", "our winner: …"
    r"(?i)(?:(?:so|then|but|just|always|definitely|probably|clearly|get|take|use|choose|pick|buy"
    r"|go|start|stay|stick|with|for|to|our|the|an?|your|winner|is|it|i|we|would|say)\b"
    r"[\s,:“\"]*){0,6}"
)
JOIN = re.compile(
    r"(?i)\s*(?:,(?:\s*(?:or|and)\b)?|/|\+|&|\bor\b|\band\b|\band/or\b)\s*(?:the |an? )?"
)
OR_ELSE = re.compile(r"(?i)\s*(?:,(?:\s*or\b)?|/|\bor\b)\s*(?:the |an? )?")
IN_BRACKETS = re.compile(r"(?i)\s*\((or |else |otherwise )?(?:the |an? )?")
QUALIFIED = re.compile(
    r"(?i)\s+(?:if|when|where|for|on|in|at|only|with|until|from|under|as long as)\b"
)
ENDS = re.compile(
    r"(?i)\s*(?:$|[.,;:!?)\]/\n–—|🏆⁰-⁹¹²³*\"”’]|\((?!\w*\s*\w+ing)|then\b|wins?\b"
    r"|is (?:the )?(?:winner|better|best)\b|by (?:a|far)\b|together\b(?! with))"
)
ASKED = re.compile(r"[\s*_]*\?")
BOTH = re.compile(
    r"(?i)(?:both|either(?: one)?|any(?: of (?:them|these))?|all (?:of them|three|four|five|six)"
    r"|(?:it )?(?:all )?depends(?: on\b[^.;,\n]*)?|(?:it[’']s |it is )?a (?:tie|draw)|tied?|draw"
    r"|even|equal|mixed|hybrid|toss-up|a matter of taste|no (?:clear )?(?:winner|difference))\b"
)
NONE = re.compile(
    r"(?i)(?:neither|none|nothing|no option|something else)\b"
    r"(?! of (?:the \w+|them|these|both) (?:ha[sd]|have|was|were|can|could|does|do|did)\b)"
)
NONE_ENDS = re.compile(
    r"(?i)\s*(?:$|[.,;:!?)\n–—]|of (?:the|them|these|both)|for (?:now|the|this))"
)
BOTH_ENDS = re.compile(
    r"(?i)\s*(?:$|[.,;:!?)/\n–—(]|will do|works?|together|(?:is|are) (?:fine|right)|of them|or\b"
    r"|and\b)"
)
LABEL_WORDS = (
    r"winner|verdict|choice|pick|recommendation|recommended(?: (?:option|choice))?|we recommend"
    r"|advice|answer|chosen option|decision|suggestion|result|conclusion|best option|best|go with"
    r"|take"
)
LABEL = (
    r"(?i)(?:^|(?<=[.!?\n]\s)|(?<=[.!?\n])|(?<=[-–—:] ))[^\w\n]{0,4}((?:[\w’'-]+ ){0,3}?(?:%s)\b"
    r"(?: (?:here|overall|goes to|is))?\s*(?:[:=→–—]|\bis\b|(?<=to)|(?<=is))\s*)"
)
CONDITION = re.compile(
    r"(?i)\b(?:if|when|whenever|where|for|unless|because|as long as|provided|in case)\b|[:…]\s*$"
)
VERBS = (
    r"(?:choose|pick|take|use|buy|get|go (?:for|with)|opt for|prefer|recommend|stay with"
    r"|stick (?:to|with)|start with|keep|select|run|reach for|settle on"
    r"|(?:move|switch|migrate|upgrade) to)"
)
SUITS = (
    r"(?:reasons|scenarios?|use[- ]cases?|occasions|situations|best for|good for|ideal for|suits"
    r"|right for|works best|shines|wins|makes sense"
    r"|is (?:\w+ ){0,4}(?:better|best|right|choice)|is the (?:\w+ ){0,3}one)"
)
GOVERNS = re.compile(
    rf"(?i)\b(?:{VERBS}|(?:choos|pick|tak|us|buy|recommend|advis)(?:e|es|ing)|order|hire|rent|need"
    rf"|want|have|combine|try|stay|become|consider|switch|move|migrate|adopt|build|{SUITS})\b"
    r"|\b(?:if|when)\b\W*$"
)
QUESTION = re.compile(
    r"(?i)^(?:(?:what|how|why)\b"
    r"|(?!who should )(?:who|is|are|does|do|did|can|may|which|where)\b[^.]*\?\s*$)"
)
COMBINED = re.compile(r"(?i)\b(?:both|the two|combine|either|together|mix|all three)\b")
NEGATED = re.compile(r"(?i)\b(?:cannot|never|not)\b|n['’]t\b")
SEVERAL = re.compile(
    r"(?i)\b(?:both|either|neither|none of|all (?:of them|three|four|five|six)"
    r"|no \w+ is (?:always |the )?(?:right|best|better|perfect))\b"
)
DESIGNATION = re.compile(  # of an option, no case: "Option 2: the tram"
    rf"(?i)(?:{LABEL_NOUNS}|candidate|choice|no\.?|#)\s*(?:\d{{1,2}}|[a-z]|[ivx]+)$"
)
AGAINST = re.compile(
    r"(?i)\b(?:avoid|against|(?:not|don['’]t) (?:to )?(?:choose|use|take|pick|buy)|not for|when not"
    r"|skip|stay away from|(?:something|anything) else|wrong|left out|ruled out|rejected|worst)\b"
)
BADGE = re.compile(  # "Best overall", "Best for slopes"
    r"(?i)(?:(?:our|the) )?(?:best\s+\w|(?:ideal|perfect|great|good|right) for\s+\w)"
)
CONTRAST = re.compile(r"(?i)\s*(?:over|instead of|rather than|and not|not)\s+(?:the |an? )?$")


@dataclass(frozen=True)
class Told:
    """A verdict's label, where the words for it end, and how sure it is."""

    label: str
    end: int
    sure: Sure = "told"


class Verdicts:
    """Reads verdicts that name `names`; `both` is the label for both or for "it depends"."""

    def __init__(self, names: Names, both: str) -> None:
        self.names = names
        self.both = both
        self._words = LABEL_WORDS
        self._label = re.compile(LABEL % self._words)
        self._longer: dict[int, str] = {}
        self.kinds: frozenset[str] = frozenset()  # "line" of "the tram line", "the bus line"

    def learn_names(self, headings: Iterable[str]) -> None:
        """Takes the rest of a heading that begins with an option for the end of its longer name,
        where each option has one heading, and not all the same: "Alder", "Birch Pro".
        """
        ends: dict[int, set[str]] = {}
        for heading in headings:
            named = self.names.mentions(heading)
            if len(named) == 1 and not heading[: named[0].start].strip():
                end = heading[named[0].end :].rstrip()
                if re.fullmatch(r"(?:\s[\w.+-]+){0,2}", end):
                    ends.setdefault(named[0].option, set()).add(end.lower())
        different = {end for each in ends.values() for end in each}
        alone = all(len(each) == 1 for each in ends.values())
        if len(ends) == len(self.names.options) and alone and len(different) > 1:
            self._longer = {option: end for option, each in ends.items() for end in each if end}

    def learn_labels(self, lines: Iterable[str]) -> None:
        """Takes for label words what stands before a colon and a verdict in two lines or more."""
        counted: Counter[str] = Counter()
        for line in lines:
            match = re.match(r"\W{0,4}([^:\n]{2,40}?)\s*[:=→]\s+(.+)", line)
            if match and len(match[1].split()) <= 4 and self.opening(match[2]):
                counted[match[1].lower()] += match[1].lower() not in ("yes", "no")
        named = self.names.exactly
        found = [re.escape(word) for word, n in counted.items() if n > 1 and named(word) is None]
        if found:
            self._words = "|".join([*found, LABEL_WORDS])
            self._label = re.compile(LABEL % self._words)

    def learn_kinds(self, texts: Iterable[str]) -> None:
        """Takes for a word of what is compared one that follows the names of two options or more,
        unless it is a verb by its form.
        """
        after: dict[str, set[int]] = {}
        for text in texts:
            for each in self.names.mentions(text):
                if (word := re.match(r"\s+([^\W\d_]{4,})", text[each.end :])) and not (
                    re.search(r"(?:s|ed)$", word[1]) or word[1].lower() in NO_NAME
                ):
                    after.setdefault(word[1].lower(), set()).add(each.option)
        self.kinds = frozenset(word for word, named in after.items() if len(named) > 1)

    def is_label_word(self, text: str) -> bool:
        return bool(re.fullmatch(rf"(?i)\W*(?:(?:our|the|my|a) )?(?:{self._words})?\W*", text))

    def speaks(self, text: str) -> bool:
        """Whether `text` speaks of an option, or of all of them together."""
        return bool(self.names.mentions(text) or SEVERAL.search(text))

    def label(self, options: list[int]) -> str:
        """The label for these options; all of more than one is `both`."""
        places = sorted(set(options))
        if len(places) == len(self.names.options) > 1:
            return self.both
        return joined([self.names.options[place] for place in places])

    def opening(self, text: str, strict: bool = True) -> Told | None:
        """The verdict that `text` begins with: "the rotary line, …", "Neither.", "A + B: …".

        Unless not `strict`, it ends where the name does, or with the clause.
        """
        start = re.match(MARKS, text)
        at = start.end() if start else 0
        if found := re.match(rf"{re.escape(self.both)}(?!\w)", text[at:], re.IGNORECASE):
            return Told(self.both, at + found.end())
        mentions = {each.start: each for each in self.names.mentions(text)}
        skipped = SKIPPED.match(text, at)
        for place in [at, skipped.end() if skipped else at]:
            rest = text[place:]
            none, both = NONE.match(rest), BOTH.match(rest)
            if none and (not strict or NONE_ENDS.match(rest, none.end())):
                return Told(NEITHER, place + none.end())
            if both and (not strict or BOTH_ENDS.match(rest, both.end())):
                after_all = re.search(r"(?i)\bnone\b|\bneither\b", rest[:60].split(".")[0])
                return Told(NEITHER if after_all else self.both, place + both.end())
        last = skipped.end() if skipped else at
        first = next((place for place in sorted(mentions) if at <= place <= last), None)
        return None if first is None else self._named(text, mentions, first, strict)

    def _named(self, text: str, mentions: dict[int, Mention], at: int, strict: bool) -> Told | None:
        found = [mentions[at]]
        joins: list[str] = []
        while (join := JOIN.match(text, found[-1].end)) and join.end() in mentions:
            found.append(mentions[join.end()])
            joins.append(join[0])
        end = found[-1].end
        bracket = IN_BRACKETS.match(text, end)
        other = mentions.get(bracket.end()) if bracket else None
        if bracket and other and (bracket[1] or QUALIFIED.match(text, other.end)):
            found.append(other)  # "the tram (the bus on Sundays)"
        elif not (joins and QUALIFIED.match(text, end) and all(map(OR_ELSE.fullmatch, joins))):
            if ASKED.match(text, end):
                return None
            if not strict or ENDS.match(text, end):
                return Told(self.label([each.option for each in found]), end)
            return self._longer_named(text, found[-1]) if len(found) == 1 else None
        # which of them is for when stands in the rest: "the tram, or the bus if it snows"
        return Told(self.label([each.option for each in found]), found[0].end, "implied")

    def _longer_named(self, text: str, mention: Mention) -> Told | None:
        """The verdict for an option by the longer name that its own heading gives it."""
        rest = text[mention.end :]
        longer = self._longer.get(mention.option, "")
        if not longer or not rest.lower().startswith(longer):
            return None
        end = mention.end + len(longer)
        return Told(self.label([mention.option]), end) if ENDS.match(text, end) else None

    def labelled(self, text: str) -> tuple[Told, int, bool] | None:
        """The verdict after a label word ("Winner: …", "Our advice: …") in `text`, where the label
        begins, and whether the text goes on after the verdict's own sentence.
        """
        for match in self._label.finditer(text):
            rest = text[match.end() :]
            sentence = re.split(r"(?<=[.!?])\s|\n", rest, maxsplit=1)[0]
            told = self.opening(rest, strict=False)
            if told is None:
                options = [each.option for each in self.names.mentions(sentence)]
                following = f"{sentence} {rest[len(sentence) :][:80]}"
                if len(set(options)) == 1:
                    told = Told(self.label(options), len(sentence), "implied")
                elif options and re.search(r"(?i)\b(?:over|than|not)\b", sentence):
                    told = Told(self.label(options[:1]), len(sentence), "implied")
                elif re.search(r"(?i)\b(?:a )?(?:tie|draw)\b|\bboth\b", following):
                    told = Told(self.both, len(sentence), "implied")
            if told:
                end = match.end() + told.end
                return (
                    Told(told.label, end, told.sure),
                    match.start(1),
                    bool(rest[told.end :].strip(" .*!🏆")),
                )
        return None

    def governs(self, text: str) -> tuple[str, bool] | None:
        """What a heading or line recommends for all that stands under it: "When to choose X",
        "Reasons to have both", "Order X if:". True with it if it speaks against that option.
        """
        if QUESTION.match(text) or not GOVERNS.search(text):
            return None
        mentions = self.names.mentions(text)
        against = bool(AGAINST.search(text))
        who = text.lower().startswith("who should ")
        if not who and not CONDITION.search(text) and not re.search(rf"(?i)\b{SUITS}\b", text):
            return None
        if mentions:
            options = [each.option for each in mentions]
            between = text[mentions[0].end : mentions[1].start] if len(mentions) > 1 else ""
            condition = re.search(r"(?i)\b(?:if|when|for|where)\b", text[mentions[0].end :])
            cut = mentions[0].end + condition.start() if condition else len(text)
            before = [each.option for each in mentions if each.start < cut]
            options = before or options
            if CONTRAST.match(between + " ") or CONTRAST.search(between):
                options = options[:1]
            if (
                re.search(r"(?i)\b(?:neither|not)\b", text[: mentions[0].start])
                and len(options) > 1
            ):
                return NEITHER, False
            return self.label(options), against
        if re.search(r"(?i)\b(?:neither|none|nothing)\b", text):
            return NEITHER, False
        if COMBINED.search(text) and not NEGATED.search(text):
            return self.both, False
        return None

    def for_case(self, heading: str) -> tuple[str, Told] | None:
        """The use case and verdict of a heading with both: "Canal trips: Quill 6", "Quill 6 - Best
        for canals".
        """
        if self.names.exactly(heading) is not None:  # "Option A: Night trains"
            return None
        for match in reversed([*re.finditer(r"\s*(?:[:→⇒|]|\s[—–-])\s+", heading)]):
            case, rest = heading[: match.start()], heading[match.end() :]
            told = self.opening(rest)
            if not told and (found := self.labelled(rest)):
                told = found[0]
            option = self.names.exactly(case)
            if option is not None and BADGE.match(rest):
                return rest, Told(self.label([option]), len(rest))
            case = re.sub(rf"(?i)(?:^|[\s:—–-]+)(?:(?:our|the) )?(?:{self._words})$", "", case)
            if not case or self.is_label_word(case) or AGAINST.search(case):
                continue
            if told and not DESIGNATION.match(case):
                return case, told
        return None

    # --- prose ---

    def guess(self, text: str) -> str | None:
        """The label that the sentences of `text` seem to recommend: the option that most of its
        words of choice stand beside. A model judges better, where there is one.
        """
        if NEITHER_CHOSEN.search(text):
            return NEITHER
        if BOTH_CHOSEN.search(text):
            return self.both
        chosen: Counter[int] = Counter()
        for sentence in re.split(r"(?<=[.!?;])\s+|\n", text):
            marked = self._marked(sentence)
            for option in {each.option for each in self.names.mentions(sentence)}:
                here = f"«{option}»"
                found = any(each.search(marked) for each in _patterns(CHOSEN, here))
                denied = any(each.search(marked) for each in _patterns(DENIED, here))
                chosen[option] += found - denied
        (first, most), *others = [*chosen.most_common(2), (0, 0)][:2]
        clear = most > 0 and (not others or others[0][1] < most)
        return self.label([first]) if clear else None

    def joins_all(self, sentence: str) -> bool:
        """Whether a sentence recommends all options side by side: "the tram on … and the ferry"."""
        everyone = len({each.option for each in self.names.mentions(sentence)})
        joined_ = bool(JOINED.search(self._marked(sentence))) and not COMPARED.search(sentence)
        return everyone == len(self.names.options) and joined_

    def _marked(self, sentence: str) -> str:
        """`sentence` with «0» for each mention of the first option, and so on."""
        parts, at = [], 0
        for each in self.names.mentions(sentence):
            parts += [sentence[at : each.start], f"«{each.option}»"]
            at = each.end
        return "".join([*parts, sentence[at:]])


@cache
def _patterns(forms: tuple[str, ...], name: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(form.replace("@", name), re.IGNORECASE) for form in forms)


JOINED = re.compile(r"«\d»[^,;.«]{0,40}\band (?:the |an? |with )?«\d»")
COMPARED = re.compile(r"(?i)\b(?:than|rather|instead|over|but|between|beats?)\b")
BOTH_CHOSEN = re.compile(rf"(?i)\b{VERBS} both\b|\beither (?:one )?(?:will|would|is|does|works)\b")
NEITHER_CHOSEN = re.compile(rf"(?i)\b{VERBS} (?:neither|none of (?:the|these|them))\b")
CHOSEN = (
    rf"\b{VERBS} (?:[\w’'-]+ ){{0,4}}?@",
    r"\b(?:better|best|answer|choice|winner|pick)(?: \w+){0,2} (?:with|is) (?:[\w’'-]+ ){0,3}?@",
    r"@[\w’']* (?:wins|fits|suits|(?:is|are)(?: (?!not)\w+){0,3} (?:better|best|right|choice))\b",
)
DENIED = (
    rf"\b(?:not|never|don['’]t|no|cannot|can['’]t) {VERBS} (?:[\w’'-]+ ){{0,4}}?@",
    r"\b(?:avoid|against|instead of|rather than|than|over) (?:the |an? )?@",
    r"\b(?:none|nobody|neither) [^.,;]{0,60}@",
)
