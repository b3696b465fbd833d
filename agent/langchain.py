"""The advisor as LangChain components: a retriever of passages, and a runnable that answers.

    retriever = AdvisorRetriever(retriever=advisor.retriever)
    retriever.invoke("Which one is cheaper?")             documents with id, heading and score

    chain = AdvisorRunnable(advisor) | (lambda answer: answer.text)
    chain.invoke("Which one suits a small clinic?")

The local model itself is a chat model of LangChain: agent.llm.local.LocalChatModel.
"""

from collections.abc import Iterator
from typing import Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import Runnable, RunnableConfig
from pydantic import ConfigDict

from agent.advisor import Advisor
from agent.answering.types import Answer
from knowledge.retrieve import Retriever


class AdvisorRetriever(BaseRetriever):
    """The `top_k` passages nearest to a question, best first, as documents.

    The metadata of each has `number`, `passage` (its id), `heading` and `score` in [0, 1].
    """

    retriever: Retriever
    top_k: int = 4
    model_config = ConfigDict(arbitrary_types_allowed=True)

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun
    ) -> list[Document]:
        return [
            Document(
                item.passage.text,
                id=item.passage.id,
                metadata={
                    "number": item.number,
                    "passage": item.passage.id,
                    "heading": item.passage.heading,
                    "score": item.score,
                },
            )
            for item in self.retriever.retrieve(query, self.top_k).evidence
        ]


class AdvisorRunnable(Runnable[str, Answer]):
    """Answers a first question; `stream` yields the growing answer."""

    def __init__(self, advisor: Advisor) -> None:
        self.advisor = advisor

    def invoke(self, input: str, config: RunnableConfig | None = None, **kwargs: Any) -> Answer:
        return self._call_with_config(self.advisor.ask, input, config, **kwargs)

    def stream(
        self, input: str, config: RunnableConfig | None = None, **kwargs: Any
    ) -> Iterator[Answer]:
        yield from self.advisor.stream(input)
