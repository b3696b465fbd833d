"""What the tests in a real browser share: where it is, and what axe finds on a page."""

import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

CHROMIUM = Path("/usr/bin/chromium")
SWITCHED_OFF = ("background-networking", "component-update", "sync", "gpu")
LAUNCHED_WITH = {
    "executable_path": CHROMIUM,
    "args": ["--no-sandbox", "--no-first-run", *(f"--disable-{name}" for name in SWITCHED_OFF)],
}

in_a_browser = [
    pytest.mark.browser,
    pytest.mark.skipif(  # a new user may have no chromium; in CI, which installs it, nothing skips
        not CHROMIUM.exists() and "CI" not in os.environ,
        reason=f"no browser at {CHROMIUM}: apt-get install chromium",
    ),
]


def violations(page: Page) -> list[tuple[str, str, list[str]]]:
    """What axe finds: its rule, how bad it is, and where in the page's HTML."""
    found = Axe().run(page).response["violations"]
    return [(v["id"], v["impact"], [node["html"] for node in v["nodes"]]) for v in found]
