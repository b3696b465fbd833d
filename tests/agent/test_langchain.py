"""The advisor among LangChain's components, as docs/using.md shows it."""

import pytest
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.runnables import RunnableLambda

import agent
from agent import Advisor, AdvisorRetriever, AdvisorRunnable
from agent.answering.decide import Decider, Weights
from knowledge.retrieve import Retriever
from tests.helpers.scripted_model import ScriptedModel


@pytest.fixture
def advisor(second_retriever: Retriever) -> Advisor:
    model = ScriptedModel()
    weights = Weights(1, 0, 0, (0,) * 4 + (5,), (0,) * 6)
    decider = Decider(second_retriever.index.comparison, weights).calibrated(model)
    return Advisor(model, second_retriever, decider)


@pytest.mark.parametrize("name", agent.__all__)
def test_what_is_exported_is_there(name: str) -> None:
    assert getattr(agent, name).__name__ == name


def test_nothing_else_is_exported() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = agent.nonsense


def test_passages_are_retrieved_as_documents(advisor: Advisor) -> None:
    found = AdvisorRetriever(retriever=advisor.retriever, top_k=2).invoke("How loud is the unit?")
    assert len(found) == 2
    assert found[0].id == found[0].metadata["passage"] == "dimension/noise"
    assert found[0].metadata["heading"] == "Noise"
    assert found[0].metadata["number"] == advisor.comparison.passage("dimension/noise").number
    assert found[0].metadata["score"] > found[1].metadata["score"]
    assert "45 decibels" in found[0].page_content


def test_an_advisor_is_a_step_of_a_chain(advisor: Advisor) -> None:
    question = "A cabin we visit in winter. Which one?"
    chain = AdvisorRunnable(advisor) | RunnableLambda(lambda answer: answer.verdict)
    assert chain.invoke(question) == advisor.ask(question).verdict


def test_an_answer_grows_as_it_is_streamed_and_its_run_is_traced(advisor: Advisor) -> None:
    runs: list[str] = []

    class Watching(BaseCallbackHandler):
        def on_chain_start(self, *_: object, **__: object) -> None:
            runs.append("started")

        def on_chain_end(self, *_: object, **__: object) -> None:
            runs.append("ended")

    runnable = AdvisorRunnable(advisor)
    texts = [answer.text for answer in runnable.stream("A cabin in winter. Which one?")]
    assert len(texts) > 2
    assert texts[-1].startswith(texts[1])
    runnable.invoke("A cabin in winter. Which one?", {"callbacks": [Watching()]})
    assert runs == ["started", "ended"]
