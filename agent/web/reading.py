"""Reads a document of somebody else's in a process of its own, within bounds of memory and time.

    read_apart(Path("notes.docx"), ("Cork", "Linoleum"))      what `advisor check --json` prints

The process is `python -m agent.web.reading FILE [OPTION …]`. Where the system sets no limit of
memory for a process, only the time is bounded.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from agent.errors import InputError
from knowledge.documents.reader import read_file
from knowledge.documents.report import as_object, lint
from knowledge.errors import DocumentError

TIMEOUT_S = 60.0
MEMORY_BYTES = 2**30
REFUSED = 2  # exit status
MODULE = "agent.web.reading"  # what the process runs


def read_apart(
    file: Path, options: Sequence[str] = (), timeout_s: float = TIMEOUT_S
) -> dict[str, Any]:
    """What is recognised in `file`, read with those names of options if there are any.

    Raises InputError in one line: that of the reader, or that a bound was reached.
    """
    command = [sys.executable, "-m", MODULE, str(file), *options]
    try:
        done = subprocess.run(
            command, capture_output=True, timeout=timeout_s, check=False, encoding="utf-8"
        )
    except subprocess.TimeoutExpired as error:  # the process has been ended
        raise InputError(
            f"{file.name} takes longer than {timeout_s:.0f} s to read. Save the comparison alone."
        ) from error
    if done.returncode == REFUSED:
        raise InputError(done.stderr.strip().splitlines()[-1])
    if done.returncode:
        raise InputError(
            f"{file.name} cannot be read within {MEMORY_BYTES >> 20} MiB of memory. "
            "Save the comparison alone."
        )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def main() -> int:
    """The process: prints one JSON object, or one line on standard error."""
    file, *options = sys.argv[1:]
    with suppress(ImportError):  # on Windows
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    try:
        reading = read_file(Path(file), options)
    except DocumentError as error:
        print(" ".join(str(error).split()), file=sys.stderr)
        return REFUSED
    print(json.dumps(as_object(reading, lint(reading.comparison))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
