"""Fits what agent.judge decides by: `python -m evals.tuning.judge`.

First, in a minute, the probe that tells headings that name a situation from others
(agent/judge_situations.npz). Then the weights: the model sees what the reader asks a judge about
the training comparisons, and those that tell their verdicts in prose. What it shows is kept in
out/judge. Prints the figures of documents or writers that were left out, and writes
agent/judge_weights.json. Takes ten minutes on two cores.
"""

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.special import softmax

from agent.downloads.catalogue import EmbeddingFiles, embedding_paths, model_path
from agent.judge import (
    SITUATED,
    SITUATIONS_FILE,
    WEIGHTS_FILE,
    Floats,
    ModelJudge,
    Signals,
    judged,
    naming,
)
from agent.learning.probe import fit as learn
from agent.llm.local import LocalChatModel
from agent.settings import Settings, read_settings
from evals.datasets.comparisons import (
    FOLDER,
    TRUTH,
    document_of,
    plain_words,
    read_training,
)
from knowledge.documents.judge import LIKELY, Asked, Judgement
from knowledge.documents.names import Names
from knowledge.documents.reader import parse_file
from knowledge.embed import MiniLM
from knowledge.errors import DocumentError

KEPT = Path("out/judge")
FOLDERS = ("training", "prose")
FOLDS = 10
L2 = 0.02
SITUATION_L2 = 0.001


Right = tuple[tuple[int, ...] | None, ...]


@dataclass(frozen=True)
class Labelled:
    """A text, and the right judgements: several where any of several options is right."""

    asked: Asked
    right: Right


class Remembering(ModelJudge):
    """A judge that remembers what it saw (options, text, signals) and says nothing."""

    def __init__(self, settings: Settings, model: LocalChatModel) -> None:
        super().__init__(settings, model, required=True)
        self.remembered: list[tuple[tuple[str, ...], Asked, Signals]] = []

    def __call__(self, options: Sequence[str], texts: Sequence[Asked]) -> list[Judgement]:
        for asked, (_, signals) in zip(texts, self.seen(options, texts), strict=True):
            if signals:
                self.remembered.append((tuple(options), asked, signals))
        return []


def labelled(truth: Path, judge: Remembering) -> list[tuple[Labelled, Signals]]:
    """What the reader asks `judge` about a document and what that sees, as far as a person says
    what is recommended there.
    """
    said = json.loads(truth.read_text(encoding="utf-8"))
    judge.remembered.clear()
    with suppress(DocumentError):  # it may take the judge's word for it to be a comparison
        parse_file(document_of(truth), judge=judge)
    cases = [(plain_words(each["case"]), each["recommends"]) for each in said["cases"]]
    found = []
    for options, asked, signals in judge.remembered:
        heading, text = plain_words(asked.heading), plain_words(asked.text)
        about = [verdict for case, verdict in cases if case in heading]
        about = about or [verdict for case, verdict in cases if case in text]
        right: Right = ()
        if asked.among == "summary" and heading:  # a line without one is for a part of them
            right = _right(said["overall"], options) if said["overall"] else (None, ())
        elif asked.among != "summary" and len(about) == 1:
            right = _right(about[0], options)
        if right and len(options) == len(said["options"]):
            found.append((Labelled(asked, right), signals))
    return found


def _right(verdict: str | list[str] | None, options: Sequence[str]) -> Right:
    if verdict is None:
        return ((),)
    if verdict == "both":
        return (tuple(range(len(options))),)
    several = [verdict] if isinstance(verdict, str) else verdict
    places = {Names(options).only(each) for each in several}
    together = tuple(sorted(place for place in places if place is not None))
    if 1 < len(together) < len(options):
        return tuple((place,) for place in together)
    return (together,) if together else ()


def fit(examples: Sequence[tuple[Labelled, Signals]]) -> Floats:
    """The weights of a conditional logit (McFadden 1974) over the judgements of each section."""
    rows = []
    for labelled, seen in examples:
        right = np.array([each in labelled.right for each in seen.judgements])
        count = len(right) if labelled.asked.among == "summary" else -1  # else not "nothing"
        rows.append((seen.features[:count], right[:count]))

    def loss(weights: Floats) -> tuple[float, Floats]:
        total, gradient = L2 * float(weights @ weights), 2 * L2 * weights
        for features, right in rows:
            found = softmax(features @ weights)
            share = max(float(found @ right), 1e-9)
            total -= np.log(share) / len(rows)
            gradient = gradient - features.T @ (found * right / share - found) / len(rows)
        return total, gradient

    fitted: Floats = minimize(loss, np.zeros(rows[0][0].shape[1]), jac=True).x
    return fitted


def fit_situations(files: EmbeddingFiles) -> None:
    """Fits the probe of situations, and prints its accuracy for writers that were left out."""
    embedder = MiniLM(files.onnx, files.tokenizer)
    vectors, cases, writers = [], [], []
    for known in read_training():
        for passage in known.comparison.passages:
            if passage.kind in ("best-for", "analysis"):
                for among in ("section", "paragraph"):
                    asked = Asked(passage.heading, passage.text, among)
                    vectors.append(embedder.embed(naming(asked)))
                    cases.append([int(passage.kind == "best-for")])
                    writers.append(known.writer)
    rows, right = np.array(vectors), 0
    for writer in sorted({*writers}):
        held_out = np.array([each == writer for each in writers])
        kept = [case for case, out in zip(cases, held_out, strict=True) if not out]
        probe = learn(rows[~held_out], kept, 2, SITUATION_L2)
        right += sum((probe.log_odds(rows[i]) > 0) == cases[i][0] for i in np.flatnonzero(held_out))
    print(f"situations: {right} of {len(rows)}")
    with SITUATIONS_FILE.open("wb") as file:
        arrays: dict[str, Any] = dict(learn(rows, cases, 2, SITUATION_L2).arrays(SITUATED))
        np.savez_compressed(file, **arrays)


def main() -> None:
    """Collects, measures leave-documents-out, and writes the weights."""
    settings = read_settings(data_dir=KEPT)
    fit_situations(embedding_paths(settings.cache_dir))
    judge = Remembering(settings, LocalChatModel(model_path(settings), threads=settings.threads))
    truths = [truth for name in FOLDERS for truth in sorted((FOLDER / name).glob(f"*{TRUTH}"))]
    documents = []
    for truth in truths:
        if found := labelled(truth, judge):
            documents.append(found)
            print(truth.name.removesuffix(TRUTH), len(found), flush=True)
    hits: dict[tuple[str, str], list[bool]] = {}
    for fold in range(FOLDS):
        kept = [each for i, each in enumerate(documents) if i % FOLDS != fold]
        weights = fit([example for document in kept for example in document])
        for section, seen in (each for document in documents[fold::FOLDS] for each in document):
            judgement = judged(seen, weights, section.asked.among)
            least = LIKELY[section.asked.among]
            likely = "likely" if judgement.probability >= least else "unlikely"
            right = judgement.options in section.right
            hits.setdefault((section.asked.among, likely), []).append(right)
    for (among, likely), right_ones in sorted(hits.items()):
        print(f"{among}, {likely}: {sum(right_ones)} of {len(right_ones)}")
    weights = fit([each for document in documents for each in document])
    WEIGHTS_FILE.write_text(
        json.dumps([round(float(each), 3) for each in weights]) + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    main()
