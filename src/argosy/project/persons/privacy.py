"""Privacy put together for a project: what the ledger, the tables, the files and the next build hold of a person."""

import json
import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from argosy.config.schema import Project
from argosy.config.selling import Sell
from argosy.core.captured import Captured
from argosy.core.errors import BusyError, DataError, MissingError
from argosy.project.persons import certificate
from argosy.project.persons.batch_lines import BatchLines
from argosy.project.supporting.forgetting import Conversations
from argosy.stages.data import erased
from argosy.store.database import Database
from argosy.store.persons.captures import SqlCaptures, Why
from argosy.store.persons.consents import EVERYBODY, SqlConsents
from argosy.store.persons.erasures import Erasure, SqlErasures
from argosy.store.persons.holdings import parts
from argosy.store.persons.keyring import open_keyring, read_keyring
from argosy.store.persons.subjects import Subject, Subjects, now

error_log = logging.getLogger("argosy.error")
_LOOK_SECONDS = 0.5  # between two looks for erasures that another process carried out
_MINUTE, _DAY = 60_000_000, 86_400_000_000  # microseconds
OWN = "own"
"""What stands for the tenant of persons whom only the project's own files know."""
_LOCK = ".argosy/privacy.lock"
_WAIT_SECONDS = 60  # for a build that holds the project


class ProjectPrivacy:
    """What can be done for persons in one project; several threads may ask, and several processes of one project."""

    def __init__(self, project: Project, folder: Path, database: Database, *, clock: Callable[[], int] = now) -> None:
        wish = project.privacy
        self._project = project
        self._folder = folder
        self._clock = clock
        self._database = database
        # a list of the erased says nothing to new keys: it is served and built with its own or not at all
        self.keyring = (read_keyring if erased.read(folder) else open_keyring)(folder / wish.key_file)
        self.subjects = Subjects(database, self.keyring, clock=clock)
        self.captures = SqlCaptures(self.subjects, Why(purpose=wish.purpose, basis=wish.basis))
        self.erasures = SqlErasures(database, parts(), clock=clock)
        self._talks = Conversations(project, folder, database) if project.supports else None
        self._batches = BatchLines(folder / (project.sell or Sell()).files, database)
        self._consents = SqlConsents(database, clock=clock)
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def share(self) -> float:
        """The share of exchanges to capture."""
        return self._project.privacy.capture

    def keep(self, seen: Sequence[Captured]) -> int:
        """Store the captures that may be kept."""
        return self.captures.keep(seen)

    # What a tenant may ask

    def consent(self, tenant: str, name: str, purpose: str, actor: str, *, granted: bool) -> dict[str, Any]:
        """Note a word on a purpose; no name: the tenant's word for everybody."""
        subject = self.subjects.named(tenant, name) if name else EVERYBODY
        return asdict(self._consents.say(tenant, subject, purpose, actor, granted=granted))

    def consents(self, tenant: str, name: str) -> list[dict[str, Any]]:
        """What was said so far."""
        subject = self.subjects.named(tenant, name) if name else EVERYBODY
        return [asdict(one) for one in self._consents.of(tenant, subject)]

    def export(self, tenant: str, name: str) -> dict[str, Any]:
        """Everything that the service holds of the person; nothing but the name where it knows nobody by it."""
        found = self.subjects.find(name, tenant) if name else []
        return self._export(found[0], rows=False) if found else {"name": name, "tenant": tenant}

    def erase(self, tenant: str, name: str, actor: str) -> dict[str, Any]:
        """Erase the person from what the service holds, not from the operator's own files; the certificate."""
        subject = self._only(name, tenant, make=True)
        return self._carry_out(self.erasures.begin(subject, actor, files=False))

    def certificate(self, tenant: str, erasure: str) -> dict[str, Any] | None:
        """The certificate of an erasure of the tenant's."""
        found = self.erasures.get(erasure)
        return _told(found) if found and found.tenant == tenant and found.certificate else None

    # What the operator may ask

    def export_all(self, who: str, tenant: str | None) -> dict[str, Any]:
        """The same with the rows of the project's own files; ``who`` may be ``sub_…`` too."""
        return self._export(self._only(who, tenant, make=True), rows=True)

    def erase_all(self, who: str, tenant: str | None, actor: str) -> dict[str, Any]:
        """Erase the person from the project's files, results and next builds too; the certificate."""
        done = [one for one in self.erasures.of(who) if one.certificate]
        if done:
            return _told(done[-1])
        return self._carry_out(self.erasures.begin(self._only(who, tenant, make=True), actor, files=True))

    def retain(self) -> int:
        """Remove captures older than ``[privacy] keep_days``, and what came back of erased persons; how many."""
        removed = self.captures.retain(self._clock() - self._project.privacy.keep_days * _DAY)
        if self._talks:
            known = {peer for line in erased.read(self._folder) for peer in line.peers}
            removed += self._talks.again(self.keyring.rows, known)
        return removed + reapply(self._folder, self._database)

    def resume(self) -> int:
        """Carry out erasures that were begun and not done; how many."""
        pending = self.erasures.pending()
        for one in pending:
            self._carry_out(one)
        return len(pending)

    # The daily work of a running service

    def start(self, forget: Callable[[], None]) -> None:
        """``forget`` within a second of any erasure; ``resume`` what was stopped each minute, ``retain`` daily."""
        self._thread = threading.Thread(target=self._watch, args=(forget,), name="argosy-privacy", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End it."""
        self._ended.set()
        if self._thread:
            self._thread.join()

    def _watch(self, forget: Callable[[], None]) -> None:
        seen, next_minute, next_day = -1, 0, 0
        failures: list[str] = []
        while not self._ended.is_set():
            with _told_once(failures):
                if self._clock() >= next_minute:
                    next_minute = self._clock() + _MINUTE
                    self.resume()
                if self._clock() >= next_day:
                    next_day = self._clock() + _DAY
                    self.retain()
                if seen != (count := self.erasures.count()):
                    self.subjects.forget()
                    forget()
                    seen = count
            self._ended.wait(_LOOK_SECONDS)

    def _only(self, who: str, tenant: str | None, *, make: bool) -> Subject:
        """The one subject that is meant."""
        found = self.subjects.find(who, tenant)
        if len(found) > 1:
            raise DataError(
                "Several tenants know somebody by this id: {tenants}.",
                where="SUBJECT",
                mend="Say whose is meant: --tenant ID",
                tenants=", ".join(one.tenant for one in found),
            )
        if not found and make and not who.startswith("sub_"):
            self.subjects.named(tenant or OWN, who)
            found = self.subjects.find(who, tenant or OWN)
        if not found:
            raise MissingError(
                "Nobody is known by this id: erased, or never met.", where=who, mend="Name the person's own id."
            )
        return found[0]

    def _export(self, subject: Subject, *, rows: bool) -> dict[str, Any]:
        from argosy.project.persons.carriers import learnt, rows_of

        consents = [asdict(one) for one in self._consents.of(subject.tenant, subject.id)]
        told = {"subject": subject.id, "name": subject.name, "tenant": subject.tenant, "consents": consents}
        files = {"rows": [asdict(row) for row in rows_of(self._project, self._folder, subject.name)]} if rows else {}
        batches = {"batches": self._batches.held(subject.tenant, subject.name)}
        held = self.erasures.held(subject)
        tries = {"learnt": learnt(self._folder, subject.tenant, _events(held))}
        talks = {"conversations": self._talks.held(subject.name)} if rows and self._talks else {}
        return {**told, **held, **batches, **tries, **talks, **files}

    def _carry_out(self, erasure: Erasure) -> dict[str, Any]:
        with self._one_at_a_time():
            now = self.erasures.get(erasure.id) or erasure
            if now.certificate:  # another process was first
                return _told(now)
            if now.state == "begun":
                self._empty(now)
                self.erasures.shred(now)
            self.erasures.purge()
            self.subjects.forget()
            return self._certify(self.erasures.get(now.id) or now)

    def _certify(self, erasure: Erasure) -> dict[str, Any]:
        wish = self._project.privacy
        signed = certificate.make(
            erasure,
            self.keyring,
            done=self._clock(),
            backups=certificate.backups_of(self._folder, wish.backups, wish.backup_days),
            models=list(erasure.found.get("models", [])),
            journal="overwritten" if self._database.sqlite else "rewritten",
        )
        certificate.save(self._folder, signed)
        self.erasures.finish(erasure, json.dumps(signed, ensure_ascii=False))
        return signed

    def _empty(self, erasure: Erasure) -> None:
        """Put the person on the list of the erased, and empty the project's files of the person."""
        from argosy.project.building.run import alone
        from argosy.project.persons.carriers import carried, learnt, remove, rows_of

        found = self.subjects.find(erasure.subject)
        if not found:
            return
        subject, secret = found[0], self.keyring.rows
        rows = rows_of(self._project, self._folder, subject.name) if erasure.files else []
        texts = {row.text for row in rows}
        held = self.erasures.held(subject)
        captured = set(_texts(held["captures"]))
        captured.update(row["text"] for row in learnt(self._folder, subject.tenant, _events(held)))
        group = subject.name if erasure.files and self._project.data.group else ""
        line = erased.Line(
            erasure=erasure.id,
            subject=erasure.subject,
            at=erasure.begun,
            groups=erased.groups_of(secret, group),
            texts=erased.texts_of(secret, texts | (captured if erasure.files else set())),
            captured=erased.texts_of(secret, () if erasure.files else captured),
            peers=self._talks.known_as(secret, subject.name) if erasure.files and self._talks else (),
        )
        erased.add(self._folder, line)
        holds = carried(self._folder, group, texts | captured)
        asked = self._batches.find(erasure.tenant, subject.name)
        counts = {
            "rows": len(rows),
            "results": len(holds.results) + len(holds.lines),
            "batches": sum(map(len, asked.lines.values())),
        }
        if erasure.files and self._talks:
            counts["conversations"] = self._talks.erase(subject.name)
        under_way = {"under_way": asked.under_way} if asked.under_way else {}
        self.erasures.note(erasure, {**counts, **under_way, "models": list(holds.models)})
        if holds.results or holds.lines:
            with alone(self._folder, _WAIT_SECONDS):
                remove(self._folder, carried(self._folder, group, texts | captured))
        self._batches.erase(asked)

    @contextmanager
    def _one_at_a_time(self) -> Iterator[None]:
        """Hold the project's erasures, so that two processes never carry out the same one."""
        place = self._folder / _LOCK
        place.parent.mkdir(exist_ok=True)
        try:
            with FileLock(place, timeout=_WAIT_SECONDS):
                yield
        except Timeout as error:
            raise BusyError(
                "Another process erases somebody.", where=str(self._folder), mend="Run the same command again."
            ) from error


def reapply(folder: Path, database: Database) -> int:
    """Erase again those on the list whom a restored backup brought back; how many. Call it after every restore."""
    erasures = SqlErasures(database, parts())
    listed = {line.subject for line in erased.read(folder)}
    pending = {one.subject for one in erasures.pending()}
    return erasures.again(sorted(listed - pending)) if listed - pending else 0


def _events(held: Mapping[str, list[dict[str, Any]]]) -> set[str]:
    """The events of what the tables hold: captures go after their days, lines of the ledger stay."""
    return {one["event"] for part in ("ledger", "captures") for one in held[part]}


def _texts(captures: list[dict[str, Any]]) -> Iterator[str]:
    """Every text that was asked in captures."""
    for one in captures:
        yield from _strings(one["asked"])


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)


def _told(erasure: Erasure) -> dict[str, Any]:
    return dict(json.loads(erasure.certificate or "{}"))


@contextmanager
def _told_once(failures: list[str]) -> Iterator[None]:
    """A failure of the daily work is told when it comes, not again while it lasts, and the work goes on."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - its words may quote an id, so that only its kind is told
        if type(error).__name__ not in failures:
            failures.append(type(error).__name__)
            error_log.error("privacy: %s", failures[-1])
    else:
        failures.clear()
