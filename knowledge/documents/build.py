"""From a document's blocks to its Comparison, and what was recognised of it.

reading = read_blocks(blocks, front)
reading.comparison, reading.findings
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from knowledge.comparison import NEITHER, Comparison, Kind, joined, slug
from knowledge.documents.asides import asides, badged
from knowledge.documents.blocks import (
    DEFAULT_BOTH,
    Block,
    plain,
    same,
    section_named,
    short,
)
from knowledge.documents.bottom_line import find_bottom_line
from knowledge.documents.bullets import FoundCase
from knowledge.documents.cases import CaseReader, Rest
from knowledge.documents.conditions import condition_cases
from knowledge.documents.decided import minuted
from knowledge.documents.front_matter import NO_VERDICT, FrontMatter
from knowledge.documents.furniture import without_furniture
from knowledge.documents.general import General
from knowledge.documents.header_lines import one_header
from knowledge.documents.judge import Judge, asked, labels, settled, with_judgement
from knowledge.documents.masthead import masthead, top_headings
from knowledge.documents.names import Names
from knowledge.documents.options import MODEL, FoundOptions, find_options
from knowledge.documents.passages import Draft, Finding, labelled, numbered
from knowledge.documents.prose import prose_cases
from knowledge.documents.rows import TableRow, Tables
from knowledge.documents.sections import Section, numberless, tree
from knowledge.documents.shape import shaped
from knowledge.documents.verdicts import Sure, Verdicts
from knowledge.errors import DocumentError

BOTH_ALONE = re.compile(
    r"(?i)^\W*((?:it )?depends|both ?(?:/|or) ?(?:it )?depends|either|both|hybrid|mixed|tie"
    r"|draw)\W*$"
)
GENERAL_HEADING = "The Bottom Line"
UNSURE = 0.7  # below which a judged verdict is warned of
MAX_JUDGED = 60  # use cases, at about two seconds each
MAX_ASIDES = 20  # of what may be use cases beside them


@dataclass(frozen=True)
class Reading:
    """A Comparison and, in the order of the document, what it was recognised by."""

    comparison: Comparison
    findings: tuple[Finding, ...]


def read_blocks(
    blocks: Sequence[Block],
    front: FrontMatter,
    options: Sequence[str] = (),
    notes: Sequence[str] = (),
    judge: Judge | None = None,
) -> Reading:
    """Raises DocumentError, which says what is missing, if the blocks are no comparison."""
    blocks = shaped([one_header(block) if block.rows else block for block in blocks])
    blocks, left_out = without_furniture(blocks)
    head = masthead(blocks)
    title = front.title or head.title
    titles = [each for each in dict.fromkeys([title, *top_headings(blocks)]) if each]
    beside = [each for each in head.body if each.level or not each.of_table]
    readings: list[Reading] = []
    refused: list[DocumentError] = []
    for found in find_options(titles, beside, options or front.options, judge):
        builder = _Builder(found, front, [*notes, *left_out, *head.notes, *found.notes], judge)
        try:
            readings.append(builder.build(title or " vs ".join(found.names.options), head.body))
        except DocumentError as error:
            refused.append(error)
    if not readings:
        raise refused[0]
    return max(readings, key=_verdicts)


def _verdicts(reading: Reading) -> int:
    """How many verdicts a reading has."""
    return sum(passage.verdict is not None for passage in reading.comparison.passages)


class _Builder:
    def __init__(
        self, found: FoundOptions, front: FrontMatter, notes: list[str], judge: Judge | None
    ) -> None:
        self.found, self.front = found, front
        self.notes, self.judge = notes, judge
        self.names: Names = found.names
        self.options = found.names.options
        self.drafts: list[Draft] = []
        self.findings = [
            Finding("option", name, None, found.source, found.sure) for name in self.options
        ]

    def build(self, title: str, body: Sequence[Block]) -> Reading:
        if self.front.options or self.found.source == "given":
            text = " ".join([title, *(block.text for block in body)])
            named = {each.option for each in self.names.mentions(text)}
            for i, option in enumerate(self.options):
                if i not in named:
                    raise DocumentError(f'the option "{short(option)}" is not named in it.')
        both = self._both(body)
        self.verdicts = Verdicts(self.names, both)
        tables = Tables(self.names, self.verdicts, body)
        self.verdicts.learn_names(numberless(block.text) for block in body if block.level)
        self.verdicts.learn_labels(
            line
            for block in body
            if not block.rows
            for line in (block.lead, *block.text.split("\n"))
        )
        self.verdicts.learn_kinds(block.text for block in body if not block.rows)
        root = tree(minuted(body), self._is_label)
        reader = CaseReader(self.verdicts, self.names.exactly(title))
        reader.read(root)
        found = [tables.cases(each) or tables.best_of(each) for each in body if each.rows]
        of_tables = [case for each in found for case in each]
        told, rests = badged(self.verdicts, reader.rest)
        cases = [*reader.cases, *told]
        if not cases and not of_tables:
            cases, rests = prose_cases(self.verdicts, rests)
        spoken = (block for rest in rests if not rest.apart for block in rest.blocks)
        cases += condition_cases(self.verdicts, spoken)
        further, rests = self._asides(rests, [*cases, *of_tables])
        for rest in rests:
            self._rest(rest, tables)
        for case in [*self._judged(cases), *further]:
            self._use_case(case)
        self._check_corrections()
        self._in_general(rests)
        self._check_told(root)
        for kind in ("introduction", "analysis", "bottom-line"):
            if kind not in (draft.kind for draft in self.drafts):
                self.notes.append(f"No {kind.replace('-', ' ')} was found.")
        passages = numbered(self.drafts)
        comparison = Comparison(
            title, self.options, both, self.front.as_of, passages, tuple(dict.fromkeys(self.notes))
        )
        return Reading(comparison, (*self.findings, *(draft.finding for draft in self.drafts)))

    def _check_told(self, root: Section) -> None:
        """Raises DocumentError if names are all that was recognised."""
        by_model = self.found.source == MODEL
        with_verdict = [each for each in self.drafts if each.verdict]
        told = any(each.finding.sure in ("told", "implied") for each in with_verdict)
        compared = any(each.kind == "dimension" for each in self.drafts)
        advised = sum(each.kind == "best-for" for each in with_verdict) > 1
        if told or self.found.listed or (advised if by_model else compared):
            return
        text = root.whole
        counts = [0] * len(self.options)
        for mention in self.names.mentions(text):
            counts[mention.option] += 1
        text_on_all = min(counts) > 1 and any(
            each.kind in ("analysis", "best-for") for each in self.drafts
        )
        if by_model or not text_on_all:
            raise DocumentError(
                f"it names {short(joined(self.options))}, but no table with a column for each, too"
                " few use cases with a verdict, and too little text on them were found."
            )

    def _is_label(self, text: str) -> bool:
        told = self.verdicts.opening(text)
        alone = told and not text[told.end :].strip(" .,:;!*🏆")
        return bool(alone or self.verdicts.labelled(text) or self.verdicts.for_case(text))

    def _both(self, body: Sequence[Block]) -> str:
        """The label for both: as front matter or a verdict line has it, else the usual one."""
        given = self.front.both
        if not given:
            lines = (
                block.text.split("\n")[0] for block in body if not block.level and not block.rows
            )
            given = next(
                (plain(match[1]) for line in lines if (match := BOTH_ALONE.match(line))), ""
            )
            given = DEFAULT_BOTH if len(given) < 7 else given
        labels = (*self.options, given)
        if len({*map(same, labels)}) < len(labels):
            allowed = ", ".join(f'"{short(name)}"' for name in labels)
            raise DocumentError(f"its labels, {allowed}, are not different ones.")
        return given

    # --- passages ---

    def _add(self, draft: Draft) -> None:
        self.drafts.append(draft)

    def _rest(self, rest: Rest, tables: Tables) -> None:
        """The rows of a section's tables, and its text as one passage."""
        kept: list[Block] = []
        for block in rest.blocks:
            if not block.rows or not self._table(block, rest, tables):
                kept.append(block)
        if not kept:
            return
        text = "\n".join(plain(block.text) for block in kept)
        named = section_named(rest.heading) if rest.heading else "introduction"
        source = f'heading "{rest.heading}"' if rest.heading else "text before the first heading"
        kind: Kind = "analysis"
        if named == "introduction" and not any(each.kind == "introduction" for each in self.drafts):
            kind = "introduction"
        heading = "Introduction" if kind == "introduction" else rest.heading or "Text"
        finding = Finding(kind, heading, None, source, "told", rest.line or kept[0].line)
        self._add(Draft(kind, heading, text, finding, parent=rest.parent))

    def _table(self, block: Block, rest: Rest, tables: Tables) -> bool:
        """Whether a table was recognised: by its columns, or by a column of verdicts."""
        rows = None if tables.columns_of_cases(block) else tables.compared(block)
        if rows is not None:
            for case in tables.best_of(block):
                self._use_case(case)
            for row in rows:
                self._row(row, rest, block.line)
            return True
        cases = tables.cases(block)
        if cases is None and (doubt := tables.doubt(block)):
            self.notes.append(doubt)
        for case in self._judged(cases or ()):
            self._use_case(case)
        return cases is not None

    def _row(self, row: TableRow, rest: Rest, line: int) -> None:
        heading, cells, extra, doubt = row.heading, row.cells, row.extra, row.doubt
        if doubt:
            kept = "kept whole" if not cells else "what is missing counts as not stated"
            self.notes.append(f'Row "{short(heading)}": {doubt}; {kept}.')
        if not heading or not slug(heading) or not (any(cells) or extra):
            told = " ".join([heading, *cells])
            self.notes.append(f'Row "{short(told)}" has no name or no cells; left out.')
            return
        lines = [
            labelled(cell, option, [other for other in self.options if other != option])
            for cell, option in zip(cells, self.options, strict=False)
        ]
        text = "\n".join(filter(None, [*lines, extra]))
        source = f'table under "{rest.heading}"' if rest.heading else "table"
        finding = Finding("dimension", heading, None, source, "guessed" if doubt else "told", line)
        self._add(
            Draft("dimension", heading, text, finding, None, cells, row.group or rest.heading)
        )

    def _judged(self, cases: Sequence[FoundCase]) -> list[FoundCase]:
        """`cases`, with the judge's verdict where no rule tells one.

        What a person has corrected is asked too if anything is: what is usual in the document
        counts, so that one correction would change the other judgements.
        """
        open_ = [each for case in cases for each in (case, *case.parts) if each.sure == "guessed"]
        if all(self._corrected(case.heading) for case in open_):
            return [*cases]
        count = len(open_)
        del open_[MAX_JUDGED:]
        judged = labels(self.judge, self.verdicts, list(map(asked, open_)))
        if judged and count > MAX_JUDGED:
            self.notes.append(
                f"{count} sections tell no verdict by their form; {MAX_JUDGED} were judged."
            )
        found = dict(zip(map(id, open_), judged, strict=bool(judged)))
        return [each for case in cases for each in settled(case, found)]

    def _asides(
        self, rests: Sequence[Rest], cases: Sequence[FoundCase]
    ) -> tuple[list[FoundCase], list[Rest]]:
        """The use cases beside `cases` that a judge or a person finds in `rests`, and what is left
        of those. One that takes all of a section has its heading too.
        """
        found = asides(self.verdicts, rests, cases)
        open_ = [each for each in found if not self._corrected(each[1].heading)]
        taken = [each for each in found if self._corrected(each[1].heading)]
        judged = labels(self.judge, self.verdicts, [asked(case) for _, case in open_[:MAX_ASIDES]])
        if judged and len(open_) > MAX_ASIDES:
            self.notes.append(
                f"{len(open_)} paragraphs may be use cases; {MAX_ASIDES} were judged."
            )
        for (blocks, case), judgement in zip(open_, judged, strict=False):
            if judgement[0] not in (None, NEITHER):
                taken.append((blocks, with_judgement(case, *judgement)))
        gone = {id(block) for blocks, _ in taken for block in blocks}
        left = [
            replace(rest, blocks=tuple(each for each in rest.blocks if id(each) not in gone))
            for rest in rests
        ]
        pairs = zip(rests, left, strict=True)
        bare = {old.heading for old, new in pairs if old.blocks and not new.blocks}
        return [
            replace(case, text=f"{case.under}\n{case.text}")
            if case.under in bare and case.under != case.heading
            else case
            for _, case in taken
        ], left

    def _use_case(self, case: FoundCase) -> None:
        heading = plain(case.heading)
        given = self._corrected(heading)
        if given and same(given) == NO_VERDICT:
            self._no_case(case, "front matter", "told")
            return
        if not given and case.label is None:
            if case.expected:
                self.notes.append(f'The use case "{short(heading)}" gives no verdict.')
            self._no_case(case, case.source, case.sure)
            return
        label = self._checked(given, f'the verdict of "{short(heading)}"') if given else case.label
        sure: Sure = "told" if given else case.sure
        source = "front matter" if given else case.source
        heading = heading if slug(heading) else "Use case"
        probability = None if given else case.probability
        if sure == "guessed" or (probability or 1) < UNSURE:
            how = "a guess" if probability is None else f"judged with {probability:.2f} only,"
            self.notes.append(
                f'"{short(heading)}": "{short(str(label))}" is {how} from {case.source}.'
            )
        finding = Finding("best-for", heading, label, source, sure, case.line, probability)
        text = "\n".join(filter(None, map(plain, case.text.split("\n"))))
        self._add(Draft("best-for", heading, text or str(label), finding, label))

    def _no_case(self, case: FoundCase, source: str, sure: Sure) -> None:
        """Keeps the text of what is no use case, or has no verdict."""
        heading = plain(case.heading)
        finding = Finding("analysis", heading, None, source, sure, case.line)
        self._add(Draft("analysis", heading, case.text or heading, finding))

    def _corrected(self, heading: str) -> str:
        """The verdict that front matter gives for a use case, "" if it gives none."""
        given = self.front.verdicts.items()
        return next((label for case, label in given if same(case) == same(heading)), "")

    def _check_corrections(self) -> None:
        """Makes use cases of what front matter calls one, and warns of what is not found."""
        found = {same(draft.heading) for draft in self.drafts if draft.kind == "best-for"}
        for i, draft in enumerate(self.drafts):
            open_ = draft.kind == "analysis" and same(draft.heading) not in found
            given = self._corrected(draft.heading) if open_ else ""
            if given and same(given) != NO_VERDICT:
                label = self._checked(given, f'the verdict of "{short(draft.heading)}"')
                finding = replace(
                    draft.finding, kind="best-for", verdict=label, source="front matter"
                )
                self.drafts[i] = replace(draft, kind="best-for", verdict=label, finding=finding)
        found |= {same(draft.heading) for draft in self.drafts}
        for case in self.front.verdicts:
            if same(case) not in found:
                self.notes.append(f'The front matter\'s use case "{short(case)}" was not found.')

    def _checked(self, label: str, what: str) -> str:
        """The label that front matter gives, as the comparison has it."""
        known = [*self.options, self.verdicts.both, NEITHER]
        for each in known:
            if same(each) == same(label):
                return each
        told = self.verdicts.opening(label)
        if told and not label[told.end :].strip():
            return told.label
        allowed = ", ".join(f'"{short(each)}"' for each in known)
        raise DocumentError(f'{what}, "{short(label)}", is none of {allowed}.')

    def _in_general(self, rests: Sequence[Rest]) -> None:
        """Makes the section that sums up the bottom line, with its verdict."""
        given = self.front.in_general
        judge = None if given else self.judge
        at, general = find_bottom_line(self.drafts, rests, self.verdicts, judge)
        if given:
            nothing = same(given) == NO_VERDICT
            label = None if nothing else self._checked(given, "its front matter's in_general")
            general = General(label, "told")
        if at < 0:
            return
        draft = self.drafts[at]
        source = "front matter" if given else f'heading "{draft.heading}"'
        if general.label and (general.sure == "guessed" or (general.probability or 1) < UNSURE):
            self.notes.append(f'In general: "{short(general.label)}" is not certain.')
        finding = Finding(
            "bottom-line",
            GENERAL_HEADING,
            general.label,
            source,
            general.sure,
            draft.finding.line,
            general.probability,
        )
        self.drafts[at] = replace(
            draft,
            kind="bottom-line",
            heading=GENERAL_HEADING,
            verdict=general.label,
            finding=finding,
        )
