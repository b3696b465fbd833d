"""Decisions that tables, bullets and paragraphs state in words of their own are read as one reads
them, and what states none stays open.
"""

import pytest

from knowledge.comparison import NEITHER
from knowledge.documents.reader import parse_text, read_text

SAWS = """\
# Saws for the allotment

A pruning saw, a bow saw or a battery saw? Each saw was used for a year. The pruning saw came
from the market, the bow saw from a shed, the battery saw from a shop.

| Trait | Pruning saw | Bow saw | Battery saw |
| --- | --- | --- | --- |
| Price | 20 | 35 | 180 |
| Thickest branch | 8 cm | 20 cm | 14 cm |

"""
PRUNING, BOW, BATTERY = "Pruning saw", "Bow saw", "Battery saw"


def verdicts(body: str) -> dict[str, str | None]:
    """The use cases that rules find in a document on three saws, and their verdicts."""
    found = parse_text(SAWS + body, "markdown").of_kind("best-for")
    return {each.heading: each.verdict for each in found}


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("Bow saw if you have the strength", BOW),
        ("Bow saw if you have the strength; failing that, the battery saw", BOW),
        ("not the bow saw; pruning or battery saw are equally good", f"{PRUNING} or {BATTERY}"),
        ("Neither bow saw nor battery saw. Pruning saw, if anything", PRUNING),
        ("keep the bow saw as long as its blade lasts", BOW),
        ("Bow saw is ample", BOW),
        ("Bow if young; pruning if old", f"{PRUNING} or {BOW}"),
        ("Bow if young, otherwise the battery saw", f"{BOW} or {BATTERY}"),
        ("none of them yet; ask a tree surgeon", NEITHER),
        ("No view until the bark is dry", None),
        ("Bow saw is too heavy", None),
        ("Bow saw fails", None),
        ("As for each branch singly", None),
        ("anything but the bow saw", None),
        ("cheaper than the bow saw", None),
    ],
)
def test_a_judgement_of_few_words_is_read(cell: str, expected: str | None) -> None:
    table = (
        "## What we would do\n\n| Your garden | What counts | Our view |\n|---|---|---|\n"
        "| Old apple trees | thick wood | Bow saw, clearly |\n"
        "| Roses | thin wood | Pruning saw |\n"
        "| A long hedge | the arm | Battery saw, from the first day |\n"
        f"| Willows | wet wood | {cell} |\n"
    )
    found = verdicts(table)
    assert found.get("Willows") == expected
    assert found["Old apple trees"] == BOW


def test_an_option_by_a_short_name_and_the_word_for_all_of_them_is_named() -> None:
    text = (
        "---\noptions: [Lasting, Full amount, Fire only]\n---\n# House insurance\n\n"
        "*Lasting* cover renews. *Full amount* cover pays once. *Fire only* is cheap.\n\n"
        "| The house | Our view |\n|---|---|\n| Old | Lasting, for now |\n"
        "| New | Full amount |\n| Let | Full. amount is enough |\n| Sold | Fire cover, if any |\n"
    )
    found = read_text(text, "markdown").comparison.of_kind("best-for")
    assert [each.verdict for each in found][-1] == "Fire only"


@pytest.mark.parametrize(
    ("bullet", "expected"),
    [
        ("**Wet wood.** It jams. Take the bow saw.", ("Wet wood", BOW)),
        ("**Wet wood.** It jams. The bow saw it is.", ("Wet wood", BOW)),
        ("**Wet wood.** We would take the bow saw, not the pruning saw.", ("Wet wood", BOW)),
        ("**Wet wood.** Give him the bow saw and gloves.", ("Wet wood", BOW)),
        ("**Wet wood.** The rest jams. Bow saw.", ("Wet wood", BOW)),
        ("If it is wet, or frozen, take the bow saw.", ("If it is wet, or frozen", BOW)),
        ("**Wet wood.** Don't take the bow saw.", None),
        ("**Wet wood.** Many say: take the bow saw.", None),
        ('**Wet wood.** It jams. "Take the bow saw", they say.', None),
        ("**Wet wood.** Take the bow saw if you must.", None),
        ("**Wet wood.** It jams. Take the bow saw. We would take the battery saw.", None),
        ("**Wet wood.** The bow saw rusts there.", None),
        ("If you want to own a bow saw, oil is needed.", None),
        ("If you take in wet wood, the bow saw has nothing to say for it.", None),
        ("If it is wet, never use the bow saw.", None),
    ],
)
def test_a_situation_has_the_verdict_of_a_sentence_that_decides(
    bullet: str, expected: tuple[str, str] | None
) -> None:
    others = "- **Roses.** Take the pruning saw.\n- **Oak.** Take the battery saw.\n"
    found = verdicts(f"## By wood\n\n{others}- {bullet}\n")
    assert found == {"Roses": PRUNING, "Oak": BATTERY, **dict([expected] if expected else [])}


def test_a_situation_beside_decided_ones_is_kept_open_for_a_judge() -> None:
    body = "## By wood\n\n**Roses.** Take the bow saw.\n\n**Oak.** It is hard.\n\n**Elm.** Ask.\n"
    reading = read_text(SAWS + body, "markdown")
    assert [(each.heading, each.sure) for each in reading.findings if each.sure == "guessed"] == [
        ("Oak", "guessed"),
        ("Elm", "guessed"),
    ]


def test_the_ends_of_a_tree_of_questions_are_use_cases() -> None:
    tree = (
        "## Start here\n\n- Is the branch thick?\n  - Yes\n    - You are strong -> the bow saw.\n"
        "    - You are not\n      -> charge the battery. Battery saw.\n"
        "  - No -> Pruning saw\n- Is it dead?\n  - Leave it to the woodpeckers, please.\n"
    )
    assert verdicts(tree) == {
        "You are strong": BOW,
        "You are not": BATTERY,
        "Is the branch thick? No": PRUNING,
    }
    [text] = [
        each.text
        for each in parse_text(SAWS + tree, "markdown").of_kind("best-for")
        if each.heading == "You are not"
    ]
    assert text.startswith("Is the branch thick?\nYes\n")


@pytest.mark.parametrize(
    ("resolution", "expected"),
    [
        ("RESOLVED (5 for, 1 against): that the bow saw be bought.", BOW),
        ("**Resolved:** that the committee buy bow saws only.", BOW),
        ("**Agreed:** to keep the bow saw.", BOW),
        ("**Resolved:** that the bow saw or the battery saw be lent for.", f"{BOW} or {BATTERY}"),
        ("**Resolved:** that the bow saw be not bought.", None),
        ("**Resolved:** that the bow saw be sold.", None),
        ("**Resolved:** that a price for the bow saw be obtained.", None),
        ("**Resolved:** that the matter of the bow saw be put off.", None),
        ("**Resolved:** that bow saws be declined and the pruning saw be used.", None),
    ],
)
def test_a_section_has_the_verdict_that_was_resolved(resolution: str, expected: str | None) -> None:
    body = f"## Orchard\n\nMr Bell spoke.\n{resolution}\n\n## Lawn\n\nMr Tull spoke.\n"
    assert verdicts(body).get("Orchard") == expected


def test_numbered_minutes_name_the_situation_of_each_resolution() -> None:
    body = (
        "2.1 Orchard. Mr Bell spoke of apples. RESOLVED: that the bow saw be bought.\n\n"
        "2.2 Rose bed. Nobody spoke. RESOLVED: to use the pruning saw.\n\n"
        "2.3 Hedge. Left to the bow saw's owner.\n"
    )
    reading = read_text(SAWS + body, "markdown")
    found = {each.heading: each.verdict for each in reading.findings if each.line > 9}
    assert found == {"Orchard": BOW, "Rose bed": PRUNING, "Hedge": None}


@pytest.mark.parametrize(
    ("section", "expected"),
    [
        (
            "In short\n\nFor most the bow saw remains the sensible choice, unless it jams.",
            BOW,
        ),
        ("In sum\n\nAll cut. We would take the bow saw home.", BOW),
        ("The verdict\n\nOverall: bow saw", BOW),
        ("Verdict\n\n**Bow saw – 78 %.** Not light.\n\nBattery saw – 70 %", BOW),
        ("Verdict\n\n**Bow saw – 70 %.** Not light.\n\nBattery saw – 78 %", None),
        ("Conclusion\n\nTake the bow saw for wood, take the pruning saw for twigs.", None),
        ("Conclusion\n\nMany hold that the bow saw is the best choice. We do not share it.", None),
        ("Conclusion\n\nIf you are strong, we recommend the bow saw.", None),
        ("Conclusion\n\nI would take the bow saw, but my wife would take the battery saw.", None),
    ],
)
def test_the_general_verdict_is_what_a_sentence_of_the_conclusion_decides(
    section: str, expected: str | None
) -> None:
    findings = read_text(f"{SAWS}## {section}\n", "markdown").findings
    told = [each.verdict for each in findings if each.kind == "bottom-line"]
    guessed = [each.sure for each in findings if each.kind == "bottom-line"] == ["guessed"]
    assert [None if guessed else each for each in told] == [expected]


def test_an_option_that_was_left_out_is_no_verdict_for_that() -> None:
    body = "## Roses: Pruning saw\n\nFine.\n\n## What we left out: Bow saw\n\nIt rusts.\n"
    assert verdicts(body) == {"Roses": PRUNING}
