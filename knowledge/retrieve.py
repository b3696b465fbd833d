"""From a question to evidence: dense similarity with a small share of BM25.

Not covered: follow-ups (agent.understand) and whether the evidence answers (agent.decide).
"""

from dataclasses import dataclass

import bm25s
import numpy as np

from knowledge.comparison import Evidence, Passage
from knowledge.index import Index
from knowledge.words import stems

BM25_WEIGHT = 0.15


@dataclass(frozen=True)
class Retrieved:
    """Evidence for the answer, and how near every use case is to the question."""

    evidence: tuple[Evidence, ...]
    use_cases: tuple[Evidence, ...]


class Retriever:
    """Ranks the passages of an index for a question."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self._passages = index.comparison.passages
        self._bm25 = bm25s.BM25(method="lucene")
        self._bm25.index([stems(f"{p.heading} {p.text}") for p in self._passages], show_progress=False)

    def rank(self, question: str, limit: int = 200) -> list[Evidence]:
        """Every passage near `question`, best first, scored in [0, 1].

        `score` is the cosine similarity of the passage's nearest text plus BM25_WEIGHT of its
        BM25 score as a share of the best one. `limit` is the number of texts looked at.
        BM25: Robertson and Zaragoza 2009, doi:10.1561/1500000019.
        """
        vector = self.index.embedder.embed(question)
        dense = self.index.similarities(vector, limit)
        lexical = self._lexical(question)
        scored = [
            Evidence(passage, max(0.0, dense[passage.id]) + BM25_WEIGHT * lexical[i])
            for i, passage in enumerate(self._passages)
            if passage.id in dense
        ]
        return sorted(scored, key=lambda evidence: -evidence.score)

    def _lexical(self, question: str) -> list[float]:
        terms = [term for term in stems(question) if term in self._bm25.vocab_dict]
        if not terms:
            return [0.0] * len(self._passages)
        scores = self._bm25.get_scores(terms)
        best = float(np.max(scores)) or 1.0
        return [float(score) / best for score in scores]


def passages_of(evidence: tuple[Evidence, ...]) -> tuple[Passage, ...]:
    return tuple(item.passage for item in evidence)
