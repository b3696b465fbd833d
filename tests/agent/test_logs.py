"""What the log says, as a process writes it on standard error."""

import os
import subprocess
import sys

from tests.helpers.paths import ROOT

PROGRAM = """
import logging
from sqlalchemy import create_engine
from sqlalchemy.exc import SQLAlchemyError
from agent.logs import start_log
from agent.settings import read_settings
settings = read_settings()
start_log(settings)
log = logging.getLogger("kept")
log.info("POST %s", settings.base_url.get_secret_value())
try:
    create_engine(settings.database_url.get_secret_value()).connect()
except SQLAlchemyError:
    log.exception("A conversation could not be kept at %s.", settings.database_url)
"""


def test_no_password_stands_in_the_log_not_in_a_traceback_either() -> None:
    urls = {
        "ADVISOR_LOG": "info",
        "ADVISOR_BASE_URL": "http://ada:pass-of-ada@host/v1",
        "ADVISOR_DATABASE_URL": "sqlite://bob:pass-of-bob@host/d",  # its error has the whole URL
    }
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=os.environ | urls,
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 0
    assert done.stderr.startswith("INFO:kept:POST http://ada:***@host/v1\n")
    assert "sqlite://bob:***@host/d" in done.stderr
    assert "Traceback" in done.stderr
    assert "pass-of" not in done.stderr
