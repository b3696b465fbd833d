"""The panels beside the chat: the evidence, the table to be weighed, and how far to trust answers.

    Panels(comparison, leanings, evaluation, configuration).html

The template escapes the document's text.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agent.evaluation_record import Evaluation
from agent.web.rendering import templates
from agent.web.scorecard import USUAL, speaks_for
from knowledge.comparison import Comparison, Kind, Passage

PARTS: dict[Kind, str] = {
    "introduction": "Introduction",
    "dimension": "Comparison table",
    "analysis": "Analysis",
    "best-for": "Use cases",
    "bottom-line": "Bottom line",
}


@dataclass(frozen=True)
class Panels:
    """`leanings` returns one number for each row of the table (agent.web.scorecard.leanings), or
    nothing until a model has read the table.
    """

    comparison: Comparison
    leanings: Callable[[], Sequence[float]] = tuple
    evaluation: Evaluation | None = None
    configuration: Mapping[str, Any] | None = None

    @property
    def html(self) -> str:
        """The panels as HTML, with the leanings known by now."""
        leanings = self.leanings()
        comparison, config = self.comparison, self.configuration or {}
        figures = self.evaluation.figures if self.evaluation else ()
        template = templates().get_template("panels.html.j2")
        return template.render(
            title=comparison.title,
            as_of=comparison.as_of,
            options=comparison.options,
            labels=comparison.labels,
            parts=[
                (name, comparison.of_kind(kind))
                for kind, name in PARTS.items()
                if comparison.of_kind(kind)
            ],
            rows=list(self._rows(leanings)),
            usual=USUAL,
            read=bool(leanings),
            figures=figures,
            asked=sum(figure.n for figure in figures),
            evaluated=self.evaluation.created[:10] if self.evaluation else "",
            share=_share,
            model=config.get("model", "unknown"),
            hashes=[
                (name.removesuffix("_sha256"), str(value))
                for name, value in config.items()
                if name.endswith("_sha256") and value
            ],
            versions=list((config.get("libraries") or {}).items()),
            where=f"the server at {config['base_url']}" if "base_url" in config else "this machine",
        )

    def _rows(self, leanings: Sequence[float]) -> Iterator[Mapping[str, Any]]:
        if len(self.comparison.options) > 2:
            return  # the table is weighed between two
        rows: Sequence[Passage] = self.comparison.of_kind("dimension")
        for row, leans in zip(rows, leanings or [0.0] * len(rows), strict=True):
            said = speaks_for(self.comparison, leans)
            as_read = f"{said} (as read)" if leanings else "not said yet"
            yield {"passage": row, "leans": f"{leans:.3f}", "said": as_read}


def _share(value: float) -> str:
    return f"{100 * value:.0f} %"
