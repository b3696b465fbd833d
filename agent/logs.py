"""The log on standard error, in which no password of a configured URL shows, not in a traceback
either.
"""

import logging

from agent.settings import Settings


def start_log(settings: Settings) -> None:
    """From now on what is as grave as `settings.log` is written, by libraries too."""
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
