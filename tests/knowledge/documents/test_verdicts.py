"""Use cases, their verdicts, and what holds in general are read where they are told."""

import pytest

from knowledge.comparison import NEITHER
from knowledge.documents.reader import parse_text, read_text
from tests.helpers.boats import CANOE, KAYAK, TABLE

BOTH = "Both / Depends"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("## When to choose a kayak\n\n### Alone\n\nIt is quick.", [("Alone", KAYAK)]),
        ("## Take the canoe if\n\n- you have a tent\n", [("you have a tent", CANOE)]),
        ("## Use both when\n\n- there are four of you\n", [("there are four of you", BOTH)]),
        ("## When to choose neither\n\n### The open sea\n\nHire.", [("The open sea", NEITHER)]),
        ("We recommend a kayak for:\n\n- narrow rivers\n", [("narrow rivers", KAYAK)]),
        ("## Who should buy a kayak?\n\nLoners.", [("Who should buy a kayak?", KAYAK)]),
        ("## Price — Winner: Canoe\n\nIt is cheap.", [("Price", CANOE)]),
        ("## Price\n\nIt costs 300.\n\nWinner: the canoe, narrowly", [("Price", CANOE)]),
        ("## Speed\n\nIt flies.\n\n**Winner:** Kayak\n", [("Speed", KAYAK)]),
        (
            "## Best for\n\n### Alone\n\n**Our advice: Kayak.** It is quick."
            "\n\n### Four\n\nTake both.",
            [("Alone", KAYAK), ("Four", BOTH)],
        ),
        (
            "## Which one?\n\n- **A tent to carry** → Canoe: there is room.\n- **Sea** → neither.",
            [("A tent to carry", CANOE), ("Sea", NEITHER)],
        ),
        (
            "## Kayak\n\n**Best for:** narrow rivers\n\n## Canoe\n\n**Best for:** families\n",
            [("narrow rivers", KAYAK), ("families", CANOE)],
        ),
        (
            "| Situation | Verdict |\n|---|---|\n| Alone | Kayak |\n| Four of us | either |\n",
            [("Alone", KAYAK), ("Four of us", BOTH)],
        ),
        (
            "| Choose a kayak if | Choose a canoe if |\n|---|---|\n| you are alone | you camp |\n",
            [("you are alone", KAYAK), ("you camp", CANOE)],
        ),
        (
            "| Use case | Kayak | Canoe |\n|---|---|---|\n| Alone | ✅ | ❌ |\n"
            "| Calm | ✅ | ✅ |\n",
            [("Alone", KAYAK), ("Calm", BOTH)],
        ),
        ("## Kayak\n\n- Good, if you paddle alone\n- Bad, because it tips\n",
         [("you paddle alone", KAYAK)]),
        ("## Against it\n\nWe advise against kayaks for:\n\n- surf, where a canoe floats\n- ice\n",
         [("surf, where a canoe floats", CANOE), ("ice", NEITHER)]),
        (
            "## When should you choose a kayak?\n\n- You are alone\n- You want to surf\n",
            [("You are alone", KAYAK), ("You want to surf", KAYAK)],
        ),
        ("## When is a kayak the better choice?\n\n- In surf\n", [("In surf", KAYAK)]),
        ("## Consider a canoe if you\n\n- have a tent\n", [("have a tent", CANOE)]),
        (
            "## Choose the kayak if\n\n- you fish from either bank\n- you do not mind wet feet, "
            "either\n",
            [("you fish from either bank", KAYAK), ("you do not mind wet feet, either", KAYAK)],
        ),
        ("## Surf\n\nIt tips.\n\nSuggestion: Kayak\n", [("Surf", KAYAK)]),
        ("## Price\n\nNo news.\n\n**Verdict:** a matter of taste\n", [("Price", BOTH)]),
        ("## Use cases\n\n- Surf: the kayak by far\n- A dog: canoe\n",
         [("Surf", KAYAK), ("A dog", CANOE)]),
        ("## Safe for you if\n\n**A kayak** is right for you if …\n\n- you can roll\n",
         [("you can roll", KAYAK)]),
        ("## Best for rapids: kayak\n\nIt turns.\n\n### Pros\n\n- quick\n\n### Cons\n\n- wet\n",
         [("Best for rapids", KAYAK)]),
        ("## Kayak – best for rapids\n\nIt turns.\n\n**Pros**\n\n- quick\n",
         [("best for rapids", KAYAK)]),
        ("## When to avoid the kayak\n\nOn ice, and with kids.\n", []),
        ("## When not to use the kayak\n\nOn ice, and with kids.\n", []),
        ("## When not to use the kayak\n\nOn ice, so take a canoe.\n",
         [("When not to use the kayak", "Canoe")]),
        ("## Pros and cons\n\n**Kayak**\n\n- quick\n\n**Canoe**\n\n- dry\n\n## End\n\nDraw.\n", []),
        ("## Pros and cons\n\nKayak:\n\n- quick\n\nCanoe:\n\n- dry\n\n## End\n\nDraw.\n", []),
        ("## Loads\n\nKayak\n\n- 90 kg\n\nCanoe\n\n- 300 kg\n\n## End\n\nDraw.\n", []),
        ("## Option 1: Kayak\n\nNarrow.\n\n## Option 2: Canoe\n\nWide.\n", []),
        ("## Views of the clubs\n\n- Otters: kayak\n- Beavers: canoe\n", []),
        ("## When to take a kayak\n\n- in surf\n\n> **Tip**\n> Take a canoe to be dry.\n",
         [("in surf", KAYAK)]),
        ("## Trips\n\nOne tour cannot combine the two when it is short.\n\n- in May\n", []),
        ("## Best for\n\n- **Note:** canoe.\n- **Caution:** kayak.\n", []),
        ("## Recommended reading\n\n- Paddler magazine of May 2024\n- The lake\n", []),
    ],
)  # fmt: skip
def test_use_cases_and_their_verdicts_are_read(body: str, expected: list[tuple[str, str]]) -> None:
    comparison = parse_text(f"# Kayak vs Canoe\n\nTwo boats.\n\n{TABLE}\n{body}\n", "markdown")
    found = [(each.heading, each.verdict) for each in comparison.of_kind("best-for")]
    assert found == expected


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        ("Most people take the canoe.", CANOE),
        ("For most families the canoe is the better boat than the kayak.", CANOE),
        ("If in doubt, take the kayak.", KAYAK),
        ("Most people take the kayak on weekdays and the canoe on Sundays.", BOTH),
        ("Families want a canoe, and people on their own want a kayak.", None),
        ("There is no winner. It depends on your lake.", None),
        ("I own one of each.", None),
        ("Neither of the boats is perfect, but overall the canoe is the better choice.", CANOE),
        ("The price depends on the season. Overall, the kayak is the better choice.", KAYAK),
        ("Everyone should avoid the kayak.", None),
        ("It depends on your lake.", None),
    ],
)
def test_bottom_line_s_verdict_is_read_where_it_is_told(said: str, verdict: str | None) -> None:
    text = f"# Kayak vs Canoe\n\nTwo boats.\n\n{TABLE}\n## Conclusion\n\n{said}\n"
    assert parse_text(text, "markdown").passage("bottom-line").verdict == verdict


def test_verdict_may_be_for_several_of_three() -> None:
    text = (
        "# Tea vs Coffee vs Mate\n\n| | Tea | Coffee | Mate |\n|---|---|---|---|\n"
        "| Price | 1 | 2 | 3 |\n\n## Best for\n\n- **Mornings:** coffee or mate.\n"
        "- **Nights:** tea.\n- **Guests:** all three.\n"
    )
    comparison = parse_text(text, "markdown")
    assert [each.verdict for each in comparison.of_kind("best-for")] == [
        "Coffee or Mate",
        "Tea",
        BOTH,
    ]
    assert comparison.labels == ("Tea", "Coffee", "Mate", BOTH, "Coffee or Mate")
    assert comparison.recommended("Coffee or Mate") == ("Coffee", "Mate")
    assert comparison.recommended(BOTH) == ("Tea", "Coffee", "Mate")
    assert comparison.recommended(NEITHER) == ()


TRIO = """\
# Tea vs Coffee vs Mate

| | Tea | Coffee | Mate |
|---|---|---|---|
| Price | 1 | 2 | 3 |
"""


@pytest.mark.parametrize(
    ("said", "verdict", "sure"),
    [
        ("tea, or coffee if it is cold", "Tea or Coffee", "implied"),
        ("tea or mate for night shifts", "Tea or Mate", "implied"),
        ("coffee (mate on Sundays)", "Coffee or Mate", "implied"),
        ("coffee (or tea, if there is milk)", "Tea or Coffee", "implied"),
        ("coffee (dearer than tea)", "Coffee", "told"),
        ("coffee (mate came second)", "Coffee", "told"),
        ("coffee, because tea is weak", "Coffee", "told"),
    ],
)
def test_a_verdict_with_a_condition_is_not_told_for_one(said: str, verdict: str, sure: str) -> None:
    text = f"{TRIO}\n## Best for\n\n- **Mornings:** {said}.\n- **Nights:** tea.\n"
    found = {each.heading: each for each in read_text(text, "markdown").findings}
    assert (found["Mornings"].verdict, found["Mornings"].sure) == (verdict, sure)
    table = f"{TRIO}\n| Hour | Drink |\n|---|---|\n| Mornings | {said} |\n| Nights | tea |\n"
    cases = parse_text(table, "markdown").of_kind("best-for")
    assert [each.verdict for each in cases] == [verdict, "Tea"]
    assert said.partition("(")[2].rstrip(")") in cases[0].text


@pytest.mark.parametrize(
    ("headings", "verdicts"),
    [
        (("Tea", "Coffee Robusta", "3.1 Mate Gold"), ["Coffee", "Mate"]),
        (("Tea prices", "Coffee prices", "Mate prices"), []),
        (("Tea", "Coffee Robusta"), []),
    ],
)
def test_the_longer_name_of_an_option_s_own_heading_is_the_option(
    headings: tuple[str, ...], verdicts: list[str]
) -> None:
    sections = "".join(f"\n## {each}\n\nA drink.\n" for each in headings)
    cases = "\n## Who drinks what\n\n- Mornings: Coffee Robusta\n- Nights: Mate Gold\n"
    found = parse_text(f"{TRIO}{sections}{cases}", "markdown").of_kind("best-for")
    assert [each.verdict for each in found] == verdicts


@pytest.mark.parametrize(
    "sections",
    [
        "## Sources\n\nA magazine of May.\n",
        "## Storage\n\nBoth fit into a shed.\n",
        "## Accidents\n\nNo more than on a bicycle.\n",
    ],
)
def test_the_last_section_does_not_sum_up_because_it_is_the_last(sections: str) -> None:
    cases = "## Use cases\n\n- Surf: kayak\n- A dog: canoe\n\n"
    text = f"# Kayak vs Canoe\n\nMost people should take the kayak.\n\n{TABLE}\n{cases}{sections}"
    comparison = parse_text(text, "markdown")
    heading = sections.split("\n")[0].removeprefix("## ")
    assert heading in [each.heading for each in comparison.of_kind("analysis")]
    assert [each.verdict for each in comparison.of_kind("bottom-line")] == [KAYAK]
    alone = parse_text(text.replace("Most people should take the kayak.", "Two boats."), "markdown")
    assert alone.of_kind("bottom-line") == ()
    assert [each.heading for each in alone.of_kind("introduction")] == ["Introduction"]


def test_a_long_bold_lead_loses_no_word() -> None:
    lead = " ".join(f"word{i}" for i in range(30))
    text = f"# Kayak vs Canoe\n\nTwo boats.\n{TABLE}\n## Use cases\n\n- **{lead}** is wide.\n"
    said = " ".join(each.text for each in parse_text(text, "markdown").passages)
    assert all(word in said for word in lead.split())


def test_a_list_of_tasks_is_read_without_its_boxes() -> None:
    text = f"# Kayak vs Canoe\n\n{TABLE}\n## Choose a kayak if\n\n- [x] You race\n- [ ] You fish\n"
    cases = parse_text(text, "markdown").of_kind("best-for")
    assert [(each.heading, each.verdict) for each in cases] == [
        ("You race", "Kayak"),
        ("You fish", "Kayak"),
    ]
