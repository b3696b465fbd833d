"""The case against advice, and what would change it, quoted from the document.

    counterpoints = Counterpoints(retriever)
    counterpoints.against(decision, retrieved).text  ->  "Heat Pump: The outdoor unit hums … [5]."

Not covered: how much an objection weighs in the user's own case.
"""

from agent.answering.types import CitedText, Decision
from agent.prompting.templates import fill
from knowledge.comparison import Passage
from knowledge.retrieve import Retrieved, Retriever


class Counterpoints:
    """Counterpoints of one comparison.

    The row about risks, if there is one, is the row most similar to a question about risks; both
    its name and its text must reach Retriever.near (docs/decisions/counterpoints.md).
    """

    def __init__(self, retriever: Retriever) -> None:
        self._comparison = retriever.index.comparison
        embed = retriever.index.embedder.embed
        asked = embed(fill("fragments/risks"))
        self._near = retriever.near
        rows = retriever.retrieve(fill("fragments/risks")).rows(self._near)
        self._risks = next((row for row in rows if embed(row.heading) @ asked >= self._near), None)

    def against(self, decision: Decision, retrieved: Retrieved) -> CitedText:
        """The risks of the recommended option, and the cells of the other options in the table row
        nearest to the question. For a verdict for all options or none, the risks of all.

        Rows that are not near are left out, so the text may be empty.
        """
        against = CitedText()
        if decision.kind != "advise":
            return against
        options = self._comparison.options
        advised = self._comparison.recommended(decision.verdict or "")
        others = [option for option in options if option not in advised]
        for place, option in enumerate(options):
            if self._risks and (option in advised or not advised):
                against = _adding_cell(against, self._risks, place)
        rows = [row for row in retrieved.rows(self._near) if row != self._risks]
        if rows and advised:
            for other in others:
                against = _adding_cell(against, rows[0], options.index(other))
        return against

    def would_change(self, decision: Decision) -> CitedText:
        """The likeliest use case with another verdict, and its first sentence."""
        if (rival := decision.rival) is None:
            return CitedText()
        said = fill("replies/change", use_case=rival.heading, verdict=str(rival.verdict))
        if rival.kind == "bottom-line":
            said = fill("replies/change_to_general", verdict=str(rival.verdict))
        change = CitedText().adding(said, rival, rival.sentences[0])
        return change.adding(rival.sentences[0], rival, rival.sentences[0])


def _adding_cell(text: CitedText, row: Passage, place: int) -> CitedText:
    """`text` with a cell of `row`, introduced by its option; unchanged if the cell is empty."""
    said = row.sides[place]
    return text.adding(text.opening(said, row), row, said) if said else text
