"""What comes with the advisor: comparisons, and what lies beside them.

tea-vs-coffee.md               the document
tea-vs-coffee.messages.jsonl   messages that people might send about it
tea-vs-coffee.probes           what the default model has learnt from them
"""

from pathlib import Path

from knowledge.comparison import Comparison
from knowledge.documents.reader import parse_file

FOLDER = Path(__file__).parent
MESSAGES, PROBES = ".messages.jsonl", ".probes"


def shipped() -> list[Path]:
    """The comparisons that come with the advisor."""
    return sorted(FOLDER.glob("*.md"))


def companion_file(source: Path | None, comparison: Comparison, ending: str) -> Path | None:
    """The file of that `ending` beside the one that `comparison` was read from, if there is one.

    It is looked for beside `source`, and beside the same comparison among those that ship: their
    folder may have moved since.
    """
    if source and (found := source.with_suffix(ending)).is_file():
        return found
    for path in shipped():
        found = path.with_suffix(ending)
        if found.is_file() and parse_file(path).sha256 == comparison.sha256:
            return found
    return None
