"""Relevance by the exported graph is that of the model in torch, whatever stands beside a document."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from starlette.testclient import TestClient

pytest.importorskip("torch")
pytest.importorskip("transformers")

import tiny_bases

from argosy.compress.cross import lowest, write_reranker
from argosy.compress.encoders import Origin
from argosy.core.engine import Reranker
from argosy.core.errors import GateError, MissingError
from argosy.infer.engines.cross import GRAPH, LABELS, OnnxReranker, is_reranker, open_reranker
from argosy.infer.folder import NAME
from argosy.models.checkpoint import load, save
from argosy.project.selling.served_models import open_model
from argosy.serve.app import create_app
from argosy.serve.settings import Settings

pytestmark = pytest.mark.torch
ORIGIN = Origin(name="tiny", base="tiny", licence="MIT", non_commercial=False)
PROBES = [("good film ?", "电影好"), ("bad food", "the food was not good")]
DOCUMENTS = ["the film was good", "菜不好", "red blue one two " * 9, "x"]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The lowest two layers of a small encoder with a head that nobody trained."""
    folder = tmp_path_factory.mktemp("cross")
    lowest(tiny_bases.write_encoder(folder / "base"), 2, folder / "short")
    save(load(folder / "short", "labels", labels=LABELS, seed=3).model, folder / "short", folder / "model")
    return folder / "model"


@pytest.fixture(scope="module")
def folder(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, written to serve."""
    out = tmp_path_factory.mktemp("served") / "reranker"
    write_reranker(model, out, ORIGIN, max_length=24, probes=PROBES)
    return out


@pytest.fixture(scope="module")
def engine(folder: Path) -> OnnxReranker:
    """It, opened."""
    return open_reranker(folder, threads=1)


def test_the_graph_agrees_with_the_model(model: Path, engine: OnnxReranker) -> None:
    """Relevance is torch's share of ``right`` to 1e-4, from 0 to 1, in the order of the documents."""
    from argosy.train.objectives.classify import Classify
    from argosy.train.predict import Predictor
    from argosy.train.recipe import Recipe

    asked = [("where is the film", document) for document in DOCUMENTS]
    expected = Predictor(Classify(labels=LABELS), model, Recipe(max_length=24)).answers(asked)[:, 1]
    found = engine.relevance("where is the film", DOCUMENTS)
    assert found.dtype == np.float32
    assert np.abs(found - expected).max() <= 1e-4
    assert np.ptp(found) > 0


def test_a_document_is_judged_alike_in_any_company(engine: OnnxReranker) -> None:
    """Alone, among others, in another order, by several threads at once; no documents have no relevance."""
    together = engine.relevance("good ?", DOCUMENTS)
    alone = np.concatenate([engine.relevance("good ?", [document]) for document in DOCUMENTS])
    assert np.abs(together - alone).max() <= 1e-5
    assert np.abs(together - engine.relevance("good ?", DOCUMENTS[::-1])[::-1]).max() <= 1e-5
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: engine.relevance("good ?", DOCUMENTS), range(12)))
    assert np.abs(np.stack(found) - together).max() <= 1e-5
    assert engine.relevance("good ?", []).shape == (0,)
    assert isinstance(engine, Reranker)


def test_of_what_is_too_long_the_beginning_is_read(engine: OnnxReranker) -> None:
    """The longer text is cut, so that both are read; more than ``longest`` is never counted."""
    assert engine.count("one two", "three") == 6
    assert engine.count("one two", "three " * 100) == engine.longest == 24
    assert engine.count("one " * 100, "three") == 24
    long = "film " * 100
    assert engine.relevance("one", [long]) == pytest.approx(engine.relevance("one", [long + "bad " * 50]), abs=1e-6)
    assert engine.relevance(long, ["good"])[0] != pytest.approx(float(engine.relevance(long, ["bad"])[0]), abs=1e-7)


@pytest.mark.parametrize("text", ["", "😀", "\ud800", "𠮷" * 5_000])
def test_no_text_fails(engine: OnnxReranker, text: str) -> None:
    """Empty, emoji, half a surrogate pair, ten thousand bytes: each has a relevance, as query and as document."""
    for found in (engine.relevance(text, ["good"]), engine.relevance("good", [text])):
        assert 0 <= float(found[0]) <= 1


def test_what_is_damaged_is_not_served(folder: Path, tmp_path: Path) -> None:
    """A graph that judges otherwise, another format, and a folder that is no reranker are refused."""
    assert is_reranker(folder)
    assert not is_reranker(tmp_path)
    with pytest.raises(MissingError, match="together"):
        open_reranker(tmp_path)
    for place in folder.iterdir():
        (tmp_path / place.name).write_bytes(place.read_bytes())
    told = json.loads((folder / NAME).read_text(encoding="utf-8"))
    told["probes"][0]["relevance"] = 1 - told["probes"][0]["relevance"] + 0.1
    (tmp_path / NAME).write_text(json.dumps(told), encoding="utf-8")
    with pytest.raises(GateError, match="otherwise here"):
        open_reranker(tmp_path)
    (tmp_path / NAME).write_text(json.dumps({**told, "format": 99}), encoding="utf-8")
    with pytest.raises(MissingError):
        open_reranker(tmp_path)
    (tmp_path / NAME).write_text(json.dumps({**told, "probes": []}), encoding="utf-8")
    (tmp_path / GRAPH).write_bytes(b"\0")
    with pytest.raises(MissingError, match="cannot be loaded"):
        open_reranker(tmp_path)


def test_it_is_served_over_http(folder: Path, engine: OnnxReranker) -> None:
    """A server opens the folder as any other model; ``/v1/rerank`` gives its relevance and counts its tokens."""
    with TestClient(create_app({"judge": open_model(folder, threads=1)}, Settings())) as client:
        assert client.get("/v1/models").json()["data"][0]["kind"] == "rerank"
        body = client.post("/v1/rerank", json={"query": "good ?", "documents": DOCUMENTS}).json()
    expected = engine.relevance("good ?", DOCUMENTS)
    assert [one["index"] for one in body["results"]] == np.argsort(-expected, kind="stable").tolist()
    found = {one["index"]: one["relevance_score"] for one in body["results"]}
    assert [found[place] for place in range(len(DOCUMENTS))] == pytest.approx(expected.tolist(), abs=1e-6)
    assert body["usage"]["total_tokens"] == sum(engine.count("good ?", document) for document in DOCUMENTS)
