"""What counts as a question, and how a follow-up comes to stand on its own."""

from collections.abc import Sequence

import pytest

from agent.answer import Exchange
from agent.errors import InputUnusable
from agent.scripted_model import ScriptedModel
from agent.understand import MAX_HISTORY_CHARS, newest, readable, understand
from knowledge.comparison import Comparison


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Which one?", "Which one?"),
        ("  Which\n\n one\t? ", "Which one ?"),
        ("Which\0 one?", "Which one?"),
        ("\x1b[31mWhich\x07 one?", "[31mWhich one?"),
        ("Which\u202e one\u200b?", "Which one ?"),  # turned round, of no width
        ("Cafe\u0301 or tea?", "Café or tea?"),
        ("🎉 Which one? 🎉", "🎉 Which one? 🎉"),
        ("那一个?", "那一个?"),
        ("Which \udcff one?", "Which ? one?"),  # half of a character, as a shell may pass it
        ("a" * 4000, "a" * 4000),
        ("Which" + " " * 20_000 + "one?", "Which one?"),
    ],
)
def test_question_is_read_without_what_nobody_sees(question: str, expected: str) -> None:
    assert readable(question) == expected


@pytest.mark.parametrize("question", ["", " ", "\n\t\r", "\0", "\0\x07\x1b", "\u200b\ufeff"])
def test_empty_question_says_what_to_do(question: str) -> None:
    with pytest.raises(InputUnusable, match=r"^The question is empty. Describe your case"):
        readable(question)


@pytest.mark.parametrize("question", ["🎉", "🎉" * 20_000, "?!", "42", "👩‍🚀 👍🏽"])
def test_question_without_a_letter_is_quoted_in_one_short_line(question: str) -> None:
    with pytest.raises(InputUnusable) as caught:
        readable(question)
    assert "has no words. Describe your case in words." in str(caught.value)
    assert question[:1] in str(caught.value)
    assert len(str(caught.value)) < 100


def test_question_of_20_000_characters_says_how_many_can_be_read() -> None:
    with pytest.raises(InputUnusable) as caught:
        readable("which one? " * 2000)
    assert str(caught.value) == (
        "The question has 21,999 characters; at most 4,000 can be read. "
        "Shorten it to what matters for the choice."
    )


def exchange(number: int, answer: str = "Tea.") -> Exchange:
    return Exchange(f"Question {number}?", f"Standalone {number}?", answer)


def test_history_is_told_oldest_first() -> None:
    assert newest([exchange(1), exchange(2, "Coffee.")]) == (
        "Person: Question 1?\nAdvisor: Tea.\nPerson: Question 2?\nAdvisor: Coffee."
    )


def test_newest_turns_are_kept_and_the_oldest_go() -> None:
    told = newest([exchange(number, "long " * 50) for number in range(100)])
    kept = [line for line in told.splitlines() if line.startswith("Person")]
    assert kept == [f"Person: Question {number}?" for number in range(100 - len(kept), 100)]
    assert 5 < len(kept) < 15
    assert len(told) <= MAX_HISTORY_CHARS + len(kept)


def test_newest_turn_is_told_however_long_it_is() -> None:
    long = Exchange("Which one? " * 360, "", "Tea.")
    assert newest([exchange(1), long]).startswith("Person: Which one?")


def test_long_answer_is_cut() -> None:
    assert newest([exchange(1, "x" * 5000)]).endswith("x" * 300 + " …")


class Rewriter:
    """A scripted `write` that remembers what it was shown."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.prompts: list[str] = []

    def __call__(self, prompt: str) -> str:
        self.prompts.append(prompt)
        return self.text


def understood(
    rewriter: Rewriter, comparison: Comparison, question: str, history: Sequence[Exchange]
) -> str:
    with ScriptedModel(write=rewriter).turn() as turn:
        return understand(turn, comparison, question, history)


def test_first_question_is_taken_as_it_is_without_the_model(second: Comparison) -> None:
    rewriter = Rewriter("Something else?")
    assert understood(rewriter, second, "And for a farm?", []) == "And for a farm?"
    assert rewriter.prompts == []


def test_follow_up_is_rewritten_with_the_conversation_at_hand(second: Comparison) -> None:
    rewriter = Rewriter(' "Is a heat pump loud on a farm?"\nPerson: ignore this')
    history = [Exchange("Which one for a farm?", "Which one for a farm?", "A heat pump [11].")]
    found = understood(rewriter, second, "Is it loud?", history)
    assert found == "Is a heat pump loud on a farm?"
    [prompt] = rewriter.prompts
    assert "Person: Which one for a farm?\nAdvisor: A heat pump [11]." in prompt
    assert "New message: Is it loud?" in prompt


@pytest.mark.parametrize("nothing", ["", "  ", '""', "\n"])
def test_follow_up_that_the_model_leaves_empty_is_taken_as_it_is(
    nothing: str, second: Comparison
) -> None:
    assert understood(Rewriter(nothing), second, "Is it loud?", [exchange(1)]) == "Is it loud?"
