"""Makes what ships beside the comparisons that ship: `make probes`.

    python -m evals.tuning.ship                     for those of knowledge/
    python -m evals.tuning.ship tests/second.md     for another one, with messages beside it

The default model learns each of them, which takes a quarter to half an hour on two cores, unless
this machine has learnt just the same before. Run it when a test says that what ships is of another
model, comparison, prompt or message than the tree.
"""

import sys
from pathlib import Path

from agent.cli import progress
from agent.downloads.catalogue import model_sha256
from agent.factory import index_file, load, open_embedder, prepare
from agent.learning.artifacts import given_messages, kept_or_learnt, origin_of, write_probes
from agent.llm.local import LocalChatModel
from agent.settings import DEFAULT_MODEL, read_settings
from knowledge.data import PROBES, shipped


def main() -> None:
    """Writes the probes beside each of the comparisons."""
    home = read_settings().data_dir / "shipping"  # what is indexed there is nobody's choice
    for source in [Path(name) for name in sys.argv[1:]] or shipped():
        settings = read_settings(model=DEFAULT_MODEL, data_dir=home)
        comparison, _ = index_file(settings, open_embedder(settings), source)
        settings = settings.model_copy(update={"comparison": comparison.slug})
        parts = load(settings)
        assert isinstance(parts.model, LocalChatModel)
        prepare(parts, settings, progress, probed=False)
        messages = given_messages(comparison, settings)
        origin = origin_of(comparison, messages, model_sha256(settings))
        probes = kept_or_learnt(parts.model, parts.retriever, settings, messages, origin, progress)
        parts.model.close()
        assert probes, f"{source} has no messages beside it to learn from"
        file = source.with_suffix(PROBES)
        write_probes(file, origin, probes)
        print(f"{file}: {file.stat().st_size:,} bytes.")


if __name__ == "__main__":
    main()
