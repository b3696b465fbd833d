"""Which options a document compares: from its title, tables, headings and verdict lines."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice, pairwise

from knowledge.comparison import MAX_OPTIONS, slug
from knowledge.documents.blocks import Block, same, short
from knowledge.documents.counted import counted_options
from knowledge.documents.headed import (
    WEIGHED,
    badged_options,
    considered_options,
    from_headings,
)
from knowledge.documents.headers import possible_options, row_options
from knowledge.documents.judge import Judge
from knowledge.documents.labelled import Label, Labels, labelled_options, unlabelled
from knowledge.documents.names import (
    NO_NAME,
    TOKEN,
    Names,
    abbreviates,
    cleaned,
    initials,
    same_name,
    tokens,
)
from knowledge.documents.suggested import suggested_options
from knowledge.documents.tabled import options_of_form, options_of_tables
from knowledge.documents.titles import VERSUS, spelled, title_names
from knowledge.documents.verdicts import Sure
from knowledge.errors import DocumentError

NUMBERS = re.compile(r"\s+v?\d[\d.]*$")
MAX_LINES = 200  # that may list names after a colon
MAX_WORDS_BESIDE = 2  # the name of a maker, or of a model
LABELS = "labels such as Option A"
MODEL = "the model"
FORM = "form of a table"
TITLE = "title"
WEAK = ("", FORM, TITLE)  # sources of options beside which a judge is asked, unless they are told


@dataclass(frozen=True)
class FoundOptions:
    """The options' names, how their text was recognised, and what is uncertain of it."""

    names: Names
    source: str
    sure: Sure
    notes: tuple[str, ...] = ()

    @property
    def listed(self) -> bool:
        """Whether the document numbers them, or the user names them."""
        return self.source in ("given", LABELS)


class _Document:
    """What of a document's text may name options."""

    def __init__(self, titles: Sequence[str], blocks: Sequence[Block]) -> None:
        self.blocks = blocks
        self.titles = titles
        self.body = " \n".join(block.text for block in blocks if block.text not in titles)
        self.headings = [*titles, *(block.text for block in blocks if block.level)]
        bold = (b.text for b in blocks if b.lead in (b.text, b.text[:-1]) and not b.rows)
        self.lines = [*self.headings, *filter(None, bold)]
        self.title_sides = [sides for title in titles for sides in title_names(title, self.body)]
        named = title_names(titles[0], self.body) if titles and VERSUS.search(titles[0]) else []
        self.versus = next(iter(named), [])
        tables = [block for block in blocks if block.rows]
        self.columns = [each for block in tables if (each := possible_options(block, 0))]
        self.rows = [*map(row_options, tables)]
        self.labels = labelled_options(blocks)
        told = (line for block in blocks if not block.rows for line in block.text.split("\n"))
        rest = islice((line.partition(": ")[2] for line in told if ": " in line), MAX_LINES)
        self.lists = [sides for line in rest for sides in title_names(line, "")]
        alone = [name for block in blocks for name in (block.text * bool(block.level), *block.bold)]
        self.named = [*self.lists, *self.title_sides, [*map(cleaned, alone)]]

    def count(self, name: str) -> int:
        """How often the text below the titles has `name`."""
        return len(re.findall(spelled(name), self.body, re.IGNORECASE))


def find_options(
    titles: Sequence[str],
    blocks: Sequence[Block],
    given: Sequence[str],
    judge: Judge | None = None,
) -> list[FoundOptions]:
    """What a document may compare: what its form tells, and where that is nothing, or little, what
    `judge` says.

    Raises DocumentError if no two options are recognised.
    """
    document = _Document(titles, blocks)
    if given:
        return [_found(document, list(given), "given", "told", [])]
    notes: list[str] = []
    options, source, sure = _chosen(document, notes)
    suggested = suggested_options(judge, blocks) if sure != "told" and source in WEAK else []
    if {*map(tokens, suggested)} == {*map(tokens, options)}:
        suggested = []
    listed = short(", ".join(suggested))
    by_model = [f"{listed}: taken for the options by the model only."]
    return [
        *([_found(document, options, source, sure, notes)] if options or not suggested else []),
        *([_found(document, suggested, MODEL, "judged", by_model)] if suggested else []),
    ]


def _found(
    document: _Document, options: list[str], source: str, sure: Sure, notes: list[str]
) -> FoundOptions:
    """The options in full, and by what other names the document knows them."""
    given = source == "given"
    if not 2 <= len(options) <= MAX_OPTIONS:
        count = (
            f"{len(options)} options were found"
            if len(options) > 1
            else "no two options were found"
        )
        raise DocumentError(
            f'{count} (two to {MAX_OPTIONS} are needed): none in a title with "A vs B", as columns'
            ' of a table, or in headings such as "When to choose A". Name them with --options.'
        )
    if not given:
        options = _in_full(options, document)
    if not given and any(option[:1].isupper() for option in options):
        options = [_capitalised(option, document.body) for option in options]
    if len({*map(slug, options)}) < len(options) or not all(map(slug, options)):
        raise DocumentError(f"its options, {short(', '.join(options))}, are not different names.")
    also = [_also(option, options, document) for option in options]
    labels = [_label(option, document.labels) for option in options]
    for option, label, others in zip(options, labels, also, strict=True):
        shown = [each for each in [label, *others] if each and tokens(each) != tokens(option)]
        if shown and not given:
            listed = ", ".join(f'"{short(each)}"' for each in shown[:3])
            notes.append(f'{listed}: taken for "{short(option)}".')
    whole = [
        [*others, f"{label} {option}"] if label else others
        for option, label, others in zip(options, labels, also, strict=True)
    ]
    return FoundOptions(Names(options, whole, labels), source, sure, tuple(notes))


def _label(option: str, labels: Sequence[Label]) -> str:
    """The label of an option, "Option A", "" if it has none."""
    return next((each.label for each in labels if tokens(each.name) == tokens(option)), "")


def _chosen(document: _Document, notes: list[str]) -> tuple[list[str], str, Sure]:
    by_label = [each.name for each in document.labels]
    by_table = options_of_tables(document.blocks, document.headings)
    for named in (document.columns, document.rows, [by_label]):
        for sides in document.title_sides:  # a table's columns, or its rows, agree with the title
            for names in named:
                if matched := _matched(sides, names):
                    more = [] if document.versus else _others(matched, names, by_table)
                    return [*matched, *more], "title and table", "told"
    if 2 <= len(by_label) <= MAX_OPTIONS and _referred_to(document):
        return by_label, LABELS, "told"
    by_heading = badged_options(document.blocks) or from_headings(document.lines)
    for sides in document.title_sides:
        if len(by_heading) >= 2 and all(any(same_name(a, b) for b in by_heading) for a in sides):
            return sides, "title and headings", "told"
    agrees = any(same_name(a, b) for a in document.versus for b in by_table)
    often = bool(document.versus) and min(map(document.count, document.versus)) > 1
    if often and not agrees:  # whatever else a table has as columns
        return document.versus, TITLE, "told"
    if by_table:
        several = len(document.columns) > 1 or by_heading
        return by_table, "table", "told" if several else "implied"
    for sides in document.title_sides:
        found = [*map(document.count, sides)]
        if all(found):
            sides = [
                side.capitalize() if side.isupper() and " " in side else side for side in sides
            ]
            return sides, TITLE, "told" if min(found) > 1 else "implied"
    if 2 <= len(by_heading) <= MAX_OPTIONS:
        return by_heading, "headings", "implied"
    considered = considered_options(document.blocks)
    if considered:
        return considered, "list of options", "told"
    if counted := counted_options(document.titles, document.blocks):
        return counted, "list of options", "implied"
    if unspoken := options_of_form(document.blocks, document.titles):
        listed = short(", ".join(unspoken))
        notes.append(f"{listed}: taken for the options by the form of a table only.")
        return unspoken, FORM, "guessed"
    return [], "", "guessed"


def _referred_to(document: _Document) -> bool:
    """Whether labelled options are what a document weighs: it says so in a heading, or refers to
    them by their labels elsewhere.
    """
    if any(map(WEIGHED.search, document.headings)):
        return True
    labels = Labels([each.label for each in document.labels])
    lines = (line for block in document.blocks for line in re.split(r"\n|\s\|\s", block.text))
    return any(labels.spans(line) for line in lines if unlabelled(line) == line)


def _matched(sides: Sequence[str], header: Sequence[str]) -> list[str]:
    """The header's names of `sides`, in the order of `sides`; [] unless each has one of its own."""
    found: list[str] = []
    for side in sides:
        exact = [cell for cell in header if tokens(cell) == tokens(side)]
        close = exact or [cell for cell in header if same_name(cell, side) and cell not in found]
        if len(close) != 1:
            return []
        bare = NUMBERS.sub("", close[0])  # of a version
        name = bare if tokens(bare) == tokens(side) else close[0]
        keep = same(name) == same(side) and not (
            side.islower() or (side.isupper() and len(side) > 5)
        )
        found.append(side if keep else name)
    return found if len({*map(same, found)}) == len(found) else []


def _in_full(options: Sequence[str], document: _Document) -> list[str]:
    """`options` with what stands before each where the document names all of them: "Brenner LX2" of
    "LX2", if its lists, its title, or its headings and words in bold type have that. A title that
    has them as they are decides.
    """
    titled = [{*map(same, sides)} for sides in document.title_sides]
    if any({*map(same, options)} <= sides for sides in titled):
        return [*options]
    for names in document.named:
        after = MAX_WORDS_BESIDE if names in document.lists else 0
        full = [_longer(option, names, after) for option in options]
        beside = {
            same(name.replace(option, "")) for name, option in zip(full, options, strict=True)
        }
        if all(full) and len(beside) > 1:  # "Choose" before each is part of no name
            return full
    return [*options]


def _longer(option: str, names: Sequence[str], after: int) -> str:
    """The one of `names` that has `option` and a word or two before it, or at most `after` words
    behind it; "" if none or several do.
    """
    word = r"[^\W\d_a-z][\w'’&-]*"
    longer = re.compile(
        rf"(?:{word}\s+){{0,{MAX_WORDS_BESIDE}}}(?i:{re.escape(option)})(?:\s+(?:{word}|\d+)){{0,{after}}}"
    )
    found = {same(name): name for name in names if longer.fullmatch(name)}
    return next(iter(found.values())) if len(found) == 1 else ""


def _others(matched: Sequence[str], names: Sequence[str], by_table: Sequence[str]) -> list[str]:
    """Those of a table's `names` that a title leaves out, if the text speaks of them all."""
    spoken = by_table if {*names} <= {*by_table} else []
    return [name for name in spoken if not any(same_name(name, each) for each in matched)]


def _also(option: str, options: Sequence[str], document: _Document) -> list[str]:
    """Other names of `option`: as the title, a table or a heading has it, and its initials."""
    title_sides, columns = document.title_sides, document.columns
    headings, body = document.headings, document.body
    found: list[str] = []
    named = [
        *(side for sides in title_sides for side in sides),
        *(c for cells in columns for c in cells),
    ]
    for name in dict.fromkeys(named):
        same_as = [other for other in options if same_name(name, other)]
        if same_as == [option] and len(name.split()) <= 7:
            found.append(name)
    short_name = initials(option)
    if len(short_name) > 1 and sum(initials(other) == short_name for other in options) == 1:
        found += [short_name] if re.search(rf"\b{re.escape(short_name)}s?\b", body) else []
    if option.isupper() and len(option) <= 5:
        found += _spelled_out(option, headings, body)
    return [each for each in dict.fromkeys(found) if same(each) != same(option)]


def _spelled_out(option: str, headings: Sequence[str], body: str) -> list[str]:
    """The commonest words that an abbreviation such as TTX may stand for."""
    counted: Counter[str] = Counter()
    shown: dict[str, str] = {}
    text = "\n".join([*headings, body]).lower()
    words = [(m[0], m.start(), m.end()) for m in TOKEN.finditer(text)]
    for size in (2, 3):
        for i in range(len(words) - size + 1):
            part = words[i : i + size]
            gaps = [text[a[2] : b[1]] for a, b in pairwise(part)]
            if any(gap not in (" ", "-") for gap in gaps) or part[0][0] in NO_NAME:
                continue
            phrase = text[part[0][1] : part[-1][2]]
            if abbreviates(option, phrase):
                key = " ".join(tokens(phrase))
                counted[key] += 1
                shown.setdefault(key, phrase)
    best = counted.most_common(1)
    return [shown[best[0][0]]] if best and best[0][1] > 1 else []


def _capitalised(name: str, body: str) -> str:
    """`name` with a capital, unless it has one within ("iPhone"), or the document begins sentences
    with it in lower case ("npm is slow").
    """
    begins = re.search(rf"(?m)(?:^|[.!?]\s+){re.escape(name)}(?!\w)\s+[a-z]", body)
    own = begins or any(char.isupper() for char in name[1:].split(" ")[0])
    return name if own else name[:1].upper() + name[1:]
