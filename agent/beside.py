"""What stands beside advice, from the document only: the case against it, and what would change it.

    beside = Beside(retriever)
    beside.against(decision, retrieved).text  ->  "Heat Pump: The outdoor unit hums at 45 … [5]."

No model writes any of it. Not covered: how much an objection weighs in a person's own case.
"""

from agent.answer import CitedText, Decision
from agent.prompts import prompt
from knowledge.comparison import Passage
from knowledge.retrieve import Retrieved, Retriever


class Beside:
    """Knows which row of a comparison's table speaks of risks: the one nearest to a question about
    them.
    """

    def __init__(self, retriever: Retriever) -> None:
        self._options = retriever.index.comparison.options
        table = retriever.retrieve(prompt("risks")).table
        self._risks = table[0].passage if table else None

    def against(self, decision: Decision, retrieved: Retrieved) -> CitedText:
        """The risks of what is recommended, and what the other option has in the row of the table
        that is nearest to the question. Of a verdict for neither option, the risks of both.
        """
        against = CitedText()
        if decision.kind != "advise" or self._risks is None:
            return against
        others = [option for option in self._options if option != decision.verdict]
        for place, option in enumerate(self._options):
            if option == decision.verdict or len(others) > 1:
                against = _adding_cell(against, self._risks, place)
        rows = [item.passage for item in retrieved.table if item.passage != self._risks]
        if rows and len(others) == 1:
            against = _adding_cell(against, rows[0], self._options.index(others[0]))
        return against

    def would_change(self, decision: Decision) -> CitedText:
        """The likeliest use case with another verdict, and what it is about."""
        if (rival := decision.rival) is None:
            return CitedText()
        said = prompt("change", use_case=rival.heading, verdict=str(rival.verdict))
        if rival.kind == "bottom-line":
            said = prompt("change_to_general", verdict=str(rival.verdict))
        change = CitedText().adding(said, rival, rival.sentences[0])
        return change.adding(rival.sentences[0], rival, rival.sentences[0])


def _adding_cell(text: CitedText, row: Passage, place: int) -> CitedText:
    """`text` with a cell of `row`, introduced by its option; without it if it is empty."""
    cell = row.cells[place]
    lines = [line for line in row.text.splitlines() if cell and line.endswith(cell)]
    return text.adding(lines[0], row, lines[0]) if lines else text
