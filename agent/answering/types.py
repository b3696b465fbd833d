"""The values of an answer: decision, citations, and the answer as `ask --json` prints it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from agent.dialogue.acts import Act, Reply
from agent.dialogue.case import EMPTY, Case
from knowledge.comparison import Comparison, Evidence, Passage, Pointer
from knowledge.text.quantities import numbers

Fit = Literal["clear", "nearest", "open"]
DecisionKind = Literal["advise", "inform", "abstain", "talk"]
OVERVIEWS: frozenset[Act] = frozenset(("summary", "contrast", "cases", "respects", "topic"))


@dataclass(frozen=True)
class Decision:
    """The kind of answer that a question gets, decided before any text is generated.

    advise    the verdict of `use_case`; `confidence` is the calibrated probability that it is right
    inform    the question asks for no recommendation, and the evidence answers it
    abstain   the comparison does not cover the question
    talk      nothing is asked of the document: a greeting, thanks, a question about the advisor

    `evidence` is what the answer may cite, the use case first. `rival` is the likeliest use case
    with another verdict. `fit` is "clear", "nearest" if no use case fits well, or "open" if the
    rival may fit as well.
    """

    kind: DecisionKind
    use_case: Passage | None = None
    verdict: str | None = None
    confidence: float | None = None
    evidence: tuple[Evidence, ...] = ()
    rival: Passage | None = None
    fit: Fit = "clear"


@dataclass(frozen=True)
class Citation:
    """[number] in an answer: the passage id, and the sentence that supports the claim."""

    number: int
    passage: str
    quote: str


@dataclass(frozen=True)
class CitedText:
    """Checked text with its citations."""

    text: str = ""
    citations: tuple[Citation, ...] = ()

    def adding(self, sentence: str, passage: Passage, quote: str) -> "CitedText":
        """The text with one more sentence, which cites `passage`."""
        sentence = unmarked(sentence)
        body, end = (sentence[:-1], sentence[-1]) if sentence[-1] in ".!?" else (sentence, ".")
        citation = Citation(passage.number, passage.id, quote)
        known = citation in self.citations
        citations = self.citations if known else (*self.citations, citation)
        between = "" if not self.text or self.text.endswith("\n") else " "
        return CitedText(f"{self.text}{between}{body} [{passage.number}]{end}", citations)

    def opening(self, sentence: str, passage: Passage) -> str:
        """`sentence` of `passage` as it is said next: so that it can stand alone, but the name of a
        table's row is said once.
        """
        alone, naming = passage.alone(sentence), passage.naming
        return alone.removeprefix(naming) if naming in self.text else alone

    def line(self, begun: str, sentence: str, passage: Passage, quote: str = "") -> "CitedText":
        """The text with one more line: `begun`, and `sentence` of `passage`, which it cites."""
        body = unmarked(sentence)
        text = (
            f"{begun}{body}"
            if f"[{passage.number}]" in begun
            else (f"{begun}{body} [{passage.number}]")
        )
        quoted = quote or sentence or next(iter(passage.sentences), passage.heading)
        citation = Citation(passage.number, passage.id, quoted)
        known = citation in self.citations
        citations = self.citations if known else (*self.citations, citation)
        return CitedText(f"{self._ended}{text}\n", citations)

    def noting(self, line: str) -> "CitedText":
        """The text with a line of the program's own, which cites nothing."""
        return CitedText(f"{self._ended}{line}\n", self.citations)

    def parted(self) -> "CitedText":
        """The text with the end of a paragraph."""
        return CitedText(f"{self.text.rstrip()}\n\n" if self.text else "", self.citations)

    def and_then(self, other: "CitedText") -> "CitedText":
        """This text and another one, as paragraphs."""
        if not (self.text and other.text):
            return self if self.text else other
        citations = dict.fromkeys([*self.citations, *other.citations])
        return CitedText(f"{self.text.rstrip()}\n\n{other.text}", tuple(citations))

    @property
    def _ended(self) -> str:
        return self.text if not self.text or self.text.endswith("\n") else f"{self.text}\n"


def unmarked(text: str) -> str:
    """`text` without [numbers]: only the check assigns passages to sentences."""
    return re.sub(r"\s*\[\d+(?:,\s*\d+)*\]", "", text)


@dataclass(frozen=True)
class Timings:
    """Seconds. `first_token_s` and `total_s` count from the arrival of the question."""

    understand_s: float = 0.0
    retrieve_s: float = 0.0
    decide_s: float = 0.0
    first_token_s: float = 0.0
    total_s: float = 0.0


@dataclass(frozen=True)
class Tokens:
    """Tokens that the model processed, restored from the KV cache, and generated."""

    prompt_read: int = 0
    prompt_reused: int = 0
    written: int = 0


@dataclass(frozen=True)
class Answer:
    """An answer. While it is generated, `text` only grows.

    An abstention is an answer too, with `abstained` set and no verdict. Advice comes with the case
    `against` it, and with what `would_change` it. `near` holds the table rows near to the question,
    nearest first. An abstention may come with the comparison `elsewhere` that is nearer to it.

    `case` is what is known of the person's case, and `acts` are what the message asks for, as far
    as it is answered; `left_out` are questions of it that are not.
    """

    question: str
    standalone_question: str
    decision: Decision
    text: str = ""
    citations: tuple[Citation, ...] = ()
    timings: Timings = field(default_factory=Timings)
    tokens: Tokens = field(default_factory=Tokens)
    against: CitedText = CitedText()
    would_change: CitedText = CitedText()
    near: tuple[Passage, ...] = ()
    elsewhere: Pointer | None = None
    case: Case = EMPTY
    acts: tuple[Act, ...] = ()
    left_out: tuple[str, ...] = ()

    @property
    def reply(self) -> Reply:
        """What kind of reply it is to the message."""
        if self.decision.kind == "talk":
            return "small"
        if self.abstained:
            return "refused"
        if self.verdict is not None:
            return "asked" if self.decision.fit == "open" and self.decision.rival else "advised"
        return "overview" if OVERVIEWS.intersection(self.acts) else "informed"

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        return self.decision.evidence

    @property
    def abstained(self) -> bool:
        return self.decision.kind == "abstain"

    @property
    def noted(self) -> bool:
        """Whether the message only told something of a case, and no use case is like it so far; the
        nearest ones are the evidence then.
        """
        return self.abstained and bool(self.evidence)

    @property
    def verdict(self) -> str | None:
        return self.decision.verdict

    @property
    def without_evidence(self) -> "Answer":
        """Only what the person said, and what the answer said to it."""
        return Answer(
            self.question,
            self.standalone_question,
            Decision("inform"),
            self.text,
            case=self.case,
            acts=self.acts,
        )

    @property
    def counterpoints(self) -> tuple[tuple[str, CitedText], ...]:
        """The case against the answer, and what would change it, with their titles."""
        titled = {"The case against": self.against, "What would change this": self.would_change}
        return tuple((title, said) for title, said in titled.items() if said.text)

    @property
    def cited(self) -> tuple[Citation, ...]:
        """Every citation of the text and of the counterpoints."""
        counterpoints = [citation for _, said in self.counterpoints for citation in said.citations]
        return tuple(dict.fromkeys([*self.citations, *counterpoints]))

    @property
    def has_figures(self) -> bool:
        """Whether the answer quotes amounts or shares, which hold for the document's date."""
        quoted = [citation.quote for citation in (*self.citations, *self.against.citations)]
        return any(number.unit or number.value >= 1000 for q in quoted for number in numbers(q))

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
            "use_case": self.decision.use_case.id if self.decision.use_case else None,
            "fit": self.decision.fit,
            "rival": self.decision.rival.id if self.decision.rival else None,
            "against": asdict(self.against),
            "would_change": asdict(self.would_change),
            "near": [row.id for row in self.near],
            "elsewhere": asdict(self.elsewhere) if self.elsewhere else None,
            "kind": self.decision.kind,
            "case": self.case.to_json(),
            "acts": list(self.acts),
            "left_out": list(self.left_out),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any], comparison: Comparison) -> "Answer":
        """The answer that `to_json` made, about `comparison`, up to rounding.

        Raises KeyError, which names a missing passage or field.
        """
        evidence = tuple(
            Evidence(comparison.passage(item["passage"]), item["score"])
            for item in data["evidence"]
        )
        for citation in data["citations"]:
            comparison.passage(citation["passage"])
        kind: DecisionKind = data.get("kind") or _kind(data)
        use_case = comparison.passage(found) if (found := use_case_id(data)) else None
        rival = comparison.passage(data["rival"]) if data["rival"] else None
        return cls(
            data["question"],
            data["standalone_question"],
            Decision(
                kind, use_case, data["verdict"], data["confidence"], evidence, rival, data["fit"]
            ),
            data["answer"],
            _citations(data["citations"]),
            Timings(**data["timings"]),
            Tokens(**data["tokens"]),
            _cited_text(data["against"]),
            _cited_text(data["would_change"]),
            tuple(map(comparison.passage, data.get("near", ()))),  # older answers lack it
            Pointer(**found) if (found := data.get("elsewhere")) else None,
            Case.from_json(data.get("case", {})),
            tuple(data.get("acts", ())),
            tuple(data.get("left_out", ())),
        )


def use_case_id(data: Mapping[str, Any]) -> str | None:
    """The id of the use case that `to_json` gave; older answers have it first in their evidence."""
    if "use_case" in data:
        found: str | None = data["use_case"]
        return found
    advised = data["verdict"] is not None and data["evidence"]
    return str(data["evidence"][0]["passage"]) if advised else None


def _kind(data: Mapping[str, Any]) -> DecisionKind:
    """That of an older answer, which does not say it."""
    if data["abstained"]:
        return "abstain"
    return "inform" if data["verdict"] is None else "advise"


def _cited_text(data: Mapping[str, Any]) -> CitedText:
    return CitedText(data["text"], _citations(data["citations"]))


def _citations(data: Sequence[Mapping[str, Any]]) -> tuple[Citation, ...]:
    return tuple(Citation(**citation) for citation in data)
