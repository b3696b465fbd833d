"""What the model writes for cases, and what of it is kept.

    writer.write(fill("generating/questions"), asked, "Question:")   ->  "How much does …?"

The likeliest text is written, or, so that prompts that are alike give different texts, one that is
sampled with a fixed seed.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from agent.errors import InputError
from agent.llm.base import Prompt, Session
from evals.datasets.case import Case
from knowledge.text.words import stems

MAX_TOKENS = 60


@dataclass
class Draft:
    """The cases of one kind that are kept, how many are dropped for which reason, and what is
    `without` a case.
    """

    kind: str
    cases: list[Case] = field(default_factory=list)
    dropped: Counter[str] = field(default_factory=Counter)
    without: list[str] = field(default_factory=list)

    def add(self, case: Case, fault: str) -> None:
        """Keeps `case` if it has no fault and nothing like it was kept."""
        asked = stems(case.turns[0])
        if not fault and any(stems(kept.turns[0]) == asked for kept in self.cases):
            fault = "copy of another"
        if fault:
            self.dropped[fault] += 1
        else:
            self.cases.append(case)

    def __str__(self) -> str:
        """As one line: "fact: 12 kept of 20 (names the figure: 5, copy of another: 3)"."""
        line = f"{self.kind}: {len(self.cases)} kept of {len(self.cases) + self.dropped.total()}"
        if self.dropped:
            reasons = (f"{reason}: {count}" for reason, count in self.dropped.most_common())
            line += f" ({', '.join(reasons)})"
        if self.without:
            line += f". None for: {'; '.join(self.without)}"
        return line


@dataclass(frozen=True)
class Writer:
    """A model that continues examples."""

    session: Session

    def write(self, examples: str, asked: str, begun: str, seed: int | None = None) -> str:
        """One line after `begun`, in the manner of `examples`; "" if it copies one of them, or if
        `asked` is too long for the model.
        """
        prompt = Prompt(examples, f"{asked}\n", begun=begun)
        try:
            text = "".join(self.session.stream(prompt, MAX_TOKENS, stop=["\n"], seed=seed)).strip()
        except InputError:
            return ""
        return "" if text in examples else text

    def weigh(self, examples: str, asked: str, begun: str, options: Sequence[str]) -> list[float]:
        """The log-probability of each of `options` after `begun`, among them only."""
        prompt = Prompt(examples, f"{asked}\n", begun=begun)
        [weighed] = self.session.prefill([prompt], [[f" {option}" for option in options]])
        return list(weighed.log_probabilities)
