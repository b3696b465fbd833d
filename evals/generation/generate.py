"""`advisor eval --generate`: a case file drawn from a document, for a person to edit.

    drafts = generate(retriever, model, progress)
    write(drafts, Path("my.cases.jsonl"))

Three kinds: wordings of each use case (evals.generation.wordings), each figure as a question
(evals.generation.figures) and questions that the document leaves open
(evals.generation.open_questions). Ids begin with "generated-". The same model and document give the
same file. Not covered: follow-ups and attacks.
"""

from pathlib import Path

from agent.errors import InputError
from agent.llm.base import Model
from agent.progress import Progress, silent
from evals import files
from evals.generation.draft import Draft, Writer
from evals.generation.figures import questions
from evals.generation.open_questions import open_questions
from evals.generation.wordings import messages
from knowledge.retrieve import Retriever


def generate(retriever: Retriever, model: Model, progress: Progress = silent) -> list[Draft]:
    """The cases of each kind, with what was dropped."""
    comparison, embedder = retriever.index.comparison, retriever.index.embedder
    with model.session() as session:
        writer = Writer(session)
        with progress("Wordings of use cases") as report:
            verdicts = messages(writer, comparison, embedder, report)
        with progress("Questions about figures") as report:
            facts = questions(writer, retriever, report)
        with progress("Questions left open") as report:
            left_open = open_questions(writer, comparison, facts, report)
    return [verdicts, facts, left_open]


def check_writable(file: Path) -> None:
    """Call before the minutes that it takes: raises InputError if `file` is there, which a person
    may have edited, or cannot be written.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(exist_ok=False)
        file.unlink()
    except FileExistsError as error:
        raise InputError(
            f"{file} is there already, and may have been edited. "
            "Choose another --out, or remove it to have it generated again."
        ) from error
    except OSError as error:
        raise InputError(f"Cannot write {file}: {error.strerror}. Choose another --out.") from error


def write(drafts: list[Draft], file: Path) -> Path:
    """Writes the cases, one JSON object a line. Raises InputError if there is none."""
    cases = [case for draft in drafts for case in draft.cases]
    if not cases:
        raise InputError(
            "Nothing that was written survived its round trip: the document has no use case with a "
            "verdict and no figure that a question leads back to. Write cases yourself."
        )
    lines = [case.model_dump_json(exclude_unset=True) for case in cases]
    return files.write(file, "\n".join([*lines, ""]))
