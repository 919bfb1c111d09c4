"""An assistant's folder: what is opened answers as what was written, and nothing is worked out twice."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from assisting import FUSION, assistant, entries, rules, talk
from numpy.typing import NDArray

from argosy.assist.answering.engine import AssistantEngine
from argosy.assist.answering.rules import Rules
from argosy.assist.folder import (
    ASSISTANT,
    Made,
    Parts,
    open_assistant,
    open_knowledge,
    open_parts,
    read_entries,
    write_assistant,
)
from argosy.assist.retrieval.current import Finding
from argosy.assist.retrieval.fusion import Fusion
from argosy.assist.retrieval.memory import KeptKnowledge, KeptVectors
from argosy.assist.retrieval.snapshot import Encoder
from argosy.assist.understanding.understanding import Understanding
from argosy.core.artifact import writing
from argosy.core.errors import GateError, MissingError
from argosy.infer.folder import is_assistant
from argosy.project.selling.served_models import open_model

ASKED = ("How do I reset my password?", "What does a transfer abroad cost?", "怎么退货", "Do unicorns pay taxes?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibrated:
    """What a build found."""

    fusion: Fusion = FUSION
    reread: Fusion | None = None
    rules: Rules


def written(out: Path, encoder: tuple[Path, Encoder] | None = None) -> Path:
    """The folder of the small assistant."""
    made = Made(entries=entries()[::-1], calibrated=Calibrated(rules=rules()), encoder=encoder)
    write_assistant(out, made, name="desk", languages=["en", "zh"])
    return out


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder without models."""
    return written(tmp_path_factory.mktemp("made") / "model")


@pytest.mark.parametrize("asked", ASKED)
def test_what_is_opened_answers_as_what_was_written(folder: Path, asked: str) -> None:
    """By whoever opens models; only its version is its own."""
    engine = open_model(folder)
    assert isinstance(engine, AssistantEngine)
    assert engine.name == "desk"
    reply, same = engine.assistant.reply(talk(asked)), assistant().reply(talk(asked))
    assert (reply.text, reply.citations, reply.chance) == (same.text, same.citations, same.chance)
    assert reply.version.partition("/")[0] == open_parts(folder).version


def test_the_same_parts_have_the_same_version(folder: Path, tmp_path: Path) -> None:
    """Whatever the order of the entries they were given in."""
    assert open_parts(written(tmp_path / "again")).version == open_parts(folder).version
    assert read_entries(folder) == sorted(entries(), key=lambda entry: entry.id)


def test_a_live_knowledge_takes_the_place_of_the_folders(folder: Path) -> None:
    """The assistant answers out of that alone."""
    known = KeptKnowledge(entry for entry in entries() if entry.id == "退货")
    engine = open_assistant(folder, knowledge=known)
    assert engine.assistant.reply(talk("怎么退货")).decision == "stored"
    assert engine.assistant.reply(talk("How do I reset my password?")).decision == "unknown"


def test_vectors_of_the_folder_are_not_worked_out_again(tmp_path: Path) -> None:
    """Of keys as of texts: opening asks the encoder for nothing."""
    asked: list[str] = []

    def embed(texts: Sequence[str]) -> NDArray[np.float32]:
        asked.extend(texts)
        return np.array([[1.0, len(text)] for text in texts], dtype=np.float32) / 100

    (tmp_path / "encoder").mkdir()
    encoder = Encoder(digest="d", embed=embed, width=2, query="q: ", passage="p: ")
    folder = written(tmp_path / "model", (tmp_path / "encoder", encoder))
    assert asked
    asked.clear()
    finding = Finding(fusion=FUSION, encoder=encoder)
    parts = Parts(name="desk", version="1", rules=rules(), finding=finding, understanding=Understanding())
    for embedded in (KeptVectors(), None):
        current = open_knowledge(folder, parts, embedded=embedded)
        assert asked == []
        assert len(current.of().snapshot.entries) == len(entries())
    assert parts.over(current).assistant.reply(talk(ASKED[0])).decision == "stored"
    assert asked == [f"q: {ASKED[0]}"]


def test_other_folders_are_no_assistants(tmp_path: Path, folder: Path) -> None:
    """An empty one, and one of another kind, which says what to do."""
    assert is_assistant(folder)
    assert not is_assistant(tmp_path)
    (tmp_path / "argosy.json").write_text('{"format": 1, "kind": "embed"}', encoding="utf-8")
    assert not is_assistant(tmp_path)
    with pytest.raises(MissingError) as caught:
        open_assistant(tmp_path)
    assert "argosy run" in str(caught.value.mend)


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    """The rules by which it answers are not what was built."""
    with writing(tmp_path, "pack") as draft:
        written(draft.path)
    place = draft.artifact.path
    assert open_assistant(place).name == "desk"
    kept = place / ASSISTANT
    kept.chmod(0o644)
    kept.write_text(kept.read_text(encoding="utf-8").replace("0.6", "0.1"), encoding="utf-8")
    with pytest.raises(GateError):
        open_assistant(place)
