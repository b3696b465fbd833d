"""What the model shows of the training comparisons: `python -m evals.tuning.states`.

What is seen is kept in out/states/, a file for each comparison, so that a run that was stopped goes
on where it was (two minutes a comparison on two cores). evals.tuning.learn learns from it.
"""

import hashlib
import itertools
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from agent.downloads.catalogue import model_path
from agent.factory import open_embedder
from agent.judge import ModelJudge
from agent.learning.understanding import anybody, described, named
from agent.llm.base import Prompt
from agent.llm.local import LocalChatModel
from agent.prompting.builder import answer_prompt, intent_prompt, partial_prompt, use_case_prompt
from agent.settings import read_settings
from evals.datasets.comparisons import LabelledComparison, read_training
from knowledge.comparison import Evidence
from knowledge.embed import MiniLM
from knowledge.index import Index, texts
from knowledge.retrieve import Retriever

KEPT = Path("out/states")
TOP_K = 4
SEEN = {
    "advice": 32,
    "fact": 6,
    "uncovered": 4,
    "steer": 5,
    "honest": 5,
}  # others: OTHERS
OTHERS = 2
NAMED = {"advice": 14, "general": 2, "fact": 16, "uncovered": 9}  # of others one
READ = 22  # messages of either kind, answered and not, that are read with their passages

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Seen:
    """What the model shows of one comparison.

    `places`     of the messages
    `messages`   (places, 3, width): states after the text, at "Asks for:", and at "Use case:"
    `anybody`    (texts, 2, width): states of `anybody`, at "Asks for:" and at "Use case:"
    `cases`      (2, recommending, width): states at "Use case:", of descriptions and of headings
    `named`      places of messages that were named
    `asks_for`   (named, 3): log-probability of each of ASKS_FOR
    `names`      (named, recommending): log-probability of each case's name
    `anybody_asks_for`, `anybody_names`   the same of `anybody`
    `read`       places of messages that were read with their passages
    `stated`     (read, width): states where the model is about to say whether the answer is stated
    `answers`    (read,): log-probability of "yes" less that of "no"
    """

    places: NDArray[np.int64]
    messages: Floats
    anybody: Floats
    cases: Floats
    named: NDArray[np.int64]
    asks_for: Floats
    names: Floats
    anybody_asks_for: Floats
    anybody_names: Floats
    read: NDArray[np.int64]
    stated: Floats
    answers: Floats


def chosen(labelled: LabelledComparison, most: dict[str, int], others: int) -> list[int]:
    """Places of messages: of each kind so many at most, evenly spread."""
    does: dict[str, list[int]] = {}
    for place, each in enumerate(labelled.messages):
        does.setdefault(each.does, []).append(place)
    found = [spread(places, most.get(what, others)) for what, places in does.items()]
    return sorted(itertools.chain.from_iterable(found))


def spread(items: Sequence[int], count: int) -> list[int]:
    """`count` of `items` at even distances, or all of them if there are fewer."""
    count = min(count, len(items))
    return [items[place * len(items) // count] for place in range(count)]


def to_read(labelled: LabelledComparison) -> list[int]:
    """At most READ messages that a passage answers, and as many that none does."""
    asked = list(enumerate(labelled.messages))
    facts = [place for place, each in asked if each.does == "fact" and each.about]
    return [
        *spread(facts, READ),
        *spread([place for place, each in asked if each.does == "uncovered"], READ),
    ]


def collect(model: LocalChatModel, embedder: MiniLM, labelled: LabelledComparison) -> Seen:
    """Reads everything once."""
    comparison, said = labelled.comparison, [each.text for each in labelled.messages]
    places = chosen(labelled, SEEN, OTHERS)
    cases = comparison.recommending
    asked = [[intent_prompt(comparison, t), use_case_prompt(comparison, t)] for t in anybody()]
    groups = [
        [
            partial_prompt(comparison, said[place]),
            intent_prompt(comparison, said[place]),
            use_case_prompt(comparison, said[place]),
        ]
        for place in places
    ]
    own = [[use_case_prompt(comparison, described(case))] for case in cases]
    own += [[use_case_prompt(comparison, case.heading)] for case in cases]
    weighed_at = [place for place in chosen(labelled, NAMED, 1) if place in places]
    with model.session() as session:
        general = [named(session, comparison, text) for text in anybody()]
    weighed = []
    for place in weighed_at:
        with model.session() as session:
            weighed.append(named(session, comparison, said[place]))
    vectors = [embedder.embed(text) for p in comparison.passages for text in texts(p)]
    retriever = Retriever(Index(comparison, embedder, np.array(vectors)))
    read, stated, answers = to_read(labelled), [], []
    for place in read:
        evidence = retriever.retrieve(said[place], TOP_K).evidence
        prompt = answer_prompt(comparison, said[place], evidence)
        with model.session() as session:
            [seen] = session.prefill([prompt], [["yes", "no"]], states=True)
        stated.append(seen.state)
        answers.append(seen.log_probabilities[0] - seen.log_probabilities[1])
    return Seen(
        np.array(places),
        states(model, groups),
        states(model, asked),
        states(model, own)[:, 0].reshape(2, len(cases), -1),
        np.array(weighed_at),
        np.array([asks for asks, _ in weighed]),
        np.array([names for _, names in weighed]),
        np.array([asks for asks, _ in general]),
        np.array([names for _, names in general]),
        np.array(read),
        np.array(stated),
        np.array(answers),
    )


def states(model: LocalChatModel, groups: Sequence[Sequence[Prompt]]) -> Floats:
    """(groups, prompts of each, width)"""
    with model.session() as session:
        return np.array(list(session.states(groups)), np.float32)


def kept(labelled: LabelledComparison) -> Path:
    """The file of what is seen of that comparison under today's prompts."""
    comparison = labelled.comparison
    prompts = [
        use_case_prompt(comparison, "?"),
        answer_prompt(comparison, "?", [Evidence(p, 0.0) for p in comparison.passages]),
    ]
    shown = [text for prompt in prompts for text in (prompt.system, prompt.user)]
    key = hashlib.sha256("\n".join([*shown, *anybody()]).encode()).hexdigest()
    return KEPT / f"{labelled.name}-{key[:12]}.npz"


def load(labelled: LabelledComparison) -> Seen:
    """What was seen. Raises FileNotFoundError."""
    with np.load(kept(labelled)) as file:
        return Seen(**{each.name: file[each.name] for each in fields(Seen)})


def in_turn(training: Sequence[LabelledComparison]) -> list[LabelledComparison]:
    """One of each writer after the other, so that a run that is stopped has some of all."""
    shelves: dict[str, list[LabelledComparison]] = {}
    for each in training:
        shelves.setdefault(each.writer, []).append(each)
    rounds = itertools.zip_longest(*shelves.values())
    return [each for some in rounds for each in some if each is not None]


def main() -> None:
    """Collects what is missing."""
    settings = read_settings()
    model = LocalChatModel(model_path(settings), threads=settings.threads)
    embedder = open_embedder(settings)
    KEPT.mkdir(parents=True, exist_ok=True)
    for labelled in in_turn(read_training(judge=ModelJudge(settings))):
        file, started = kept(labelled), time.perf_counter()
        if not file.exists():
            seen = collect(model, embedder, labelled)
            np.savez(file, **vars(seen))
            print(f"{labelled.name}: {time.perf_counter() - started:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
