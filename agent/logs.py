"""The log on standard error. It masks passwords of configured URLs, in tracebacks too."""

import logging

from agent.settings import Settings


def start_log(settings: Settings) -> None:
    """Starts the log of the advisor and its libraries, at level `settings.log`."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Masking(settings))
    logging.basicConfig(level=settings.log.upper(), handlers=[handler])


class _Masking(logging.Formatter):
    def __init__(self, settings: Settings) -> None:
        super().__init__(logging.BASIC_FORMAT)
        self._urls = (settings.base_url, settings.database_url)

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        for url in self._urls:
            text = url.masked(text)
        return text
