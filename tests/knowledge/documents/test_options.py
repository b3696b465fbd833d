"""Which options a document compares is told by its tables, headings and lists, whatever its title.

The documents are small and made up; each shows one form. Not covered: options that only the sense
of sentences tells.
"""

import pytest

from knowledge.documents.names import Names
from knowledge.documents.reader import parse_text
from knowledge.errors import DocumentError

NUMBERED = """\
# A crossing for the brook

## Ways to cross

### {0} 1: Rope ferry

Pulled by hand.

### {0} 2: Stone ford

Dry in summer.

## Figures

{1}

## Conclusion

Most people should take {0} 2 (the stone ford).
"""


@pytest.mark.parametrize(
    ("word", "table"),
    [
        ("Option", "| | Option 1 | Option 2 |\n|---|---|---|\n| Cost | 900 | 300 |"),
        ("Alternative", "| | 1 | 2 |\n|---|---|---|\n| Cost | 900 | 300 |"),
        ("Variant", "| | Variant 1: Rope ferry | Variant 2: Stone ford |\n|---|---|---|\n"
         "| Cost | 900 | 300 |"),
        ("Solution", "| | Solution 1 (Rope ferry) | Solution 2 (Stone ford) |\n|---|---|---|\n"
         "| Cost | 900 | 300 |"),
        ("Option", "| | Rope ferry | Stone ford |\n|---|---|---|\n| Cost | 900 | 300 |"),
    ],
)  # fmt: skip
def test_numbered_options_have_their_names_and_are_known_by_their_labels(
    word: str, table: str
) -> None:
    comparison = parse_text(NUMBERED.format(word, table), "markdown")
    assert comparison.options == ("Rope ferry", "Stone ford")
    assert [each.cells for each in comparison.of_kind("dimension")] == [("900", "300")]
    assert [each.verdict for each in comparison.of_kind("bottom-line")] == ["Stone ford"]
    assert comparison.of_kind("best-for") == ()  # "Option 1: Rope ferry" is no use case
    assert f'"{word} 1": taken for "Rope ferry".' in comparison.warnings


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("Options A and C were dropped, B stays.", [0, 2]),
        ("Take option B.", [1]),
        ("Options A, B or C", [0, 1, 2]),
        ("That is an option a town may have.", []),
        ("Option B2 and Optional", []),
    ],
)
def test_labels_are_known_in_the_plural_and_never_as_common_words(
    text: str, options: list[int]
) -> None:
    names = Names(
        ("Rope ferry", "Stone ford", "Bridge"), labels=("Option A", "Option B", "Option C")
    )
    assert [each.option for each in names.mentions(text)] == options


def test_an_installation_in_two_ways_is_no_comparison() -> None:
    text = (
        "# Ferrywheel\n\n## Install\n\n### Option 1: Packages\n\nRun it.\n\n### Option 2: Source\n"
    )
    with pytest.raises(DocumentError, match="no two options were found"):
        parse_text(f"{text}\nBuild it.\n", "markdown")


@pytest.mark.parametrize(
    "listed",
    [
        "* Rope ferry\n* Stone ford\n* Leave the brook as it is until the mill has been sold\n",
        "### Rope ferry\n\nWet.\n\n### Stone ford\n\nDry.\n\n"
        "### Leave the brook as it is until the mill has been sold\n\nFree.\n",
    ],
)
def test_what_stands_under_considered_options_is_one_each_though_one_is_long(listed: str) -> None:
    outcome = "## Decision outcome\n\nChosen option: Stone ford.\n\n## Links\n"
    text = f"# Cross the brook\n\nWe must.\n\n## Considered options\n\n{listed}\n{outcome}"
    assert parse_text(text, "markdown").options == (
        "Rope ferry",
        "Stone ford",
        "Leave the brook as it is until the mill has been sold",
    )


def test_what_an_option_considered_says_in_brackets_is_not_cut_into_its_name() -> None:
    listed = "* Rope ferry\n* Ford (as it is today, with a rail)\n* Bridge (stone)\n"
    outcome = "## Decision outcome\n\nChosen option: Rope ferry.\n"
    text = f"# Cross the brook\n\nWe must.\n\n## Considered options\n\n{listed}\n{outcome}"
    assert parse_text(text, "markdown").options == ("Rope ferry", "Ford", "Bridge (stone)")


def test_one_label_among_the_columns_is_no_part_of_the_name() -> None:
    table = "| | Option 1: Rope (8 mm) | Chain |\n|---|---|---|\n| Mass | 1 kg | 9 kg |\n"
    text = f"# Rope or chain?\n\n{table}"
    comparison = parse_text(text, "markdown")
    assert comparison.options == ("Rope (8 mm)", "Chain")
    assert comparison.of_kind("dimension")[0].cells == ("1 kg", "9 kg")


def test_a_word_of_a_long_name_does_not_stand_for_it() -> None:
    names = Names(("Stone ford", "Leave the brook as it is until the mill is sold"))
    assert [each.option for each in names.mentions("The mill grinds; leave the brook.")] == [1]


# --- guides with a badge for each option ---


@pytest.mark.parametrize(
    ("first", "second", "third"),
    [
        ("### 1. Best overall: Ember 5", "### 2. Best budget: Hearthlet",
         "### 3. Best for halls: Cinder Duo"),
        ("### Ember 5 – Best overall", "### Hearthlet – Best budget",
         "### Cinder Duo – Best for halls"),
        ("### Ember 5\n\n**Best overall**", "### Hearthlet\n\n**Best budget**",
         "### Cinder Duo\n\n**Best for halls**"),
    ],
)  # fmt: skip
def test_badges_tell_options_and_what_each_is_best_for(first: str, second: str, third: str) -> None:
    text = (
        f"# Five weeks with stoves\n\nWe lit them.\n\n{first}\n\nIt hums.\n\n{second}\n\n"
        f"It is cheap.\n\n{third}\n\nIt roars.\n\n**Pros**\n\n- hot\n\n**Cons**\n\n- heavy\n"
    )
    comparison = parse_text(text, "markdown")
    assert comparison.options == ("Ember 5", "Hearthlet", "Cinder Duo")
    verdicts = {each.verdict: each for each in comparison.recommending}
    assert "budget" in verdicts["Hearthlet"].heading
    assert "Best for halls" in verdicts["Cinder Duo"].heading
    assert verdicts["Ember 5"].kind == "bottom-line" or "overall" in verdicts["Ember 5"].heading
    assert len(verdicts) == len(comparison.recommending) == 3  # "Pros" is no use case


def test_grade_after_a_name_is_no_badge() -> None:
    text = (
        "# Ember 5 vs Hearthlet\n\nThe Ember 5 and the Hearthlet.\n\n## Ember 5: GOOD (1.9)\n\n"
        "It hums.\n\n## Hearthlet: FAIR (2.8)\n\nThe Hearthlet ticks, the Ember 5 does not.\n"
    )
    assert parse_text(text, "markdown").recommending == ()


# --- names that begin as others do ---


@pytest.mark.parametrize("mark", ["## {}", "**{}**", "**{}**:"])
def test_an_option_whose_name_begins_as_another_s_is_an_option_of_its_own(mark: str) -> None:
    heads = [mark.format(f"When to take {name}") for name in ("Bass", "Bass Pro", "Viola")]
    text = f"# Strings\n\nFor hire.\n\n{heads[0]}\n\n- at home\n\n{heads[1]}\n\n- on tour\n\n"
    comparison = parse_text(f"{text}{heads[2]}\n\n- in a trio\n", "markdown")
    assert comparison.options == ("Bass", "Bass Pro", "Viola")
    cases = [(each.heading, each.verdict) for each in comparison.of_kind("best-for")]
    assert cases == [("at home", "Bass"), ("on tour", "Bass Pro"), ("in a trio", "Viola")]


def test_a_longer_name_in_other_words_is_the_same_option() -> None:
    text = (
        "# Strings\n\nWhat we hire out.\n\n## When to take the bass\n\n- at home\n\n"
        "## Pros of the bass guitar\n\nLoud.\n\n## When to take the viola\n\n- in a trio\n"
    )
    assert parse_text(text, "markdown").options == ("bass", "viola")


def test_options_of_a_title_are_not_beaten_by_other_columns() -> None:
    text = (
        "# Barn vs Quarry\n\nThe barn is warm, the quarry is free. The barn has power, the quarry "
        "has none. By day and by night: by day it is loud, by night it is not.\n\n"
        "| Noise | By day | By night |\n|---|---|---|\n| Road | 60 dB | 40 dB |\n"
        "| Mill | 70 dB | 20 dB |\n\n## When to choose the barn\n\n- rain\n"
    )
    comparison = parse_text(text, "markdown")
    assert comparison.options == ("Barn", "Quarry")
    assert "60 dB" in " ".join(each.text for each in comparison.passages)


def test_a_title_of_one_option_and_the_rest_leaves_the_names_to_the_table() -> None:
    text = (
        "# Barn vs the rest\n\nThe rest are dear. The rest are cold. A barn is a barn.\n\n"
        "| | Barn | Quarry | Meadow |\n|---|---|---|---|\n| Echo | 1 s | 2 s | 3 s |\n"
        "| Power | yes | no | no |\n\n## Quarry\n\nDeep.\n\n## Meadow\n\nWide.\n"
    )
    assert parse_text(text, "markdown").options == ("Barn", "Quarry", "Meadow")


def test_a_word_that_both_sides_of_a_title_share_is_the_name_of_neither() -> None:
    text = (
        "# Slate roof vs Thatch roof\n\nSlate lasts. Thatch burns. The roof counts.\n\n"
        "| | Slate | Thatch |\n|---|---|---|\n| Years | 90 | 30 |\n| Roof load | 50 kg | 40 kg |\n"
    )
    comparison = parse_text(text, "markdown")
    assert comparison.options == ("Slate", "Thatch")
    alone = parse_text(f"{text.split('|')[0]}\n## When to choose slate\n\n- storms\n", "markdown")
    assert alone.options == ("Slate", "Thatch")


# --- options that a text counts ---

PATHS = "For prams the causeway is enough. With a cart, the plank bridge. Never the rope swing.\n"


@pytest.mark.parametrize(
    "named",
    [
        "# Over the marsh\n\nThe village has three options:\n\n1. Causeway. It is dry.\n"
        "2. Plank bridge. It sways.\n3. Rope swing. It is free.\n",
        "# Over the marsh\n\nOptions:\n\n- **Causeway** – dry\n- **Plank bridge** – sways\n"
        "- **Rope swing** – free\n",
        "# Three ways over the marsh\n\n**Causeway.** Dry.\n\n**Plank bridge.** It sways.\n\n"
        "**Rope swing.** Free.\n",
        "# Three ways over the marsh\n\n## 1. Causeway\n\nDry.\n\n## 2. Plank bridge\n\nSways.\n\n"
        "## 3. Rope swing\n\nFree.\n",
    ],
)
def test_as_many_names_as_a_text_counts_are_the_options(named: str) -> None:
    winner = "## With a cart\n\nWinner: Plank bridge\n\n## With a pram\n\nWinner: Causeway\n"
    comparison = parse_text(f"{named}\n## Advice\n\n{PATHS}\n{winner}", "markdown")
    assert comparison.options == ("Causeway", "Plank bridge", "Rope swing")


@pytest.mark.parametrize(
    "text",
    [
        "# Three tips\n\n**Dig deep.** Roots.\n\n**Sow late.** Frost.\n\n**Rest.** Backs.\n",
        "# Two ways to install\n\n**Packages.** Run it.\n\n**Source.** Build it.\n\nStart it.\n",
    ],
)
def test_a_count_of_what_the_text_does_not_speak_of_is_no_comparison(text: str) -> None:
    with pytest.raises(DocumentError, match="no two options were found"):
        parse_text(text, "markdown")


# --- names in titles, tables and lists ---


@pytest.mark.parametrize(
    ("title", "options"),
    [
        ("Bed and board, bare room, or tent?", ("Bed and board", "Bare room", "Tent")),
        ("Bed and board, bare room or tent", ("Bed and board", "Bare room", "Tent")),
        ("Choosing between bare room, tent, and bed and board",
         ("Bare room", "Tent", "Bed and board")),
        ("Tent and bare room, and a third", ("Tent", "Bare room", "Bed and board")),
    ],
)  # fmt: skip
def test_an_and_within_a_name_of_a_list_divides_no_name(
    title: str, options: tuple[str, ...]
) -> None:
    table = (
        "| | Bed and board | Bare room | Tent |\n|---|---|---|---|\n| Price | 61 | 40 | 9 |\n"
        "| Lunch | yes | no | no |\n"
    )
    text = f"# {title}\n\n{table}\nWalkers like a tent, bed and board, or a bare room.\n"
    assert parse_text(text, "markdown").options == options


def test_a_version_in_a_table_is_no_part_of_the_title_s_name() -> None:
    text = (
        "# Ferrybase or Mill Store\n\n| | Ferrybase 4.2 | Mill Store 11 |\n|---|---|---|\n"
        "| Reads | 9 | 7 |\n\nFerrybase is small. Mill Store is quick.\n"
    )
    comparison = parse_text(text, "markdown")
    assert comparison.options == ("Ferrybase", "Mill Store")
    assert comparison.of_kind("dimension")[0].cells == ("9", "7")


@pytest.mark.parametrize(
    "named",
    [
        "**Samples:** Tollen R3, Marsh Quill and Aubrey 20",
        "- **Tollen R3**: steel\n- **Marsh Quill**: gold\n- **Aubrey 20**: steel",
        "## Tollen R3\n\nSteel.\n\n## Marsh Quill\n\nGold.\n\n## Aubrey 20\n\nSteel.",
    ],
)
def test_options_have_the_names_that_the_text_has_in_full(named: str) -> None:
    table = (
        "| | R3 | Quill | 20 |\n|---|---|---|---|\n| Skips | 4 | 0 | 9 |\n| Cap | no | no | no |"
    )
    text = f"# Pens\n\n{named}\n\n## Figures\n\n{table}\n\nThe R3, the Quill and the 20 wrote.\n"
    comparison = parse_text(text, "markdown")
    assert comparison.options == ("Tollen R3", "Marsh Quill", "Aubrey 20")
    assert comparison.of_kind("dimension")[0].cells == ("4", "0", "9")


def test_the_same_word_before_each_name_is_no_part_of_it() -> None:
    headings = "## Choose Quill\n\nIf rich.\n\n## Choose Reed\n\nIf poor.\n"
    table = "| | Quill | Reed |\n|---|---|---|\n| Price | 9 | 2 |\n"
    text = f"# Pens\n\n{table}\n{headings}"
    assert parse_text(text, "markdown").options == ("Quill", "Reed")
