"""From a question to evidence: dense similarity with a small share of BM25.

Not covered: follow-ups (agent.answering.rewrite) and whether the evidence answers
(agent.answering.decide).
"""

import logging
import re
from collections import Counter
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from math import log

import bm25s
import numpy as np
from numpy.typing import NDArray

from knowledge.comparison import Evidence, Passage
from knowledge.index import Index
from knowledge.text.sentences import sentences
from knowledge.text.words import names, stems

logging.getLogger("bm25s").setLevel(logging.WARNING)  # it sets itself to DEBUG

UNLIKELY = -5.0  # log-probability from which on a sentence is not told apart from others


@dataclass(frozen=True)
class Fusion:
    """What scores weigh beside cosine similarity; `python -m evals.tuning.ablation` says what each
    of them is worth.
    """

    bm25: float = 0.2
    coverage: float = 0.5
    likely: float = 0.5


@dataclass(frozen=True)
class Quotation:
    """A sentence of the evidence.

    `covers` has the question's words that stand in it, each with its share of what all of them
    weigh; `named` is the share of the question's numbers and of those of its names that the
    document knows (1 if it has none), `score` how likely it is what the question is after: its
    cosine similarity and, as Fusion weighs them, its coverage and what a model makes of it.
    """

    passage: Passage
    sentence: str
    covers: Mapping[str, float]
    named: float
    score: float

    @property
    def coverage(self) -> float:
        """How much of the question it covers, in [0, 1]."""
        return sum(self.covers.values())

    def beyond(self, words: Set[str]) -> float:
        """How much of the question it covers that `words` leave out, in [0, 1]."""
        return sum(share for word, share in self.covers.items() if word not in words)


@dataclass(frozen=True)
class Retrieved:
    """What a question finds, each best first.

    `evidence` is for the answer, `cases` are all passages that give a verdict, `quotations` the
    sentences of the evidence. `similarities` has the highest cosine similarity of any text of each
    passage that was found, by its id, and `nearest` is the highest of them. `unknown_names` are
    names of the question that the document never mentions, `table` is all rows of the table that
    were found.
    """

    evidence: tuple[Evidence, ...] = ()
    cases: tuple[Evidence, ...] = ()
    quotations: tuple[Quotation, ...] = ()
    similarities: Mapping[str, float] = field(default_factory=dict)
    unknown_names: tuple[str, ...] = ()
    table: tuple[Evidence, ...] = ()

    @property
    def nearest(self) -> float:
        return max(self.similarities.values(), default=0.0)

    def rows(self, near: float) -> tuple[Passage, ...]:
        """The rows of the table of which a text has at least the similarity `near`, best first."""
        similar = self.similarities
        return tuple(row.passage for row in self.table if similar.get(row.passage.id, 0.0) >= near)


class Retriever:
    """Ranks the passages of an index for a question."""

    def __init__(self, index: Index, fusion: Fusion | None = None) -> None:
        self.index = index
        self._fusion = fusion or Fusion()
        self._passages = index.comparison.passages
        self._bm25 = bm25s.BM25(method="lucene")
        self._bm25.index(
            [stems(f"{passage.heading} {passage.text}") for passage in self._passages],
            show_progress=False,
        )
        every = [sentence for passage in self._passages for sentence in passage.sentences]
        capitalised = stems(" ".join(name for sentence in every for name in names(sentence)))
        in_lower_case = re.findall(r"\b[a-z][a-z0-9]*\b", " ".join(every))
        self._names = set(capitalised) - set(stems(" ".join(in_lower_case)))
        self._vocabulary = set(stems(" ".join([p.heading for p in self._passages] + every)))
        self._sentences = len(every)
        self._sentences_with = Counter(word for s in every for word in set(stems(s)))

    def retrieve(
        self, question: str, top_k: int = 4, likely: NDArray[np.float64] | None = None
    ) -> Retrieved:
        """The `top_k` passages nearest to `question`, and those that give a verdict by nearness.

        `likely` is the log-probability that each of Comparison.sentences answers, where a model
        says so.
        The score of evidence is the mean cosine similarity of the whole passage and of its
        nearest sentence and, as Fusion weighs them, its share of the best BM25 score and how
        likely one of its sentences answers, from 0 for UNLIKELY to 1 for certain. The score of a
        case is its mean similarity alone: people do not describe theirs in its words.
        BM25: Robertson and Zaragoza 2009, doi:10.1561/1500000019.
        """
        vector = self.index.embedder.embed(question)
        dense = self.index.similarities(vector)
        lexical = self._lexical(question)
        answering = self._by_passage(likely)
        ranked = [
            Evidence(
                passage,
                dense[passage.id].mean
                + self._fusion.bm25 * lexical[i]
                + self._fusion.likely * _share(np.logaddexp.reduce(answering[i])),
            )
            for i, passage in enumerate(self._passages)
        ]
        ranked = _best_first(ranked)
        evidence = ranked[:top_k]
        cases = [
            Evidence(passage, dense[passage.id].mean)
            for passage in self.index.comparison.recommending
        ]
        quotations = []
        names = self._named(question)
        unknown_names = {
            name
            for name in names
            if not name[0].isdigit() and not any(_akin(name, word) for word in self._vocabulary)
        }
        asked = names - unknown_names
        shares = self._shares(question)
        for item in evidence:
            answers = answering[item.number - 1]
            for i, sentence in enumerate(item.passage.sentences):
                there = set(stems(f"{item.passage.heading} {sentence}"))
                covers = {word: share for word, share in shares.items() if word in there}
                score = dense[item.passage.id].sentences[i]
                score += self._fusion.coverage * sum(covers.values())
                score += self._fusion.likely * _share(answers[i])
                named = sum(any(_akin(name, word) for word in there) for name in asked)
                share = named / len(asked) if asked else 1.0
                quotations.append(Quotation(item.passage, sentence, covers, share, score))
        quotations.sort(key=lambda quotation: -quotation.score)
        return Retrieved(
            tuple(evidence),
            tuple(_best_first(cases)),
            tuple(quotations),
            similarities={name: similarity.nearest for name, similarity in dense.items()},
            unknown_names=tuple(sorted(unknown_names)),
            table=tuple(item for item in ranked if item.passage.cells),
        )

    def _by_passage(self, likely: NDArray[np.float64] | None) -> list[NDArray[np.float64]]:
        """The log-probabilities of each passage's sentences; all unlikely where none are known."""
        sizes = [len(passage.sentences) for passage in self._passages]
        logs = np.full(sum(sizes), -np.inf) if likely is None else likely
        return np.split(logs, np.cumsum(sizes)[:-1])

    def _shares(self, question: str) -> dict[str, float]:
        """The stems of `question`, each with its share of what all of them weigh.

        A word weighs its inverse document frequency over the document's sentences, so "Akash"
        missing costs more than "network" missing.
        """
        weights = {
            word: log((self._sentences + 1) / (self._sentences_with.get(word, 0) + 0.5))
            for word in sorted(set(stems(question)))
        }
        total = sum(weights.values())
        return {word: weight / total for word, weight in weights.items()}

    def _named(self, question: str) -> set[str]:
        """The stems of the question's names and numbers; names of the document in any spelling.

        A capital at the beginning of a sentence makes no name.
        """
        words = set(stems(question))
        numbers = {word for word in words if word[0].isdigit()}
        written = {name for sentence in sentences(question) for name in names(sentence)}
        return (words & self._names) | set(stems(" ".join(written))) | numbers

    def _lexical(self, question: str) -> list[float]:
        """Each passage's BM25 score as a share of the best one."""
        terms = [term for term in stems(question) if term in self._bm25.vocab_dict]
        if not terms:
            return [0.0] * len(self._passages)
        scores = self._bm25.get_scores(terms)
        best = float(np.max(scores)) or 1.0
        return [float(score) / best for score in scores]


def _share(log_probability: float) -> float:
    """From 0 for UNLIKELY, or less, to 1 for certain."""
    return 1 - max(log_probability, UNLIKELY) / UNLIKELY


def _akin(name: str, word: str) -> bool:
    """Whether two stems are of one name: "china" and "chines", "europ" and "european"."""
    pairs = zip(name, word, strict=False)
    shared = next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(name), len(word)))
    return name == word or (name[0].isalpha() and shared >= max(4, min(len(name), len(word)) - 1))


def _best_first(evidence: list[Evidence]) -> list[Evidence]:
    return sorted(evidence, key=lambda item: (-item.score, item.number))
