"""A tagger that is told what sentences do: for tests that are about everything else."""

from collections.abc import Mapping, Sequence

from agent.dialogue.acts import ACTS, Act, Reply, Tagged


class ToldTagger:
    """`acts` has what each sentence does; `gone` has pairs of a new statement and the old one that
    it replaces. Anything else asks for a fact. `sure` is the probability of what a sentence does.
    """

    def __init__(
        self,
        acts: Mapping[str, Act | tuple[Act, ...]],
        gone: Sequence[tuple[str, str]] = (),
        sure: float = 0.99,
    ) -> None:
        self._acts, self._gone, self._sure = acts, set(gone), sure

    def read(self, said: Sequence[str], reply: Reply, before: str = "") -> list[Tagged]:
        return [Tagged(text, self._shares(text)) for text in said]

    def replaces(self, new: str, old: str) -> float:
        return 0.9 if (new, old) in self._gone else 0.1

    def _shares(self, text: str) -> dict[Act, float]:
        does = self._acts.get(text, "fact")
        does = (does,) if isinstance(does, str) else does
        return {act: self._sure - 0.01 * does.index(act) if act in does else 0.01 for act in ACTS}
