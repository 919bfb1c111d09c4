"""The rounds of a service: each job once among several processes, failures told and tried again, messages sent."""

import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from receiving import OK, receiver
from shops import shop_in

from argosy.config.watch import Improve, Watch
from argosy.core.errors import DataError, MachineError, ProjectError
from argosy.core.signals import Tally
from argosy.core.watch import Finding
from argosy.project.selling.shop import Shop, open_store
from argosy.project.watching import apart
from argosy.project.watching.apart import look_apart
from argosy.project.watching.rounds import Job, do_due, making_rounds
from argosy.store.database import Database
from argosy.store.watching.alarms import SqlAlarms
from argosy.store.watching.messages import HOLD, SqlMessages
from argosy.store.watching.signals import SqlSignals
from argosy.store.watching.turns import SqlTurns

MINUTE = 60_000_000
DAY = 1440 * MINUTE
NOW = 20_000 * DAY + 5 * MINUTE
FINDING = Finding(model="mood", signal="errors", direction="up", since=NOW, at=NOW, value=0.4, usual=0.1, size=7.5)
SCRIPT = Path(__file__).parents[1] / "killable_rounds.py"
GOING_ON = threading.Event()


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """A project that sells."""
    return shop_in(tmp_path)


@pytest.fixture
def database(shop: Shop) -> Iterator[Database]:
    """Its books."""
    with open_store(shop.sell, shop.folder) as opened:
        yield opened


def _sending(shop: Shop, *urls: str) -> Shop:
    watch = Watch(send=list(urls), language="zh")
    return Shop(project=shop.project.model_copy(update={"watch": watch}), folder=shop.folder)


def _counted(name: str, start: int) -> Tally:
    counts = {"requests": 1}
    return Tally(id=name, model="mood", version="", tenant="ten_a", host="h", start=start, at=start, counts=counts)


def _at(time: int) -> Callable[[], int]:
    return lambda: time


def test_each_job_is_done_once_each_time(database: Database) -> None:
    """Of six that ask at the same moment one does it; it is due again after the next period has ended and settled."""
    done: list[int] = []
    job = Job(name="look", every=60 * MINUTE, late=2 * MINUTE, work=lambda at, _: done.append(at))
    databases = [database, *(Database(database.url.render_as_string()) for _ in range(2))]

    def ask(number: int, at: int) -> list[str]:
        return do_due([job], SqlTurns(databases[number % 3]), at, GOING_ON)

    with ThreadPoolExecutor(6) as pool:
        for at in (NOW - DAY, NOW, NOW + MINUTE, NOW + 57 * MINUTE - 1, NOW + 57 * MINUTE, NOW + 58 * MINUTE):
            assert sum(map(len, pool.map(ask, range(6), [at] * 6))) <= 1
    assert done == [NOW, NOW + 57 * MINUTE]
    for other in databases[1:]:
        other.close()


def test_a_failure_is_told_and_tried_again(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    """The reason stands in the log, without what a fault of another kind quotes; other jobs are done."""
    errors: list[Exception] = [DataError("The books {what} are gone.", what="of May"), ValueError("secret text")]
    done: list[int] = []

    def fail(at: int, _: threading.Event) -> None:
        if errors:
            raise errors.pop(0)
        done.append(at)

    jobs = [Job(name="look", every=DAY, work=fail), Job(name="other", every=DAY, work=lambda at, _: done.append(-at))]
    turns = SqlTurns(database)
    assert do_due(jobs, turns, NOW - DAY, GOING_ON) == []  # nothing is due in the first period
    told = [do_due(jobs, turns, at, GOING_ON) for at in (NOW, NOW + MINUTE - 1, NOW + MINUTE, NOW + 2 * MINUTE)]
    assert told == [["other"], [], [], ["look"]]
    assert done == [-NOW, NOW + 2 * MINUTE]
    assert "look failed and is tried again: The books of May are gone." in caplog.text
    assert "ValueError in fail, line" in caplog.text
    assert "secret text" not in caplog.text


def test_what_the_end_of_a_service_cuts_short_is_due_at_once(database: Database) -> None:
    """The next service does not wait for the next period."""
    ended, turns = threading.Event(), SqlTurns(database)
    cut = Job(name="look", every=DAY, work=lambda _, ended: ended.set())
    assert do_due([cut], turns, NOW - DAY, ended) == []
    assert do_due([cut], turns, NOW, ended) == ["look"]
    assert do_due([cut], turns, NOW + 1, threading.Event()) == ["look"]


def test_the_rounds_send_look_and_forget(shop: Shop, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """What waited is sent, to the address that is named now; the models are looked at, and old tallies removed."""
    pytest.importorskip("apprise")
    looked: list[int] = []
    for job in ("look", "forget"):
        SqlTurns(database).take(job, NOW - DAY, NOW, first=NOW)
    monkeypatch.setattr("argosy.project.watching.rounds.look_apart", lambda _shop, at, _: looked.append(at))
    SqlAlarms(database).open(FINDING, at=NOW, targets=["json:replaced"]).result()
    signals = SqlSignals(database)
    signals.note([_counted(str(age), NOW - age * DAY) for age in (1, 399, 401)]).result()
    arrived = threading.Event()
    with receiver() as web:
        web.wait = arrived.set
        with making_rounds(_sending(shop, f"json://127.0.0.1:{web.port}/hook"), database, clock=_at(NOW)):
            assert arrived.wait(20)
        (told,) = web.taken
    assert str(told["title"]).startswith("Alarm") or "mood" in str(told["title"])
    assert looked == [NOW]
    assert [tally.id for tally in signals.between(0, NOW + DAY)] == ["399", "1"]


def test_a_receiver_that_comes_back_is_told(shop: Shop, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refused in one life of the service, the message is taken in the next, once."""
    pytest.importorskip("apprise")
    monkeypatch.setattr("argosy.project.watching.rounds.look_apart", lambda *_: None)
    alarm = SqlAlarms(database).open(FINDING, at=NOW, targets=["json:old"]).result()
    assert alarm is not None
    with receiver() as web:
        sending = _sending(shop, f"json://127.0.0.1:{web.port}/hook")
        for answer, clock in ((500, b""), NOW), (OK, NOW + DAY):
            arrived = threading.Event()
            web.answers, web.wait = [answer], arrived.set
            with making_rounds(sending, database, clock=_at(clock)):
                assert arrived.wait(20)
        assert (len(web.bodies), len(web.taken)) == (2, 1)
    (message,) = SqlMessages(database).of(alarm.id)
    assert (message.sent, message.tries) == (NOW + DAY, 2)


def test_a_service_that_is_killed_while_it_sends_loses_nothing(shop: Shop, database: Database) -> None:
    """Killed before it heard that a message was taken, it leaves it to the next one, which sends it once more."""
    pytest.importorskip("apprise")
    opened = SqlAlarms(database).open(FINDING, at=NOW, targets=["json:old"]).result()
    assert opened is not None
    arrived, go_on = threading.Event(), threading.Event()
    with receiver() as web:

        def wait() -> None:
            arrived.set()
            assert go_on.wait(20)

        web.wait = wait
        sending = _sending(shop, f"json://127.0.0.1:{web.port}/hook")
        sending.keep(shop.folder / "kept.json")
        with subprocess.Popen([sys.executable, SCRIPT, shop.folder / "kept.json", str(NOW)]) as process:
            assert arrived.wait(30)
            process.kill()
        go_on.set()
        arrived.clear()
        with making_rounds(sending, database, clock=_at(NOW + HOLD - 1)):
            assert SqlMessages(database).due(NOW + HOLD - 1, SqlMessages(database).of(opened.id)[0].target) == []
        with making_rounds(sending, database, clock=_at(NOW + HOLD)):
            assert arrived.wait(20)
        told = [str(body["message"]).splitlines()[-1] for body in web.bodies]
    assert told == [opened.id, opened.id]
    assert SqlMessages(database).of(opened.id)[0].sent == NOW + HOLD


def test_a_try_to_improve_begins_when_it_is_due(
    shop: Shop, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On the rounds of a project that asks for it, in a process that the rounds do not wait for."""
    begun, process = threading.Event(), subprocess.Popen([sys.executable, "-c", ""])

    def start(folder: Path, at: int) -> object:
        assert (folder, at) == (shop.folder, NOW)
        begun.set()
        return process

    monkeypatch.setattr("argosy.project.improving.tries.start", start)
    monkeypatch.setattr("argosy.project.improving.tries.due", lambda _folder, at: at == NOW)
    SqlTurns(database).take("improve", NOW - DAY, NOW, first=NOW - DAY)
    project = shop.project.model_copy(update={"improve": Improve(every_days=7)})
    with making_rounds(Shop(project=project, folder=shop.folder), database, clock=_at(NOW)):
        assert begun.wait(20)
    assert process.wait() == 0


def test_an_address_that_nothing_can_use_is_told_at_the_start(shop: Shop, database: Database) -> None:
    """The service does not begin with alarms that nobody would hear."""
    pytest.importorskip("apprise")
    with pytest.raises(ProjectError, match="nosuch"), making_rounds(_sending(shop, "nosuch://x"), database):
        pass


def test_a_look_is_a_process_of_its_own(shop: Shop, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """It looks at the books at the given time; why it failed is told."""
    start = NOW // (60 * MINUTE) * 60 * MINUTE - 60 * MINUTE
    SqlSignals(database).note([_counted("t", start)]).result()
    look_apart(shop, NOW, GOING_ON)
    looked = SqlAlarms(database).looked("mood")
    assert looked is not None
    assert (looked.at, looked.through) == (NOW, start + 60 * MINUTE)
    monkeypatch.setattr(apart, "NAME", "argosy.no_such_module")
    with pytest.raises(MachineError, match=r"No module named argosy\.no_such_module"):
        look_apart(shop, NOW, GOING_ON)


def test_a_look_leaves_no_secret_behind(shop: Shop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The project goes to the process by a pipe: a service that is killed meanwhile leaves no file with addresses."""
    started: list[list[str]] = []
    opened = subprocess.Popen.__init__

    def noting(self: "subprocess.Popen[str]", command: list[str], **more: object) -> None:
        started.append(command)
        opened(self, command, **more)  # type: ignore[call-overload]

    monkeypatch.setattr(subprocess.Popen, "__init__", noting)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "there-is-none"))
    look_apart(_sending(shop, "json://user:secret-word@127.0.0.1:9/"), NOW, GOING_ON)
    assert len(started) == 1
    assert "secret-word" not in " ".join(started[0])


def test_a_look_ends_with_the_service(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that does not end by itself is ended, and that is no failure."""
    monkeypatch.setattr(apart, "NAME", "http.server")  # which never ends
    ended = threading.Event()
    thread = threading.Thread(target=look_apart, args=(shop, NOW, ended))
    thread.start()
    ended.set()
    thread.join(20)
    assert not thread.is_alive()
