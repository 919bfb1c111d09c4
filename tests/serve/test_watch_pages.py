"""The pages of a service that watches itself: what they show, what each role may do, and how texts get their labels."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from browsing import chromium, grave_findings, too_wide, visit
from listening import listening
from sold import Sold, sold
from starlette.testclient import TestClient
from watching import HOUR, MONDAY, usual, watching

from argosy.core.account import Role
from argosy.core.captured import Captured
from argosy.core.errors import MissingError
from argosy.core.experiment import Status
from argosy.core.labelling import Asked
from argosy.core.tenant import Terms
from argosy.core.watch import Finding
from argosy.project.persons.privacy import ProjectPrivacy
from argosy.project.selling.shop import Shop, store_url
from argosy.project.watching.books import books_of
from argosy.project.watching.pages import Standings, WatchPages
from argosy.serve.pages import watched
from argosy.store.watching.alarms import SqlAlarms
from argosy.store.watching.labelling import SqlLabelling

WEEKS = 17 * 24
TEXT = "物流很慢 <b>broken</b>"
CAPTURE = {"capture": 1.0, "basis": "legitimate_interests"}


def captured(event: str, text: str) -> Captured:
    """A text of a tenant, and its answer."""
    told = {"index": 0, "label": "bad", "probabilities": {"bad": 0.6, "good": 0.4}}
    common = {"tenant": "a", "subject": "", "event": event, "model": "mood", "version": "1", "at": MONDAY}
    return Captured(**common, asked={"input": text}, answer={"data": [told]})


class Reckoning:
    """Experiments that count how often they are judged."""

    def __init__(self) -> None:
        self.times = 0

    def statuses(self) -> list[Status]:
        """None; judging them fails the first time."""
        self.times += 1
        if self.times == 1:
            raise MissingError("not yet")
        return []


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A shop with weeks in its books, an hour of which left its usual course, and texts that wait for a label."""
    folder = tmp_path_factory.mktemp("watched")
    with watching(folder, **CAPTURE) as weeks:
        weeks.weeks(WEEKS)
        weeks.look(WEEKS)
        for number in range(WEEKS, WEEKS + 8):
            weeks.signals.note(weeks.hour(number, {name: usual(weeks.rng, 25, bad=0.8) for name in "abc"})).result()
        weeks.look(WEEKS + 8)
        privacy = ProjectPrivacy(weeks.shop.project, folder, weeks.database)
        privacy.keep([captured("e1", TEXT), captured("e2", "arrived late"), captured("e3", "fine")])
        more = [f"m{number}" for number in range(20)]  # seats for the people of every test
        privacy.keep([captured(event, f"it says {event}") for event in more])
        queue = SqlLabelling(weeks.database)
        queue.add("mood", [Asked(place=("a", event, 0), wanted=2) for event in ("e1", "e2", "e3", *more)])
        examples = (("a", "e1", 0), ("a", "gone", 0))
        finding = {"model": "mood", "signal": "quality", "direction": "down", "since": MONDAY, "at": MONDAY + HOUR}
        figures = {"value": 0.7, "usual": 0.9, "size": 6.0, "slices": {"tenant=a": 0.75}}
        opening = SqlAlarms(weeks.database).open(Finding(**finding, **figures, examples=examples), at=MONDAY)
        assert opening.result()
        return weeks.shop


@pytest.fixture(scope="module")
def house(shop: Shop) -> Iterator[Sold]:
    """The service over these books."""

    def watched(database: Any) -> WatchPages:
        return WatchPages(books=books_of(shop, database), database=database)

    with sold(store_url(shop.sell, shop.folder), folder=shop.folder, watched=watched) as house:
        yield house


def client(house: Sold, role: Role) -> tuple[TestClient, str]:
    """A browser that is signed in, and what its forms carry."""
    browser = TestClient(house.app, base_url="https://testserver", raise_server_exceptions=False)
    answer = browser.post("/admin/sign-in?lang=en", data={"key": house.key(None, Terms(role=role)).secret})
    found = re.search(r'name="csrf_token" value="([0-9a-f]{64})"', answer.text)
    assert answer.status_code == 200
    assert found
    return browser, found[1]


def alarm_of(house: Sold, signal: str) -> str:
    """The id of the alarm about a signal."""
    return next(one.id for one in SqlAlarms(house.database).all() if one.finding.signal == signal)


def test_the_watch_tells_alarms_charts_and_every_signal(house: Sold) -> None:
    """The label that left its course is marked; traffic is drawn with its band, its numbers to take along."""
    page = client(house, "viewer")[0].get("/admin/watch").text
    assert "share of a label (label bad)" in page
    assert "away from its usual course" in page
    assert page.count("<svg") == 6
    assert 'download="mood-traffic.csv"' in page


def test_an_alarm_shows_its_texts_as_text_and_who_may_say_that_it_is_usual(house: Sold) -> None:
    """What is gone is told as gone; a viewer has no buttons, and a form of theirs changes nothing."""
    viewer, token = client(house, "viewer")
    path = f"/admin/alarms/{alarm_of(house, 'quality')}"
    page = viewer.get(path).text
    assert "物流很慢 &lt;b&gt;broken&lt;/b&gt;" in page
    assert "(erased, or not kept)" in page
    assert "/usual" not in page
    assert viewer.post(f"{path}/usual", data={"csrf_token": token}).status_code == 403
    operator, token = client(house, "operator")
    assert "/seen" in operator.get(path).text
    assert operator.post(f"{path}/seen", data={"csrf_token": token}).status_code == 200
    assert "/seen" not in operator.get(path).text
    assert "this level is the usual one" in operator.post(f"{path}/usual", data={"csrf_token": token}).text
    assert operator.get("/admin/alarms/alm_nothing").status_code == 404
    assert operator.post(f"{path}/else", data={"csrf_token": token}).status_code == 404


def test_an_annotator_labels_and_sees_nothing_else(house: Sold) -> None:
    """Signing in leads to the texts; two people who differ leave a text to a third, whose word decides."""
    one, token = client(house, "annotator")
    assert one.get("/admin").url.path == "/admin/labels"
    for path in ("/tenants", "/invoices", "/watch", "/alarms"):
        assert one.get(f"/admin{path}").status_code == 403
    asked = give(one, token, "good")
    other, token = client(house, "annotator")
    while (item := shown(other)) != asked:
        other.post(f"/admin/labels/{item}", data={"csrf_token": token, "model": "mood", "skip": "1"})
    other.post(f"/admin/labels/{item}", data={"csrf_token": token, "model": "mood", "other": "tax"})
    known = {kept.id: kept for kept in SqlLabelling(house.database).items("mood")}
    assert known[asked].state == "disputed"
    undone = other.post("/admin/labels", data={"csrf_token": token, "model": "mood"})
    assert undone.status_code == 200
    assert {kept.id: kept.state for kept in SqlLabelling(house.database).items("mood")}[asked] == "open"


def test_texts_of_who_says_no_by_now_are_passed_by_at_once(tmp_path: Path) -> None:
    """However many they are: nothing is noted of them, the last label can be taken back, they may return."""
    with watching(tmp_path, **CAPTURE) as quiet:
        privacy = ProjectPrivacy(quiet.shop.project, tmp_path, quiet.database)
        queue = SqlLabelling(quiet.database)
        events = [f"e{number}" for number in range(300)]
        privacy.keep([captured(event, event) for event in events])
        privacy.keep([replace(captured("own", "mine"), tenant="b")])
        queue.add("mood", [Asked(place=("a", event, 0), wanted=1) for event in events])
        queue.add("mood", [Asked(place=("b", "own", 0), wanted=1)])
        privacy.consent("a", "", "improve", "test", granted=False)
        pages = WatchPages(books=books_of(quiet.shop, quiet.database), database=quiet.database)
        shown = watched.labels(pages, "mood", "ann")
        assert (shown["text"], shown["progress"].own) == ("mine", 0)
        queue.vote(shown["item"].id, "ann", "good")
        assert watched.labels(pages, "mood", "ann")["item"] is None
        undone = queue.undo("mood", "ann")
        assert undone
        assert undone.place == ("b", "own", 0)
        privacy.consent("a", "", "improve", "test", granted=True)
        assert watched.labels(pages, "mood", "bob")["text"] in events


def test_a_new_label_is_what_people_see_of_it(house: Sold) -> None:
    """Nothing invisible becomes part of a label, or all of one."""
    one, token = client(house, "annotator")
    item = shown(one)
    form = {"csrf_token": token, "model": "mood"}
    assert one.post(f"/admin/labels/{item}", data={**form, "other": "\u202e\r\n\x1b"}).status_code == 422
    assert one.post(f"/admin/labels/{item}", data={**form, "other": " late\u202e\r\n\x1b delivery "}).status_code == 200
    (kept,) = (kept for kept in SqlLabelling(house.database).items("mood") if kept.id == item)
    assert "late delivery" in kept.votes.values()
    one.post("/admin/labels", data=form)
    one.post(f"/admin/labels/{item}", data={**form, "skip": "1"})  # for the other tests


def test_an_open_alarm_is_listed_however_many_came_after(house: Sold) -> None:
    """A thousand that closed hide none that is open."""
    alarms = SqlAlarms(house.database)
    finding = {"model": "old", "signal": "errors", "direction": "up", "since": 1, "at": 2, "usual": 0.1, "size": 6.0}
    still = alarms.open(Finding(**finding, value=0.4), at=2).result()
    later = [alarms.open(Finding(**finding, value=0.4, slice=f"label={n}"), at=3 + n) for n in range(1_001)]
    closing = [alarms.close(one.id, at=2_000) for opened in later if (one := opened.result())]
    assert all(closed.result() for closed in closing)
    viewer, _ = client(house, "viewer")
    assert still
    assert f"/admin/alarms/{still.id}" in viewer.get("/admin/alarms").text
    alarms.close(still.id, at=3_000).result()


def test_experiments_are_judged_once_a_minute_however_many_look() -> None:
    """To judge one opens every captured answer since it began; a failure is not remembered."""
    now, judged = [5.0], Reckoning()
    shown = Standings(judged, steady=lambda: now[0])
    with pytest.raises(MissingError):
        shown.statuses()
    for _ in range(3):
        assert shown.statuses() == []
    assert judged.times == 2
    now[0] += 61
    shown.statuses()
    assert judged.times == 3


def test_a_label_without_a_name_is_refused_on_the_page(house: Sold) -> None:
    """Nothing is lost: the same text stands there again."""
    one, token = client(house, "annotator")
    item = shown(one)
    answer = one.post(f"/admin/labels/{item}", data={"csrf_token": token, "model": "mood", "other": "x" * 201})
    assert answer.status_code == 422
    assert f"/admin/labels/{item}" in answer.text
    assert one.post("/admin/labels/lab_nothing", data={"csrf_token": token, "label": "good"}).status_code == 404


def shown(browser: TestClient) -> str:
    """The item on the page of labels."""
    found = re.search(r'action="/admin/labels/([^"]+)"', browser.get("/admin/labels").text)
    assert found
    return found[1]


def give(browser: TestClient, token: str, label: str) -> str:
    """Label the text that is shown; its item."""
    item = shown(browser)
    answer = browser.post(f"/admin/labels/{item}", data={"csrf_token": token, "model": "mood", "label": label})
    assert answer.status_code == 200
    return item


@pytest.mark.slow
def test_people_can_read_them(house: Sold, shop: Shop, tmp_path: Path) -> None:
    """In a real browser, on a phone and at a desk, in both languages, by day and by night."""
    secret = house.key(None, Terms(role="owner")).secret
    pages = ("watch", "alarms", f"alarms/{alarm_of(house, 'label')}", "labels", "experiments")
    with listening(house.app) as address, chromium() as browser:
        for language, theme, desk in (("en", "light", True), ("zh", "dark", False)):
            with visit(browser, f"{address}/admin", language=language, theme=theme, desk=desk) as (page, complaints):
                page.fill("#key", secret)
                page.click("main button")
                page.wait_for_selector("nav.main")
                for name in pages:
                    page.goto(f"{address}/admin/{name}")
                    page.screenshot(path=tmp_path / f"{name.partition('/')[0]}_{language}.png", full_page=True)
                    assert too_wide(page) == [], name
                    assert grave_findings(page) == [], name
                assert complaints == []
