"""The page of a fake advisor, served once for each file of tests, and opened for each test.

Every test also claims that no request left this machine and that the console stayed clean.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from agent.web.app import build_app
from tests.helpers.browser import DESKTOP, PHONE, watched
from tests.helpers.coffee import FakeAdvisor, serving, web_context


@pytest.fixture(scope="module")
def advisor() -> FakeAdvisor:
    return FakeAdvisor()


@pytest.fixture(scope="module")
def address(advisor: FakeAdvisor, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(build_app(web_context(tmp_path_factory.mktemp("kept"), advisor))) as address:
        yield address


@pytest.fixture
def page(page: Page, address: str) -> Iterator[Page]:
    page.set_viewport_size(DESKTOP)
    with watched(page, address) as page:
        yield page


@pytest.fixture
def phone(page: Page) -> Page:
    """The same page where there is little room."""
    page.set_viewport_size(PHONE)
    return page
