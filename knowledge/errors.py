"""What can go wrong, as one tree. Each message says what, which value, and what to do next.

    AdvisorError
    ├── DocumentError   a file that is no comparison
    ├── EmbeddingMissingError       the embedding files are not there or not as published
    ├── IndexMissingError           no index of that comparison was built
    └── (agent.errors)         model, input and server errors

Only the command line and the page show these to a person.
"""


class AdvisorError(Exception):
    """The base of every error that a person is shown, as one line."""


class DocumentError(AdvisorError):
    """A file does not hold a comparison; the message names what is missing."""


class EmbeddingMissingError(AdvisorError):
    """The embedding model or its tokenizer is not there, or is not the published file."""


class IndexMissingError(AdvisorError):
    """No index was built for the comparison that was asked for."""
