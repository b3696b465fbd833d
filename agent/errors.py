"""The agent's part of the error tree (its root is in knowledge.errors).

AdvisorError
├── InputError      a question or argument that cannot be answered or used
├── ModelUnavailableError   a model that cannot be fetched, verified, loaded or reached
├── PromptError       a prompt file that lacks a variable, or asks for an unknown one
├── PortInUseError          the page's port is taken
├── ConversationBusyError   a conversation that has a question open already
├── ConversationMissingError  a conversation that is not there, or is somebody else's
└── LoginError       a wrong user name or password
"""

from knowledge.errors import AdvisorError

__all__ = [
    "AdvisorError",
    "ConversationBusyError",
    "ConversationMissingError",
    "InputError",
    "LoginError",
    "ModelUnavailableError",
    "PortInUseError",
    "PromptError",
]


class InputError(AdvisorError):
    """A question or argument that cannot be used; the message says which and why."""


class ModelUnavailableError(AdvisorError):
    """A model that cannot be fetched, verified, loaded or reached."""


class PromptError(AdvisorError):
    """A prompt file is missing, or a variable of it is."""


class PortInUseError(AdvisorError):
    """The page's port is taken by another program."""


class ConversationBusyError(AdvisorError):
    """A conversation that has a question open already."""


class ConversationMissingError(AdvisorError):
    """A conversation or answer that is not there, or is somebody else's."""


class LoginError(AdvisorError):
    """A wrong user name or password, or too many of them."""
