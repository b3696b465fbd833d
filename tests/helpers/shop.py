"""Where tests fetch model files: planted wheels, a small hub, and a made-up model in both."""

import hashlib
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from agent.downloads.fetch import Artifact, WheelPart
from agent.progress import Report, Unit
from agent.settings import Settings

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


class Recorder:
    """Progress that keeps its steps, and how many bytes each of them got to."""

    def __init__(self) -> None:
        self.steps: list[str] = []
        self.sizes_bytes: dict[str, int] = {}

    @contextmanager
    def __call__(self, description: str, unit: Unit = "", done: int = 0) -> Iterator[Report]:
        self.steps.append(description)
        self.sizes_bytes[description] = done

        def report(done: int, total: int) -> None:
            self.sizes_bytes[description] = done

        yield report


def settings(cache_dir: Path, model: str = "tiny") -> Settings:
    return Settings(model=model, cache_dir=cache_dir)


def left_in(cache_dir: Path) -> set[str]:
    """The files that a pull leaves, but for locks."""
    paths = (path for path in cache_dir.rglob("*") if path.is_file())
    return {str(path.relative_to(cache_dir)) for path in paths if path.suffix != ".lock"}


class Hub(BaseHTTPRequestHandler):
    """Serves one file, as Hugging Face does; `ranges` holds what was asked of it.

    With `breaks_after` it hangs up after so many bytes of what it promised, and sends no more.
    """

    content = CONTENT
    sha256 = TINY.sha256
    breaks_after: int | None = None
    ranges: list[str | None]

    def do_HEAD(self) -> None:
        self.answer(self.content)

    def do_GET(self) -> None:
        self.ranges.append(self.headers.get("Range"))
        start = int((self.headers.get("Range") or "bytes=0-")[6:].split("-")[0])
        if self.breaks_after and len(self.ranges) > 1:
            return self.send_error(403)
        body = self.answer(self.content[start:], 206 if start else 200)
        self.wfile.write(body[: self.breaks_after])
        return None

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
