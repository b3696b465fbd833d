"""Tables are read by what their columns and rows hold.

The documents are small and made up; each shows one form.
"""

import pytest

from knowledge.comparison import Passage
from knowledge.documents.reader import Format, parse_text, read_text


def rows(table: str) -> list[Passage]:
    """The rows of a Markdown table that compares two stoves."""
    text = f"# Gas vs Wood\n\nTwo stoves.\n\n{table}"
    return [*parse_text(text, "markdown").of_kind("dimension")]


@pytest.mark.parametrize(
    ("header", "first", "second", "names", "extra"),
    [
        ("Trait | Weight", "Heat | 70 %", "Smell | 30 %", ("Heat", "Smell"), "Weight: 70 %"),
        ("Weight | Trait", "0.7 | Heat", "0.3 | Smell", ("Heat", "Smell"), "Weight: 0.7"),
        ("Trait | Unit", "Output | kW", "Bulk | kg", ("Output", "Bulk"), "Unit: kW"),
        ("Trait | Priority", "Heat | must", "Smell | may", ("Heat", "Smell"), "Priority: must"),
        ("Trait | Urgency", "Heat | high", "Smell | high", ("Heat", "Smell"), "Urgency: high"),
        ("Trait | Stars", "Heat | ***", "Smell | **", ("Heat", "Smell"), "Stars: ***"),
        ("Group | Trait", "Use | Heat", "Use | Smell", ("Heat", "Smell"), "Group: Use"),
    ],
)
def test_what_stands_beside_the_name_of_a_row_is_not_its_name(
    header: str, first: str, second: str, names: tuple[str, str], extra: str
) -> None:
    table = f"| {header} | Gas | Wood |\n|{'---|' * 4}\n| {first} | 4 | 5 |\n| {second} | 2 | 1 |\n"
    found = rows(table)
    assert tuple(each.heading for each in found) == names
    assert [each.cells for each in found] == [("4", "5"), ("2", "1")]
    assert found[0].text == f"Gas: 4\nWood: 5\n{extra}".strip()


def test_rows_of_one_name_are_told_apart_by_what_they_belong_to() -> None:
    found = rows(
        "| Season | Trait | Gas | Wood |\n|---|---|---|---|\n| Winter | Cost | 90 | 40 |\n"
        "| Winter | Work | 0 | 3 |\n| Summer | Cost | 10 | 0 |\n| Summer | Work | 0 | 1 |\n"
    )
    headings = [each.heading for each in found]
    assert headings == ["Cost (Winter)", "Work (Winter)", "Cost (Summer)", "Work (Summer)"]


def test_a_dash_beside_pluses_is_a_minus() -> None:
    found = rows("| Trait | Gas | Wood |\n|---|---|---|\n| Heat | + | ++ |\n| Work | - | -- |\n")
    assert [each.cells for each in found] == [("+", "++"), ("-", "--")]


# --- what is no row of a table ---


def page(table: str) -> str:
    return f"<h1>Gas vs Wood</h1><p>Two stoves.</p><table>{table}</table>"


HEAD = "<tr><th>Trait</th><th>Gas</th><th>Wood</th></tr>"
HEAT = "<tr><td>Heat</td><td>4</td><td>5</td></tr>"
SMELL = "<tr><td>Smell</td><td>2</td><td>1</td></tr>"


@pytest.mark.parametrize(
    ("table", "format"),
    [
        (f"{HEAD}<tr><td colspan=3>Comfort</td></tr>{HEAT}{SMELL}", "html"),
        (f"{HEAD}<tr><th colspan=3><p>Comfort:</p></th></tr>{HEAT}{SMELL}", "html"),
        ("|Trait|Gas|Wood|\n|--|--|--|\n|**Comfort**|||\n|Heat|4|5|\n|Smell|2|1|", "markdown"),
    ],
)
def test_a_row_across_all_columns_is_the_group_of_the_rows_below(
    table: str, format: Format
) -> None:
    text = page(table) if format == "html" else f"# Gas vs Wood\n\nTwo stoves.\n\n{table}\n"
    found = parse_text(text, format).of_kind("dimension")
    assert [(each.heading, each.cells) for each in found] == [
        ("Heat", ("4", "5")),
        ("Smell", ("2", "1")),
    ]
    assert all("Group: Comfort" in each.text for each in found)


def test_a_row_without_a_name_or_a_cell_for_an_option_is_kept_or_warned_of() -> None:
    table = "| Trait | Gas | Wood | Note |\n|--|--|--|--|\n| Heat | | | ask |\n| | 1 | 2 | |\n"
    comparison = parse_text(f"# Gas vs Wood\n\nTwo stoves.\n\n{table}", "markdown")
    assert [each.text for each in comparison.of_kind("dimension")] == ["Note: ask"]
    assert 'Row "1 2" has no name or no cells; left out.' in comparison.warnings


def test_a_group_within_a_group_loses_neither() -> None:
    groups = "".join(f"<tr><td colspan=3>{each}</td></tr>" for each in ("Indoors", "Comfort"))
    [heat] = parse_text(page(HEAD + groups + HEAT), "html").of_kind("dimension")
    assert heat.text == "Gas: 4\nWood: 5\nGroup: Indoors, Comfort"


def test_rows_of_one_name_in_two_groups_are_told_apart() -> None:
    groups = [f"<tr><td colspan=3>{each}</td></tr>{HEAT}" for each in ("Indoors", "Outdoors")]
    found = parse_text(page(HEAD + "".join(groups)), "html").of_kind("dimension")
    assert [each.heading for each in found] == ["Heat (Indoors)", "Heat (Outdoors)"]


def test_a_title_above_and_a_legend_below_a_table_are_text() -> None:
    table = f"<tr><th colspan=3>Stoves of 2031</th></tr>{HEAD}{HEAT}<tfoot><tr><td colspan=3>5 is"
    comparison = parse_text(page(f"{table} best.</td></tr></tfoot>"), "html")
    assert [each.heading for each in comparison.of_kind("dimension")] == ["Heat"]
    assert comparison.passage("introduction").text == "Two stoves.\nStoves of 2031\n5 is best."


def test_a_header_of_two_levels_names_the_options_in_its_lower_one() -> None:
    head = (
        "<tr><th rowspan=2>Trait</th><th colspan=2>Fuel from a shop</th><th>Own fuel</th></tr>"
        "<tr><th>Gas</th><th>Pellets</th><th>Wood</th></tr>"
    )
    row = "<tr><td>Heat</td><td>4</td><td>3</td><td>5</td></tr>"
    text = page(head + row).replace("Gas vs Wood", "Gas vs Pellets vs Wood")
    comparison = parse_text(text, "html")
    assert comparison.options == ("Gas", "Pellets", "Wood")
    assert [each.cells for each in comparison.of_kind("dimension")] == [("4", "3", "5")]
    assert "Fuel from a shop: Gas, Pellets" in comparison.passage("introduction").text


def test_columns_below_each_option_of_a_header_are_parts_of_its_cell() -> None:
    head = (
        "<tr><th>Trait</th><th colspan=2>Gas</th><th colspan=2>Wood</th></tr>"
        "<tr><th></th><th>Mark</th><th>Measured</th><th>Mark</th><th>Measured</th></tr>"
    )
    rows = (
        "<tr><td>Heat</td><td>4</td><td>9 kW</td><td>5</td><td></td></tr>"
        "<tr><td>Sum</td><td colspan=2>11</td><td colspan=2>12</td></tr>"
    )
    found = parse_text(page(head + rows), "html").of_kind("dimension")
    assert [(each.heading, each.cells) for each in found] == [
        ("Heat", ("Mark: 4; Measured: 9 kW", "Mark: 5")),
        ("Sum", ("11", "12")),
    ]


# --- ticks that are pictures ---


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ('<img src="a.png" alt="Included">', "Included"),
        ('<img src="/i/check-circle.svg">', "Yes"),
        ('<img src="x.png" alt="tick"> in spring', "Yes, in spring"),
        ('<img src="stove.jpg" alt="A red stove"> 4 kW', "4 kW"),
        ('<svg aria-label="no"><path d="M0 0"/></svg>', "No"),
        ("<svg><title>Yes</title><path d='M0 0'/></svg>", "Yes"),
        ("<svg><use href='/icons.svg#xmark'></use></svg>", "No"),
        ('<i class="fa fa-check"></i>', "Yes"),
        (
            '<i class="fa fa-times" aria-hidden="true"></i> <span class="sr-only">none</span>',
            "none",
        ),
        ('<img alt="(+)" src="p.png"> hot <img alt="(-)" src="m.png"> loud', "(+) hot (-) loud"),
        ('<span class="no-border"></span>4 kW', "4 kW"),
        ('<input type="checkbox" checked disabled>', "Yes"),
        ('<img src="3f.png">', "(picture)"),
        ('<span class="material-icons">check_circle</span>', "Yes"),
        ('<i class="material-symbols-outlined">close</i> at night', "No, at night"),
        ('<i class="material-icons">euro</i> 5', "euro 5"),
        ('<i class="material-icons-text">close</i> 5', "close 5"),
        ("■", "Yes"),
        ("🗶", "No"),
    ],
)
def test_a_picture_in_a_cell_of_a_page_is_read_by_its_label_or_name(cell: str, said: str) -> None:
    table = f"{HEAD}<tr><td>Lid</td><td>{cell}</td><td>{cell}</td></tr>{HEAT}"
    lid, heat = parse_text(page(table), "html").of_kind("dimension")
    assert (lid.heading, lid.cells, heat.cells) == ("Lid", (said, said), ("4", "5"))


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("<Check />", "Yes"),
        ("<CrossIcon size={12} />", "No"),
        ('<Icon name="check" /> in spring', "Yes, in spring"),
        ('<Badge text="beta" />', "beta"),
        ("<PartSupport />", "Part Support"),
        ('<img src="a.png" alt="Included">', "Included"),
        ('<i class="fa fa-check"></i>', "Yes"),
        ("![tick](a.png)", "Yes"),
        (":white_check_mark:", "Yes"),
        (":x:", "No"),
        (":no_entry_sign:", "No"),
        (":large_green_circle:", "Yes"),
        (":yellow_circle: in part", "Partly, in part"),
        (":tram:", ":tram:"),
        ("[x]", "Yes"),
        ("[ ] not yet", "No, not yet"),
        ("[x]y", "[x]y"),
        ("`[ ]`", "[ ]"),
        ('<input type="checkbox" checked={false} />', "No"),
        ('<input type="checkbox" aria-label="not checked">', "No"),
        ('<input type="text">', '<input type="text">'),
        ("![Entry](door.png)", "Entry"),
        (":no_entry:", "No"),
        ('<input type="checkbox" checked>', "Yes"),
        ('<input type="checkbox" />', "No"),
        ("`<Check />`", "<Check />"),
        ("<b>4</b>", "<b>4</b>"),
    ],
)
def test_a_picture_in_a_cell_of_markdown_is_read_by_its_label_or_name(cell: str, said: str) -> None:
    [lid] = rows(f"| Trait | Gas | Wood |\n|---|---|---|\n| Lid | {cell} | {cell} |\n")
    assert (lid.heading, lid.cells) == ("Lid", (said, said))


def test_a_legend_below_the_table_says_what_its_signs_mean() -> None:
    table = f"{HEAD}<tr><td>Lid</td><td>■</td><td>□</td></tr><tr><td colspan=3>Marks: 1 to 5. "
    comparison = parse_text(page(f"{table}■ = in the box. □ = sold apart.</td></tr>"), "html")
    assert comparison.of_kind("dimension")[0].cells == ("in the box", "sold apart")


# --- footnotes ---


def test_a_row_has_the_footnotes_of_its_name_its_cells_and_its_columns() -> None:
    table = (
        "| Trait | Gas | Wood[^dry] |\n|---|---|---|\n| Heat[^1] | 4 | 5[^two]<br>kW |\n"
        "| Base | 1 m² | 2 m² |\n\n[^1]: In kW.\n[^dry]: Dry logs.\n\n[^two]: Cold\n[^2]"
    )
    heat, base = rows(table)
    assert (heat.heading, heat.cells) == ("Heat¹", ("4", "5³ kW"))
    assert heat.text == "Gas: 4\nWood: 5³ kW\n¹ In kW.\n² Dry logs.\n³ Cold [^2]"
    assert base.text == "Gas: 1 m²\nWood: 2 m²\n² Dry logs."


def test_footnotes_are_found_where_options_are_rows() -> None:
    table = "| Stove | Heat[^1] | Ash |\n|---|---|---|\n| Gas | 4 | ❌ |\n| Wood | 5 | ✅[^2] |\n"
    heat, ash = rows(f"{table}\n[^1]: In kW.\n[^2]: Daily.\n")
    assert heat.text == "Gas: 4\nWood: 5\n¹ In kW."
    assert ash.text == "Gas: No\nWood: Yes²\n² Daily."


RST = """\
Gas vs Wood
===========

Two stoves.

===== === ==========
Trait Gas Wood
===== === ==========
Heat  4   5 [#dry]_
===== === ==========

.. [#dry] With dry
   logs.

Thanks
------

To Ada.
"""


def test_footnotes_of_pages_and_of_restructured_text_are_found_too() -> None:
    table = page(f"{HEAD}<tr><td>Heat<sup>1</sup></td><td>4</td><td>5*</td></tr>")
    text = f"{table}<p><sup>1</sup> In kW.</p><p>* With dry logs.</p>"
    [heat] = parse_text(text, "html").of_kind("dimension")
    assert heat.text == "Gas: 4\nWood: 5*\n¹ In kW.\n* With dry logs."
    [heat] = parse_text(RST, "rst").of_kind("dimension")
    assert heat.text == "Gas: 4\nWood: 5 ¹\n¹ With dry logs."


# --- what stands in one cell ---


@pytest.mark.parametrize(
    "cell",
    [
        "<ul><li>dry logs</li><li>kindling</li></ul>",
        "<ol><li>dry logs<li>kindling</ol>",
        "<ul><li><p>dry logs</p></li></ul><ul><li>kindling</li></ul>",
    ],
)
def test_the_items_of_a_list_in_a_cell_stay_apart(cell: str) -> None:
    table = f"{HEAD}<tr><td>Needs</td><td>a bottle</td><td>{cell}</td></tr>"
    assert parse_text(page(table), "html").of_kind("dimension")[0].cells[1] == "dry logs; kindling"


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("<ul><li>dry logs</li><li>kindling</li></ul>", "dry logs; kindling"),
        ("dry logs<br>kindling", "dry logs kindling"),
        ("- dry logs<br/>- kindling", "- dry logs; - kindling"),
        ("`a<br>b`", "a<br>b"),
    ],
)
def test_lines_and_lists_in_a_cell_of_markdown_stay_apart(cell: str, said: str) -> None:
    [needs] = rows(f"| Trait | Gas | Wood |\n|---|---|---|\n| Needs | a bottle | {cell} |\n")
    assert needs.cells[1] == said


def test_the_items_of_a_list_in_a_cell_of_restructured_text_stay_apart() -> None:
    table = (
        ".. list-table::\n   :header-rows: 1\n\n   * - Trait\n     - Gas\n     - Wood\n"
        "   * - Needs\n     - a bottle\n     - * dry logs\n       * kindling\n"
    )
    text = f"Gas vs Wood\n===========\n\nTwo stoves.\n\n{table}"
    assert parse_text(text, "rst").of_kind("dimension")[0].cells[1] == "dry logs; kindling"


def test_a_situation_without_a_known_verdict_is_kept_and_warned_of() -> None:
    table = (
        "| Situation | Our pick |\n|---|---|\n| A flat | Gas |\n| A barn | Wood |\n"
        "| A hut | Ask Ada |\n| A ship | not wood |\n| A yurt | Wood stove |\n| A loft | gas |\n"
    )
    text = f"# Gas vs Wood\n\nGas is clean, wood is warm.\n\n## Picks\n\n{table}"
    reading = read_text(text, "markdown")
    comparison = reading.comparison
    cases = [(each.heading, each.verdict) for each in comparison.of_kind("best-for")]
    verdicts = [("A flat", "Gas"), ("A barn", "Wood"), ("A yurt", "Wood"), ("A loft", "Gas")]
    assert cases == verdicts
    assert [each.sure for each in reading.findings if each.heading == "A yurt"] == ["implied"]
    assert comparison.passage("analysis/a-hut").text == "Ask Ada"
    assert comparison.passage("analysis/a-ship").text == "not wood"
    assert 'The use case "A hut" gives no verdict.' in comparison.warnings


# --- tables that lay out a page ---

SIDES = "<td><h3>Gas</h3><p>It needs bottles.</p></td><td><h3>Wood</h3><ul><li>Dry logs</ul></td>"


@pytest.mark.parametrize(
    ("layout", "headings"),
    [
        (f"<table><tr>{SIDES}</tr></table>", ["Gas", "Wood"]),
        (f"<table><tr>{SIDES}</tr><tr><td>May</td><td>June</td></tr></table>", ["Gas", "Wood"]),
        ("<table role=presentation><tr><td>In<td>May</table>", []),
        ("<table><tr><td><p>In May.</p><p>And June.</p></table>", []),
        ("<table><tr><td><ul><li>May<li>June</ul><tr><td>July</table>", []),
    ],
)
def test_a_table_that_lays_out_the_page_is_read_as_what_it_holds(
    layout: str, headings: list[str]
) -> None:
    comparison = parse_text(f"{page(HEAD + HEAT)}{layout}<h2>Thanks</h2><p>To Ada.</p>", "html")
    assert [each.heading for each in comparison.of_kind("dimension")] == ["Heat"]
    kept = [each for each in comparison.passages if each.kind != "dimension"]
    assert [each.heading for each in kept if each.heading in ("Gas", "Wood")] == headings
    assert not any("|" in each.text for each in kept)


def test_a_table_with_headings_in_its_header_compares() -> None:
    head = "<tr><th></th><th><h3>Gas</h3><p>from 90</p></th><th><h3>Wood</h3><p>from 40</p></th>"
    table = f"{head}</tr><tr><td>Needs</td><td><p>a bottle</p><p>a hose</p></td><td>logs</td></tr>"
    comparison = read_text(page(table), "html", ("Gas", "Wood")).comparison
    assert [each.cells for each in comparison.of_kind("dimension")] == [("a bottle a hose", "logs")]
