"""What `advisor` leaves when a test runs it in this process; conftest.py has the fixture `run`."""

from collections.abc import Callable
from dataclasses import dataclass

SHIPPED = "decentralized-ai-vs-open-source-ai"
HEAT = "heat-pump-vs-gas-boiler"


@dataclass(frozen=True)
class Done:
    """What a command left: exit status, and lines on standard output and error."""

    status: int
    out: list[str]
    err: list[str]


Run = Callable[..., Done]
