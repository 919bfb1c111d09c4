"""``argosy alarm``: alarms with their evidence, who has seen them, and whether they reach anybody."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from argosy.config import file, schema
from argosy.core.errors import MachineError, ProjectError
from argosy.core.watch import Alarm
from argosy.project.selling.shop import Shop, open_store
from argosy.project.watching.addresses import addresses_of, targets_of
from argosy.project.watching.books import books_of
from argosy.project.watching.letters import Wording, wording_of
from argosy.project.watching.sending import send
from argosy.store.database import Database
from argosy.store.watching.alarms import SqlAlarms
from argosy.store.watching.messages import SqlMessages
from argosy.ui.speech import language, say, t
from argosy.ui.verbs.books import actor, show_table
from argosy.ui.verbs.build import say_json

_MESSAGE = ("kind", "target", "tries", "due", "sent", "error")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Opened:
    """A project that watches itself."""

    shop: Shop
    database: Database

    @property
    def alarms(self) -> SqlAlarms:
        return SqlAlarms(self.database)

    @property
    def wording(self) -> Wording:
        return replace(wording_of(self.shop), language=language)


def list_alarms(folder: Path, *, every: bool, as_json: bool) -> None:
    """The open alarms, or all."""
    with _opened(folder) as opened:
        alarms = opened.alarms.all(still=not every)
    if as_json:
        say_json({"alarms": [alarm.to_json() for alarm in alarms]})
        return
    words = opened.wording
    heads = (t("alarm"), t("state"), t("since"), t("size"), t("what"))
    cells = [
        (one.id, _state(one), words.time(one.finding.since), f"{one.finding.size:.1f}", words.what(one))
        for one in alarms
    ]
    show_table(heads, cells)


def show(folder: Path, alarm: str, *, as_json: bool) -> None:
    """An alarm's evidence, the example texts that are still kept, and how its messages fare."""
    with _opened(folder) as opened:
        found = opened.alarms.one(alarm)
        messages = SqlMessages(opened.database).of(alarm)
        captures = books_of(opened.shop, opened.database).captures
        texts = captures.texts(found.finding.examples) if captures else {}
    examples = [(place, texts.get(place)) for place in found.finding.examples]
    if as_json:
        told = [{"tenant": place[0], "event": place[1], "index": place[2], "text": text} for place, text in examples]
        sent = [{name: getattr(one, name) for name in _MESSAGE} for one in messages]
        say_json({"alarm": found.to_json(), "examples": told, "messages": sent})
        return
    words = opened.wording
    say(f"{words.what(found)}    {_state(found)}")
    for line in words.evidence(found):
        say(f"  {line}")
    for _, text in examples:
        say(f"  · {t('(erased, or not kept)') if text is None else ' '.join(text.split())}")
    heads = (t("message"), t("target"), t("tries"), t("state"))
    rows = [(one.kind, one.target, str(one.tries), words.time(one.sent) if one.sent else one.error) for one in messages]
    if rows:
        show_table(heads, rows)


def acknowledge(folder: Path, alarm: str, *, new_level: bool, as_json: bool) -> None:
    """Put on record that somebody has seen it; with ``new_level`` the level since it began is the usual one."""
    with _opened(folder) as opened:
        targets = targets_of(opened.shop.project.watch.send)
        noted = opened.alarms.acknowledge(alarm, actor(), at=_now(), usual=new_level, targets=targets).result()
    if as_json:
        say_json({"alarm": noted.to_json()})
    elif noted.usual:
        say(
            t("Closed: the level since {since} is the usual one.").format(
                since=opened.wording.time(noted.finding.since)
            )
        )
    else:
        say(t("Acknowledged; it stays open until the signal is back."))


def try_addresses(folder: Path, *, as_json: bool) -> None:
    """Send a test message to every address; raises MachineError where one did not take it."""
    project = file.load(folder)
    addresses = addresses_of(project.watch.send)
    if not addresses:
        raise ProjectError(
            "Alarms are sent nowhere.",
            where=f"{schema.FILE}, [watch] send",
            mend='Name an address as Apprise writes it, such as: send = ["json://example.org/hook"]',
        )
    letter = wording_of(Shop(project=project, folder=folder)).trial()
    errors = {address.target: send(address, letter) for address in addresses}
    failed = {target: error for target, error in errors.items() if error}
    if as_json and not failed:
        say_json({"targets": errors})
        return
    if not as_json:
        show_table((t("target"), t("answer")), [(target, error or t("taken")) for target, error in errors.items()])
    if failed:
        raise MachineError(
            "{count} of {all} addresses did not take the message: {reasons}",
            where=f"{schema.FILE}, [watch] send",
            mend="Look at the address, and whether this machine may reach it.",
            count=len(failed),
            all=len(errors),
            reasons="; ".join(f"{target}: {error}" for target, error in failed.items()),
        )


@contextmanager
def _opened(folder: Path) -> Iterator[_Opened]:
    shop = Shop(project=file.load(folder), folder=folder)
    with open_store(shop.sell, folder) as database:
        yield _Opened(shop=shop, database=database)


def _state(alarm: Alarm) -> str:
    if alarm.closed is not None:
        return t("closed")
    return t("seen by {by}").format(by=alarm.by) if alarm.acknowledged is not None else t("open")


def _now() -> int:
    return time.time_ns() // 1000
