"""From a new topic in the traffic to a better version in its place, through the real server."""

import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import httpx2
import pytest

pytest.importorskip("torch")
pytest.importorskip("skl2onnx")
pytest.importorskip("apprise")
pytestmark = [pytest.mark.torch, pytest.mark.slow, pytest.mark.timeout(600)]

import improving  # noqa: E402 - after the skips
from improving import KNOWN, NEW, PROJECT, TOPIC, Said, texts  # noqa: E402
from listening import listening  # noqa: E402
from receiving import Receiver, receiver  # noqa: E402

from argosy.config import file  # noqa: E402
from argosy.core.account import SCOPES  # noqa: E402
from argosy.core.captured import Captured  # noqa: E402
from argosy.core.feedback import Feedback  # noqa: E402
from argosy.core.tenant import Tenant, Terms  # noqa: E402
from argosy.infer.load import load  # noqa: E402
from argosy.project.improving.improve import Wishes, improve  # noqa: E402
from argosy.project.persons.privacy import ProjectPrivacy  # noqa: E402
from argosy.project.selling.parts import Selling, open_selling  # noqa: E402
from argosy.project.selling.releasing import releases_in  # noqa: E402
from argosy.project.selling.shop import Shop  # noqa: E402
from argosy.project.watching.addresses import addresses_of  # noqa: E402
from argosy.project.watching.letters import wording_of  # noqa: E402
from argosy.project.watching.look import look  # noqa: E402
from argosy.project.watching.sending import send_due  # noqa: E402
from argosy.serve.releases.versions import Plan  # noqa: E402
from argosy.serve.settings import Settings  # noqa: E402
from argosy.store.database import Database  # noqa: E402
from argosy.store.feedback import FeedbackTable  # noqa: E402
from argosy.store.watching.alarms import SqlAlarms  # noqa: E402
from argosy.store.watching.messages import SqlMessages  # noqa: E402

DAY = 86_400_000_000
_PAST = 12  # days in which nothing was wrong
_SECONDS = 60.0  # for what other threads do


class Clock:
    """The machine's clock, at noon of a day and moved on by whole days."""

    def __init__(self) -> None:
        self._read = time.time_ns
        self._shift = DAY // 2 - self._read() // 1000 % DAY

    def __call__(self) -> int:
        """Nanoseconds since the epoch."""
        return self._read() + self._shift * 1000

    @property
    def now(self) -> int:
        """Microseconds."""
        return self() // 1000

    def days(self, count: int) -> None:
        """Days pass."""
        self._shift += count * DAY


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """What every part of the service reads."""
    made = Clock()
    monkeypatch.setattr(time, "time_ns", made)
    return made


@pytest.fixture
def hook() -> Iterator[Receiver]:
    """Where alarms arrive."""
    with receiver() as started:
        yield started


class Customers:
    """Three tenants that ask the server, and say what would have been right."""

    def __init__(self, selling: Selling) -> None:
        self.url = ""
        self._client = httpx2.Client(timeout=60)
        self._keys: list[tuple[str, dict[str, str]]] = []
        for name in ("Acme", "Bolt", "Cato"):
            wish = Tenant(id="", name=name, plan="standard", currency="CNY")
            tenant = selling.books.accounts.create_tenant(wish, "test").result()
            issued = selling.books.accounts.create_key(tenant.id, Terms(scopes=frozenset(SCOPES)), "test").result()
            self._keys.append((tenant.id, {"authorization": f"Bearer {issued.secret}"}))
        selling.books.directory.refresh()

    @property
    def tenants(self) -> list[str]:
        """Their ids."""
        return [tenant for tenant, _ in self._keys]

    def ask(self, said: Sequence[Said]) -> list[tuple[str, str, str]]:
        """Each text in a request of its own; the answers' tenants, events and labels."""
        answers = []
        for (tenant, head), (text, _) in zip(itertools.cycle(self._keys), said, strict=False):
            answer = self._client.post(f"{self.url}/v1/classify", json={"input": text}, headers=head)
            assert answer.status_code == 200, answer.text
            answers.append((tenant, answer.headers["x-argosy-event"], answer.json()["data"][0]["label"]))
        return answers

    def correct(self, answers: Sequence[tuple[str, str, str]], said: Sequence[Said]) -> None:
        """The right labels, by way of the server."""
        heads = dict(self._keys)
        for (tenant, event, _), (_, label) in zip(answers, said, strict=True):
            told = {"request_id": event, "label": label}
            answer = self._client.post(f"{self.url}/v1/feedback", json=told, headers=heads[tenant])
            assert answer.status_code == 200, answer.text

    def close(self) -> None:
        """No more."""
        self._client.close()


def test_a_new_topic_ends_in_a_better_version(tmp_path: Path, clock: Clock, hook: Receiver) -> None:
    """Traffic changes, an alarm says so, customers set answers right, a challenger takes over, the alarm closes."""
    project = f'{PROJECT}[watch]\nsend = ["json://127.0.0.1:{hook.port}/hook"]\n'
    folder = improving.build(improving.write(tmp_path / "shop 店", texts(KNOWN, 400, 1), project))
    shop = Shop(project=file.load(folder), folder=folder)
    clock.days(-_PAST)
    with closing(open_selling(shop)) as selling, closing(Customers(selling)) as customers:
        database = selling.database
        releases_in(database, folder).add(folder, by="test")
        _past(shop, database, customers.tenants, clock)
        assert not _looked(shop, database, clock)
        app = selling.app({"desk": load(folder / "model")}, Settings())
        with listening(app) as customers.url:
            said = [*texts(NEW, 120, 7), *texts(KNOWN, 120, 8)]
            answers = customers.ask(said)
            assert TOPIC not in {label for _, _, label in answers}
            privacy = ProjectPrivacy(shop.project, folder, database)
            places = [(tenant, event, 0) for tenant, event, _ in answers]
            _until(lambda: len(privacy.captures.texts(places)) == len(said))
            customers.correct(answers, said)
            clock.days(1)
            opened = _looked(shop, database, clock)
            assert opened & {"embedding", "quality"}
            assert hook.taken

            plan = Plan(shares=(0.5,), hold_seconds=0.5, least=20, margin=0.05)
            found = improve(shop, now=clock.now, tell=lambda news: None, wishes=Wishes(plan=plan))
            assert (found.why, found.rollout is not None) == ("better", True)
            controls = releases_in(database, folder).controls
            more = iter(texts({**NEW, **KNOWN}, 4_000, 9))
            _until(
                lambda: bool(customers.ask(list(itertools.islice(more, 20)))) and controls.line("desk").champion == 2
            )
            last = texts(NEW, 30, 10)
            _until(lambda: {label for _, _, label in customers.ask(last)} == {TOPIC})

            clock.days(1)
            assert not _looked(shop, database, clock) & opened
            said = [*texts(NEW, 40, 11), *texts(KNOWN, 80, 12)]
            customers.correct(customers.ask(said), said)
            clock.days(1)
            assert not _looked(shop, database, clock) & opened
            ended = {one.finding.signal: one.closed for one in SqlAlarms(database).all()}
            assert all(ended[signal] for signal in opened)


def _past(shop: Shop, database: Database, tenants: Sequence[str], clock: Clock) -> None:
    """Days in which customers asked what the model knows, and set some answers right that were right."""
    privacy, table, model = (
        ProjectPrivacy(shop.project, shop.folder, database),
        FeedbackTable(database),
        load(shop.folder / "model"),
    )
    for day in range(_PAST):
        said = texts(KNOWN, 60, 100 + day)
        for at, ((text, label), one) in enumerate(zip(said, model.classify([text for text, _ in said]), strict=True)):
            tenant, event, when = tenants[at % 3], f"day{day}-{at}", clock.now + at * 60_000_000
            answer = {"data": [{"index": 0, "label": one.label, "probabilities": dict(one.probabilities)}]}
            seen = Captured(
                tenant=tenant,
                subject="",
                event=event,
                model="desk",
                version="1",
                at=when,
                asked={"input": text},
                answer=answer,
            )
            privacy.captures.keep([seen])
            if at // 3 % 2:
                table.add(
                    Feedback(
                        id=f"fb_{event}", tenant=tenant, event=event, model="desk", index=0, label=label, at=when + 1
                    )
                )
        clock.days(1)


def _looked(shop: Shop, database: Database, clock: Clock) -> set[str]:
    """The signals with an open alarm after a look at the time; what is to be said of them is sent."""
    (found,) = (one for one in look(shop, database, clock.now) if one.model == "desk")
    (address,) = addresses_of(shop.project.watch.send)
    send_due(SqlMessages(database), address, wording_of(shop), lambda: clock.now)
    return {one["finding"]["signal"] for one in found.found["alarms"]}


def _until(done: Callable[[], bool]) -> None:
    end = time.monotonic() + _SECONDS
    while not done():
        assert time.monotonic() < end
