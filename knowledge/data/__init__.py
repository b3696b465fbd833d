"""The comparisons that ship, and their companion files.

tea-vs-coffee.md               the document
tea-vs-coffee.messages.jsonl   messages about it
tea-vs-coffee.probes           probes that the default model trained on them
"""

from pathlib import Path

from knowledge.comparison import Comparison
from knowledge.documents.reader import parse_file

FOLDER = Path(__file__).parent
MESSAGES, PROBES = ".messages.jsonl", ".probes"


def shipped() -> list[Path]:
    """The files of the comparisons that ship."""
    return sorted(FOLDER.glob("*.md"))


def companion_file(source: Path | None, comparison: Comparison, ending: str) -> Path | None:
    """The file with that `ending` next to the document of `comparison`, if there is one.

    Searches next to `source`, and next to the same comparison among the shipped ones, whose folder
    may have moved.
    """
    if source and (found := source.with_suffix(ending)).is_file():
        return found
    for path in shipped():
        found = path.with_suffix(ending)
        if found.is_file() and parse_file(path).sha256 == comparison.sha256:
            return found
    return None
