"""What stands beside advice, from the document only: the case against it, and what would change it.

    beside = Beside(retriever)
    beside.against(decision, retrieved).text  ->  "Heat Pump: The outdoor unit hums at 45 … [5]."

No model writes any of it. Not covered: how much an objection weighs in a person's own case.
"""

from agent.answering.decide import NEAR
from agent.answering.types import CitedText, Decision
from agent.prompting.templates import fill
from knowledge.comparison import Passage
from knowledge.retrieve import Retrieved, Retriever


class Counterpoints:
    """Knows which row of a comparison's table speaks of risks, if any: the nearest to a question
    about them, by its name as well as by what it says.

    In thirteen tables all other rows lie under 0.27, but for "Pros" (0.32, its name 0.25); those on
    risks lie at 0.30 to 0.41, or are missed. "Advantages" would pass for "Disadvantages".
    """

    def __init__(self, retriever: Retriever) -> None:
        self._options = retriever.index.comparison.options
        embed = retriever.index.embedder.embed
        asked = embed(fill("fragments/risks"))
        rows = retriever.retrieve(fill("fragments/risks")).rows(NEAR)
        self._risks = next((row for row in rows if embed(row.heading) @ asked >= NEAR), None)

    def against(self, decision: Decision, retrieved: Retrieved) -> CitedText:
        """The risks of what is recommended, and what the other option has in the row of the table
        that is nearest to the question. Of a verdict for neither option, the risks of both.

        A row that is not NEAR is not said, and so there may be nothing.
        """
        against = CitedText()
        if decision.kind != "advise":
            return against
        others = [option for option in self._options if option != decision.verdict]
        for place, option in enumerate(self._options):
            if self._risks and (option == decision.verdict or len(others) > 1):
                against = _adding_cell(against, self._risks, place)
        rows = [row for row in retrieved.rows(NEAR) if row != self._risks]
        if rows and len(others) == 1:
            against = _adding_cell(against, rows[0], self._options.index(others[0]))
        return against

    def would_change(self, decision: Decision) -> CitedText:
        """The likeliest use case with another verdict, and what it is about."""
        if (rival := decision.rival) is None:
            return CitedText()
        said = fill("replies/change", use_case=rival.heading, verdict=str(rival.verdict))
        if rival.kind == "bottom-line":
            said = fill("replies/change_to_general", verdict=str(rival.verdict))
        change = CitedText().adding(said, rival, rival.sentences[0])
        return change.adding(rival.sentences[0], rival, rival.sentences[0])


def _adding_cell(text: CitedText, row: Passage, place: int) -> CitedText:
    """`text` with a cell of `row`, introduced by its option; without it if it is empty."""
    said = row.sides[place]
    return text.adding(said, row, said) if said else text
