"""What a document recommends to everybody is read where it says so, and nowhere else."""

import pytest

from knowledge.documents.build import Reading
from knowledge.documents.passages import Finding
from knowledge.documents.reader import read_text

TABLE = "\n| Trait | Gas | Coal |\n| --- | --- | --- |\n| Heat | 900 | 1100 |\n"
FORGE = f"# Gas vs Coal\n\nTwo forges.\n{TABLE}"
CASES = "\n## Use cases\n\n- Knives: gas\n- Anchors: coal\n"


def general(reading: Reading) -> Finding | None:
    return next((each for each in reading.findings if each.kind == "bottom-line"), None)


@pytest.mark.parametrize(
    "section",
    [
        "## Contact\n\nAsk for Ms Hart, who minds the gas.\n",
        "## Comments\n\nPetr: I would always take coal.\n",
        "## References\n\n- Hart, P.: Coal or gas? 2019.\n",
        "## Timetable\n\nMonday to Friday.\n",
        "## How we measured\n\nGas by the bottle, coal by the sack.\n",
        "## Appendix B: Suppliers\n\nFor gas, two in town.\n",
        "## Decision log\n\n| Date | What |\n|---|---|\n| May | Trial of coal |\n| June | Gas |\n",
        "## Decision drivers\n\nOf gas and coal we know the price.\n",
    ],
)
@pytest.mark.parametrize("cases", ["", CASES])
def test_a_section_that_recommends_nothing_is_no_bottom_line(section: str, cases: str) -> None:
    reading = read_text(f"{FORGE}{cases}\n{section}", "markdown")
    heading = section.split("\n")[0].removeprefix("## ")
    assert general(reading) is None
    assert heading in [each.heading for each in reading.comparison.of_kind("analysis")]


@pytest.mark.parametrize("cases", ["", CASES])
@pytest.mark.parametrize("heading", ["Recommendation", "Our advice", "Decision", "Outcome"])
def test_a_section_that_recommends_wins_over_a_summary_and_the_last(
    heading: str, cases: str
) -> None:
    summary = "\n## Summary\n\nTwo forges were lit, and gas was the first.\n"
    advice = f"\n## {heading}\n\nThe smith is asked to buy the coal forge.\n"
    last = "\n## Thanks\n\nTo all who blew the bellows of the gas forge.\n"
    found = general(read_text(f"{FORGE}{summary}{cases}{advice}{last}", "markdown"))
    assert found
    assert (found.source, found.verdict) == (f'heading "{heading}"', "Coal")


def test_the_parts_of_one_recommendation_stay_together() -> None:
    body = "## Recommendation\n\nThe board:\n\n1. buys the coal forge;\n2. sells the gas forge.\n"
    reading = read_text(f"{FORGE}{CASES}\n{body}", "markdown")
    assert reading.comparison.passage("bottom-line").text.startswith("The board:\nbuys the coal")


@pytest.mark.parametrize("said", ["We do not want the coal forge.", "Coal is out: no chimney."])
def test_what_a_recommendation_speaks_against_is_not_recommended(said: str) -> None:
    found = general(read_text(f"{FORGE}{CASES}\n## Recommendation\n\n{said}\n", "markdown"))
    assert found
    assert found.verdict is None


@pytest.mark.parametrize(
    ("stated", "verdict", "sure"),
    [
        ("Owner: Petr\nStatus: closed\nDecision: We buy coal.", "Coal", "told"),
        ("**TL;DR:** Go with gas. Coal is for anchors.", "Gas", "told"),
        ("> **Verdict:** Coal", "Coal", "told"),
        ("Outcome: Gas burner with two bottles", "Gas", "implied"),
        ("| Owner | Petr |\n|---|---|\n| State | closed |\n| Outcome | Take gas |", "Gas", "told"),
        ("TL;DR: If you forge anchors, take coal.", None, None),
        ("TL;DR: gas if you forge knives, coal if you forge anchors.", None, None),
        ("Decision: Coal is rejected.", None, None),
        ("Decision: in May", None, None),
    ],
)
def test_a_line_that_states_the_decision_is_read(
    stated: str, verdict: str | None, sure: str | None
) -> None:
    text = f"# Gas vs Coal\n\nTwo forges.\n\n{stated}\n\n## Figures\n{TABLE}{CASES}"
    found = general(read_text(text, "markdown"))
    assert (found and found.verdict, found and found.sure) == (verdict, sure)


def test_a_stated_decision_tells_what_the_section_on_it_leaves_open() -> None:
    text = (
        f"# Gas vs Coal\n\nOutcome: gas\n\n## Figures\n{TABLE}{CASES}\n## Outcome\n\n"
        "We light the gas forge. Coal came second.\n"
    )
    reading = read_text(text, "markdown")
    found = general(reading)
    assert found
    assert (found.verdict, found.sure) == ("Gas", "told")
    assert reading.comparison.passage("bottom-line").text == (
        "We light the gas forge. Coal came second.\nOutcome: gas"
    )


@pytest.mark.parametrize("heading", ["Best overall: Coal", "Coal – best overall"])
def test_the_heading_over_the_best_of_all_names_it(heading: str) -> None:
    found = general(read_text(f"{FORGE}{CASES}\n## {heading}\n\nIt is hot.\n", "markdown"))
    assert found
    assert (found.verdict, found.sure) == ("Coal", "told")


@pytest.mark.parametrize(
    ("advice", "found"),
    [
        ("The board recommends gas. Coal should only be chosen if the pipe fails.", "Gas"),
        ("We recommend gas if the pipe holds. Coal is dirty.", None),
    ],
)
def test_a_sentence_that_recommends_one_wins_over_what_is_said_of_others(
    advice: str, found: str | None
) -> None:
    told = general(read_text(f"{FORGE}{CASES}\n## Recommendation\n\n{advice}\n", "markdown"))
    assert told and told.verdict == found
    assert told.sure == ("implied" if found else "guessed")
