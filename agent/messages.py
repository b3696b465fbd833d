"""The prompt of a question: system message, evidence as blocks of its own, the question."""

from collections.abc import Sequence
from itertools import zip_longest

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage

from agent.prompts import prompt
from knowledge.comparison import Comparison, Evidence, Passage

NO_USE_CASE = "none"
USE_CASE_LINE = "Use case:"  # as in prompts/example.md; the model weighs what follows


def system_message(comparison: Comparison) -> SystemMessage:
    """Who the advisor is, and worked examples that teach the use cases in the document's words.

    Each sentence of a use case is a message that describes it; a question about a dimension of
    the table describes none. They are read once, so they cost a question nothing.
    """
    option_a, option_b = comparison.options
    use_cases = comparison.of_kind("best-for")
    rounds = zip_longest(*(passage.sentences for passage in use_cases))
    examples = [
        (sentence, use_cases[i].heading)
        for sentences in rounds
        for i, sentence in enumerate(sentences)
        if sentence
    ]
    every = max(1, len(examples) // max(1, len(comparison.of_kind("dimension"))))
    for i, dimension in enumerate(comparison.of_kind("dimension")):
        question = f"What does the document say about {dimension.heading.lower()}?"
        examples.insert(i * (every + 1), (question, NO_USE_CASE))
    shown = [prompt("example", message=text, use_case=name) for text, name in examples]
    return SystemMessage(
        prompt(
            "system",
            option_a=option_a,
            option_b=option_b,
            title=comparison.title,
            examples="\n\n".join(shown),
        )
    )


def passage_block(passage: Passage) -> dict[str, object]:
    """A passage as a text block that a model may read once and keep."""
    text = f"[{passage.number}] {passage.heading}\n{passage.text}\n\n"
    return {"type": "text", "text": text, "extras": {"passage": passage.id}}


def naming_messages(comparison: Comparison, question: str) -> list[BaseMessage]:
    """The question, and the beginning of the line that names its use case.

    No passages: they would draw the name towards what they speak of.
    """
    return [
        system_message(comparison),
        HumanMessage(prompt("question", question=question)),
        AIMessage(USE_CASE_LINE),
    ]


def answer_messages(
    comparison: Comparison, question: str, evidence: Sequence[Evidence], begun: str = ""
) -> list[BaseMessage]:
    """The evidence, whether it answers the question, and the answer as far as `begun`.

    Evidence stands in the order of the document, whatever its rank: the same passages then make
    the same prompt.
    """
    passages = sorted((item.passage for item in evidence), key=lambda passage: passage.number)
    content: list[str | dict[str, object]] = [passage_block(passage) for passage in passages]
    content.append({"type": "text", "text": prompt("answerable", question=question)})
    messages = [system_message(comparison), HumanMessage(content)]
    return [*messages, AIMessage(begun)] if begun else messages
