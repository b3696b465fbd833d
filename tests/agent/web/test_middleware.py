"""Who may talk to the page's server, and what a browser may do with what it sends."""

import base64
import hashlib
import re
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from fastapi.testclient import TestClient

from agent.urls import Hosts
from agent.web.app import build_app
from agent.web.middleware import SecurityHeadersMiddleware, is_loopback, policy
from agent.web.server import server_config
from agent.web.users import Users, write_user
from tests.helpers.coffee import web_context


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    app = build_app(web_context(tmp_path_factory.mktemp("kept")))
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


@pytest.mark.parametrize(("path", "status"), [("/export.html", 200), ("/", 500), ("/login", 200)])
def test_scripts_of_anything_but_the_page_do_not_run(path: str, status: int) -> None:
    app = FastAPI()
    app.add_middleware(SecurityHeadersMiddleware)
    app.get(path)(lambda: HTMLResponse("<p>It says</p><script>alert(1)</script>", status))
    response = TestClient(app, base_url="http://127.0.0.1:7860").get(path)
    assert (response.status_code, "alert" in response.text) == (status, True)
    [scripts] = re.findall(r"script-src ([^;]*)", response.headers["content-security-policy"])
    assert scripts == "'self'"


def test_the_page_is_titled_after_its_comparison(client: TestClient) -> None:
    assert client.get("/config").json()["title"] == "Tea vs Coffee"


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:7860", "127.0.0.1.evil.example", ""]
)
def test_another_name_for_this_machine_is_refused(client: TestClient, host: str) -> None:
    assert client.get("/", headers={"host": host}).status_code == 400


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
    client = TestClient(build_app(web_context(tmp_path), "0.0.0.0"), base_url="http://desk.example")
    assert client.get("/robots.txt").status_code == 200
    elsewhere = {"origin": "http://evil.example"}
    assert client.get("/robots.txt", headers=elsewhere).status_code == 403


# behind a proxy

BEHIND = Hosts(("advisor.example", "192.0.2.7"))


def behind(folder: Path, host: str = "127.0.0.1") -> TestClient:
    """A page that a proxy serves, asked by that proxy."""
    config = server_config(web_context(folder), host, BEHIND)
    config.load()
    return TestClient(config.loaded_app, "http://127.0.0.1:7860", client=("127.0.0.1", 5000))


@pytest.mark.slow
@pytest.mark.parametrize("served_on", ["127.0.0.1", "0.0.0.0"])
@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("advisor.example", 200),
        ("Advisor.Example:8443", 200),
        ("192.0.2.7", 200),
        ("127.0.0.1:7860", 200),
        ("evil.example", 400),
        ("advisor.example.evil.example", 400),
    ],
)
def test_only_the_names_that_are_set_are_answered(
    tmp_path: Path, served_on: str, host: str, status: int
) -> None:
    client = behind(tmp_path, served_on)
    assert client.get("/robots.txt", headers={"host": host}).status_code == status


@pytest.mark.slow
@pytest.mark.parametrize(
    ("origin", "host", "forwarded", "status"),
    [
        ("https://advisor.example", "advisor.example", "https", 422),
        ("https://advisor.example", "advisor.example", "", 422),  # the proxy does not say
        ("https://advisor.example", "advisor.example:443", "https", 422),
        ("https://advisor.example:8443", "advisor.example:8443", "https", 422),
        ("http://advisor.example", "advisor.example", "http", 422),
        ("http://advisor.example", "advisor.example", "https", 403),
        ("https://advisor.example:9999", "advisor.example", "https", 403),
        ("https://advisor.example", "advisor.example:8443", "https", 403),
        ("https://evil.example", "advisor.example", "https", 403),
        ("ftp://advisor.example", "advisor.example", "https", 403),
        ("null", "advisor.example", "https", 403),
    ],
)
def test_the_origin_is_held_against_the_host_that_the_proxy_passes_on(
    tmp_path: Path, origin: str, host: str, forwarded: str, status: int
) -> None:
    headers = {"origin": origin, "host": host}
    headers |= {"x-forwarded-proto": forwarded} if forwarded else {}
    response = behind(tmp_path).post("/gradio_api/queue/join", headers=headers, json={})
    assert response.status_code == status


@pytest.mark.slow
def test_by_https_through_the_proxy_the_cookie_stays_there_and_the_page_loads_by_https(
    tmp_path: Path,
) -> None:
    client = behind(tmp_path)
    headers = {"host": "advisor.example", "x-forwarded-proto": "https"}
    response = client.get("/", headers=headers)
    assert "; Secure" in response.headers["set-cookie"]
    assert "https://advisor.example" in response.text
    assert "http://advisor.example" not in response.text
    plain = client.get("/", headers=headers | {"x-forwarded-proto": "http"})
    assert "Secure" not in plain.headers["set-cookie"]


def test_what_no_proxy_said_is_not_believed(tmp_path: Path) -> None:
    config = server_config(web_context(tmp_path), "127.0.0.1", Hosts())
    config.load()
    client = TestClient(config.loaded_app, "http://127.0.0.1:7860", client=("127.0.0.1", 5000))
    forwarded = {"x-forwarded-proto": "https", "x-forwarded-host": "evil.example"}
    response = client.get("/", headers=forwarded)
    assert "Secure" not in response.headers["set-cookie"]
    assert "evil.example" not in response.text


@pytest.mark.slow
@pytest.mark.parametrize(
    ("proxy", "forwarded", "locked"),
    [
        ("127.0.0.1", "192.0.2.{}", False),  # each from an address of its own
        ("127.0.0.1", "198.51.100.{}, 192.0.2.1", True),  # what the client sent stands before
        ("192.0.2.1", "198.51.100.{}", True),  # it is no proxy
    ],
)
def test_wrong_passwords_are_counted_by_the_address_that_the_proxy_saw(
    tmp_path: Path, proxy: str, forwarded: str, locked: bool
) -> None:
    write_user(tmp_path / "users", "ada", "secret of ada")
    context = web_context(tmp_path, users=Users(tmp_path / "users"))
    config = server_config(context, "127.0.0.1", BEHIND)
    config.load()
    client = TestClient(config.loaded_app, "http://advisor.example", client=(proxy, 5000))
    for number in range(25):
        headers = {"x-forwarded-for": forwarded.format(number)}
        form = {"name": f"name{number}", "password": "guess"}
        said = client.post("/login", data=form, headers=headers)
        assert said.status_code == 403
    assert ("Too many wrong passwords" in said.text) is locked


def test_a_stream_is_not_held_back_by_a_proxy(client: TestClient) -> None:
    event = client.post("/gradio_api/call/chat", json={"data": ["first"]}).json()["event_id"]
    with client.stream("GET", f"/gradio_api/call/chat/{event}") as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        assert response.headers["x-accel-buffering"] == "no"


@pytest.mark.parametrize(
    ("name", "loopback"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("", False)],
)
def test_is_loopback(name: str, loopback: bool) -> None:
    assert is_loopback(name) is loopback
