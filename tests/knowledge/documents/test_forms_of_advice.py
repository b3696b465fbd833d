"""Advice is read in the forms that leaflets, bulletins and guides give it in."""

import pytest

from knowledge.comparison import Comparison
from knowledge.documents.reader import Format, read_text

TABLE = "\n| Trait | Reed | Slate | Turf |\n|---|---|---|---|\n| Years | 30 | 90 | 40 |\n"
HEAD = f"# Reed, slate or turf?\n\nThree roofs for a shed: reed, slate, and turf.\n{TABLE}\n"
REED, SLATE, TURF = "Reed", "Slate", "Turf"
Case = tuple[str, str | None]


def compared(body: str, head: str = HEAD, format: Format = "markdown") -> Comparison:
    return read_text(head + body, format).comparison


def cases(body: str) -> list[Case]:
    """The use cases with their verdicts."""
    return [(each.heading, each.verdict) for each in compared(body).of_kind("best-for")]


def in_general(body: str) -> str | None:
    return next((each.verdict for each in compared(body).of_kind("bottom-line")), None)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Choose slate if", [("your rafters are oak", SLATE), ("you hate ladders", SLATE)]),
        ("It is heavy. Go for slate when", [("your rafters are oak", SLATE),
                                            ("you hate ladders", SLATE)]),
        ("Nobody knows when", []),
        ("Choose slate in spring, if at all", []),
    ],
)  # fmt: skip
def test_a_line_that_goes_on_in_its_bullets_needs_no_colon(line: str, expected: list[Case]) -> None:
    body = f"## Slate\n\nIt is grey.\n\n{line}\n\n- your rafters are oak\n- you hate ladders\n"
    assert cases(f"{body}\n## Reed\n\nIt is brown.\n") == expected


def test_a_column_of_advice_is_verdicts() -> None:
    table = (
        "| Your shed | Advice |\n|---|---|\n| By the sea | Slate |\n| In a wood | Reed |\n"
        "| On a cliff | Ask the parish first |\n| Over a cellar | Turf or slate, well nailed |\n"
    )
    assert cases(f"## At a glance\n\n{table}") == [
        ("By the sea", SLATE),
        ("In a wood", REED),
        ("Over a cellar", "Slate or Turf"),
    ]


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("We advise slate at first. It lasts.", SLATE),
        ("Rain gets in. Only slate is good enough.", SLATE),
        ("The reed should be preferred. It is warm.", REED),
        ("You are best off with turf. It is warm.", TURF),
        ("We think turf the best all-round choice.", TURF),
        ("Only slate is dear. The reed should be soaked first.", None),
        ("We think about turf often. That is a question of slate.", None),
        ("It is wet there. Take slate. We would use turf.", None),
    ],
)
def test_a_situation_under_a_question_is_decided_in_its_sentences(
    told: str, expected: str | None
) -> None:
    other = "### If the rafters are weak\n\nWe suggest the reed.\n"
    body = f"## Which roof suits which shed?\n\n{other}\n### Does your shed stand in a wood?\n\n"
    found = [("If the rafters are weak", REED), ("Does your shed stand in a wood?", expected)]
    assert cases(body + told) == [case for case in found if case[1]]


def test_a_last_paragraph_for_everybody_is_no_part_of_the_last_situation() -> None:
    body = (
        "## Which roof suits which shed?\n\n### If the rafters are weak\n\nWe suggest the reed.\n"
        "\n### If the shed stands in a wood\n\nAsk the forester.\n\n"
        "For most people we begin with the slate, and look again in spring.\n"
    )
    assert cases(body) == [("If the rafters are weak", REED)]
    assert in_general(body) == SLATE


def test_a_heading_on_what_people_have_recommends_none_of_it() -> None:
    body = (
        "## Which roof suits which shed?\n\n### If the rafters are weak\n\nWe suggest the reed.\n"
        "\n### If you have already laid the slate\n\nSell it, and sow grass.\n"
    )
    assert cases(body) == [("If the rafters are weak", REED)]


def test_the_badge_of_a_heading_is_for_the_option_behind_its_colon() -> None:
    head = (
        "# Which pump?\n\nWe tried the Lift 9 and the Hove Drain.\n\n"
        "| | Lift 9 | Hove Drain |\n|---|---|---|\n| Price | 90 | 120 |\n\n"
    )
    body = (
        "### Best for draining cellars: Lift 9\n\nIt is flat.\n\n"
        "### Best for ponds: Hove Drain\n\nIt swallows weeds.\n"
    )
    found = compared(body, head).of_kind("best-for")
    assert [each.verdict for each in found] == ["Lift 9", "Hove Drain"]


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("Not sure which of these sheds is yours? Buy a bag of turf. It forgives.", TURF),
        ("Still in doubt? I would go for a decent slate.", SLATE),
        ("Not sure if the turf is dry? Take slate beside it.", None),
        ("Is your shed old? Buy slate.", None),
    ],
)
def test_what_those_who_are_unsure_should_take_is_for_everybody(
    told: str, expected: str | None
) -> None:
    ends = f"## Odds and ends\n\nNails are in the tin. Ask Ida.\n\n{told}\n"
    body = f"## Use cases\n\n- Coops: turf\n- Barns: slate\n\n{ends}"
    assert in_general(body) == expected


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("can use reed or turf, both are light.", "Reed or Turf"),
        ("Share out the roof: slate for the ridge and turf for the rest.", "Slate or Turf"),
        ("Buy a used slate, and soon.", SLATE),
        ("can use reed from the lake or straw.", None),
        ("The roof was split: slate for the ridge and turf for the rest.", None),
    ],
)
def test_a_choice_that_is_left_and_a_split_name_several_options(
    told: str, expected: str | None
) -> None:
    body = f"**Coops** {told}\n\n**Barns** take slate.\n\n**Huts** take turf.\n"
    found = [("Coops", expected), ("Barns", SLATE), ("Huts", TURF)]
    assert cases(f"## Who are you?\n\n{body}") == [case for case in found if case[1]]


def test_a_list_for_decisions_does_not_sum_up_but_a_remark_for_all_others_does() -> None:
    cases_ = "- *The rafters are weak.* Use turf.\n- *The sea is near.* Use slate.\n"
    ends = "Nails rust.\n\nWhere none of the lines applies, you are best served by reed with a net."
    body = f"## Decision list\n\nStop at the first line.\n\n{cases_}\n## Remarks\n\n{ends}\n"
    assert cases(body) == [("The rafters are weak", TURF), ("The sea is near", SLATE)]
    assert in_general(body) == REED


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("Rain is rare, so you can take whichever you like.", "Both / Depends"),
        ("Rain is rare, whichever you take.", None),
    ],
)
def test_whichever_leaves_the_choice(told: str, expected: str | None) -> None:
    body = f"### If the rafters are weak\n\nWe suggest the reed.\n\n### If it is dry\n\n{told}\n"
    found = [("If the rafters are weak", REED), ("If it is dry", expected)]
    assert cases(f"## Which roof suits which shed?\n\n{body}") == [c for c in found if c[1]]
