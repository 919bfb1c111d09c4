"""Vectors by the exported graph are those of the model in torch, whatever stands beside a text."""

import json
import random
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

import tiny_bert

from argosy.core.errors import GateError, MissingError
from argosy.infer.engines.embed import GRAPH, OnnxEmbedder, is_encoder, open_embedder
from argosy.infer.folder import NAME
from argosy.models.source import resolve
from argosy.project.using.encoders import encoder
from argosy.train.embed import Encoder

pytestmark = pytest.mark.torch


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small model that nobody trained."""
    return tiny_bert.write(tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="module")
def folder(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, exported."""
    return encoder(str(base), Path(), tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="module")
def engine(folder: Path) -> OnnxEmbedder:
    """It, opened."""
    return open_embedder(folder, threads=1)


def texts(count: int) -> list[str]:
    """Texts of different lengths, some longer than the model reads."""
    draw = random.Random(7)
    return [" ".join(f"w{draw.randrange(tiny_bert.WORDS)}" for _ in range(draw.randrange(1, 90))) for _ in range(count)]


def test_the_graph_agrees_with_the_model(base: Path, engine: OnnxEmbedder) -> None:
    """The cosine to what torch gives is 0.9999 or more for each text, and every vector has length 1."""
    asked = texts(40)
    found, expected = engine.embed(asked), Encoder(base, max_length=engine.longest).embed(asked)
    assert found.shape == (40, engine.dimensions)
    assert float((found * expected).sum(axis=1).min()) >= 0.9999
    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)


def test_a_text_has_its_vector_in_any_company(engine: OnnxEmbedder) -> None:
    """Alone, among others and in another order: within 1e-5; ``score`` after ``read`` is ``embed``."""
    asked = texts(12)
    together = engine.embed(asked)
    alone = np.stack([engine.embed([text])[0] for text in asked])
    assert np.abs(together - alone).max() <= 1e-5
    assert np.abs(together - engine.embed(asked[::-1])[::-1]).max() <= 1e-5
    assert np.abs(together - np.stack(engine.score(engine.read(asked)))).max() <= 1e-5
    assert engine.embed([]).shape == (0, engine.dimensions)


def test_tokens_are_counted_as_they_are_read(engine: OnnxEmbedder) -> None:
    """Special tokens included, and no more than the model reads."""
    short, long = engine.read(["w1 w2", "w1 " * 100])
    assert (short.tokens, short.truncated) == (4, False) == (engine.count("w1 w2"), False)
    assert (long.tokens, long.truncated) == (engine.longest, True)


def test_it_is_written_once(base: Path, folder: Path) -> None:
    """The folder of the same base is found again."""
    assert is_encoder(folder)
    assert encoder(str(base), Path(), folder.parents[1]) == folder
    assert json.loads((folder / NAME).read_text())["base"]["name"] == str(base)
    assert resolve(str(base), Path(), folder).digest[:16] in folder.name


def test_what_is_damaged_is_not_served(folder: Path, tmp_path: Path) -> None:
    """Other bytes than those built, a graph that answers otherwise, and a folder that is no encoder are refused."""
    with pytest.raises(MissingError, match="no model"):
        open_embedder(tmp_path)
    for place in folder.iterdir():
        (tmp_path / place.name).write_bytes(place.read_bytes())
    with (tmp_path / GRAPH).open("ab") as graph:
        graph.write(b"\0")
    with pytest.raises(GateError, match="SHA-256"):
        open_embedder(tmp_path)
    told = json.loads((folder / NAME).read_text(encoding="utf-8"))
    told["probes"] = {text: row[::-1] for text, row in told["probes"].items()}
    for name in (NAME, GRAPH):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    (tmp_path / "manifest.json").unlink()
    (tmp_path / NAME).write_text(json.dumps(told), encoding="utf-8")
    with pytest.raises(GateError, match="other vectors"):
        open_embedder(tmp_path)
