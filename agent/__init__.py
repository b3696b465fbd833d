"""The advisor: answers which option a comparison document recommends for a case, with citations.

    from agent import Settings, open_advisor

    with open_advisor(Settings()) as advisor:
        print(advisor.ask("Which one suits a small clinic?").text)

What other programs may use is exported here, and loaded when it is first asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from agent.advisor import Advisor
    from agent.answering.types import Answer
    from agent.factory import open_advisor
    from agent.langchain import AdvisorRetriever, AdvisorRunnable
    from agent.llm.local import LocalChatModel
    from agent.settings import Settings

_MODULES = {
    "Advisor": "agent.advisor",
    "AdvisorRetriever": "agent.langchain",
    "AdvisorRunnable": "agent.langchain",
    "Answer": "agent.answering.types",
    "LocalChatModel": "agent.llm.local",
    "Settings": "agent.settings",
    "open_advisor": "agent.factory",
}

__all__ = [
    "Advisor",
    "AdvisorRetriever",
    "AdvisorRunnable",
    "Answer",
    "LocalChatModel",
    "Settings",
    "open_advisor",
]


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return getattr(import_module(_MODULES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
