"""Three passages about tea and questions about them, for tests of how a model reads and writes."""

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

from agent.llm.engine import Engine
from agent.llm.kv_cache import Tokens
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


def asking(question: str, *passages: str) -> list[BaseMessage]:
    blocks: list[str | dict[str, object]] = [
        {"type": "text", "text": f"{TEA[name]}\n", "extras": {"passage": name}} for name in passages
    ]
    return [
        SystemMessage("You advise on tea. Answer from the passages in one sentence."),
        HumanMessage([*blocks, {"type": "text", "text": question}]),
    ]


def answers(model: LocalChatModel, order: list[str]) -> dict[str, str]:
    return {q: model.invoke(asking(q, *QUESTIONS[q]), max_tokens=24).text for q in order}


def contents(engine: Engine) -> dict[tuple[Tokens, Tokens], bytes]:
    """What the engine keeps, to the last bit."""
    return {tokens: cells.tobytes() for tokens, cells in engine.kv_cache.all.items()}
