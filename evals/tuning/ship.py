"""Trains the probes that ship with a comparison: `make probes`.

    python -m evals.tuning.ship                          the comparisons of knowledge/data/
    python -m evals.tuning.ship tests/data/second.md     another one, with its messages

Training takes 15 to 30 minutes on two cores for each comparison, unless the cache has the probes.
Run it if a test says that shipped probes do not fit the model, comparison, prompts or messages.
"""

import sys
from pathlib import Path

from agent.cli import progress
from agent.downloads.catalogue import model_sha256
from agent.factory import index_file, load, open_embedders, prefill
from agent.learning.artifacts import given_messages, kept_or_learnt, origin_of, write_probes
from agent.llm.local import LocalChatModel
from agent.settings import DEFAULT_MODEL, read_settings
from knowledge.data import PROBES, shipped


def main() -> None:
    """Writes the probes next to each comparison."""
    home = read_settings().data_dir / "shipping"  # apart from the user's own indexes
    for source in [Path(name) for name in sys.argv[1:]] or shipped():
        settings = read_settings(model=DEFAULT_MODEL, data_dir=home)
        comparison, _ = index_file(settings, open_embedders(settings), source)
        settings = settings.model_copy(update={"comparison": comparison.slug})
        parts = load(settings)
        assert isinstance(parts.model, LocalChatModel)
        prefill(parts.model, comparison, settings, progress)
        messages = given_messages(comparison, settings)
        origin = origin_of(comparison, messages, model_sha256(settings))
        probes = kept_or_learnt(parts.model, parts.retriever, settings, messages, origin, progress)
        parts.model.close()
        assert probes, f"{source} has no messages next to it"
        file = source.with_suffix(PROBES)
        write_probes(file, origin, probes)
        print(f"{file}: {file.stat().st_size:,} bytes.")


if __name__ == "__main__":
    main()
