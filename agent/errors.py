"""The agent's part of the error tree (its root is in knowledge.errors).

AdvisorError
├── InputUnusable      a question or argument that cannot be answered or used
├── ModelUnavailable   a model that cannot be fetched, verified, loaded or reached
├── PromptBroken       a prompt file that lacks a variable, or asks for an unknown one
├── PortInUse          the page's port is taken
├── ConversationBusy   a conversation that has a question open already
├── ConversationMissing  a conversation that is not there, or is somebody else's
└── LogInRefused       a name and a password that let nobody in
"""

from knowledge.errors import AdvisorError

__all__ = [
    "AdvisorError",
    "ConversationBusy",
    "ConversationMissing",
    "InputUnusable",
    "LogInRefused",
    "ModelUnavailable",
    "PortInUse",
    "PromptBroken",
]


class InputUnusable(AdvisorError):
    """A question or argument that cannot be used; the message says which and why."""


class ModelUnavailable(AdvisorError):
    """A model that cannot be fetched, verified, loaded or reached."""


class PromptBroken(AdvisorError):
    """A prompt file is missing, or a variable of it is."""


class PortInUse(AdvisorError):
    """The page's port is taken by another program."""


class ConversationBusy(AdvisorError):
    """A conversation that has a question open already."""


class ConversationMissing(AdvisorError):
    """A conversation or answer that is not there, or is somebody else's."""


class LogInRefused(AdvisorError):
    """A name and a password that let nobody in."""
