"""Documents that people add on the page: what is read, refused, corrected, stored, and by whom."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

import agent.web.reading
from agent.errors import InputError
from agent.judge import ModelJudge
from agent.settings import read_settings
from agent.urls import Hosts
from agent.web.app import build_app
from agent.web.context import Library, open_context
from agent.web.documents import may_add
from agent.web.reading import read_apart
from agent.web.users import write_user
from tests.helpers.boats import BOATS as MARKDOWN
from tests.helpers.boats import USE_CASES
from tests.helpers.office import docx, paragraph, row
from tests.helpers.oracle import PROSE, Oracle

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("scripted", "indexed")]

BASE = "http://127.0.0.1:7860"
BOATS = MARKDOWN.encode()


@pytest.fixture
def client() -> Iterator[TestClient]:
    client = TestClient(build_app(open_context(read_settings())), base_url=BASE)
    client.get("/")
    yield client


def sent(client: TestClient, name: str = "boats.md", content: bytes = BOATS) -> dict[str, object]:
    found: dict[str, object] = client.post(f"/documents?name={name}", content=content).json()
    return found


def used(client: TestClient, draft: object, replace: bool = False, **corrections: object) -> object:
    asked = {"corrections": corrections, "replace": replace}
    return client.post(f"/documents/{draft}/use", json=asked).json()


def test_a_document_is_shown_before_it_is_indexed(client: TestClient) -> None:
    found = sent(client)
    assert found["use_cases"] == USE_CASES
    assert found["verdicts"] == ["Kayak", "Canoe", "Both / Depends", "None of these"]
    assert found["replaces"] is False
    assert "/comparisons/kayak-vs-canoe/" not in str(client.get("/comparisons").json())


def test_what_is_corrected_is_what_can_be_asked(client: TestClient, tmp_path: Path) -> None:
    draft = sent(client)["id"]
    done = used(client, draft, verdicts={"You paddle alone": "Canoe"})
    assert done == {"address": "/comparisons/kayak-vs-canoe/"}
    # the page asks every half second, and once it asked after the end: an error in its console
    assert client.get(f"/documents/{draft}").json() == {"progress": ""}
    assert client.get("/comparisons/kayak-vs-canoe/config").json()["title"] == "Kayak vs Canoe"
    panels = client.get("/comparisons/kayak-vs-canoe/panels").text
    assert re.search(r"You paddle alone\s*<strong[^>]*>Canoe<", panels)
    kept = (tmp_path / "data" / "documents" / "kayak-vs-canoe.md").read_text(encoding="utf-8")
    assert kept.startswith("---\nverdicts:\n  You paddle alone: Canoe\n---\n\n# Kayak vs Canoe")


def test_a_second_one_of_that_title_replaces_the_first_if_it_should(
    client: TestClient, tmp_path: Path
) -> None:
    used(client, sent(client)["id"])
    again = docx(
        tmp_path / "boats.docx",
        paragraph("Kayak vs Canoe", "Title"),
        row(["Trait", "Kayak", "Canoe"]) + row(["Seats", "1", "3"]),
    )
    found = sent(client, "boats.docx", again.read_bytes())
    assert found["replaces"] is True
    assert used(client, found["id"]) == {"error": 'There is a comparison "Kayak vs Canoe" already.'}
    documents = tmp_path / "data" / "documents"
    assert [file.name for file in documents.iterdir()] == ["kayak-vs-canoe.md"]
    used(client, found["id"], replace=True, in_general="Kayak")
    assert sorted(file.name for file in documents.iterdir()) == [
        "kayak-vs-canoe.docx",
        "kayak-vs-canoe.docx.yaml",
    ]
    assert "Seats" in client.get("/comparisons/kayak-vs-canoe/panels").text


def test_a_comparison_that_was_not_added_here_is_not_replaced(client: TestClient) -> None:
    done = used(client, sent(client)["id"], replace=True, title="Heat pump vs gas boiler")
    assert done == {
        "error": '"Heat pump vs gas boiler" is the title of a comparison that was not added on '
        "this page. Give yours another one."
    }


def test_options_can_be_named(client: TestClient) -> None:
    draft = sent(client)["id"]
    wrong = client.post(f"/documents/{draft}/read", json={"options": ["Kayak", "Raft"]}).json()
    assert wrong == {
        "error": 'boats.md is not a comparison: the option "Raft" is not named in it. '
        '"advisor new" prints a form to fill in.'
    }
    found = client.post(f"/documents/{draft}/read", json={"options": ["Canoe", "Kayak"]}).json()
    assert [each["name"] for each in found["options"]] == ["Canoe", "Kayak"]


@pytest.mark.parametrize(
    ("name", "content", "line"),
    [
        ("x.md", b"# Tea\n\nGood.\n", r"x\.md is not a comparison: "),
        ("x.exe", b"MZ", r'"x\.exe" has no format that is read: \.md'),
        ("../../../etc/passwd", b"root", r'"\.\./\.\./\.\./etc/passwd" has no format'),
        ("x.docx", b"PK\3\4 no zip", r"x\.docx is not a comparison: "),
        ("x.md", b"x" * (20 * 2**20 + 1), r"The document is over 20 MiB\."),
        ("x.md", b"\xff\xfe", r"x\.md is not UTF-8"),
    ],
)
def test_what_is_no_comparison_is_refused_in_one_line(
    client: TestClient, name: str, content: bytes, line: str
) -> None:
    response = client.post("/documents", params={"name": name}, content=content)
    assert response.status_code == 400
    assert re.match(line, response.json()["error"]) and "\n" not in response.json()["error"]


def test_a_name_is_no_path(client: TestClient, tmp_path: Path) -> None:
    draft = sent(client, "../../evil.md")["id"]
    assert used(client, draft, title="../../../evil") == {"address": "/comparisons/evil/"}
    assert [file.name for file in (tmp_path / "data" / "documents").iterdir()] == ["evil.md"]


def test_a_draft_is_its_owner_s(client: TestClient) -> None:
    draft = sent(client)["id"]
    other = TestClient(client.app, base_url=BASE)
    assert other.post("/documents", content=BOATS).status_code == 401
    other.get("/")
    gone = {"error": "That document is not here any more. Choose its file again."}
    assert used(other, draft) == gone
    sent(client)
    assert used(client, draft) == gone


def test_a_process_without_a_model_is_given_the_judgements(tmp_path: Path) -> None:
    file = tmp_path / "boats.md"
    file.write_text(PROSE, encoding="utf-8")
    oracle = Oracle(dog=(1,), Conclusion=(0,))
    found = read_apart(file, oracle)
    [case] = [each for each in found["use_cases"] if each["case"] == "A family with a dog"]
    assert (case["verdict"], case["sure"], case["probability"]) == ("Canoe", "judged", 0.8)
    assert found["in_general"]["verdict"] == "Kayak"
    headings = [each.heading for each in oracle.asked]
    assert headings == ["A family with a dog", "Winter", "Conclusion"]  # each once


LETTER = """\
# Dear neighbours

### A family with a dog

Take the broad canoe: wide, dry, and nobody sits alone in it. In the sea kayak a dog swims.

### Surf

The sea kayak rolls up again. The broad canoe does not.

### Thanks

To all who came along.
"""


def test_a_process_without_a_model_is_given_the_options(tmp_path: Path) -> None:
    file = tmp_path / "letter.md"
    file.write_text(LETTER, encoding="utf-8")
    oracle = Oracle("sea kayak", "broad canoe", dog=(1,), Surf=(0,))
    found = read_apart(file, oracle)
    assert [each["name"] for each in found["options"]] == ["sea kayak", "broad canoe"]
    assert len(oracle.texts) == 1
    for judge in (Oracle(), None):
        with pytest.raises(InputError, match="no two options were found"):
            read_apart(file, judge)


def test_where_no_model_can_be_asked_the_page_says_so(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = ModelJudge(read_settings(base_url="http://127.0.0.1:9"))
    monkeypatch.setattr(Library, "judge", served)
    warnings = sent(client, content=PROSE.encode())["warnings"]
    assert isinstance(warnings, list)
    assert "The model was not asked what no rule tells: a served model" in " ".join(warnings)


def test_reading_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "boats.md"
    file.write_bytes(BOATS)
    started = time.monotonic()
    with pytest.raises(InputError, match=r"^boats\.md takes longer than 0 s to read\."):
        read_apart(file, timeout_s=0.05)
    assert time.monotonic() - started < 5
    monkeypatch.setattr(agent.web.reading, "MODULE", "tests.helpers.hungry")
    with pytest.raises(InputError, match=r"^boats\.md cannot be read within 1024 MiB of memory\."):
        read_apart(file)


@pytest.mark.parametrize(
    ("uploads", "users", "host", "hosts", "may"),
    [
        ("auto", False, "127.0.0.1", (), True),
        ("auto", False, "0.0.0.0", (), False),
        ("auto", False, "127.0.0.1", ("advisor.example",), False),
        ("auto", True, "0.0.0.0", (), True),
        ("everybody", False, "0.0.0.0", (), True),
        ("nobody", True, "127.0.0.1", (), False),
    ],
)
def test_who_may_add_a_comparison(
    uploads: str, users: bool, host: str, hosts: tuple[str, ...], may: bool, tmp_path: Path
) -> None:
    file = tmp_path / "users"
    write_user(file, "ada", "secret of ada")
    settings = read_settings(uploads=uploads, users=file if users else None)
    context = open_context(settings)
    assert may_add(context, host, Hosts(hosts)) is may


def test_where_nobody_may_the_server_takes_none() -> None:
    app = build_app(open_context(read_settings(uploads="nobody")))
    client = TestClient(app, base_url=BASE)
    client.get("/")
    assert client.get("/comparisons").json()["may_add"] is False
    assert client.post("/documents?name=x.md", content=BOATS).status_code in (404, 405)
