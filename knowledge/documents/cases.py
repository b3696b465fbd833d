"""The use cases of a document and what it recommends in general, found by its structure.

A verdict is told by a label ("Winner: X"), by a heading or line over use cases ("When to choose
X"), or by a bullet's own words ("no outside space: the airer"); what sentences say is a guess.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from knowledge.comparison import NEITHER
from knowledge.documents.blocks import Block, section_named
from knowledge.documents.bullets import (
    FIT_LINE,
    FIT_SOURCE,
    POOR_FIT,
    PRO_SOURCE,
    PROSE_SOURCE,
    FoundCase,
    Governing,
    bullet_case,
    case_name,
    each_condition,
    governed,
)
from knowledge.documents.conditions import condition_cases
from knowledge.documents.decided import CONDITION_FIRST, RESOLVED, SENTENCES, in_sentences
from knowledge.documents.furniture import APPARATUS, POSITIONS
from knowledge.documents.general import GENERAL, GENERAL_HEADING, recommends_alone
from knowledge.documents.labels import Label, answer, asks, own_label
from knowledge.documents.sections import BOLD_LEVEL, Item, Section, items, leaves
from knowledge.documents.verdicts import AGAINST, BADGE, ENDS, Sure, Verdicts

CASE_GROUP = re.compile(
    r"(?i)\b(?:best for|use[- ]cases?|cases|who (?:should|is|needs|for)|which\b.*\b(?:for|to|suits?"
    r"|should|fits?)|when to|recommend\w*|verdicts?|situations?|scenarios?|choos\w+|picking|advice"
    r"|should you|which one)\b"
)
HEADS = re.compile(r"(?i)(?:[:…]|\b(?:if|when))$")  # a line over the list that follows it
BY = re.compile(r"(?i)^by \w+")  # over sections for each plot, or climate
THIS = re.compile(r"(?i)\b(?:it|this|us)\b")
ALIKE = 3  # sections side by side with such headings are use cases: "Our advice for …"
# under such a heading each part is a use case; under others of CASE_GROUP it may be
EXPECTED = re.compile(
    r"(?i)\b(?:best for|use[- ]cases|situations|scenarios|who should|which one|should you)\b"
)
FIT = re.compile(
    r"(?i)\b(?:good|best|great|ideal|right|perfect) (?:fit|choice|for|if|when)\b|\b(?:choose"
    r"|use|pick|take|buy|get) (?:it|this|them) (?:if|when|for)\b"
    r"|^(?:best|good|ideal|perfect|suited|suitable|right|recommended) (?:for|if|when)\b"
    r"|^(?:it|this|they|these) (?:(?:also|best|mainly|mostly) )?suits?\b"
    r"|^(?:when|why) (?:not )?(?:to )?(?:choose|use|pick) (?:it|this|us)\b"
    r"|^(?:where|when) (?:it|this) (?:fits|shines|works)\b"
    r"|^(?:choose|use|pick|take|buy|when|if|suits|who it is for|who (?:should|is it for))\b"
)
PROS = re.compile(
    r"(?i)\b(?:pros|cons|advantages|disadvantages|strengths|weaknesses|drawbacks|benefits"
    r"|consequences)\b"
)


@dataclass(frozen=True)
class Rest:
    """What stands under a heading and is no use case."""

    heading: str
    blocks: tuple[Block, ...]
    line: int
    parent: str
    general: bool = False  # whether its heading says that it sums up

    @property
    def apart(self) -> bool:
        """Whether its heading says that it recommends nothing: pros and cons, views of others."""
        return any(each.search(self.heading) for each in (PROS, APPARATUS, POSITIONS))


@dataclass(frozen=True)
class Place:
    """Where a section or bullet stands: under what, what a heading above says of it, whether in a
    group of use cases, whether each of those should have a verdict, and whether others beside it
    state theirs, tell what was resolved, or answer their heading with an option.
    """

    parent: Section
    over: Governing | None = None
    group: bool = False
    expected: bool = False
    labelled: bool = False
    resolved: bool = False
    answered: bool = False


class CaseReader:
    """Walks the sections of a document once; then `cases` and `rest` are what it found."""

    def __init__(self, verdicts: Verdicts, subject: int | None = None) -> None:
        """`subject` is the option that the document is about, "this", if it is about one."""
        self.verdicts, self._subject = verdicts, subject
        self.cases: list[FoundCase] = []
        self.rest: list[Rest] = []
        self._governed_headings = False

    def read(self, root: Section) -> None:
        self._governed_headings = any(
            self.verdicts.governs(each.heading) for each in root.all() if each.level
        )
        if self._governed_headings:  # lists of the introduction stand under them again
            self._keep(root, root.blocks, "")
        else:
            self._bullets(root, items(root.blocks), Place(root))
        self._children(root, None, False)

    # --- sections ---

    def _children(
        self, section: Section, over: Governing | None, group: bool, expected: bool = False
    ) -> None:
        governing = [None] * len(section.children) if over else self._governing(section)
        labelled = [own_label(self.verdicts, child) for child in section.children]
        explicit = sum(told is not None for told in labelled)
        alike = sum(bool(CASE_GROUP.search(child.heading)) for child in section.children)
        group = group or alike >= ALIKE
        resolved = any(told is not None and told.adopted for told in labelled)
        answered = sum(bool(answer(self.verdicts, child)) for child in section.children) > 1
        place = Place(section, over, group, expected, explicit > 1, resolved, answered)
        for child, own, told in zip(section.children, governing, labelled, strict=True):
            self._section(child, place, own, told)

    def _governing(self, parent: Section) -> list[Governing | None]:
        """What each heading says of its section; the last one of a group that names no option is
        for the option that none of them names, else for all.
        """
        found: list[Governing | None] = []
        siblings = parent.children
        option = self.verdicts.names.exactly(parent.heading) if parent.heading else None
        for section in siblings:
            heading = section.heading
            says = self.verdicts.governs(heading)
            about = self._subject if option is None and THIS.search(heading) else option
            if about is not None and not says:  # "Good fit" under an option's own heading
                poor = bool(POOR_FIT.search(heading))
                apart = option is None and AGAINST.search(heading)  # for what else, it may not say
                if not apart and (poor or FIT.search(heading) or BADGE.match(heading)):
                    says = self.verdicts.label([about]), poor
            found.append(Governing(*says, source=f'heading "{section.heading}"') if says else None)
        named = {each.label for each in found if each}
        options = self.verdicts.names.options
        if len(named & set(options)) < 1 or (len(named & set(options)) < 2 and len(options) > 2):
            return found
        missing = [option for option in options if option not in named]
        open_ = [
            i
            for i, section in enumerate(siblings)
            if not found[i]
            and re.search(r"(?i)\b(?:when|if)\b[\s:…]*$", section.heading)
            and not self.verdicts.names.mentions(section.heading)
        ]
        if len(open_) == 1:
            label = missing[0] if len(missing) == 1 else self.verdicts.both
            found[open_[0]] = Governing(
                label, False, f'heading "{siblings[open_[0]].heading}" beside the others', "implied"
            )
        return found

    def _section(
        self, section: Section, place: Place, own: Governing | None, told: Label | None
    ) -> None:
        """`own` is what the section's heading says of it, `told` the verdict that it states."""
        heading, named = section.heading, section_named(section.heading)
        group = bool(CASE_GROUP.search(heading)) and not AGAINST.search(heading)
        alone = recommends_alone(heading)
        general = alone or (bool(GENERAL_HEADING.search(heading)) and not group)
        bullets = items([block for block in section.blocks if not block.code])
        inner = [child for child in section.children if child.level < BOLD_LEVEL]
        leaf = not (inner or bullets or _has_table(section))
        pros = [child for child in section.children if PROS.match(child.heading)]
        whole = bool(pros) and len(pros) == len(section.children) and not bullets
        parts = (section.children or bullets) and not whole  # each of which is a case
        if own and not self._names_case(heading) and parts:
            if section.children:
                self._keep(section, section.blocks, place.parent.heading)
                self._children(section, own, True)
            else:
                self._bullets(section, bullets, Place(place.parent, own, True))
        elif own and own.against:
            self._spoken_against(section, own, place)
        elif own and not (whole and told and told.told.label == own.label):
            agrees = told is not None and told.told.label == own.label
            name = told.case if told and agrees else ""
            self._case(section, own.label, own.source, own.sure, name)
        elif told and (own or place.over or self._states(place, told, general, named)):
            self._labelled_case(section, told)
        elif place.over:
            label, sure = governed(self.verdicts, place.over, section.whole)
            self._case(section, label, place.over.source, sure)
        elif leaf and not (general or named) and self._open(section, place):
            return
        else:
            among = named == "best-for" or (group and (alone or not general))
            expected = named == "best-for" or bool(EXPECTED.search(heading))
            if POSITIONS.search(heading):
                self._keep(section, section.blocks, place.parent.heading)
            elif bullets or any(each.lead or FIT_LINE.match(each.text) for each in section.blocks):
                inside = Place(place.parent, None, among or place.group, expected or place.expected)
                self._bullets(section, bullets, inside)
            else:
                self._keep(section, section.blocks, place.parent.heading)
            inner_group = bool(among or BY.match(heading)) and not PROS.search(heading)
            self._children(section, None, inner_group, expected)

    def _spoken_against(self, section: Section, own: Governing, place: Place) -> None:
        """A use case of the options that a section "When not to use X" names beside X, if any."""
        label, sure = governed(self.verdicts, own, section.whole)
        if label == NEITHER:
            self._keep(section, section.blocks, place.parent.heading)
        else:
            self._case(section, label, own.source, sure)

    def _states(self, place: Place, told: Label, general: bool, named: str | None) -> bool:
        """Whether a section's own verdict is one for a use case."""
        section = general or named in ("dimension", "introduction", "bottom-line")
        return not section and (told.worded or place.group or place.labelled)

    def _open(self, section: Section, place: Place) -> bool:
        """Makes a case of a section among use cases; its first words may have the verdict."""
        leads = {self.verdicts.names.exactly(each.lead) for each in section.blocks if each.lead}
        if len(leads - {None}) > 1:  # a list of options
            return False
        if len({each.label for each in condition_cases(self.verdicts, section.blocks)}) > 1:
            return False  # its sentences are the cases
        if (place.group or place.labelled) and (told := self.verdicts.opening(section.text)):
            self._case(section, told.label, "its first words", "implied")
        elif place.group and (label := self._decided(section.text)):
            self._case(section, label, PROSE_SOURCE, "implied")
        elif place.answered and (label := answer(self.verdicts, section)):
            self._case(section, label, "its first sentence", "implied")
        elif place.group and section.whole.strip():
            self._guess(section, place.expected)
        elif (place.resolved or (place.answered and asks(section.heading))) and (
            self.verdicts.speaks(section.whole) or RESOLVED.search(section.whole)
        ):
            self._guess(section, expected=False, by_rules=False)
        else:
            return False
        return True

    def _decided(self, text: str) -> str | None:
        """The label that the sentences of a use case decide on, or that its last words are."""
        last = SENTENCES.split(text.strip())[-1]
        told = self.verdicts.opening(last)
        if told and told.sure == "told" and not last[told.end :].strip(" .!"):
            return told.label
        label = None if GENERAL.search(text) else in_sentences(self.verdicts, text)
        ending = [
            sentence
            for sentence in SENTENCES.split(text)
            if any(
                ENDS.match(sentence, each.end) for each in self.verdicts.names.mentions(sentence)
            )
        ]
        return label if label == in_sentences(self.verdicts, " ".join(ending)) else None

    # --- bullets ---

    def _bullets(
        self,
        section: Section,
        bullets: Sequence[Item],
        place: Place,
    ) -> None:
        """Makes use cases of the bullets, and of paragraphs that begin in bold type, that have a
        verdict; keeps the rest.
        """
        taken: set[int] = set()
        alone = recommends_alone(section.heading)  # such bullets make one recommendation together
        option = self.verdicts.names.only(section.heading) if section.heading else None
        if option is None and place.parent.heading:
            option = self.verdicts.names.exactly(place.parent.heading)
        listed = {id(each.block): each for each in bullets}
        candidates: list[tuple[Item, Governing | None]] = []
        last: Governing | None = place.over
        for block in section.blocks:
            if id(block) in listed:
                candidates += [(leaf, last) for leaf in leaves(listed[id(block)])]
            elif not block.item and not block.rows and not block.code:
                sentence = re.split(r"(?<=[.!?:])\s+", block.text.rstrip())[-1]
                heads = bool(HEADS.search(sentence))
                says = self.verdicts.governs(sentence) if heads else None
                if heads and option is not None and FIT.search(sentence):  # "Best for:" and bullets
                    says = self.verdicts.label([option]), bool(POOR_FIT.search(sentence))
                last = Governing(*says, source=f'line "{sentence}"') if says else place.over
                if says and bullets:  # the line says it of the bullets, and is no case itself
                    continue
                fits = option is not None and FIT_LINE.match(block.text)
                if fits or (block.lead and block.lead != block.text):
                    candidates.append((Item(block), None))
        found: list[FoundCase | None] = []
        explicit = 0
        for item, governing in candidates:
            case = bullet_case(self.verdicts, item, governing, place.group, option, place.expected)
            found.append(case)
            explicit += case is not None and case.sure != "guessed"
        leading = [i for i, (item, _) in enumerate(candidates) if _names_situation(item)]
        beside = leading if explicit and len(leading) > 2 else []  # decided ones: open, if no more
        for i in beside:
            found[i] = found[i] or self._open_bullet(candidates[i][0])
        for i, ((item, governing), case) in enumerate(zip(candidates, found, strict=True)):
            if case is None or (alone and case.sure == "guessed"):
                continue
            pro = case.source in (PRO_SOURCE, FIT_SOURCE)
            told = explicit > 1 and case.sure != "guessed"
            if governing or place.group or pro or told or i in beside:
                self.cases += each_condition(case)
                taken |= {id(item.block), *map(id, item.below)}
        left = [block for block in section.blocks if id(block) not in taken]
        self._keep(section, left, place.parent.heading)

    def _open_bullet(self, item: Item) -> FoundCase | None:
        """A use case that a bullet may be, as others beside it are: for a judge to say."""
        case = bullet_case(self.verdicts, item, None, True, None, False)
        return case and replace(case, label=None)

    def _names_case(self, heading: str) -> bool:
        """Whether a heading with a verdict names a use case too: "Choose X for deep water", "Best
        for slopes: X".
        """
        if BADGE.search(heading) and self.verdicts.for_case(heading):
            return True
        if re.match(r"(?i)\W*(?:when|reasons|scenarios|use cases|usual|occasions)\b", heading):
            return False
        mentions = self.verdicts.names.mentions(heading)
        both = re.search(r"(?i)\b(?:both|neither|either|none)\b", heading)
        end = mentions[-1].end if mentions else both.end() if both else 0
        after = r"(?i)\s*(?:for|if|when|on|in)\s+(?:the |an? )?\w+[\s-]+\w+"
        return end > 0 and bool(re.match(after, heading[end:]))

    # --- what is left, and the cases of sections ---

    def _case(self, section: Section, label: str, source: str, sure: Sure, name: str = "") -> None:
        text, name = self._text(section), case_name(name or section.heading)
        self.cases.append(FoundCase(name, label, text or name, section.line, source, sure))

    def _guess(self, section: Section, expected: bool, by_rules: bool = True) -> None:
        """A section of which no rule tells what it recommends; one may guess it."""
        text, name = self._text(section), case_name(section.heading)
        label = self.verdicts.guess(text) if by_rules else None
        found = FoundCase(name, label, text, section.line, PROSE_SOURCE, "guessed", expected)
        self.cases.append(found)

    def _labelled_case(self, section: Section, label: Label) -> None:
        rest = replace(section, blocks=list(label.blocks))
        text, name, told = self._text(rest), case_name(label.case), label.told
        found = FoundCase(
            name, told.label, text or told.label, section.line, "its label", told.sure
        )
        self.cases.append(found)

    def _text(self, section: Section, heading: bool = False) -> str:
        """All text of a section; its tables are kept for their rows."""
        tables = [block for block in section.blocks if block.rows]
        self._keep(section, tables, "")
        parts = [section.heading] if heading else []
        parts += [block.text for block in section.blocks if not block.rows]
        parts += [self._text(child, heading=True) for child in section.children]
        return "\n".join(filter(None, parts))

    def _keep(
        self,
        section: Section,
        blocks: Sequence[Block],
        parent: str,
    ) -> None:
        if not blocks:
            return
        general = (
            bool(GENERAL_HEADING.search(section.heading))
            or section_named(section.heading) == "bottom-line"
        ) and any(not block.rows for block in blocks)
        self.rest.append(Rest(section.heading, tuple(blocks), section.line, parent, general))


def _names_situation(item: Item) -> bool:
    """Whether a bullet or paragraph names a situation by its form."""
    return bool(item.block.lead or item.path or CONDITION_FIRST.match(item.block.text))


def _has_table(section: Section) -> bool:
    return any(block.rows for block in section.blocks)
