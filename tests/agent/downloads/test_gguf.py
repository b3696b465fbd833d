"""Whether a file is a whole GGUF model is told before llama.cpp sees it."""

import struct
from pathlib import Path

import pytest

from agent.downloads.gguf import check_gguf
from agent.errors import ModelUnavailableError


def text(value: bytes) -> bytes:
    return struct.pack("<Q", len(value)) + value


def gguf(version: int = 3, values: int = 64, data_bytes: int = 256) -> bytes:
    """A GGUF file of one F32 tensor, with a vocabulary of three words."""
    words = b"".join(text(word) for word in (b"a", b"model", b"speaks"))
    pairs = text(b"tokenizer.ggml.tokens") + struct.pack("<IIQ", 9, 8, 3) + words
    pairs += text(b"general.alignment") + struct.pack("<II", 4, 32)
    tensor = text(b"output.weight") + struct.pack("<IQIQ", 1, values, 0, 0)
    header = b"GGUF" + struct.pack("<IQQ", version, 1, 2) + pairs + tensor
    return header + b"\0" * (-len(header) % 32) + b"\7" * data_bytes


@pytest.mark.parametrize("version", [2, 3])
def test_a_whole_gguf_passes(tmp_path: Path, version: int) -> None:
    (tmp_path / "a.gguf").write_bytes(gguf(version))
    check_gguf(tmp_path / "a.gguf")


HUGE = 2**64 - 1
PAIR = text(b"key") + struct.pack("<I", 9)


def header(tensors: int, pairs: int, rest: bytes = b"") -> bytes:
    return b"GGUF" + struct.pack("<IQQ", 3, tensors, pairs) + rest


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is not a GGUF file"),
        (b"PK\3\4 a zip", "is not a GGUF file"),
        (b"GGUF", "of an unknown kind (cut short)"),
        (gguf(version=1), "of an unknown kind (version 1)"),
        (b"GGUF\0\0\0\3" + bytes(40), "of an unknown kind (version 50331648)"),
        (gguf()[:60], "is cut short within its header (60 bytes)"),
        (gguf()[:-1], f"is cut short: {len(gguf()) - 1} of {len(gguf())} bytes"),
        (gguf(values=2**60), "is cut short: "),
        (header(0, 0), "it holds no tensors"),
        (header(HUGE, 0, bytes(999)), "is cut short"),
        (header(1, HUGE), "is cut short within its header"),
        (header(1, 1, struct.pack("<Q", HUGE)), "is cut short within its header"),
        (header(1, 1, PAIR + struct.pack("<IQ", 8, HUGE)), "is cut short within its header"),
        (header(1, 1, PAIR + struct.pack("<IQ", 10, HUGE)), "is cut short within its header"),
        (header(1, 1, PAIR + struct.pack("<IQ", 9, 1)), "a value has the unknown type 9"),
        (header(1, 0, text(b"t") + struct.pack("<I", 2**32 - 1)), "has 4294967295 dimensions"),
    ],
)
def test_what_is_no_whole_gguf_is_refused_in_one_line(
    tmp_path: Path, content: bytes, message: str
) -> None:
    path = tmp_path / "a.gguf"
    path.write_bytes(content)
    with pytest.raises(ModelUnavailableError) as told:
        check_gguf(path)
    assert message in str(told.value)
    assert "\n" not in str(told.value)


def test_a_header_without_end_is_given_up_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent.downloads.gguf.HEADER_LIMIT_BYTES", 2**20)
    path = tmp_path / "a.gguf"
    with path.open("wb") as file:  # sparse: billions of empty strings, no disk used
        file.write(header(1, 1, PAIR + struct.pack("<IQ", 8, HUGE)))
        file.truncate(2**34)
    with pytest.raises(ModelUnavailableError, match="its header is over 1,048,576 bytes"):
        check_gguf(path)
