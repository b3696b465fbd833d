"""The prompts of a question: what a follow-up means, what a question asks for, the case that it
describes, and the evidence to answer it.

The middle two continue each other, so a question is read once for them. The others stand under
system messages of their own, whose examples teach what is wanted; all are read ahead of time.
"""

from collections.abc import Sequence
from itertools import zip_longest

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage

from agent.prompting.templates import prompt
from knowledge.comparison import Comparison, Evidence, Passage

# as in prompts/fragments/example.md; the model weighs what follows the lines
ASKS_FOR_LINE = "Asks for:"
ASKS_FOR = ("a recommendation", "information", "something else")
CASE_LINE = "Use case:"
IN_GENERAL = "in general"


def answering_system(comparison: Comparison) -> SystemMessage:
    """What it is for passages to state an answer, with worked examples on another subject.

    Log-odds of "yes" with them tell answerable dev questions from others with an AUC of 0.96,
    without them 0.93.
    """
    return SystemMessage(prompt("system/answering", title=comparison.title))


def completing_system() -> SystemMessage:
    """How a follow-up is written so that it stands on its own, in examples on another subject."""
    return SystemMessage(prompt("system/completing"))


def deciding_system(comparison: Comparison) -> SystemMessage:
    """Who the advisor is, and worked examples that teach the use cases in the document's words.

    Each sentence of a use case is a message that describes it, and a question about a dimension
    of the table asks for information. They are read once, so they cost a question nothing.
    """
    option_a, option_b = comparison.options
    use_cases = comparison.of_kind("best-for")
    rounds = zip_longest(*(passage.sentences for passage in use_cases))
    examples = [
        _recommended(
            prompt("fragments/recommendation_message", message=sentence), use_cases[i].heading
        )
        for sentences in rounds
        for i, sentence in enumerate(sentences)
        if sentence
    ]
    others = [
        _example(
            prompt("fragments/information_message", topic=dimension.heading.lower()), ASKS_FOR[1]
        )
        for dimension in comparison.of_kind("dimension")
    ]
    others += [
        _example(line, ASKS_FOR[2]) for line in prompt("fragments/other_messages").splitlines()
    ]
    if any(passage.kind == "bottom-line" for passage in comparison.recommending):
        others += [
            _recommended(line, IN_GENERAL)
            for line in prompt("fragments/general_messages").splitlines()
        ]
    return SystemMessage(
        prompt(
            "system/deciding",
            option_a=option_a,
            option_b=option_b,
            title=comparison.title,
            examples="\n\n".join(_spread(others, examples)),
        )
    )


def _example(message: str, asks_for: str) -> str:
    return prompt("fragments/example", message=message, asks_for=asks_for)


def _recommended(message: str, case: str) -> str:
    return f"{_example(message, ASKS_FOR[0])}\n{CASE_LINE} {case}"


def _spread(few: list[str], many: list[str]) -> list[str]:
    """`many` with `few` among them at even distances, both in their order."""
    places = [(i / max(1, len(few)), 0, text) for i, text in enumerate(few)]
    places += [(i / max(1, len(many)), 1, text) for i, text in enumerate(many)]
    return [text for _, _, text in sorted(places, key=lambda place: place[:2])]


def case_name(passage: Passage) -> str:
    """What the model calls the case that `passage` gives a verdict for."""
    return passage.heading if passage.kind == "best-for" else IN_GENERAL


def text_block(text: str) -> dict[str, object]:
    return {"type": "text", "text": text}


def open_block(text: str) -> dict[str, object]:
    """Text at the end of a message that the model is to continue as if it were its own."""
    return {"type": "text", "text": text, "extras": {"open": True}}


def passage_block(passage: Passage) -> dict[str, object]:
    """A passage as a text block that a model may read once and keep."""
    text = f"[{passage.number}] {passage.heading}\n{passage.text}\n\n"
    return {"type": "text", "text": text, "extras": {"passage": passage.id}}


def complete_messages(question: str, before: Sequence[str]) -> list[BaseMessage]:
    """The messages `before` and the one that leans on them; what it means is to be written.

    What was said before may be read once and kept, as a passage is.
    """
    said = text_block("".join(f"Before: {message}\n" for message in before))
    said["extras"] = {"passage": "said before"}
    content = [said, text_block(f"Now: {question}\n"), open_block("Meant:")]
    return [completing_system(), HumanMessage(list(content))]


def asking_messages(comparison: Comparison, question: str) -> list[BaseMessage]:
    """The question, and the beginning of the line that says what it asks for (ASKS_FOR).

    No passages: they would draw the answer towards what they speak of.
    """
    return _about(comparison, question, ASKS_FOR_LINE)


def naming_messages(comparison: Comparison, question: str) -> list[BaseMessage]:
    """The same for a recommendation, and the beginning of the line that names the use case."""
    return _about(comparison, question, f"{ASKS_FOR_LINE} {ASKS_FOR[0]}\n{CASE_LINE}")


def said_messages(comparison: Comparison, said: str) -> list[BaseMessage]:
    """As much of a question as `said`: the two above begin with it."""
    asked = prompt("fragments/question", question=said)
    return [deciding_system(comparison), HumanMessage([open_block(asked)])]


def _about(comparison: Comparison, question: str, begun: str) -> list[BaseMessage]:
    """In one piece with the question, as in the examples: in a turn of its own, the line is
    continued far worse (right use cases on dev: 0.76 against 0.82).
    """
    asked = prompt("fragments/question", question=question) + "\n"
    return [deciding_system(comparison), HumanMessage([text_block(asked), open_block(begun)])]


def answer_messages(
    comparison: Comparison, question: str, evidence: Sequence[Evidence], begun: str = ""
) -> list[BaseMessage]:
    """The evidence, whether it answers the question, and the answer as far as `begun`.

    Evidence stands in the order of the document, whatever its rank: the same passages then make
    the same prompt.
    """
    passages = sorted((item.passage for item in evidence), key=lambda passage: passage.number)
    content: list[str | dict[str, object]] = [passage_block(passage) for passage in passages]
    content.append(text_block(prompt("fragments/answerable", question=question)))
    messages = [answering_system(comparison), HumanMessage(content)]
    return [*messages, AIMessage(begun)] if begun else messages
