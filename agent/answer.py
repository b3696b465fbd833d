"""The values of an answer: decision, citations, and the answer as `ask --json` prints it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from knowledge.comparison import Comparison, Evidence, Passage


@dataclass(frozen=True)
class Decision:
    """What kind of answer a question gets, settled before a word of it is written.

    advise    the verdict of `use_case`, with the calibrated probability that it is the right one
    inform    no recommendation was asked for: the evidence answers
    abstain   the comparison does not cover it

    `evidence` is what the answer may cite, the use case first.
    """

    kind: Literal["advise", "inform", "abstain"]
    use_case: Passage | None = None
    verdict: str | None = None
    confidence: float | None = None
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True)
class Citation:
    """[number] in an answer: the passage, and the sentence of it that carries the claim."""

    number: int
    passage: str
    quote: str


@dataclass(frozen=True)
class Timings:
    """Seconds; `first_token_s` and `total_s` count from the question's arrival."""

    understand_s: float = 0.0
    retrieve_s: float = 0.0
    decide_s: float = 0.0
    first_token_s: float = 0.0
    total_s: float = 0.0


@dataclass(frozen=True)
class Tokens:
    """Tokens that the model read anew, took from kept cells, and wrote."""

    prompt_read: int = 0
    prompt_reused: int = 0
    written: int = 0


@dataclass(frozen=True)
class Exchange:
    """An earlier turn of a conversation."""

    question: str
    standalone_question: str
    answer: str


@dataclass(frozen=True)
class Answer:
    """An answer, growing while it is written: `text` only ever gets longer.

    An abstention is an answer too, with `abstained` set and no verdict.
    """

    question: str
    standalone_question: str
    decision: Decision
    text: str = ""
    citations: tuple[Citation, ...] = ()
    timings: Timings = field(default_factory=Timings)
    tokens: Tokens = field(default_factory=Tokens)

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        return self.decision.evidence

    @property
    def abstained(self) -> bool:
        return self.decision.kind == "abstain"

    @property
    def verdict(self) -> str | None:
        return self.decision.verdict

    @property
    def exchange(self) -> Exchange:
        """This answer as history for the next question."""
        return Exchange(self.question, self.standalone_question, self.text)

    def to_json(self) -> dict[str, Any]:
        """The object that `advisor ask --json` prints."""
        confidence = self.decision.confidence
        return {
            "question": self.question,
            "standalone_question": self.standalone_question,
            "verdict": self.verdict,
            "confidence": None if confidence is None else round(confidence, 4),
            "answer": self.text,
            "abstained": self.abstained,
            "citations": [asdict(citation) for citation in self.citations],
            "evidence": [
                {"number": e.number, "passage": e.passage.id, "score": round(e.score, 4)}
                for e in self.evidence
            ],
            "timings": {name: round(value, 3) for name, value in asdict(self.timings).items()},
            "tokens": asdict(self.tokens),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any], comparison: Comparison) -> "Answer":
        """The answer that `to_json` printed, about `comparison`; the inverse up to its rounding.

        Raises KeyError naming a passage that is not in `comparison`, or a field that is missing.
        """
        evidence = tuple(
            Evidence(comparison.passage(item["passage"]), item["score"])
            for item in data["evidence"]
        )
        for citation in data["citations"]:
            comparison.passage(citation["passage"])
        kind: Literal["advise", "inform", "abstain"] = "inform"
        if data["abstained"]:
            kind = "abstain"
        elif data["verdict"] is not None:
            kind = "advise"
        first = evidence[0].passage if kind == "advise" and evidence else None
        use_case = first if first and first.kind == "best-for" else None
        return cls(
            data["question"],
            data["standalone_question"],
            Decision(kind, use_case, data["verdict"], data["confidence"], evidence),
            data["answer"],
            tuple(Citation(**citation) for citation in data["citations"]),
            Timings(**data["timings"]),
            Tokens(**data["tokens"]),
        )
