"""A tiny model with a recurrent memory (Mamba, random weights), as a GGUF file made here.

It says nothing sensible. It is there because such a memory cannot go back in what it has read.
Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np

LAYERS, WIDTH, INNER, STATE, RANK, CONVOLVED = 2, 32, 64, 8, 4, 4
TEMPLATE = "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}assistant: "
UNSIGNED, FLOAT, STRING, ARRAY, INT = 4, 6, 8, 9, 5
F32 = 0


def write_recurrent_model(path: Path) -> Path:
    words = [_printable(byte) for byte in range(256)] + ["<|end|>"]
    settings: dict[str, object] = {
        "general.architecture": "mamba",
        "general.alignment": 32,
        "mamba.context_length": 8192,
        "mamba.embedding_length": WIDTH,
        "mamba.feed_forward_length": 0,
        "mamba.block_count": LAYERS,
        "mamba.attention.head_count": 0,
        "mamba.attention.layer_norm_rms_epsilon": 1e-5,
        "mamba.ssm.conv_kernel": CONVOLVED,
        "mamba.ssm.inner_size": INNER,
        "mamba.ssm.state_size": STATE,
        "mamba.ssm.time_step_rank": RANK,
        "tokenizer.ggml.model": "gpt2",
        "tokenizer.ggml.pre": "gpt-2",
        "tokenizer.ggml.tokens": words,
        "tokenizer.ggml.token_type": [1] * 256 + [3],
        "tokenizer.ggml.merges": [f"{words[ord('a')]} {words[ord('a')]}"],
        "tokenizer.ggml.eos_token_id": 256,
        "tokenizer.chat_template": TEMPLATE,
    }
    shapes: dict[str, tuple[int, ...]] = {
        "token_embd.weight": (WIDTH, len(words)),
        "output_norm.weight": (WIDTH,),
    }
    for i in range(LAYERS):
        layer = {
            "attn_norm.weight": (WIDTH,),
            "ssm_in.weight": (WIDTH, 2 * INNER),
            "ssm_conv1d.weight": (CONVOLVED, INNER),
            "ssm_conv1d.bias": (INNER,),
            "ssm_x.weight": (INNER, RANK + 2 * STATE),
            "ssm_dt.weight": (RANK, INNER),
            "ssm_dt.bias": (INNER,),
            "ssm_a": (STATE, INNER),
            "ssm_d": (INNER,),
            "ssm_out.weight": (INNER, WIDTH),
        }
        shapes |= {f"blk.{i}.{name}": shape for name, shape in layer.items()}
    draw = np.random.default_rng(7)
    head = b"GGUF" + struct.pack("<IQQ", 3, len(shapes), len(settings))
    head += b"".join(_text(name) + _value(value) for name, value in settings.items())
    data = b""
    for name, shape in shapes.items():
        head += _text(name) + struct.pack("<I", len(shape)) + struct.pack(f"<{len(shape)}Q", *shape)
        head += struct.pack("<IQ", F32, len(data))
        values = draw.normal(0.0, 0.2, shape[::-1]).astype(np.float32)
        values = -np.abs(values) if name.endswith("ssm_a") else values  # what is read fades
        data += values.tobytes() + bytes(-values.nbytes % 32)
    path.write_bytes(head + bytes(-len(head) % 32) + data)
    return path


def _printable(byte: int) -> str:
    """How byte-level vocabularies write a byte that is no visible character."""
    visible = [*range(33, 127), *range(161, 173), *range(174, 256)]
    if byte in visible:
        return chr(byte)
    return chr(256 + [b for b in range(256) if b not in visible].index(byte))


def _text(value: str) -> bytes:
    data = value.encode()
    return struct.pack("<Q", len(data)) + data


def _value(value: object) -> bytes:
    if isinstance(value, list):
        return struct.pack("<I", ARRAY) + _array(value)
    if isinstance(value, str):
        return struct.pack("<I", STRING) + _text(value)
    if isinstance(value, float):
        return struct.pack("<If", FLOAT, value)
    assert isinstance(value, int)
    return struct.pack("<II", UNSIGNED, value)


def _array(values: Sequence[object]) -> bytes:
    if isinstance(values[0], str):
        texts = b"".join(_text(str(value)) for value in values)
        return struct.pack("<IQ", STRING, len(values)) + texts
    return struct.pack("<IQ", INT, len(values)) + struct.pack(f"<{len(values)}i", *values)
