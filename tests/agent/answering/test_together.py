"""One answer from the answers to each request of a message."""

from agent.answering.requests import Heard
from agent.answering.together import together
from agent.answering.types import Answer, Decision
from agent.dialogue.acts import Act

LIST = "- Farm: Heat Pump\n- Cabin: Gas Boiler"


def answered(act: Act, text: str) -> Answer:
    return Answer("?", "?", Decision("inform"), text, acts=(act,))


def test_one_list_answers_two_questions_once() -> None:
    asked = "How many use cases are there? Which?"
    parts = [answered("cases", LIST), answered("cases", LIST), answered("fact", "Two.")]
    whole = together(asked, Heard.plainly(asked), parts)
    assert whole.text == f"{LIST}\n\nTwo." and whole.acts == ("cases", "cases", "fact")
