"""The root of the error tree. Each message names the problem, the value, and the remedy.

    AdvisorError
    ├── DocumentError           a file without a comparison
    ├── EmbeddingMissingError   the embedding files are missing, or not the published ones
    ├── IndexMissingError       no index of that comparison exists
    └── (agent.errors)          model, input and server errors

Only the command line and the page show errors to users.
"""


class AdvisorError(Exception):
    """The base of every error that users see, as one line."""


class DocumentError(AdvisorError):
    """A file contains no comparison; the message names the missing part."""


class EmbeddingMissingError(AdvisorError):
    """The embedding model or its tokenizer is missing, or not the published file."""


class IndexMissingError(AdvisorError):
    """The requested comparison has no index."""
