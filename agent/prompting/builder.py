"""The prompts of a question: rewriting a follow-up, intent, use case, and answering from evidence.

The prompts of intent and use case begin alike, so the question is processed once for both. The
other two have system messages of their own, with worked examples. Every system message is
prefilled.
"""

from collections.abc import Sequence
from itertools import zip_longest

from agent.llm.base import Prompt
from agent.prompting.templates import fill
from knowledge.comparison import Comparison, Evidence, Passage

# as in prompts/fragments/example.md; the model rates the options that may follow
ASKS_FOR_LINE = "Asks for:"
ASKS_FOR = ("a recommendation", "information", "something else")
CASE_LINE = "Use case:"
IN_GENERAL = "in general"


def answering_system(comparison: Comparison) -> str:
    """The system message that defines when passages state an answer, with worked examples on
    another subject.
    """
    return fill("system/answering", title=comparison.title)


def rewriting_system() -> str:
    """The system message for rewriting follow-ups, with worked examples on another subject."""
    return fill("system/rewriting")


def deciding_system(comparison: Comparison) -> str:
    """The system message for intent and use case, with worked examples from the document.

    Each sentence of a use case serves as a message that describes it, and a question about a table
    row as a request for information. The KV cache holds them, so they cost a question nothing.
    """
    *before, last = comparison.options
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
        option_a=", ".join(before),
        option_b=last,
        title=comparison.title,
        examples="\n\n".join(_spread(others, examples)),
    )


def _example(message: str, asks_for: str) -> str:
    return fill("fragments/example", message=message, asks_for=asks_for)


def _recommended(message: str, case: str) -> str:
    return f"{_example(message, ASKS_FOR[0])}\n{CASE_LINE} {case}"


def _spread(few: list[str], many: list[str]) -> list[str]:
    """`many` with `few` inserted at even distances, both in their order."""
    places = [(i / max(1, len(few)), 0, text) for i, text in enumerate(few)]
    places += [(i / max(1, len(many)), 1, text) for i, text in enumerate(many)]
    return [text for _, _, text in sorted(places, key=lambda place: place[:2])]


def case_name(passage: Passage) -> str:
    """The name of the case that `passage` gives a verdict for."""
    return passage.heading if passage.kind == "best-for" else IN_GENERAL


def passage_text(passage: Passage) -> str:
    """The form of a passage in prompts."""
    return f"[{passage.number}] {passage.heading}\n{passage.text}\n\n"


def rewrite_prompt(question: str, before: Sequence[str]) -> Prompt:
    """The messages `before` and the follow-up `question`; the model continues with its meaning.

    The earlier messages are cached like a passage.
    """
    return Prompt(
        rewriting_system(),
        f"Now: {question}\n",
        passages=("".join(f"Before: {message}\n" for message in before),),
        begun="Meant:",
    )


def intent_prompt(comparison: Comparison, question: str) -> Prompt:
    """The question, and the beginning of the line that names its intent (ASKS_FOR).

    Without passages, because their subjects would bias the intent.
    """
    return _about(comparison, question, ASKS_FOR_LINE)


def use_case_prompt(comparison: Comparison, question: str) -> Prompt:
    """The question as a recommendation, and the beginning of the line that names its use case."""
    return _about(comparison, question, f"{ASKS_FOR_LINE} {ASKS_FOR[0]}\n{CASE_LINE}")


def signal_prompts(comparison: Comparison, question: str) -> tuple[list[Prompt], list[list[str]]]:
    """The prompts of intent and use case, and what may follow each: ASKS_FOR, and the names of
    Comparison.recommending.
    """
    prompts = [intent_prompt(comparison, question), use_case_prompt(comparison, question)]
    names = [case_name(case) for case in comparison.recommending]
    return prompts, [[f" {name}" for name in each] for each in (ASKS_FOR, names)]


def partial_prompt(comparison: Comparison, said: str) -> Prompt:
    """The beginning of a question, and so of intent_prompt and use_case_prompt."""
    return Prompt(deciding_system(comparison), begun=fill("fragments/question", question=said))


def _about(comparison: Comparison, question: str, begun: str) -> Prompt:
    """Question and line in one message, as in the examples: the model continues a separate message
    far worse (docs/decisions/decide-from-signals.md).
    """
    asked = fill("fragments/question", question=question) + "\n"
    return Prompt(deciding_system(comparison), asked, begun=begun)


def answer_prompt(
    comparison: Comparison, question: str, evidence: Sequence[Evidence], reply: str = ""
) -> Prompt:
    """The evidence, the question whether it answers, and the beginning `reply` of the answer.

    Evidence is in the order of the document, so that the same passages make the same prompt.
    """
    passages = sorted((item.passage for item in evidence), key=lambda passage: passage.number)
    return Prompt(
        answering_system(comparison),
        fill("fragments/answerable", question=question),
        passages=tuple(map(passage_text, passages)),
        reply=reply,
    )


def options_prompt(text: str) -> Prompt:
    """The beginning of a document: the model lists what it compares, from the first name on."""
    return Prompt(
        fill("judging/options_system"),
        fill("judging/options", text=text),
        reply=fill("judging/options_begun"),
    )


def judging_prompts(
    options: Sequence[str], heading: str, text: str, sums_up: bool
) -> tuple[list[Prompt], list[Prompt]]:
    """Of a section of a document on `options`: those in which the model names what it recommends;
    and those in which it says yes or no to each option, and, of one that `sums_up`, to whether a
    kind of reader is advised. They begin alike.
    """
    *before, last = options
    system = fill("judging/system", options=f"{', '.join(before)} and {last}")
    section = fill("judging/section", heading=heading, text=text) + "\n\n"
    asked = [fill("judging/option", option=option) for option in options]
    asked += [fill("judging/reader")] if sums_up else []
    begun = (fill("judging/name"), fill("judging/choice"))
    naming = [Prompt(system, section, begun=each) for each in begun]
    return naming, [Prompt(system, section + each) for each in asked]
