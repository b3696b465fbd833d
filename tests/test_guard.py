"""Who may talk to the page's server, and what a browser may do with what it sends."""

import base64
import hashlib
import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from agent.guard import is_loopback, policy
from agent.web import build_app
from tests.coffee import site


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    app = build_app(site(tmp_path_factory.mktemp("kept")))
    return TestClient(app, base_url="http://127.0.0.1:7860")


def test_the_page_is_sealed(client: TestClient) -> None:
    headers = client.get("/", headers={"accept-encoding": "br, gzip"}).headers
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    rules = dict(rule.split(" ", 1) for rule in headers["content-security-policy"].split("; "))
    assert rules["default-src"] == "'self'" and rules["frame-ancestors"] == "'none'"
    assert "unsafe" not in rules["script-src"] and "http" not in headers["content-security-policy"]


def test_only_the_page_s_own_scripts_may_run(client: TestClient) -> None:
    response = client.get("/")
    scripts = re.findall(r"<script(?: data-gradio-mode)?>(.*?)</script>", response.text, re.DOTALL)
    assert len(scripts) > 2
    for script in scripts:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in response.headers["content-security-policy"]
    assert "sha256" not in policy(b'<script src="/x.js"></script>')


def test_the_page_is_titled_after_its_comparison(client: TestClient) -> None:
    assert client.get("/config").json()["title"] == "Tea vs Coffee"


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:7860", "127.0.0.1.evil.example", ""]
)
def test_another_name_for_this_machine_is_refused(client: TestClient, host: str) -> None:
    assert client.get("/", headers={"host": host}).status_code == 421


@pytest.mark.parametrize("host", ["127.0.0.1:7860", "localhost:7860", "[::1]:7860", "localhost"])
def test_loopback_names_are_answered(client: TestClient, host: str) -> None:
    assert client.get("/robots.txt", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "http://127.0.0.1:9999"},
        {"origin": "null"},
        {"origin": ""},
        {"sec-fetch-site": "cross-site"},
    ],
)
def test_other_origins_are_refused(client: TestClient, headers: dict[str, str]) -> None:
    assert client.post("/gradio_api/queue/join", headers=headers, json={}).status_code == 403


def test_its_own_origin_is_let_in(client: TestClient) -> None:
    own = {"origin": "http://127.0.0.1:7860", "sec-fetch-site": "same-origin"}
    assert client.post("/gradio_api/queue/join", headers=own, json={}).status_code == 422


@pytest.mark.parametrize(
    "path",
    [
        "/docs",
        "/openapi.json",
        "/gradio_api/openapi.json",
        "/gradio_api/upload",
        "/gradio_api/file=/etc/passwd",
        "/gradio_api/proxy=http://evil.example/",
        "/gradio_api/vibe-edit",
        "/monitoring",
        "/login",
    ],
)
def test_what_the_page_does_not_need_is_not_there(client: TestClient, path: str) -> None:
    response = client.get(path)
    assert (response.status_code, response.text) == (404, "There is nothing here.\n")
    assert client.post(path).status_code == 404


def test_a_request_cannot_name_another_file(client: TestClient) -> None:
    for path in ("/page.css", "/page.js"):
        plain = client.get(path)
        assert plain.status_code == 200
        for other in ("errors.py", "/etc/hostname", "../pyproject.toml"):
            assert client.get(path, params={"file": other}).content == plain.content


def test_a_page_for_the_network_answers_to_any_name(tmp_path: Path) -> None:
    client = TestClient(build_app(site(tmp_path), "0.0.0.0"), base_url="http://desk.example")
    assert client.get("/robots.txt").status_code == 200
    elsewhere = {"origin": "http://evil.example"}
    assert client.get("/robots.txt", headers=elsewhere).status_code == 403


@pytest.mark.parametrize(
    ("name", "loopback"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("", False)],
)
def test_is_loopback(name: str, loopback: bool) -> None:
    assert is_loopback(name) is loopback
