"""Step 3: from a question to evidence, by dense similarity, BM25 and probes.

Not covered: follow-ups (agent.answering.rewrite) and whether the evidence answers
(agent.answering.decide).
"""

import logging
import re
from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from math import log

import bm25s
import numpy as np
from numpy.typing import NDArray

from knowledge.comparison import Evidence, Passage
from knowledge.index import Index, Similarity
from knowledge.text.words import Terms, akin, names, stems

logging.getLogger("bm25s").setLevel(logging.WARNING)  # it sets itself to DEBUG

_DATE = re.compile(r"\d.*|[qh]\d")  # the stem of a number, or of Q1
_YEAR = re.compile(r"(?:19|20)\d\d")
UNLIKELY = -5.0  # log-probability at and below which a sentence scores 0


@dataclass(frozen=True)
class Fusion:
    """Weights of the scores next to cosine similarity (docs/decisions/fusion-weights.md), and
    `nearest`, the share of the nearest sentence in the similarity of a case. `own` is the share of
    a follow-up itself in the rank of a sentence (docs/decisions/follow-ups.md). `near` is the
    similarity that separates related texts from unrelated ones.
    """

    bm25: float = 0.2
    coverage: float = 0.5
    likely: float = 0.5
    nearest: float = 0.5
    own: float = 0.33
    near: float = 0.3


TUNED = Fusion(bm25=0.1, coverage=0.25, nearest=0.0, near=0.22)  # for the tuned embedder


@dataclass(frozen=True)
class Quotation:
    """A sentence of the evidence.

    `covers`  the question's words in the sentence, each with its share of the question's weight
    `named`   share of the question's numbers, and of its names that the document knows, that are
              in the sentence; 1 if there are none
    `score`   cosine similarity plus, weighted by Fusion, coverage and the probe
    """

    passage: Passage
    sentence: str
    covers: Mapping[str, float]
    named: float
    score: float

    @property
    def coverage(self) -> float:
        """The share of the question that the sentence covers, in [0, 1]."""
        return sum(self.covers.values())

    def beyond(self, words: Set[str]) -> float:
        """The share of the question that the sentence covers and `words` do not, in [0, 1]."""
        return sum(share for word, share in self.covers.items() if word not in words)


@dataclass(frozen=True)
class Retrieved:
    """The results for a question, each best first.

    `evidence`       the passages for the answer
    `cases`          every passage with a verdict
    `quotations`     sentences of the evidence
    `similarities`   passage id -> highest cosine similarity of any of its texts
    `unknown_names`  names of the question that the document never mentions
    `table`          every row of the table
    `another_year`   whether the same is asked of another year, which no sentence of `evidence` has
    """

    evidence: tuple[Evidence, ...] = ()
    cases: tuple[Evidence, ...] = ()
    quotations: tuple[Quotation, ...] = ()
    similarities: Mapping[str, float] = field(default_factory=dict)
    unknown_names: tuple[str, ...] = ()
    table: tuple[Evidence, ...] = ()
    another_year: bool = False

    @property
    def nearest(self) -> float:
        return max(self.similarities.values(), default=0.0)

    def rows(self, near: float) -> tuple[Passage, ...]:
        """The table rows with a text of at least the similarity `near`, best first."""
        similar = self.similarities
        return tuple(row.passage for row in self.table if similar.get(row.passage.id, 0.0) >= near)


class Retriever:
    """Ranks the passages of an index for a question; its cases also by the similarity of another
    embedder, if there is an index `cases` by that.
    """

    def __init__(
        self, index: Index, fusion: Fusion | None = None, cases: Index | None = None
    ) -> None:
        self.index = index
        self._fusion, self._cases = fusion or Fusion(), cases
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

    @property
    def near(self) -> float:
        """The similarity that separates related texts from unrelated ones."""
        return self._fusion.near

    def retrieve(
        self,
        question: str,
        top_k: int = 4,
        likely: NDArray[np.float64] | None = None,
        newest: str = "",
    ) -> Retrieved:
        """The `top_k` passages nearest to `question`, and every case by similarity.

        `likely` is the probe's log-probability of each of Comparison.sentences as the answer, or
        None without probes. `newest` is the part of `question` that was said last: if it has names
        or numbers, an answer has to have those, not the ones of before ("And Gensyn?"), and only
        sentences that have them are quoted, if there are any; their likeness to it counts with
        Fusion.own. The score of evidence is the mean cosine similarity of the question with the
        whole passage and its nearest sentence plus, weighted by Fusion, its share of the best BM25
        score, and the probability that one of its sentences answers, scaled from 0 (UNLIKELY) to 1
        (certain). The score of a case is its similarity alone (the sum of both, with two
        embedders), because people do not describe their cases in its words. BM25: Robertson and
        Zaragoza 2009, doi:10.1561/1500000019.
        """
        vector = self.index.embedder.embed(question)
        dense = self.index.similarities(vector)
        terms = Terms(question)
        lexical = self._lexical(terms)
        answering = self._by_passage(likely)
        ranked = [
            Evidence(
                passage,
                dense[passage.id].mixed()
                + self._fusion.bm25 * lexical[i]
                + self._fusion.likely * _share(np.logaddexp.reduce(answering[i])),
            )
            for i, passage in enumerate(self._passages)
        ]
        ranked = _best_first(ranked)
        evidence = ranked[:top_k]
        similar = {name: each.mixed(self._fusion.nearest) for name, each in dense.items()}
        if self._cases:
            again = self._cases.similarities(self._cases.embedder.embed(question))
            similar = {name: value + again[name].mixed() for name, value in similar.items()}
        cases = [
            Evidence(passage, similar[passage.id]) for passage in self.index.comparison.recommending
        ]
        quotations = []
        every, before = self._named(terms), question.removesuffix(newest)
        names = _newer(every, self._named(Terms(newest)))
        renewed = names - self._named(Terms(before)) if names != every else set[str]()
        unknown_names = {
            name
            for name in names
            if not name[0].isdigit() and not any(akin(name, word) for word in self._vocabulary)
        }
        asked, renewed = names - unknown_names, renewed - unknown_names
        having: list[Quotation] = []  # what has taken the place of earlier names
        shares = self._shares(terms)
        for item in evidence:
            answers = answering[item.number - 1]
            for i, sentence in enumerate(item.passage.sentences):
                there = _words(item.passage, sentence)
                covers = {word: share for word, share in shares.items() if word in there}
                score = dense[item.passage.id].sentences[i]
                score += self._fusion.coverage * sum(covers.values())
                score += self._fusion.likely * _share(answers[i])
                here = {name for name in asked if any(akin(name, word) for word in there)}
                share = len(here) / len(asked) if asked else 1.0
                quotations.append(Quotation(item.passage, sentence, covers, share, score))
                if renewed & here:
                    having.append(quotations[-1])
        another_year = not having and _only_a_year(renewed, before, newest)
        quotations = having or quotations
        if quotations and newest != question and stems(newest):
            quotations = self._rescored(newest, dense, quotations)
        quotations = sorted(quotations, key=lambda quotation: -quotation.score)
        return Retrieved(
            tuple(evidence),
            tuple(_best_first(cases)),
            tuple(quotations),
            similarities={name: similarity.nearest for name, similarity in dense.items()},
            unknown_names=tuple(sorted(unknown_names)),
            table=tuple(item for item in ranked if item.passage.cells),
            another_year=another_year,
        )

    def _rescored(
        self, newest: str, dense: Mapping[str, Similarity], quotations: Sequence[Quotation]
    ) -> list[Quotation]:
        """`quotations`, in whose scores `newest` has the share Fusion.own beside the question, of
        similarities `dense`; their words are those of `newest`. All are shifted so that the
        highest score is the same, as whether the document answers is decided by it.
        """
        near = self.index.similarities(self.index.embedder.embed(newest))
        shares = self._shares(Terms(newest))
        moved = []
        for each in quotations:
            name, place = each.passage.id, each.passage.sentences.index(each.sentence)
            there = _words(each.passage, each.sentence)
            covers = {word: share for word, share in shares.items() if word in there}
            more = near[name].sentences[place] - dense[name].sentences[place]
            more += self._fusion.coverage * (sum(covers.values()) - each.coverage)
            score = each.score + self._fusion.own * more
            moved.append(replace(each, covers=covers, score=score))
        lost = max(each.score for each in quotations) - max(each.score for each in moved)
        return [replace(each, score=each.score + lost) for each in moved]

    def _by_passage(self, likely: NDArray[np.float64] | None) -> list[NDArray[np.float64]]:
        """The log-probabilities of each passage's sentences; -inf without probes."""
        sizes = [len(passage.sentences) for passage in self._passages]
        logs = np.full(sum(sizes), -np.inf) if likely is None else likely
        return np.split(logs, np.cumsum(sizes)[:-1])

    def _shares(self, terms: Terms) -> dict[str, float]:
        """The words of the question, each with its share of their total weight.

        The weight is the inverse document frequency over the document's sentences, so a missing
        name costs more than a missing common word.
        """
        weights = {
            word: log((self._sentences + 1) / (self._sentences_with.get(word, 0) + 0.5))
            for word in sorted(terms.words)
        }
        total = sum(weights.values())
        return {word: weight / total for word, weight in weights.items()}

    def _named(self, terms: Terms) -> set[str]:
        """The stems of the question's names and numbers; names of the document in any case."""
        return {*(terms.words & self._names), *terms.names, *terms.numbers}

    def _lexical(self, terms: Terms) -> list[float]:
        """Each passage's BM25 score, divided by the best one."""
        known = [term for term in terms.stems if term in self._bm25.vocab_dict]
        if not known:
            return [0.0] * len(self._passages)
        scores = self._bm25.get_scores(known)
        best = float(np.max(scores)) or 1.0
        return [float(score) / best for score in scores]


def _words(passage: Passage, sentence: str) -> set[str]:
    """The stems of `sentence`, and of the heading under which it stands."""
    return set(stems(f"{passage.heading} {sentence}"))


def _newer(names: set[str], newest: set[str]) -> set[str]:
    """`names` without those that the `newest` among them take the place of: names that of names,
    numbers and quarters that of numbers.
    """
    kept = set(names)
    for dates in (False, True):
        same = {name for name in names if bool(_DATE.fullmatch(name)) == dates}
        if same & newest:
            kept -= same - newest
    return kept


def _only_a_year(renewed: Set[str], before: str, newest: str) -> bool:
    """Whether the `newest` words ask the same as those `before` of another year, `renewed`."""
    new = set(stems(newest)) - set(stems(before))
    return any(map(_YEAR.fullmatch, renewed)) and all(map(_DATE.fullmatch, new))


def _share(log_probability: float) -> float:
    """`log_probability` scaled from 0 (UNLIKELY or less) to 1 (certain)."""
    return 1 - max(log_probability, UNLIKELY) / UNLIKELY


def _best_first(evidence: list[Evidence]) -> list[Evidence]:
    return sorted(evidence, key=lambda item: (-item.score, item.number))
