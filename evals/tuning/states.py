"""What the model shows of the training comparisons: `python -m evals.tuning.states`.

What is seen is kept in out/states/, a file for each comparison, so that a run that was stopped goes
on where it was (one to five minutes a comparison on two cores). It takes the embedders that
evals.tuning.embedder keeps in out/embedders/. evals.tuning.learn learns from it.
"""

import hashlib
import itertools
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from agent.downloads.catalogue import embedding_paths, model_path
from agent.learning.understanding import TOP_K, Reference, anybody, refer
from agent.llm.local import LocalChatModel
from agent.prompting.builder import answer_prompt, partial_prompt, signal_prompts, use_case_prompt
from agent.settings import read_settings
from evals.datasets.comparisons import LabelledComparison, read_training
from evals.tuning.folds import left_out_retriever
from knowledge.comparison import Evidence
from knowledge.index import VECTORS_FORM
from knowledge.retrieve import Retriever
from knowledge.sampling import evenly

KEPT = Path("out/states")
SEEN = {"advice": 16, "general": 5, "fact": 10, "uncovered": 6, "steer": 4, "honest": 4}
OTHERS = 2  # of each other kind
SITUATED = {"advice": 3, "general": 1, "fact": 6, "uncovered": 5}  # of situated ones; of others one
NAMED = {"advice": 8, "general": 3, "fact": 6, "uncovered": 5}  # of others one
READ = 8  # messages of either kind, answered and not, that are read with their passages
REFERENCE = "reference_"  # before the names of its arrays in a file

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Seen:
    """What the model shows of one comparison.

    `places`     of the messages
    `messages`   (places, 3, width): states after the text, at "Asks for:", and at "Use case:"
    `reference`  what it shows before any message
    `named`      places of messages that were named
    `asks_for`   (named, 3): log-probability of each of ASKS_FOR
    `names`      (named, recommending): log-probability of each case's name
    `read`       places of messages that were read with their passages
    `stated`     (read, width): states where the model is about to say whether the answer is stated
    `answers`    (read,): log-probability of "yes" less that of "no"
    `answered`   (read,): whether one of the passages has the answer
    """

    places: NDArray[np.int64]
    messages: Floats
    reference: Reference
    named: NDArray[np.int64]
    asks_for: Floats
    names: Floats
    read: NDArray[np.int64]
    stated: Floats
    answers: Floats
    answered: NDArray[np.bool_]

    def write(self, file: BinaryIO) -> None:
        """Writes arrays for `load`."""
        arrays = dict(vars(self))
        for name, array in vars(arrays.pop("reference")).items():
            arrays[f"{REFERENCE}{name}"] = array
        np.savez(file, **arrays)

    @classmethod
    def load(cls, file: Path) -> "Seen":
        """What `write` wrote. Raises FileNotFoundError."""
        with np.load(file) as data:
            arrays = dict(data)
        names = [name for name in arrays if name.startswith(REFERENCE)]
        reference = {name.removeprefix(REFERENCE): arrays.pop(name) for name in names}
        return cls(reference=Reference(**reference), **arrays)


def chosen(labelled: LabelledComparison, most: dict[str, int], others: int) -> list[int]:
    """Places of messages: of each kind so many at most, evenly spread, and situated ones."""
    return sorted([*_some(labelled, False, most, others), *situated(labelled)])


def situated(labelled: LabelledComparison) -> list[int]:
    """Places of situated messages, of each kind as many as SITUATED says."""
    return _some(labelled, True, SITUATED, 1)


def _some(
    labelled: LabelledComparison, situated: bool, most: dict[str, int], others: int
) -> list[int]:
    does: dict[str, list[int]] = {}
    for place, each in enumerate(labelled.messages):
        if each.situated == situated:
            does.setdefault(each.does, []).append(place)
    found = [evenly(places, most.get(what, others)) for what, places in does.items()]
    return sorted(itertools.chain.from_iterable(found))


def to_read(labelled: LabelledComparison) -> list[int]:
    """At most READ messages that a passage answers, and as many that none does; and the situated
    ones of either kind.
    """
    asked = list(enumerate(labelled.messages))
    kinds = [
        [place for place, each in asked if each.does == "fact" and each.about],
        [place for place, each in asked if each.does == "uncovered"],
    ]
    again = situated(labelled)
    found = []
    for places in kinds:
        found += evenly([i for i in places if not asked[i][1].situated], READ)
        found += [i for i in places if i in again]
    return found


def collect(model: LocalChatModel, retriever: Retriever, labelled: LabelledComparison) -> Seen:
    """Reads everything once."""
    comparison, messages = labelled.comparison, labelled.messages
    places = chosen(labelled, SEEN, OTHERS)
    prompts = []
    for place in places:
        said = messages[place].text
        prompts.append([partial_prompt(comparison, said), *signal_prompts(comparison, said)[0]])
    with model.session() as session:
        states = list(session.states(prompts))
    named = [place for place in chosen(labelled, NAMED, 1) if place in places]
    weighed = []
    for place in named:
        with model.session() as session:
            shown = session.prefill(*signal_prompts(comparison, messages[place].text))
        weighed.append([each.log_probabilities for each in shown])
    read, stated, answers, answered = to_read(labelled), [], [], []
    for place in read:
        message = messages[place]
        evidence = retriever.retrieve(message.text, TOP_K).evidence
        prompt = answer_prompt(comparison, message.text, evidence)
        with model.session() as session:
            [asked] = session.prefill([prompt], [["yes", "no"]], states=True)
        stated.append(asked.state)
        answers.append(asked.log_probabilities[0] - asked.log_probabilities[1])
        answered.append(any(item.passage.id in message.about for item in evidence))
    return Seen(
        places=np.array(places),
        messages=np.array(states, np.float32),
        reference=refer(model, retriever),
        named=np.array(named),
        asks_for=np.array([asks_for for asks_for, _ in weighed]),
        names=np.array([names for _, names in weighed]),
        read=np.array(read),
        stated=np.array(stated),
        answers=np.array(answers),
        answered=np.array(answered),
    )


def kept(labelled: LabelledComparison) -> Path:
    """The file of what is seen of that comparison under today's prompts, with what is found by
    today's texts.
    """
    comparison = labelled.comparison
    prompts = [
        use_case_prompt(comparison, "?"),
        answer_prompt(comparison, "?", [Evidence(p, 0.0) for p in comparison.passages]),
    ]
    shown = [text for prompt in prompts for text in (prompt.system, prompt.user)]
    key = hashlib.sha256("\n".join([*shown, *anybody(), str(VECTORS_FORM)]).encode()).hexdigest()
    return KEPT / f"{labelled.name}-{key[:12]}.npz"


def load(labelled: LabelledComparison) -> Seen:
    """What was seen. Raises FileNotFoundError."""
    return Seen.load(kept(labelled))


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
    files = embedding_paths(settings.cache_dir)
    KEPT.mkdir(parents=True, exist_ok=True)
    for labelled in in_turn(read_training()):
        file, started = kept(labelled), time.perf_counter()
        if not file.exists():
            seen = collect(model, left_out_retriever(labelled, files), labelled)
            partial = file.with_suffix(".partial")
            with partial.open("wb") as written:
                seen.write(written)
            partial.rename(file)
            print(f"{labelled.name}: {time.perf_counter() - started:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
