"""The prompt of a question: system message, evidence as blocks of its own, the question."""

from collections.abc import Sequence

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage

from agent.prompts import prompt
from knowledge.comparison import Comparison, Evidence, Passage


def system_message(comparison: Comparison) -> SystemMessage:
    """Who the advisor is, and the use cases that the document decides."""
    option_a, option_b = comparison.options
    use_cases = "\n".join(
        f"- {passage.heading}: {passage.text}" for passage in comparison.of_kind("best-for")
    )
    return SystemMessage(
        prompt(
            "system",
            option_a=option_a,
            option_b=option_b,
            title=comparison.title,
            use_cases=use_cases,
        )
    )


def passage_block(passage: Passage) -> dict[str, object]:
    """A passage as a text block that a model may read once and keep."""
    text = f"[{passage.number}] {passage.heading}\n{passage.text}\n\n"
    return {"type": "text", "text": text, "extras": {"passage": passage.id}}


def question_messages(
    comparison: Comparison, evidence: Sequence[Evidence], question: str, begun: str = ""
) -> list[BaseMessage]:
    """What the model is asked; `begun` is the answer so far, to be continued.

    Evidence stands in the order of the document, whatever its rank: the same passages then make
    the same prompt.
    """
    passages = sorted((item.passage for item in evidence), key=lambda passage: passage.number)
    content: list[str | dict[str, object]] = [passage_block(passage) for passage in passages]
    content.append({"type": "text", "text": prompt("question", question=question)})
    messages: list[BaseMessage] = [
        system_message(comparison),
        HumanMessage(content),  # type: ignore[arg-type]  # list is invariant
    ]
    return [*messages, AIMessage(begun)] if begun else messages
