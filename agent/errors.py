"""The agent's part of the error tree (its root is in knowledge.errors).

AdvisorError
├── InputError                a question or argument that cannot be used
├── ModelUnavailableError     a model that cannot be fetched, verified, loaded or reached
├── PromptError               a prompt file that is missing, or lacks a variable
├── PortInUseError            another program uses the page's port
├── ConversationBusyError     a conversation that still waits for an answer
├── ConversationMissingError  a missing conversation, or one of another user
├── UploadExistsError         a comparison that an upload would replace
└── LoginError                wrong user name or password
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
    "UploadExistsError",
]


class InputError(AdvisorError):
    """A question or argument cannot be used; the message names it and the reason."""


class ModelUnavailableError(AdvisorError):
    """A model cannot be fetched, verified, loaded or reached."""


class PromptError(AdvisorError):
    """A prompt file, or one of its variables, is missing."""


class PortInUseError(AdvisorError):
    """Another program uses the page's port."""


class ConversationBusyError(AdvisorError):
    """The conversation still waits for an answer."""


class ConversationMissingError(AdvisorError):
    """The conversation or answer is missing, or belongs to another user."""


class UploadExistsError(AdvisorError):
    """A comparison of that title is there; whoever adds one is asked whether to replace it."""


class LoginError(AdvisorError):
    """Wrong user name or password."""
