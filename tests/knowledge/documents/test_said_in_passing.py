"""Verdicts that documents give in passing are read: in the last words of a section, in conditions,
as answers to questions; and what is said of one situation is not taken for everybody.
"""

import pytest

from knowledge.documents.reader import parse_text, read_text

HEAD = """\
# Sled, cart or drone?

Three ways to move a parcel.

| Trait | Sled | Cart | Drone |
|---|---|---|---|
| Price | 9 | 40 | 900 |

"""
SLED, CART, DRONE = "Sled", "Cart", "Drone"
BY_ANSWER = {"Is there any snow?": SLED, "Is it paved?": CART}


def cases(body: str) -> dict[str, str | None]:
    """The use cases of a document on three ways to move a parcel, and their verdicts."""
    found = parse_text(HEAD + body, "markdown").of_kind("best-for")
    return {each.heading: each.verdict for each in found}


def in_general(body: str) -> str | None:
    found = parse_text(HEAD + body, "markdown").of_kind("bottom-line")
    return next((each.verdict for each in found), None)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            "## By season\n\n### Winter\n\nLanes are white. Wheels slip. Get a sled.\n\n"
            "### Summer\n\nThe lanes are dry. We oil the axle. **Cart.**\n",
            {"Winter": SLED, "Summer": CART},
        ),
        (
            "## Sled\n\nWood.\n\n**Suitable for**\n\n- steep lanes\n- deep snow\n\n"
            "## Cart\n\nWheels.\n\n**Suitable for**\n\n- paved lanes\n",
            {"steep lanes": SLED, "deep snow": SLED, "paved lanes": CART},
        ),
        (
            "## So what?\n\nIf the lane is paved and wide, stick with the cart. It is old.\n\n"
            "Where you cannot wait for an hour, avoid the cart and use the drone.\n",
            {
                "If the lane is paved and wide": CART,
                "Where you cannot wait for an hour": DRONE,
            },
        ),
        (
            "## Tree\n\n```\nIs there any snow?\n    yes → sled\n    no  ↓\nIs it paved?\n"
            "    yes → cart\n```\n",
            BY_ANSWER,
        ),
        (
            "## Ask yourself\n\n1. Is there any snow? Yes: sled. Wheels slip. No: go on.\n"
            "2. Is it paved? Yes: cart, since it rolls. No: the drone.\n",
            BY_ANSWER,
        ),
        (
            "| Where you live | What we would do | Why |\n|---|---|---|\n| Hill | Sled | snow |\n"
            "| Town | Cart | brick |\n| Island | Sled or drone | sea |\n| Fen | Unknown | wet |\n",
            {"Hill": SLED, "Town": CART, "Island": "Sled or Drone"},
        ),
        (
            "## Who should move to a drone\n\n- You are in a hurry\n\n"
            "## Who should stay with a sled\n\n- You have a hill\n",
            {"You are in a hurry": DRONE, "You have a hill": SLED},
        ),
        (
            "A.4.1 Hill lane. Steep. RESOLVED: that the sled be kept.\n\n"
            "A.4.2 Mill lane. Paved. RESOLVED: to buy the cart.\n",
            {"Hill lane": SLED, "Mill lane": CART},
        ),
        ("## Monday: sled or cart?\n\nNobody knows.\n", {}),
    ],
)
def test_a_verdict_is_read_where_it_is_given(body: str, expected: dict[str, str | None]) -> None:
    assert cases(body) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("TL;DR Start with a sled, it is cheap.\n\n## Prices\n\nThey rise.\n", SLED),
        ("## To remember\n\nCarts are the default. Drones break.\n", CART),
        ("## Takeaways\n\n- Where it is steep, the sled is usually the better choice.\n", None),
        ("## Takeaways\n\n- If I had to guess, I would take the cart, as most should.\n", CART),
        (
            "## Lanes\n\nTake the sled on ice, and its price is usually paid back.\n\n## P\n\nX.\n",
            None,
        ),
        ("## Decision tree\n\nIs there any snow? Yes: sled. No: cart.\n", None),
    ],
)
def test_what_is_for_one_situation_is_not_for_everybody(body: str, expected: str | None) -> None:
    assert in_general(body) == expected


def test_a_title_may_tell_what_was_left_for_what() -> None:
    text = "# Why we moved from Carts to Drones\n\nCarts are slow. Drones fly. Carts last.\n\n"
    found = parse_text(text + "## When to stay with carts\n\n- You have a hill\n", "markdown")
    assert found.options == ("Carts", "Drones")


def test_a_readme_says_this_of_what_it_is_about() -> None:
    table = "| | reel | Spool |\n|---|---|---|\n| Size | 3 KB | 90 KB |\n"
    body = "## Where it fits\n\n- **Firmware.** No heap.\n- **Hooks.** They start often.\n"
    against = "## When not to use this\n\n- **Menus.** Too deep for us.\n"
    found = parse_text(f"# reel\n\nreel and Spool wind.\n\n{table}\n{body}\n{against}", "markdown")
    assert {each.heading: each.verdict for each in found.of_kind("best-for")} == {
        "Firmware": "reel",
        "Hooks": "reel",
    }


def test_rows_of_options_may_be_counted() -> None:
    table = "| Way | Price | Weight |\n|---|---|---|\n| 1 Sled | 9 | 4 |\n| 2 Cart | 40 | 30 |\n"
    rest = "| 3 Drone | 900 | 2 |\n"
    found = parse_text(f"{HEAD}## Again\n\n{table}{rest}", "markdown").of_kind("dimension")
    assert [each.heading for each in found] == ["Price", "Price (Again)", "Weight"]


def test_a_drawn_table_may_have_gaps_in_its_names_and_a_legend_below_it() -> None:
    text = (
        "SLED, CART OR DRONE\n\nThe sled, the cart and the drone were tested.\n\n"
        "                          Sled      Cart     Drone\n"
        "  ------------------------------------------------\n"
        "  Price (crowns)             9        40       900\n"
        "  Water per day,  8 deg.   5.2 l     4.4 l     7.6 l\n"
        "  ------------------------------------------------\n"
        "  l = litres.  Prices of May.\n"
    )
    comparison = read_text(text, "text").comparison
    assert [each.capitalize() for each in comparison.options] == [SLED, CART, DRONE]
    rows = {each.heading: each.cells for each in comparison.of_kind("dimension")}
    assert rows["Water per day, 8 deg."] == ("5.2 l", "4.4 l", "7.6 l")
    assert len(rows) == 2
