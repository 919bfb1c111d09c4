"""``argosy improve``: from what customers said to a better version in the canary, or why not.

A try that is stopped goes on where it was: its rows are gathered again, and what was built from the same rows stands.
"""

import shutil
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from argosy.core.errors import BusyError
from argosy.core.watch import Place
from argosy.monitor.verdict import Verdict
from argosy.project.building.run import Progress, alone
from argosy.project.improving import challenger as challenging
from argosy.project.improving.challenger import Challenger, Divided
from argosy.project.improving.gather import FEEDBACK, PEOPLE, Gathered, Rules, Word, gather, spelt
from argosy.project.improving.judging import Judged, Rule, judge
from argosy.project.improving.known import Known, known_of, place_in
from argosy.project.improving.tries import FOLDER, Improvement, next_number, place_of, save, tries
from argosy.project.improving.trusting import trusted
from argosy.project.persons.privacy import ProjectPrivacy
from argosy.project.selling.releasing import Releasing, releases_in
from argosy.project.selling.shop import Shop, open_store
from argosy.serve.releases.versions import Line, Plan, Version
from argosy.stages.data import clean
from argosy.store.database import Database
from argosy.store.feedback import FeedbackTable
from argosy.store.tenants import audit
from argosy.store.watching.labelling import SqlLabelling
from argosy.store.watching.signals import SqlSignals

BY = "improve"
"""Who adds the versions and moves the releases that come of a try."""
JUDGES = 10
"""New rows held out, and old ones, below which nothing is judged."""
WRONG = 0.4
"""The share of new rows with a suspicious label from which none of them is believed."""
_LATELY = 30 * 86_400_000_000  # microseconds of traffic that new rows are weighed to
_LABEL = "label:"  # before the label in counts of traffic


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """News of a try: what was done, and its figures."""

    what: str
    figures: Mapping[str, Any] = field(default_factory=dict)


Tell = Callable[[Progress | Step], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """How a try goes: ``dry_run`` gathers and ends there, ``plan`` is the release's, ``agrees`` is asked before it."""

    dry_run: bool = False
    plan: Plan | None = None
    agrees: Callable[[Judged], bool] = lambda _: True


def improve(shop: Shop, *, now: int, tell: Tell, wishes: Wishes | None = None) -> Improvement:
    """One try for the only model of the project, and its record; ``now`` is microseconds since the epoch.

    Raises BusyError while another try is under way, MissingError where nothing is built, or the packages to train with
    are not installed.
    """
    with _alone(shop.folder), open_store(shop.sell, shop.folder) as database:
        work = _Work(shop=shop, database=database, now=now, tell=tell, wishes=wishes or Wishes())
        releases = releases_in(database, shop.folder)
        line = work.line(releases)
        if line.phase != "steady":
            return work.under_way(releases, line)
        return work.done(work.tried(releases, line))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    """What one try needs throughout."""

    shop: Shop
    database: Database
    now: int
    tell: Tell
    wishes: Wishes

    @property
    def folder(self) -> Path:
        return self.shop.folder

    def line(self, releases: Releasing) -> Line:
        """The line of the model; one that was never released becomes its own first version."""
        name = self.shop.project.name
        if name not in releases.shelf.lines():
            releases.add(self.folder, by=BY)
        return releases.controls.line(name)

    def under_way(self, releases: Releasing, line: Line) -> Improvement:
        """While a release is under way nothing is begun; one of ours leaves the shadow as soon as it may."""
        versions = {one.number: one for one in releases.shelf.versions(line.model)}
        ours = line.challenger in versions and versions[line.challenger].by == BY
        if line.phase == "shadow" and ours and releases.controls.status(line.model).passed.passed:
            line = releases.controls.expose(line.model, BY)
        found = self._record(versions[line.champion], Gathered(rows=(), dropped={}))
        figures = {"challenger": line.challenger, "phase": line.phase}
        return replace(found, why="under_way", figures=figures, rollout=line.rollout)

    def tried(self, releases: Releasing, line: Line) -> Improvement:
        """Gather, train, judge, release."""
        began = time.monotonic()
        (champion,) = (one for one in releases.shelf.versions(line.model) if one.number == line.champion)
        release = releases.place(line.model, line.champion)
        with alone(self.folder, 0):
            known = known_of(self.shop.project, self.folder, release, champion.digest, self.tell)
        gathered = self._gathered(line.model, known, release)
        parts = challenging.divide(known, gathered, self.shop.project.improve.held_out)
        self.tell(Step(what="gathered", figures=_counted(gathered)))
        record = self._record(champion, gathered)
        if too_few := self._too_few(gathered, parts):
            return replace(record, why="too_few_rows", figures=too_few)
        if self.wishes.dry_run:
            return replace(record, why="dry_run")
        made = challenging.prepare(self.shop.project, self.folder, place_of(self.folder, record.number), release, parts)
        build = str(made.place.relative_to(self.folder))
        record = replace(record, method=made.method, build=build, places_file=f"{build}/{challenging.PLACES}")
        found = self._trained(releases, line, record, made, parts, release)
        return replace(found, seconds=round(time.monotonic() - began, 1))

    def done(self, found: Improvement) -> Improvement:
        """Keep the record, and tell of it in the audit log."""
        if found.why != "dry_run":
            save(self.folder, found)
            names = ("number", "why", "rows", "rows_digest", "champion", "challenger", "rollout")
            told = {name: value for name, value in found.to_json().items() if name in names}
            action = f"improve.{found.decision}"
            self.database.write(
                lambda connection: audit.append(connection, BY, action, found.model, told, clock=lambda: self.now)
            ).result()
        return found

    def _gathered(self, model: str, known: Known, release: Path) -> Gathered:
        project = self.shop.project
        words = spelt(_words(self.database, model, self.now), known.labels, project.data.labels)
        texts = self._texts({word.place for word in words})
        rules = Rules(
            steps=clean.steps(project),
            near=project.data.near,
            labels=known.labels,
            trust=trusted(words, texts, release),
        )
        return gather(words, texts, known.texts, rules)

    def _texts(self, places: Collection[Place]) -> dict[Place, str]:
        return ProjectPrivacy(self.shop.project, self.folder, self.database).captures.texts(places)

    @contextmanager
    def _unerased(self, made: Challenger, parts: Divided) -> Iterator[None]:
        """Let nothing be built from an erased text: an erasure removes what stands of it, also under a build."""
        try:
            yield
        except FileNotFoundError:
            self._require_texts(made, parts)
            raise
        self._require_texts(made, parts)

    def _require_texts(self, made: Challenger, parts: Divided) -> None:
        """Raise BusyError, and forget what was made, where a text that is in it was erased meanwhile."""
        places = [place for pair in (*parts.fresh, *parts.new) if (place := place_in(pair))]
        if len(self._texts(places)) < len(set(places)):
            shutil.rmtree(made.place)
            raise BusyError(
                "A text that was learnt was erased meanwhile, so that the challenger is thrown away.",
                where=str(made.place),
                mend="Run the same command again.",
            )

    def _record(self, champion: Version, gathered: Gathered) -> Improvement:
        return Improvement(
            number=next_number(self.folder),
            at=self.now,
            model=champion.model,
            champion={"version": champion.number, "digest": champion.digest},
            rows=gathered.sources,
            dropped=gathered.dropped,
            rows_digest=gathered.digest,
            decision="keep",
            why="",
            looked=_looked(self.folder),
        )

    def _too_few(self, gathered: Gathered, parts: Divided) -> dict[str, int] | None:
        wish = self.shop.project.improve
        needed = max(wish.least, round(JUDGES / min(wish.held_out, 1 - wish.held_out)))
        if len(gathered.rows) < needed or min(len(parts.new), len(parts.old), len(parts.fresh)) < JUDGES:
            return {"rows": len(gathered.rows), "needed": needed, "old": len(parts.old), "held_out": len(parts.new)}
        return None

    def _trained(
        self, releases: Releasing, line: Line, record: Improvement, made: Challenger, parts: Divided, release: Path
    ) -> Improvement:
        with self._unerased(made, parts):
            made, doubts = challenging.check(made, parts.fresh, self.tell)
        self.tell(Step(what="checked", figures=asdict(doubts)))
        if doubts.believed and doubts.suspects > WRONG * doubts.rows:
            return replace(record, why="wrong_labels", figures={"suspects": doubts.suspects, "rows": doubts.rows})
        with self._unerased(made, parts):
            model = challenging.build(made, self.tell)
        judged = judge(release, model, parts.old, parts.new, self._rule(line, record))
        self.tell(Step(what="judged", figures=judged.to_json()))
        record = replace(
            record,
            judged=judged.to_json(),
            why=judged.verdict.why,
            figures=_figures(judged.verdict),
            looked={name: count + 1 for name, count in record.looked.items()},
        )
        return self._released(releases, line, record, model, judged) if judged.verdict.promote else record

    def _rule(self, line: Line, record: Improvement) -> Rule:
        project = self.shop.project
        tried = [one for one in tries(self.folder) if one.judged and one.champion == record.champion]
        return Rule(
            metric=project.metric,
            margin=project.improve.margin,
            languages=project.languages,
            live=_live(self.database, line, self.now),
            tried=len(tried),
            seed=project.seed,
        )

    def _released(
        self, releases: Releasing, line: Line, record: Improvement, model: Path, judged: Judged
    ) -> Improvement:
        """The version, and its release as far as it may go by itself."""
        new = judged.new.difference
        version = releases.add(model, by=BY, note=f"improve {record.number}: {new.difference:+.3f} on new traffic")
        record = replace(record, decision="promote", challenger={"version": version.number, "digest": version.digest})
        if not self.shop.project.improve.promote or not self.wishes.agrees(judged):
            return record
        plan = self.wishes.plan or Plan(margin=self.shop.project.improve.margin)
        controls = releases.controls
        begun = controls.replayed(controls.shadow(line.model, version.number, plan, BY), judged.paired, BY)
        if controls.status(line.model).passed.passed:
            begun = controls.expose(line.model, BY)
        self.tell(Step(what="released", figures={"version": version.number, "phase": begun.phase}))
        return replace(record, rollout=begun.rollout)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    place = folder / FOLDER
    place.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(place / "run.lock", timeout=0):
            yield
    except Timeout as error:
        raise BusyError(
            "Another `argosy improve` works on this project.", where=str(folder), mend="Wait until it has ended."
        ) from error


def _words(database: Database, model: str, now: int) -> Iterator[Word]:
    """What was said of the model's answers up to now, by customers and by those who were asked."""
    for said in FeedbackTable(database).between(0, now + 1, model=model):
        if said.label is not None:
            place = (said.tenant, said.event, said.index)
            yield Word(place=place, label=said.label, source=FEEDBACK, by=said.tenant, at=said.at)
    for item in SqlLabelling(database).items(model, "done"):
        if item.label is not None:
            yield Word(place=item.place, label=item.label, source=PEOPLE, by=PEOPLE, at=item.at)


def _live(database: Database, line: Line, now: int) -> dict[str, int]:
    """The champion's labels in the traffic of the last 30 days."""
    counts: Counter[str] = Counter()
    for tally in SqlSignals(database).between(now - _LATELY, now):
        if tally.model == line.model and tally.version in ("", str(line.champion)):
            counts.update({name.removeprefix(_LABEL): n for name, n in tally.counts.items() if name.startswith(_LABEL)})
    return dict(counts)


def _looked(folder: Path) -> dict[str, int]:
    """How often rows of each kind judged a challenger before."""
    before = tries(folder)
    return {kind: max((one.looked.get(kind, 0) for one in before), default=0) for kind in ("old", "new")}


def _counted(gathered: Gathered) -> dict[str, int]:
    return {"rows": len(gathered.rows), "dropped": sum(gathered.dropped.values())}


def _figures(verdict: Verdict) -> dict[str, Any]:
    return {"slice": verdict.slice, "needed": verdict.needed}
