"""Every product that is built in: what it declares holds, and its sample begins a project that builds."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from argosy.config import file
from argosy.core.errors import ProjectError
from argosy.products.catalogue import PRODUCTS
from argosy.products.judging import judge
from argosy.products.product import Alarm, Number, Page, Product, Source
from argosy.project.building.build import check, order, product_of
from argosy.project.building.conform import faults
from argosy.project.building.templates import begin

CLASSIFY = PRODUCTS["classify"]
EVERY = pytest.mark.parametrize("name", PRODUCTS)


@EVERY
def test_what_is_declared_holds(name: str, tmp_path: Path) -> None:
    """Numbers, alarms, stages, samples and template fit together."""
    pytest.importorskip("torch", reason="the stages of a training import it")
    assert faults(name, PRODUCTS[name], tmp_path) == []


@EVERY
def test_a_fresh_project_checks_clean(name: str, tmp_path: Path) -> None:
    """As `argosy init` leaves it: all rows are read, none is refused, and no alarm rings."""
    for needed in set(PRODUCTS[name].needs) & {"lxml", "markdown_it"}:
        pytest.importorskip(needed, reason="documents are read by packages of the extra support")
    begin(tmp_path, PRODUCTS[name])
    project = file.load(tmp_path)
    data = check(project, tmp_path, lambda news: None)
    assert data["kept"] > 0.8 * data["read"]
    assert product_of(project) is PRODUCTS[name]
    assert judge(PRODUCTS[name], project, {"data": data})["alarms"] == []


def test_a_number_is_that_of_what_answers() -> None:
    """Where a baseline serves, its figure counts; an alarm rings on the worse side of its limit alone."""
    product = replace(
        CLASSIFY,
        numbers=(Number(name="accuracy", at="served.accuracy"), Number(name="loss", at="loss", lower=True)),
        alarms=(
            Alarm(number="accuracy", limit=0.8, means="low"),
            Alarm(number="loss", limit=0.3, means="high"),
        ),
    )
    record = {
        "choice": {"served": "linear"},
        "metrics": {"accuracy": {"value": 0.9}},
        "baselines": {"linear": {"accuracy": {"value": 0.7, "low": 0.6, "high": 0.8}}},
        "loss": 0.2,
    }
    project = file.parse({"name": "x", "languages": ["en"], "data": {"path": "x.csv"}, "base": {"model": "scratch"}})
    judged = judge(product, project, record)
    assert [number["at"] for number in judged["numbers"]] == ["baselines.linear.accuracy", "loss"]
    assert [(alarm["number"], alarm["means"]) for alarm in judged["alarms"]] == [("accuracy", "low")]
    assert judged["routes"] == ["/v1/classify"]
    served = judge(product, project, {**record, "choice": {"served": "transformer"}, "loss": 0.4})
    assert [alarm["at"] for alarm in served["alarms"]] == ["loss"]


def test_every_stage_is_in_the_order_of_all() -> None:
    """The words of `argosy run` are known whatever the product."""
    assert {name for product in PRODUCTS.values() for name in product.stages} == set(order())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('product = "classfy"', "classify"),
        ('product = "columns"\ntask = "generate"', "regress, classify"),
    ],
)
def test_a_product_that_does_not_fit_is_told(text: str, words: str, tmp_path: Path) -> None:
    """A name without a product, with the nearest one; a product of another task, with its own."""
    rest = 'languages = ["en"]\n[data]\npath = "x.csv"\n[base]\nmodel = "scratch"\n'
    (tmp_path / "argosy.toml").write_text(f'name = "x"\n{text}\n{rest}', encoding="utf-8")
    with pytest.raises(ProjectError, match=words):
        product_of(file.load(tmp_path))


def _training_first(product: Product) -> dict[str, object]:
    others = {name: make for name, make in product.stages.items() if name != "train"}
    return {"train": product.stages["train"], **others}


@pytest.mark.torch
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"alarms": (Alarm(number="speed", limit=1, means="slow"),)}, "none of the product's numbers"),
        ({"numbers": (Number(name="mae", at="served.mae"),), "alarms": ()}, "less is better"),
        ({"stages": {"read": CLASSIFY.stages["read"]}}, "model the last"),
        ({"stages": _training_first(CLASSIFY)}, "not before it"),
        ({"pages": (Page(path="/admin/model", title="x", shows=()),)}, "no free address"),
        ({"pages": (Page(path="/x", title="x", shows=()), Page(path="/x", title="y", shows=()))}, "no free address"),
        ({"pages": (Page(path="/x", title="x", shows=("prices",)),)}, "shows prices"),
        ({"sources": (Source(sample=Path("/nowhere.csv"), columns=()),)}, "not there"),
        ({"sources": (replace(CLASSIFY.sources[0], columns=("text", "mood")),)}, "'mood'"),
        ({"template": PRODUCTS["generate"].template, "tasks": ("generate",)}, "product of the product|'generate'"),
    ],
)
def test_faults_are_found(change: dict[str, object], words: str, tmp_path: Path) -> None:
    """Each part that does not fit is told with what to do."""
    pytest.importorskip("torch")
    found = faults("classify", replace(CLASSIFY, **change), tmp_path)
    assert any(words.rpartition("|")[2] in str(fault) for fault in found), [str(fault) for fault in found]
    assert all(fault.mend for fault in found)


@pytest.mark.slow
@pytest.mark.torch
@EVERY
def test_a_fresh_project_runs(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """From nothing to a report by three words, in both languages."""
    pytest.importorskip("torch")
    from argosy.ui.cli import main

    folder = str(tmp_path / "first")
    assert main(["init", folder, "--template", name]) == 0
    assert main(["run", folder]) == 0
    capsys.readouterr()
    assert main(["report", folder, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["product"], told.get("size", "tiny")) == (name, "tiny")
    kept = json.loads((tmp_path / "first" / "model" / "argosy.json").read_text(encoding="utf-8"))
    pages = [page.path for page in PRODUCTS[name].pages]
    assert [page["path"] for page in kept.get("product", {"pages": []})["pages"]] == pages


def test_the_samples_are_what_the_script_draws(tmp_path: Path) -> None:
    """Seeded: the same files each time, so that nothing came in by hand."""
    import runpy

    script = Path(__file__).parents[2] / "scripts" / "samples.py"
    runpy.run_path(str(script))["main"](tmp_path)
    drawn = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(drawn) == sum(_samples(one) for one in PRODUCTS.values())
    shipped = PRODUCTS["classify"].template.parents[1]
    for path in drawn:
        assert path.read_bytes() == (shipped / path.relative_to(tmp_path)).read_bytes()


def _samples(one: Product) -> int:
    """How many files of a product's samples are drawn: all but documents, which are written by hand."""
    return sum(bool(source.columns) for source in one.sources) + sum(map(_samples, one.beside.values()))
