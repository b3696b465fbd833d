"""Whether a question that a comparison does not answer belongs to another indexed one.

    elsewhere = Elsewhere(folder, embedder)
    elsewhere.nearer("Which boiler is quiet?", slug)       Pointer("heat-pump-vs-gas-boiler", …)

By the same similarity as retrieval, so it needs no model. Indexes of others are opened when a
question is first compared with them. docs/decisions/elsewhere.md has the figures.
"""

import logging
from collections.abc import Sequence
from pathlib import Path

from knowledge.comparison import Pointer
from knowledge.embed import MiniLM
from knowledge.errors import IndexMissingError
from knowledge.index import Index, built_at, indexed, open_index

LEAST = 0.35  # similarity of the other's nearest text
MARGIN = 0.1  # by which that is nearer than the nearest text of every other comparison
MOST = 50  # comparisons that a question is compared with, the last indexed ones

log = logging.getLogger(__name__)


class Elsewhere:
    """The indexed comparisons in `folder`, as questions are compared with them."""

    def __init__(self, folder: Path, embedder: MiniLM) -> None:
        self._folder, self._embedder = folder, embedder
        self._opened: dict[str, tuple[int, Index]] = {}

    def nearer(self, question: str, own: str) -> Pointer | None:
        """The comparison clearly nearer to `question` than that of slug `own`, if there is one."""
        times = {name: built_at(self._folder, name) for name in indexed(self._folder)}
        newest = sorted(times, key=lambda name: -times[name])
        others = [name for name in newest if name != own][:MOST]
        opened = {name: self._open(name, times[name]) for name in (own, *others) if name in times}
        vector = self._embedder.embed(question)
        near = {name: index.nearest(vector) for name, index in opened.items() if index}
        of_own = near.pop(own, None)
        found = None if of_own is None else clearly_nearest(of_own, list(near.values()))
        if found is None:
            return None
        slug = list(near)[found]
        index = opened[slug]
        return Pointer(slug, index.comparison.title) if index else None

    def _open(self, name: str, built: int) -> Index | None:
        """The index of that slug as built then; None if it cannot be used."""
        time, index = self._opened.get(name, (0, None))
        if index is None or time != built:
            try:
                index = open_index(self._folder, self._embedder, name)
            except IndexMissingError as error:  # it is said where that comparison is asked
                log.debug("%s", error)
                return None
            self._opened[name] = built, index
        return index


def clearly_nearest(own: float, others: Sequence[float]) -> int | None:
    """The place of the other comparison that a question belongs to, by the similarity of each one's
    nearest text; None if it belongs to none, or may belong to two.
    """
    if not others:
        return None
    best = max(range(len(others)), key=others.__getitem__)
    rivals = [own, *others[:best], *others[best + 1 :]]
    clear = others[best] >= LEAST and others[best] >= max(rivals) + MARGIN
    return best if clear else None
