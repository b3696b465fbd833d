"""The log on standard error, in which no password of a configured URL shows, not in a traceback
either.

What the advisor reports (INFO) is a plain line for the person at the command line, whatever
`ADVISOR_LOG` is; other records name their level and logger.
"""

import logging
import sys
from typing import TextIO

from agent.settings import Settings

OURS = ("agent", "knowledge", "evals")


def start_log(settings: Settings) -> None:
    """From now on records as grave as `settings.log` are written, those of libraries too."""
    level = logging.getLevelNamesMapping()[settings.log.upper()]
    handler = _StandardError()
    handler.setFormatter(_Masking(settings))
    handler.addFilter(lambda record: record.levelno >= level or _reported(record))
    root = logging.getLogger()
    for earlier in [each for each in root.handlers if isinstance(each, _StandardError)]:
        root.removeHandler(earlier)
    root.addHandler(handler)
    root.setLevel(level)
    for name in OURS:
        logging.getLogger(name).setLevel(min(level, logging.INFO))


class _StandardError(logging.StreamHandler[TextIO]):
    """Writes to standard error, as it is at that moment."""

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr  # setStream would flush the last one, which may be closed
        super().emit(record)


def _reported(record: logging.LogRecord) -> bool:
    return record.levelno == logging.INFO and record.name.partition(".")[0] in OURS


class _Masking(logging.Formatter):
    def __init__(self, settings: Settings) -> None:
        super().__init__(logging.BASIC_FORMAT)
        self._urls = (settings.base_url, settings.database_url)

    def format(self, record: logging.LogRecord) -> str:
        text = record.getMessage() if _reported(record) else super().format(record)
        for url in self._urls:
            text = url.masked(text)
        return text
