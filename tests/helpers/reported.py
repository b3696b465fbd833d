"""What a part of the advisor reports while a block runs."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def reported(logger_name: str) -> Iterator[list[str]]:
    """The lines that this logger is given, from INFO on."""
    lines: list[str] = []

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(record.getMessage())

    logger, handler = logging.getLogger(logger_name), Handler()
    level = logger.level
    logger.setLevel(logging.INFO)
    logger.addHandler(handler)
    try:
        yield lines
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
