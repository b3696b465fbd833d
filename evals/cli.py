"""`advisor eval`: whether what is served gives the document's verdicts, facts and refusals.

The command line of agent.cli finds it as an entry point, because agent never imports evals.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from agent.cli import ComparisonOption, progress, say
from agent.errors import InputError
from agent.settings import Settings, read_settings

if TYPE_CHECKING:
    from evals.results import Results

TIERS = ("retrieval", "decision", "answers", "full")
OUT = Path("out/eval")

Files = Annotated[
    list[Path] | None,
    typer.Option("--cases", metavar="FILE", help="Case files; none: the shipped validation."),
]
Kinds = Annotated[
    list[str] | None, typer.Option("--kind", metavar="K", help="Only cases of this kind.")
]


def evaluate(
    cases: Files = None,
    kind: Kinds = None,
    generate: Annotated[
        bool, typer.Option("--generate", help="Draw cases from the document; ask none.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="DIR",
            help="Where results go (out/eval); with --generate, the case file to write.",
        ),
    ] = None,
    tier: Annotated[str, typer.Option("--tier", help=f"One of {', '.join(TIERS)}.")] = "full",
    gates: Annotated[
        Path | None, typer.Option("--gates", metavar="FILE", help="Thresholds; none: the shipped.")
    ] = None,
    baseline: Annotated[
        Path | None, typer.Option("--baseline", metavar="FILE", help="An earlier run.")
    ] = None,
    rescore: Annotated[
        Path | None,
        typer.Option("--rescore", metavar="DIR", help="Score that run's answers again; ask none."),
    ] = None,
    shuffle: Annotated[
        int | None, typer.Option("--shuffle", metavar="SEED", help="Ask in another order.")
    ] = None,
    write_baseline: Annotated[
        Path | None, typer.Option("--write-baseline", metavar="FILE", help="Keep as a baseline.")
    ] = None,
    comparison: ComparisonOption = "",
) -> None:
    """Prove that answers match the document: figures, gates and a report. Exit 1 if they do not."""
    # imported late: every other command would wait for them
    from agent.evaluation_record import keep
    from evals import runner
    from evals.baseline import slim
    from evals.report.report import write_report

    if tier not in TIERS:
        raise InputError(f'--tier "{tier}" is none of {", ".join(TIERS)}.')
    settings = read_settings(comparison=comparison)
    if generate:
        if cases or kind or rescore:
            raise InputError("--generate asks nothing. Leave out --cases, --kind and --rescore.")
        _generate(settings, out)
        return
    out = out or OUT
    plan = runner.Plan(
        tier=tier,
        folder=out,
        files=cases or (),
        kinds=kind or (),
        # the shipped thresholds are for the shipped cases
        gates=gates or (None if cases or kind or rescore else runner.GATES),
        baseline=baseline,
        shuffle=shuffle,
        progress=progress,
    )
    results = runner.rescore(rescore, plan, settings) if rescore else runner.run(plan, settings)
    results.write(out)
    told = results.model_dump(mode="json")
    write_report(told, out)
    if results.tier == "full" and not (cases or kind or rescore):  # of all shipped cases
        try:
            keep(settings.data_dir, results.created, results.tier, results.config, told["metrics"])
        except OSError as error:
            say(f"The figures could not be kept for the page ({error}).")
    if write_baseline:
        slim(results).write(write_baseline)
    _print(results, out)
    if not runner.passed(results):
        raise typer.Exit(1)


def _generate(settings: Settings, file: Path | None) -> None:
    """Writes a case file about the comparison, and says what was kept."""
    from agent.factory import open_embedders, open_model, open_published
    from evals.generation.generate import check_writable, generate, write
    from knowledge.retrieve import Retriever

    retriever = Retriever(open_published(settings, open_embedders(settings)))
    slug = retriever.index.comparison.slug
    file = file or settings.data_dir / "generated" / f"{slug}.cases.jsonl"
    check_writable(file)
    model = open_model(settings)
    try:
        drafts = generate(retriever, model, progress)
    finally:
        model.close()
    write(drafts, file)
    for draft in drafts:
        say(str(draft))
    say(
        f"{file} is generated. Read it, and correct or remove what is wrong; then run "
        f'"advisor eval --cases {file} --comparison {slug}".'
    )


def _print(results: "Results", out: Path) -> None:
    from evals.results import shown

    table = Table(box=None, pad_edge=False)
    for heading in ("metric", "value", "95 % interval", "n"):
        table.add_column(heading, justify="left" if heading == "metric" else "right")
    for name, metric in results.metrics.items():
        ends = "" if metric.low is None else f"{metric.low:.3f} to {metric.high:.3f}"
        table.add_row(name, f"{metric.value:.3f}", ends, str(metric.n))
    console = Console(highlight=False, soft_wrap=True)
    console.print(table)
    for gate in results.gates:
        if gate.passed is False:
            console.print(f"GATE FAILED  {gate}", markup=False)
        elif gate.too_few:
            console.print(f"TOO FEW CASES TO TELL  {gate}", markup=False)
    for result in results.cases:
        if result.error:
            console.print(f"NOT SCORED  {result.case.id}: {result.error}", markup=False)
    if results.baseline:
        before, now = results.baseline.answers, {r.case.id: r.answer for r in results.cases}
        for mark, ids in (("LOST", results.baseline.lost), ("WON", results.baseline.won)):
            for id_ in ids:
                after = shown(answer) if (answer := now[id_]) else "no answer"
                line = f"{mark}  {id_}\n  before: {before[id_]}\n  now:    {after}"
                console.print(line, markup=False)
    minutes = results.duration_s / 60
    console.print(
        f"{minutes:.1f} minutes. Report: {out / 'report.html'}, figures: {out / 'results.json'}",
        markup=False,
    )
