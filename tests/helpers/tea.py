"""Three passages about tea and questions about them, for tests of how a model is run."""

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

from agent.llm.base import Prompt
from agent.llm.engine import Engine
from agent.llm.kv_cache import Key
from agent.llm.local import LocalChatModel

TEA = {
    "green": "Green tea is steeped at 80 degrees for two minutes.",
    "black": "Black tea is steeped at 100 degrees for four minutes.",
    "white": "White tea keeps for two years, pu-erh for decades.",
}
QUESTIONS = {
    "How hot is green tea steeped?": ("green", "black"),
    "How long does white tea keep?": ("white", "green"),
    "How hot is black tea steeped?": ("black", "white"),
}


def asking(question: str, *passages: str) -> Prompt:
    return Prompt(
        "You advise on tea. Answer from the passages in one sentence.",
        question,
        passages=tuple(f"{TEA[name]}\n" for name in passages),
    )


def as_messages(prompt: Prompt) -> list[BaseMessage]:
    """The same prompt for any chat model of LangChain."""
    return [SystemMessage(prompt.system), HumanMessage(prompt.user)]


def answer(model: LocalChatModel, prompt: Prompt, max_tokens: int = 24) -> str:
    with model.session() as session:
        return "".join(session.stream(prompt, max_tokens))


def answers(model: LocalChatModel, order: list[str]) -> dict[str, str]:
    return {q: answer(model, asking(q, *QUESTIONS[q])) for q in order}


def contents(engine: Engine) -> dict[Key, bytes]:
    """What the engine's KV cache holds, to the last bit."""
    return {key: data.tobytes() for key, data in engine.kv_cache.entries.items()}
