"""`advisor bench`: how fast the advisor is, beside other ways to run the same model.

The command line of agent.cli finds it as an entry point, because agent never imports evals.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from agent.cli import json_line, progress
from agent.errors import InputError
from agent.settings import read_settings

if TYPE_CHECKING:
    from evals.bench.figures import Contender, Figures

NEEDED = ("stock", "plain", "ours")  # the server is measured where it is installed
WIDTH = 112  # of the table; a narrower terminal would get more than one line a contender
COLUMNS = {  # field of Contender -> its heading and how it is shown
    "questions": ("n", ",.0f"),
    "search_p50_s": ("search s", ".3f"),
    "first_token_p50_s": ("first p50 s", ".2f"),
    "first_token_p95_s": ("p95 s", ".2f"),
    "followup_p50_s": ("follow-up s", ".2f"),
    "total_p50_s": ("answer s", ".2f"),
    "tokens_per_s": ("tokens/s", ".1f"),
    "read_p50_tokens": ("read", ",.0f"),
    "reused_p50_tokens": ("reused", ",.0f"),
    "peak_mib": ("peak MiB", ",.0f"),
    "start_cold_s": ("cold s", ",.1f"),
    "start_warm_s": ("warm s", ".1f"),
}


def bench(
    questions: Annotated[
        int, typer.Option("--questions", metavar="N", help="First questions that are timed.")
    ] = 24,
    growth: Annotated[
        bool, typer.Option("--growth", help="Also measure comparisons of 28 to 2,800 passages.")
    ] = False,
    chart: Annotated[
        Path | None, typer.Option("--chart", metavar="FILE.svg", help="Draw the figures there.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Measure how fast answers come, beside other ways to run the same model."""
    # imported late: every other command would wait for them
    from evals.bench import run as runner
    from evals.bench.chart import chart as drawn
    from evals.bench.growth import SIZES

    settings = read_settings()
    runner.check(questions, settings)
    if chart and (chart.is_dir() or not chart.parent.is_dir()):
        raise InputError(f"--chart {chart} is no file in a folder that exists. Name another.")
    figures = runner.run(questions, SIZES if growth else (), settings, progress)
    if chart:
        chart.write_text(drawn(figures), encoding="utf-8")
    if as_json:
        print(json_line(figures.to_json()))
    else:
        _print(figures)
    if any(each.missing for each in figures.contenders if each.name in NEEDED):
        raise typer.Exit(1)


def _print(figures: "Figures") -> None:
    from evals.bench.figures import NOTES

    console = Console(highlight=False, soft_wrap=True, width=max(WIDTH, Console().width))
    console.print(_table(figures.contenders))
    lines = [f"{each.name}: {each.missing}" for each in figures.contenders if each.missing]
    for name in ("stock", "plain"):
        if value := figures.ratio(name):
            lines.append(f"{name} / ours, first token p50: {value:.2f}")
    if (share := figures.writing_share) and (bare := figures.bare_tokens_per_s):
        lines.append(f"Writing: {share:.0%} of the {bare:.1f} tokens/s of a bare decode loop")
    for line in (*lines, *NOTES):
        console.print(line, markup=False)
    if figures.growth:
        console.print("Generated comparisons; a cold start indexes them:")
        console.print(_table(figures.growth))
        for each in figures.growth:
            if each.missing:
                console.print(f"{each.name}: {each.missing}", markup=False)


def _table(rows: "Sequence[Contender]") -> Table:
    """A line a contender: medians, seconds from the question to the first token first."""
    table = Table(box=None, pad_edge=False)
    table.add_column("", no_wrap=True)
    for heading, _ in COLUMNS.values():
        table.add_column(heading, justify="right", no_wrap=True)
    for each in rows:
        values = [(getattr(each, name), form) for name, (_, form) in COLUMNS.items()]
        shown = ["–" if value is None else format(value, form) for value, form in values]
        table.add_row(each.name, *shown)
    return table
