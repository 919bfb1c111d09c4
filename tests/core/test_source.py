"""A stage's digest covers the code that it can reach."""

from argosy.core.source import digest_code, reachable


def test_imports_are_followed_through_rooms() -> None:
    """The stage that reads files depends on the data room, and not on training."""
    found = reachable("argosy.stages.data.read")
    assert {"argosy.data.files.read", "argosy.core.records", "argosy.stages.data.rows"} <= set(found)
    assert not [name for name in found if name.startswith("argosy.train")]


def test_imports_inside_functions_count() -> None:
    """A module that is imported lazily is still code that the stage runs."""
    assert "argosy.infer.engines.torch_engine" in reachable("argosy.infer.load")


def test_the_digest_is_stable_and_tells_modules_apart() -> None:
    """Same sources, same digest."""
    assert digest_code("argosy.data.clean") == digest_code("argosy.data.clean")
    assert digest_code("argosy.data.clean") != digest_code("argosy.data.split")
