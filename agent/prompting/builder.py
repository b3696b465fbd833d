"""The prompts of a question: what a follow-up means, what a question asks for, the case that it
describes, and the evidence to answer it.

The middle two continue each other, so a question is read once for them. The others stand under
system messages of their own, whose examples teach what is wanted; all are read ahead of time.
"""

from collections.abc import Sequence
from itertools import zip_longest

from agent.llm.base import Prompt
from agent.prompting.templates import fill
from knowledge.comparison import Comparison, Evidence, Passage

# as in prompts/fragments/example.md; the model weighs what follows the lines
ASKS_FOR_LINE = "Asks for:"
ASKS_FOR = ("a recommendation", "information", "something else")
CASE_LINE = "Use case:"
IN_GENERAL = "in general"


def answering_system(comparison: Comparison) -> str:
    """What it is for passages to state an answer, with worked examples on another subject.

    Log-odds of "yes" with them tell answerable dev questions from others with an AUC of 0.96,
    without them 0.93.
    """
    return fill("system/answering", title=comparison.title)


def rewriting_system() -> str:
    """How a follow-up is written so that it stands on its own, in examples on another subject."""
    return fill("system/rewriting")


def deciding_system(comparison: Comparison) -> str:
    """Who the advisor is, and worked examples that teach the use cases in the document's words.

    Each sentence of a use case is a message that describes it, and a question about a dimension
    of the table asks for information. They are read once, so they cost a question nothing.
    """
    option_a, option_b = comparison.options
    use_cases = comparison.of_kind("best-for")
    rounds = zip_longest(*(passage.sentences for passage in use_cases))
    examples = [
        _recommended(
            fill("fragments/recommendation_message", message=sentence), use_cases[i].heading
        )
        for sentences in rounds
        for i, sentence in enumerate(sentences)
        if sentence
    ]
    others = [
        _example(
            fill("fragments/information_message", topic=dimension.heading.lower()), ASKS_FOR[1]
        )
        for dimension in comparison.of_kind("dimension")
    ]
    others += [
        _example(line, ASKS_FOR[2]) for line in fill("fragments/other_messages").splitlines()
    ]
    if any(passage.kind == "bottom-line" for passage in comparison.recommending):
        others += [
            _recommended(line, IN_GENERAL)
            for line in fill("fragments/general_messages").splitlines()
        ]
    return fill(
        "system/deciding",
        option_a=option_a,
        option_b=option_b,
        title=comparison.title,
        examples="\n\n".join(_spread(others, examples)),
    )


def _example(message: str, asks_for: str) -> str:
    return fill("fragments/example", message=message, asks_for=asks_for)


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


def passage_text(passage: Passage) -> str:
    """A passage as the model reads it."""
    return f"[{passage.number}] {passage.heading}\n{passage.text}\n\n"


def rewrite_prompt(question: str, before: Sequence[str]) -> Prompt:
    """The messages `before` and the one that leans on them; the model writes what it means.

    The earlier messages are cached like a passage.
    """
    return Prompt(
        rewriting_system(),
        f"Now: {question}\n",
        passages=("".join(f"Before: {message}\n" for message in before),),
        begun="Meant:",
    )


def intent_prompt(comparison: Comparison, question: str) -> Prompt:
    """The question, and the beginning of the line that says what it asks for (ASKS_FOR).

    No passages: they would draw the answer towards what they speak of.
    """
    return _about(comparison, question, ASKS_FOR_LINE)


def use_case_prompt(comparison: Comparison, question: str) -> Prompt:
    """The same for a recommendation, and the beginning of the line that names the use case."""
    return _about(comparison, question, f"{ASKS_FOR_LINE} {ASKS_FOR[0]}\n{CASE_LINE}")


def partial_prompt(comparison: Comparison, said: str) -> Prompt:
    """The beginning of a question: the two prompts above begin with it."""
    return Prompt(deciding_system(comparison), begun=fill("fragments/question", question=said))


def _about(comparison: Comparison, question: str, begun: str) -> Prompt:
    """In one message with the question, as in the examples: in a message of its own the line is
    continued far worse.
    """
    asked = fill("fragments/question", question=question) + "\n"
    return Prompt(deciding_system(comparison), asked, begun=begun)


def answer_prompt(
    comparison: Comparison, question: str, evidence: Sequence[Evidence], reply: str = ""
) -> Prompt:
    """The evidence, whether it answers the question, and the answer as far as `reply`.

    Evidence stands in the order of the document, whatever its rank: the same passages then make
    the same prompt.
    """
    passages = sorted((item.passage for item in evidence), key=lambda passage: passage.number)
    return Prompt(
        answering_system(comparison),
        fill("fragments/answerable", question=question),
        passages=tuple(map(passage_text, passages)),
        reply=reply,
    )
