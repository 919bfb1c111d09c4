"""The text model is chosen on hidden items, learnt from all, and goes on where it was stopped."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

import tiny_bases
from shoppers import WORLD, world

from argosy.compress.encoders import Origin
from argosy.infer.engines.embed import open_embedder
from argosy.recommend.interactions import Catalogue
from argosy.recommend.interest.bridge import refitted
from argosy.recommend.interest.model import load, raw_vectors
from argosy.stages.recommend import interest
from argosy.stages.recommend.interest import Params, embedded, make
from argosy.stages.recommend.material import Material
from argosy.stages.support.base import Started
from argosy.train.recipe import Recipe

pytestmark = pytest.mark.torch
TEXTS = [("the red film", "a blue film")[item % 2] if item < WORLD // 2 else "one bad food" for item in range(WORLD)]


def nobody(share: float, note: str) -> None:
    """Hears how far it is."""


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Started:
    """A small encoder that knows nothing yet."""
    folder = tiny_bases.write_encoder(tmp_path_factory.mktemp("base"), layers=1, pooler=False)
    return Started(
        folder=folder, origin=Origin(name="tiny", base="tiny", licence="MIT", non_commercial=False), longest=16
    )


@pytest.fixture(scope="module")
def exported(begun: Started, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The encoder as it serves, which takes seconds to write."""
    place = tmp_path_factory.mktemp("exported")
    return embedded(material(begun, place / "place"), begun.folder, interest.ENCODER, threads=1)[0]


def material(begun: Started, place: Path, exported: Path | None = None) -> Material:
    """Sixty users, forty items; the last one has no text."""
    catalogue = Catalogue(
        ids=tuple(map(str, range(WORLD))),
        titles=tuple(TEXTS),
        texts=(*TEXTS[:-1], ""),
        tags=((),) * WORLD,
        words=(),
        prices=np.full(WORLD, np.nan, np.float32),
        added=np.zeros(WORLD, np.int64),
        gone=np.zeros(WORLD, bool),
        places={},
    )
    place.mkdir()
    if exported is not None:
        shutil.copytree(exported, place / interest.ENCODER)
    return Material(catalogue=catalogue, train=world(), begun=begun, place=place)


def test_it_is_chosen_and_serves(begun: Started, exported: Path, tmp_path: Path) -> None:
    """All figures are told; a text that is new has the vector of the catalogue's; the same again when stored."""
    made = make(Params(steps=40), material(begun, tmp_path / "place", exported), nobody)
    told = json.loads(json.dumps(made.facts))
    assert told["kept"] in told["figures"]
    assert set(told["figures"]) == {"untrained", "bridged", "learnt"}
    embed = open_embedder(made.encoder, threads=1).embed
    assert np.allclose(made.model.embed_new([TEXTS[0], " "], embed), made.model.vectors[[0, -1]], atol=1e-5)
    assert not made.model.vectors[-1].any()
    made.model.save(tmp_path / "stored")
    assert np.array_equal(load(tmp_path / "stored").vectors, made.model.vectors)
    again = refitted(made.model, made.raw, world(), made.facts["leaning"])
    assert np.allclose(again.queries, made.model.queries, atol=1e-5)
    assert np.allclose(again.given, made.model.given, atol=1e-5)


def test_few_users_leave_the_encoder_as_it_comes(
    begun: Started, exported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is learnt that cannot be judged."""
    monkeypatch.setattr(interest, "_FEWEST", 1_000)
    made = make(Params(), material(begun, tmp_path / "place", exported), nobody)
    assert (made.facts["kept"], made.facts["why"]) == ("untrained", "too_few")


@pytest.mark.slow
def test_the_encoder_learns_where_a_recipe_says_so(begun: Started, exported: Path, tmp_path: Path) -> None:
    """The folder that is told belongs to the vectors that are kept; slow, since an encoder is trained and exported."""
    recipe = Recipe(epochs=1, batch_size=16, learning_rate=1e-3, max_length=16)
    made = make(Params(steps=40, recipe=recipe, rows=64), material(begun, tmp_path / "place", exported), nobody)
    assert made.facts["tuned"]["better"] == (made.encoder.name == interest.TUNED)
    raw = raw_vectors(TEXTS[:1], open_embedder(made.encoder, threads=1).embed)
    assert np.allclose(made.model.head.vectors(raw)[0], made.model.vectors[0], atol=1e-5)
    weights = (tmp_path / "place" / "checkpoint" / "model.safetensors").read_bytes()
    assert weights != (begun.folder / "model.safetensors").read_bytes()


def test_a_run_that_was_stopped_goes_on(begun: Started, exported: Path, tmp_path: Path) -> None:
    """In the same place nothing is made twice, and the result is the same."""
    place = material(begun, tmp_path / "place", exported)
    first = make(Params(steps=40), place, nobody)
    stamp = (first.encoder / "encoder.onnx").stat().st_mtime_ns
    again = make(Params(steps=40), place, nobody)
    assert (again.encoder / "encoder.onnx").stat().st_mtime_ns == stamp
    assert np.array_equal(first.model.vectors, again.model.vectors)
    other = make(Params(steps=40), replace(place, train=world(4)), nobody)
    assert other.facts["users"]
