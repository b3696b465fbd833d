"""Behind a TLS proxy: nginx with the lines of docs/deploying.md, before a server as
`advisor serve` runs it, both on this machine.
"""

import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, expect

from agent.web.authentication import COOKIE
from agent.web.users import MAX_FAILED_OF_ADDRESS
from tests.helpers.browser import answered, in_a_browser
from tests.helpers.paths import ROOT

NAME = "advisor.localhost"  # browsers take it for this machine without asking anyone
NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
DEPLOYING = (ROOT / "docs" / "deploying.md").read_text(encoding="utf-8")
RIGHT = {"name": "ada", "password": "secret of ada"}
SERVER = """
import sys
from pathlib import Path
from agent.urls import Hosts
from agent.web.users import Users, write_user
from agent.web.server import serve
from tests.helpers.coffee import web_context
folder = Path(sys.argv[1])
write_user(folder / "users", "ada", "secret of ada")
serve(web_context(folder, users=Users(folder / "users")), "127.0.0.1", 0, Hosts.read(sys.argv[2]))
"""
# around those lines: everything in one process and one folder
AROUND = """
daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {lines}
}}
"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(  # a new user may have no nginx; CI, which installs it, skips none
        not (NGINX and shutil.which("openssl")) and "CI" not in os.environ,
        reason="no nginx, or no openssl: apt-get install nginx openssl",
    ),
]


def lines(folder: Path, port: int, server: str) -> str:
    """Those of docs/deploying.md, with the places that they name replaced by those of the test."""
    [shown] = re.findall(r"(?ms)^```nginx\n(.*?)^```$", DEPLOYING)
    found = str(shown)
    for place, here in (
        ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"),
        ("http://127.0.0.1:7860", server),
        ("/etc/ssl/", f"{folder}/"),
        ("advisor.example", NAME),
    ):
        assert place in found
        found = found.replace(place, here)
    return found


@dataclass(frozen=True)
class Proxy:
    """Where it serves a page that asks everybody to log in, and its own certificate."""

    address: str
    certificate: Path


@contextmanager
def running(*command: object) -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(
        [str(each) for each in command],
        stdout=subprocess.PIPE,
        encoding="utf-8",
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def listens(port: int) -> bool:
    with socket.socket() as there:
        return there.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    folder = tmp_path_factory.mktemp("proxy")
    key, certificate = folder / f"{NAME}.key", folder / f"{NAME}.pem"
    made = f"openssl req -x509 -nodes -newkey rsa:2048 -days 2 -subj /CN={NAME}".split()
    for_names = ["-addext", f"subjectAltName=DNS:{NAME},IP:127.0.0.1"]
    files = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run([*made, *for_names, *files], check=True, capture_output=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with ExitStack() as both:
        server = both.enter_context(running(sys.executable, "-c", SERVER, folder, NAME))
        assert server.stdout
        said = server.stdout.readline().strip().removeprefix("The page is at ")
        config = folder / "nginx.conf"
        config.write_text(
            AROUND.format(folder=folder, lines=lines(folder, port, said)), encoding="utf-8"
        )
        nginx = both.enter_context(running(NGINX, "-p", folder, "-c", config))
        until = time.monotonic() + 20
        while not listens(port):
            assert nginx.poll() is None and time.monotonic() < until, "nginx does not listen"
            time.sleep(0.05)
        yield Proxy(f"https://{NAME}:{port}", certificate)


@pytest.fixture
def client(proxy: Proxy) -> Iterator[httpx.Client]:
    """Who asks the proxy as a browser would, and trusts nothing but its certificate."""
    host = proxy.address.removeprefix("https://")
    with httpx.Client(
        base_url=proxy.address.replace(NAME, "127.0.0.1"),
        verify=ssl.create_default_context(cafile=str(proxy.certificate)),
        headers={"Host": host, "Origin": proxy.address, "Sec-Fetch-Site": "same-origin"},
        trust_env=False,
        timeout=20,
    ) as client:
        yield client


def test_the_page_and_the_log_in_come_through_and_the_cookie_stays_in_tls(
    client: httpx.Client, proxy: Proxy
) -> None:
    assert client.get("/").headers["location"] == "/login"
    response = client.post("/login", data=RIGHT)
    assert (response.status_code, response.headers["location"]) == (303, "/")
    assert "; Secure" in response.headers["set-cookie"]
    start = client.get("/")
    assert start.status_code == 307  # to the comparison of the start
    page = client.get(start.headers["location"])
    assert page.status_code == 200
    assert proxy.address in page.text
    assert proxy.address.replace("https", "http") not in page.text
    assert client.get("/conversations").status_code == 200


def test_an_answer_comes_through_word_by_word(client: httpx.Client) -> None:
    client.post("/login", data=RIGHT)
    event = client.post("/gradio_api/call/chat", json={"data": ["slow"]}).json()["event_id"]
    began = time.monotonic()
    with client.stream("GET", f"/gradio_api/call/chat/{event}") as stream:
        said = (line for line in stream.iter_lines() if line.startswith("data: "))
        assert any("For Long" in line for line in said)
    assert time.monotonic() - began < 10  # the whole answer takes 20 s and more


def test_other_names_and_origins_are_refused_behind_it_too(client: httpx.Client) -> None:
    assert client.get("/login", headers={"Host": "evil.example"}).status_code == 400
    elsewhere = {"Origin": "https://evil.example"}
    assert client.post("/login", data=RIGHT, headers=elsewhere).status_code == 403


@in_a_browser[0]
@in_a_browser[1]
def test_a_browser_logs_in_and_reads_an_answer_as_it_comes(browser: Browser, proxy: Proxy) -> None:
    context = browser.new_context(ignore_https_errors=True)
    page = context.new_page()
    page.goto(f"{proxy.address}/?q=Which+one+at+night%3F")
    page.get_by_label("Name").fill("ada")
    page.get_by_label("Password").fill("secret of ada")
    page.get_by_role("button").click()
    page.locator("html[data-ready]").wait_for(state="attached")
    answered(page)
    expect(page.locator("#chat .decision .label")).to_have_text("Coffee")
    page.locator("#box textarea").fill("slow")
    page.locator("#send").click()
    expect(page.locator("#chat .answer").last).to_contain_text("For Long Nights, the")
    page.locator("#stop").click()
    expect(page.locator("#chat .note")).to_have_text("(stopped)")
    assert [each["secure"] for each in context.cookies() if each["name"] == COOKIE] == [True]
    context.close()


def test_wrong_passwords_are_counted_whatever_address_is_claimed(client: httpx.Client) -> None:
    for number in range(
        MAX_FAILED_OF_ADDRESS + 1
    ):  # the last of these tests: nobody gets in after it
        form = {"name": f"name{number}", "password": "guess"}
        claimed = {"X-Forwarded-For": f"192.0.2.{number}"}
        said = client.post("/login", data=form, headers=claimed)
        assert said.status_code == 403
    assert "Too many wrong passwords" in said.text
