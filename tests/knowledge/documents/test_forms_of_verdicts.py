"""Verdicts are read in the forms that real documents have for them, and nowhere near them."""

import pytest

from knowledge.documents.reader import read_text

TABLE = "\n| Trait | Sled | Cart | Drone |\n|---|---|---|---|\n| Price | 9 | 40 | 900 |\n"
HEAD = f"# Sled, cart or drone?\n\nThree ways to move a parcel.\n{TABLE}\n"
SLED, CART, DRONE = "Sled", "Cart", "Drone"


def read(body: str) -> tuple[list[tuple[str, str | None]], str | None]:
    """The use cases with their verdicts, and the general verdict."""
    found = read_text(HEAD + body, "markdown").comparison
    told = [(each.heading, each.verdict) for each in found.of_kind("best-for")]
    return told, next((each.verdict for each in found.of_kind("bottom-line")), None)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("It suits:", [("Steep lanes", SLED), ("Deep snow", SLED)]),
        ("Our cheapest. This mainly suits:", [("Steep lanes", SLED), ("Deep snow", SLED)]),
        ("Take the sled if", [("Steep lanes", SLED), ("Deep snow", SLED)]),
        ("It never suits:", []),
    ],
)
def test_a_list_of_what_an_option_suits_is_its_use_cases(
    line: str, expected: list[tuple[str, str | None]]
) -> None:
    cart = "### Cart\n\nIt has wheels.\n"
    body = f"## Who is each for?\n\n### Sled\n\n{line}\n\n- Steep lanes\n- Deep snow\n\n{cart}"
    assert [case for case in read(body)[0] if case[1] == SLED] == expected


@pytest.mark.parametrize(
    ("paragraph", "expected"),
    [
        (
            "A **cart** is old. If your lanes are paved (brick, tar), use the cart; it lasts.",
            [("If your lanes are paved (brick, tar)", CART)],
        ),
        (
            "The sled is old. And if you live above the snow line, stay with the sled.",
            [("if you live above the snow line", SLED)],
        ),
        ("If your lanes are paved, buy the cart licence early.", []),
        ("If you bought the cart last year, use the cart.", []),
        ("If your lanes are paved, do not use the cart.", []),
        ("The wheels cost 9. If both sign, take the cart.", []),
        ("If your lanes are paved, many say: use the cart.", []),
    ],
)
def test_a_condition_in_a_paragraph_tells_a_use_case(
    paragraph: str, expected: list[tuple[str, str | None]]
) -> None:
    cases = "## Use cases\n\n- Islands: drone\n- Town: cart\n"
    told = read(f"{cases}\n## Thoughts\n\n{paragraph}\n")[0]
    assert told == [("Islands", DRONE), ("Town", CART), *expected]


def test_badges_name_a_use_case_each_and_the_best_overall() -> None:
    body = (
        "## Our picks\n\n- Best overall **Cart**, £40\n- Best budget buy **Sled**, £9\n"
        "- Best for islands **Drone**, £900\n\n## How we tested\n\nFor a week.\n"
    )
    assert read(body) == ([("Best budget buy", SLED), ("Best for islands", DRONE)], CART)


QUESTIONS = (
    "## I only deliver in the village.\n\nCart. It is near.\n\n"
    "## What about the islands?\n\nThen you need a drone. Boats are slow.\n\n"
    "## It is for a child of ten.\n\nSled, and a short one.\n\n"
    "## Which is the heaviest?\n\nCart. It has wheels.\n\n"
    "## What should I avoid in a storm?\n\nDrone. It would fly off.\n\n"
    "## Where is it made?\n\nThe cart in the village, the drone abroad.\n"
)


def test_a_question_that_an_option_answers_is_a_use_case() -> None:
    assert read(QUESTIONS)[0] == [
        ("I only deliver in the village", CART),
        ("What about the islands?", DRONE),
        ("It is for a child of ten", SLED),
    ]


@pytest.mark.parametrize(
    ("bullet", "expected"),
    [
        ("**Deep snow:** harness the sled. Wheels sink.", ("Deep snow", SLED)),
        (
            "**Long days:** alternate sled and cart together, by turns.",
            ("Long days", "Sled or Cart"),
        ),
        ("**Deep snow:** leave the cart at home.", None),
        ("**Deep snow:** never harness the cart.", None),
    ],
)
def test_an_imperative_among_situations_tells_a_verdict(
    bullet: str, expected: tuple[str, str] | None
) -> None:
    body = (
        f"## Which one for your round?\n\n- **Paved:** cart.\n- **Islands:** drone.\n- {bullet}\n"
    )
    rest = [case for case in read(body)[0] if case[0] not in ("Paved", "Islands")]
    assert rest == ([expected] if expected else [])


@pytest.mark.parametrize(
    ("section", "expected"),
    [
        ("## Decision\n\nWe will use the cart, with a brake. The sled is slow.", CART),
        ("## Recommendation\n\nThe Board is asked to:\n\n1. award contract A/1 to Cart;\n"
         "2. note that Drone is the reserve.", CART),
        ("## Summary\n\nThe cart is the recommended vehicle. The sled is old.", CART),
        ("## Summary\n\nThe cart is the recommended vehicle for islands.", None),
        ("## Conclusion\n\nFor us drones were the right move, and if you start now, I would begin "
         "there. They pay.", DRONE),
        ("## If you are not sure\n\nStart with the cart. It has a brake.", CART),
        ("## Last words\n\nIf I had to keep one of them, I would keep the sled.", SLED),
    ],
)  # fmt: skip
def test_a_decision_is_the_general_verdict(section: str, expected: str | None) -> None:
    assert read(f"{section}\n") == ([], expected)


@pytest.mark.parametrize(
    "body",
    [
        "**Option 1: Sled.** Mend the runners.\n\n**Option 2: Cart.** New wheels.\n",
        "- **Cart** is a box on wheels which is tied to one horse at a time.\n- **Sled** slides.\n",
        "What we need:\n\n1. It is cheap.\n2. The crew is three. None of them has flown a drone.\n",
    ],
)
def test_what_describes_the_options_is_no_use_case(body: str) -> None:
    assert read(f"## The ways\n\n{body}\n## Use cases\n\n- Islands: drone\n")[0] == [
        ("Islands", DRONE)
    ]


def test_a_badge_in_a_paragraph_below_an_option_is_its_use_case() -> None:
    body = (
        "## The list\n\n### Sled\n\nBest overall\n\nIt is cheap.\n\n"
        "### Drone\n\nBest for islands\n\nIt flies.\n\n"
        "## The tests\n\n### Drone\n\nBest for islands\n\nLoud.\n\n### Cart\n\nIt rolls.\n"
    )
    comparison = read_text(HEAD + body, "markdown").comparison
    assert [(each.heading, each.verdict, each.text) for each in comparison.of_kind("best-for")] == [
        ("Best for islands", DRONE, "It flies.\nLoud.")
    ]
    general = comparison.passage("bottom-line")
    assert (general.verdict, general.text) == (SLED, "Best overall\nIt is cheap.")


@pytest.mark.parametrize(
    "line",
    [
        "Best known as the flying mailman",
        "Best before winter 2026",
        "Best for islands. And loud",
        "Best for islands far away from all of us here",
        "Best for islands\nFrom nine pounds",
    ],
)
def test_another_line_below_an_option_is_no_badge(line: str) -> None:
    body = f"## The list\n\n### Drone\n\n{line}\n\nIt flies.\n\n### Cart\n\nIt rolls.\n"
    assert read(body) == ([], None)


def test_a_badge_takes_no_use_case_from_below_it() -> None:
    body = (
        "## The list\n\n### Sled\n\nBest on a budget\n\n#### Good fit\n\n- Steep lanes\n"
        "- Deep snow\n\n### Cart\n\nIt rolls.\n"
    )
    assert {("Steep lanes", SLED), ("Deep snow", SLED), ("Best on a budget", SLED)} == {
        *read(body)[0]
    }


def test_a_column_of_whom_each_option_suits_has_a_use_case_a_row() -> None:
    table = (
        "# Sled or cart?\n\nTwo ways. The sled is old. The sled glides, the cart rolls; a cart is"
        " dear.\n\n| Way | Price | Who it suits |\n|---|---|---|\n"
        "| Sled | 9 | Farms above the snow line |\n| Cart | 40 | Shops on paved lanes |\n"
    )
    found = read_text(table, "markdown").comparison.of_kind("best-for")
    assert [(each.heading, each.verdict) for each in found] == [
        ("Farms above the snow line", SLED),
        ("Shops on paved lanes", CART),
    ]


def test_a_column_of_who_runs_each_option_has_no_use_cases() -> None:
    table = "| Way | Price | Who is it run by |\n|---|---|---|\n| Tram | 3 | The city works |\n"
    text = f"# Tram or ferry?\n\n{table}| Ferry | 4 | A widow and two sons |\n"
    assert read_text(text, "markdown").comparison.of_kind("best-for") == ()


def test_a_table_of_advice_is_read_though_half_of_its_cells_go_on() -> None:
    table = (
        "| Situation | Advice |\n|---|---|\n| Steep lanes | Sled |\n| Islands | Drone |\n"
        "| Ice | Wait, whatever you have |\n| Town | Roll it, in the end |\n"
    )
    assert read(f"## Summary\n\n{table}")[0] == [("Steep lanes", SLED), ("Islands", DRONE)]
