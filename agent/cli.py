"""The command line: `advisor pull | index | ask | serve | eval | doctor | …`.

Exit status: 0 success; 1 a check failed; 2 wrong use or unusable input, with one line on standard
error that names the problem, the value, and the remedy.
"""

import io
import json
import os
import sys
import time
from importlib.metadata import entry_points
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.console import Console

from agent.answering.types import Answer
from agent.check import check as check_document
from agent.check import new as new_document
from agent.errors import AdvisorError, InputError
from agent.logs import start_log
from agent.progress import ConsoleProgress
from agent.settings import Settings, read_settings, usable_settings
from knowledge.documents.reader import SUFFIXES
from knowledge.errors import DocumentError

app = typer.Typer(
    help="Answers questions from one comparison document, with citations.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
# typer has its own copy of click, and does not export click's UsageError
WrongUse: type[typer.BadParameter] = typer.BadParameter.__mro__[2]
errors = Console(stderr=True, highlight=False, soft_wrap=True)
progress = ConsoleProgress(errors)

app.command("new")(new_document)
app.command("check")(check_document)

ComparisonOption = Annotated[
    str,
    typer.Option(
        "--comparison",
        metavar="SLUG",
        help="The indexed comparison to use; none: the one indexed last.",
    ),
]


@app.command()
def pull(
    name: Annotated[
        str, typer.Argument(metavar="[NAME|PATH|HF-REPO]", help="The model to fetch.")
    ] = "",
) -> None:
    """Fetch and verify a model and the embedding data."""
    from agent.downloads.catalogue import EMBEDDING
    from agent.downloads.catalogue import pull as fetch

    settings = read_settings()
    wanted = [name] if name else [a.name for a in EMBEDDING]
    if not name and not settings.base_url:
        wanted.append(settings.model)
    for each in wanted:
        path = fetch(each, settings.cache_dir, progress)
        say(f"{each}: {path}, verified.")


@app.command()
def index(
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE|FOLDER]", help="Default: shipped comparisons.")
    ] = None,
    options: Annotated[
        list[str] | None,
        typer.Option("--options", metavar="NAME", help="An option's name; once for each."),
    ] = None,
) -> None:
    """Build the index of a comparison, and process its passages.

    The names of --options are kept: FILE is read with them until others are given.
    """
    from agent.factory import index_file, load, open_embedders, prepare, read_ahead
    from agent.judge import ModelJudge
    from knowledge.data import shipped
    from knowledge.index import options_of

    if options and (file is None or file.is_dir()):
        raise InputError("--options names the options of one document. Name its file.")
    settings = read_settings()
    embedders = open_embedders(settings)
    indexed, failed = [], False
    for source in shipped() if file is None else _comparisons_in(file):
        judge = ModelJudge(settings)
        try:
            named = options or options_of(settings.data_dir / "indexes", source)
            comparison, _ = index_file(settings, embedders, source, progress, named, judge)
        except DocumentError as error:
            say(str(error))
            failed = True
            continue
        for warning in (*comparison.warnings, *judge.warnings):
            say(f"Warning: {warning}")
        say(f"{comparison.slug}: {len(comparison.passages)} passages.")
        indexed.append(comparison.slug)
    if indexed and not settings.base_url:
        loaded = None  # one model for all of them
        for slug in indexed:
            chosen = settings.model_copy(update={"comparison": slug})
            loaded = load(chosen, loaded)
            try:
                prepare(loaded, chosen, progress)
                say(f"{slug} is ready. Its passages are read ahead, so that no question waits.")
                read_ahead(loaded, chosen, progress)
            except AdvisorError as error:  # such as a line of the messages beside it
                say(str(error))
                failed = True
    if failed:
        raise typer.Exit(2)


@app.command()
def ask(
    questions: Annotated[list[str], typer.Argument(metavar="QUESTION [FOLLOW-UP]...")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per answer.")] = False,
    comparison: ComparisonOption = "",
) -> None:
    """Answer a question, and follow-ups in the same conversation."""
    from agent.answering.rewrite import readable
    from agent.factory import open_advisor

    settings = read_settings(comparison=comparison)
    for question in questions:
        readable(question)  # refused before the model is loaded
    advisor = open_advisor(settings, progress)
    history: list[Answer] = []
    for question in questions:
        answer = advisor.ask(question, history)
        history.append(answer)
        as_of = advisor.comparison.as_of
        print(json_line(answer.to_json()) if as_json else _plain(answer, as_of))


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to serve on.")] = "",
    port: Annotated[int, typer.Option(help="Port to serve on; 0 takes a free one.")] = -1,
    comparison: ComparisonOption = "",
) -> None:
    """Serve the web page."""
    from agent.web.context import open_context
    from agent.web.server import claim_port
    from agent.web.server import serve as serve_page

    settings = read_settings(comparison=comparison, host=host, port=port if port >= 0 else None)
    claim_port(settings.host, settings.port)  # before the model is loaded
    serve_page(open_context(settings), settings.host, settings.port, settings.hosts)


@app.command()
def user(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The user's name.")],
    remove: Annotated[bool, typer.Option("--remove", help="Delete the user.")] = False,
) -> None:
    """Add a user to the users file, or change a password. Asks for the password."""
    from agent.web.users import remove_user, write_user

    file = read_settings().users
    if file is None:
        raise InputError("No users file is set. Set ADVISOR_USERS to the file to write.")
    if remove:
        remove_user(file, name)
        say(f"{name} is no longer in {file}.")
        return
    if sys.stdin.isatty():
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    else:
        password = sys.stdin.readline().rstrip("\n")
    write_user(file, name, password)
    say(f"{name} may log in. The page requires a log-in while ADVISOR_USERS is {file}.")


@app.command()
def feedback(
    what: Annotated[Literal["export"], typer.Argument(help="The action.")],
    file: Annotated[Path, typer.Argument(help="Cases to write, one JSON object a line.")],
    comparison: ComparisonOption = "",
) -> None:
    """Export ratings of answers as eval cases, which a person completes."""
    from agent.conversations.feedback import export
    from agent.web.context import open_store

    settings = read_settings(comparison=comparison)
    said = export(open_store(settings).feedback(), file)
    say(said)


@app.command()
def cache(
    what: Annotated[
        str, typer.Argument(metavar="[KIND|NAME|KEY]", help="Only these entries.")
    ] = "",
    remove: Annotated[bool, typer.Option("--remove", help="Remove them.")] = False,
) -> None:
    """List the cache entries that make later starts quick, or remove them.

    Removal loses nothing: the advisor makes missing entries again.
    """
    from knowledge.cache import Cache
    from knowledge.cache import remove as remove_path

    kept = Cache(read_settings().data_dir)
    entries = [e for e in kept.entries() if what in ("", e.kind, e.name, e.key)]
    if what and not entries:
        raise InputError(
            f'No cache entry has the kind, name or key "{what}". "advisor cache" lists all entries.'
        )
    listed, left = 0.0, []
    for entry in entries:
        used = time.strftime("%Y-%m-%d %H:%M", time.localtime(entry.used_s))
        key = entry.key or "(of an earlier version)"
        print(f"{entry.size_bytes / 1e6:9.1f} MB  {used}  {entry.kind:9} {key}  {entry.name}")
        if remove:
            remove_path(entry.path)
        if remove and entry.path.exists():
            left.append(str(entry.path))
        else:
            listed += entry.size_bytes / 1e6
    print(f"{listed:9.1f} MB {'removed from' if remove else 'in'} {kept.folder}")
    if left:
        raise InputError(f"{', '.join(left)} cannot be removed. Check who may write there.")


@app.command()
def doctor() -> None:
    """Check what is installed, verified and reachable, and suggest remedies."""
    from agent.doctor import checks

    settings, wrong = usable_settings()
    passed = True
    for check in checks(settings, wrong):
        passed = passed and check.passed
        print(f"{'ok  ' if check.passed else 'FAIL'}  {check.name}: {check.detail}")
    print()
    for name, field in Settings.model_fields.items():
        value = getattr(settings, name)
        print(f"ADVISOR_{name.upper()}={value}  ({field.description})")
    if not passed:
        raise typer.Exit(1)


def _comparisons_in(path: Path) -> list[Path]:
    """`path` itself, or the comparison files in that folder."""
    if not path.is_dir():
        return [path]
    found = sorted(p for p in path.iterdir() if p.suffix.lower() in SUFFIXES)
    if not found:
        raise AdvisorError(f"No file in {path} ends in {', '.join(SUFFIXES)}. Name a file instead.")
    return found


def _plain(answer: Answer, as_of: str) -> str:
    """An answer for a terminal."""
    lines = []
    if answer.verdict:
        share = f"{answer.decision.confidence:.0%}" if answer.decision.confidence else ""
        lines.append(f"{answer.verdict}  (confidence {share})")
    lines.append(answer.text)
    if answer.elsewhere:
        other = answer.elsewhere
        lines.append(f"Another comparison may: {other.title} (--comparison {other.slug})")
    lines += [f"  [{c.number}] {c.passage}: {c.quote}" for c in answer.citations]
    lines += [f"{title}: {said.text}" for title, said in answer.counterpoints]
    if len(answer.case.in_force) > 1:
        lines.append(f"Your case: {' · '.join(answer.case.in_force)}")
    if as_of and answer.has_figures:
        lines.append(f"Figures are as of {as_of}.")
    return "\n".join(lines) + "\n"


def json_line(value: Any) -> str:
    """`value` as one line of JSON, in ASCII if standard output cannot show every character."""
    line = json.dumps(value, ensure_ascii=False)
    try:
        line.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        return json.dumps(value)
    return line


def say(line: str) -> None:
    """Prints a line on standard error."""
    errors.print(line, markup=False)


def add_commands() -> None:
    """Adds commands of packages that agent does not import, such as `advisor eval`."""
    there = {command.name for command in app.registered_commands}
    for entry in entry_points(group="comparison_advisor.commands"):
        if entry.name not in there:
            app.command(entry.name)(entry.load())


def main() -> None:
    """Runs the command line; errors become one line and an exit status."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # escapes characters that the terminal cannot show
            stream.reconfigure(errors="backslashreplace")
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="surrogateescape")
    try:
        add_commands()
        start_log(usable_settings()[0])  # each command reports unusable settings itself
        status = app(standalone_mode=False)
    except typer.Abort:
        status = 130
    except WrongUse as error:
        say(f"{error.format_message()} Try --help.")
        status = 2
    except AdvisorError as error:
        say(" ".join(str(error).split("\n")))  # a quoted value may contain line breaks
        status = 2
    except KeyboardInterrupt:
        status = 130
    except BrokenPipeError:  # the reader of the pipe, such as head, has closed it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 0
    sys.exit(status if isinstance(status, int) else 0)


if __name__ == "__main__":
    main()
