"""The person's case: what is told, corrected, supposed, put back and struck out."""

from agent.dialogue.case import MAX_CHARS, Case

RENT, DOG, OWN = "We rent a flat", "We have a dog.", "No, we own it."
SUPPOSED = "What if we moved?"


def test_statements_are_kept_in_the_order_in_which_they_were_told() -> None:
    assert Case().told(RENT).told(DOG).text == "We rent a flat. We have a dog."


def test_a_correction_takes_the_place_of_what_it_corrects() -> None:
    assert Case().told(RENT).told(DOG).told(OWN, replaces=[0]).in_force == (DOG, OWN)


def test_a_supposition_hides_what_it_replaces_until_it_is_put_back() -> None:
    case = Case().told(RENT).told(DOG).supposing(SUPPOSED, replaces=[0])
    assert case.in_force == (DOG, SUPPOSED)
    assert case.as_it_is.in_force == (RENT, DOG)


def test_a_second_supposition_may_replace_the_first_one() -> None:
    case = Case().told(RENT).supposing(SUPPOSED).supposing("Or if we built?", replaces=[1])
    assert case.in_force == (RENT, "Or if we built?")


def test_what_is_told_ends_a_supposition() -> None:
    case = Case().told(RENT).supposing(SUPPOSED, replaces=[0]).told(DOG)
    assert case.in_force == (RENT, DOG)


def test_a_correction_of_a_supposition_is_supposed_too() -> None:
    case = Case().told(RENT).supposing(SUPPOSED).told("To Rome, I mean.", replaces=[1])
    assert case.in_force == (RENT, "To Rome, I mean.")
    assert case.as_it_is.in_force == (RENT,)


def test_while_supposing_places_are_those_of_what_is_in_force() -> None:
    case = Case().told(RENT).told(DOG).supposing(SUPPOSED, replaces=[0])
    assert case.supposing("And no dog?", replaces=[0]).in_force == (SUPPOSED, "And no dog?")


def test_a_statement_that_is_struck_out_is_gone() -> None:
    assert Case().told(RENT).told(DOG).without(RENT).in_force == (DOG,)
    case = Case().told(RENT).supposing(SUPPOSED)
    assert case.without(SUPPOSED).in_force == (RENT,)


def test_what_is_superseded_is_gone_and_only_hidden_by_a_supposition() -> None:
    case = Case().told(RENT).told(DOG)
    assert case.superseded([RENT]) == Case((DOG,))
    supposed = case.supposing(SUPPOSED).superseded([RENT, DOG])
    assert supposed.in_force == (SUPPOSED,) and supposed.as_it_is == case
    more = supposed.supposing("What if we built?")
    assert more.without(SUPPOSED).in_force == ("What if we built?",)  # what is hidden stays so
    assert more.without(DOG).without(SUPPOSED).in_force == ("What if we built?",)
    assert supposed.without(SUPPOSED).in_force == (RENT, DOG)


def test_the_same_statement_counts_once() -> None:
    assert Case().told(RENT).told(DOG).told(RENT).in_force == (DOG, RENT)


def test_the_newest_statements_fit_the_limit() -> None:
    case = Case().told("a" * 600).told("b" * 600).told("c" * 300)
    assert case.text == "b" * 600 + ". " + "c" * 300 + "."
    assert len(Case().told("a" * 3000).text) == MAX_CHARS + 1


def test_a_case_is_the_same_after_json() -> None:
    case = Case().told(RENT).told(DOG).supposing(SUPPOSED, replaces=[1])
    assert Case.from_json(case.to_json()) == case
    assert Case.from_json({}) == Case()
