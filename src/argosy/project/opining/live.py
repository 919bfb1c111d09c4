"""An opinion monitor as it serves: its log, its models, its alarms, as pages, programs and verbs see it."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from argosy.config.places import OPINIONS
from argosy.core.errors import MissingError
from argosy.core.opinion import HOUR, Correction, Kept, Post, Story
from argosy.core.watch import Alarm, Message
from argosy.data.redact import Pseudonyms
from argosy.infer.folder import told
from argosy.opinion.analyst import chances_by
from argosy.opinion.counting.table import Line
from argosy.opinion.explaining import explained
from argosy.opinion.sources.posted import posted
from argosy.opinion.stories.sketch import same, sketches
from argosy.project.opining import briefing, figures, sources
from argosy.project.opining.days import day_of
from argosy.project.opining.intake import drain, listening
from argosy.project.opining.looking import Looking
from argosy.project.opining.models import Models, open_models
from argosy.project.opining.teaching import refuse_words, teach
from argosy.project.selling.shop import Shop
from argosy.project.supporting.live import store_of
from argosy.project.supporting.reading import reader
from argosy.project.supporting.secret import derived, open_secret
from argosy.project.watching.addresses import targets_of
from argosy.project.watching.rounds import now
from argosy.store.database import Database
from argosy.store.opinion.inbox import SqlInbox
from argosy.store.opinion.log import SqlOpinionLog
from argosy.store.opinion.standing import standing
from argosy.store.watching.alarms import SqlAlarms
from argosy.store.watching.messages import SqlMessages

_SHOWN = 200  # texts of a story
Tell = Callable[[str, Mapping[str, int]], object]


@dataclass(slots=True, eq=False, kw_only=True)
class LiveOpinion:
    """The monitor of a project; threads may share it. Times are microseconds since the epoch."""

    home: Shop
    models: Models
    log: SqlOpinionLog
    database: Database
    looking: Looking
    inboxes: Mapping[str, SqlInbox]
    clock: Callable[[], int] = now
    _known: dict[tuple[object, ...], Any] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def zone(self) -> str:
        """The time zone of its pages."""
        return self.home.project.opinion.time_zone

    @property
    def texts(self) -> Path:
        """The folder of the log's texts."""
        return self.home.folder / OPINIONS

    def called(self, entity: str) -> str:
        """What an entity is called today."""
        return self.models.reader.entities.called(entity, day_of(self.clock(), self.zone))

    def unvalidated(self, lines: Sequence[Line]) -> list[Line]:
        """Lines of entities: validated where labelled rows of every language say how right they are."""
        known = self.models.known["entities"]
        if known and all(one["validated"] for one in known.values()):
            return list(lines)
        return [replace(one, validated=False) for one in lines]

    def state(self) -> str:
        """A word that changes whenever anything that the pages show does."""
        return standing(self.database, self.looking.name, self.looking.model)

    def overview(self, hours: int) -> Mapping[str, Any]:
        """What was said in the last hours; see ``serve.gate.opined``."""
        return self._once(("overview", hours), partial(figures.overview, self, hours))

    def trend(self, topic: str, entity: str, hours: int) -> Mapping[str, Any]:
        """A topic and an entity hour by hour."""
        return self._once(("trend", topic, entity, hours), partial(figures.trend, self, topic, entity, hours))

    def stories(self, topic: str, entity: str, sentiment: str, hours: int, most: int = 50) -> Sequence[Story]:
        """Stories of these hours, of most reach first."""
        end = self.clock() + HOUR  # clocks of sources may be ahead a little
        return self.log.stories(
            end - (hours + 1) * HOUR, end, topic=topic, entity=entity, sentiment=sentiment, most=most
        )

    def story(self, story: str) -> tuple[Story, Sequence[Kept]]:
        """A story and its texts."""
        found = self.log.story(story)
        if found is None:
            raise MissingError("There is no story {id!r}.", mend="It may have been removed after its days.", id=story)
        return found, self.log.texts(story, _SHOWN)

    def text(self, text: str) -> Mapping[str, Any]:
        """A text of the log with its reading."""
        return figures.told(self._kept(text))

    def explanation(self, text: str) -> Mapping[str, Any]:
        """A text of the log and why it was read so."""
        kept = self._kept(text)
        return {**figures.told(kept), **self._why(kept.opinion.text)}

    def explain(self, text: str) -> Mapping[str, Any]:
        """What is read out of a text that nobody posted, and why."""
        at = self.clock()
        opinion = self.models.reader.read([Post(source="", key="", text=text, at=at, received=at)])[0]
        kept = Kept(id="", opinion=opinion, story="", first=True)
        return {**figures.told(kept), **self._why(opinion.text)}

    def alarms(self, *, still: bool = False, most: int = 200) -> Sequence[Alarm]:
        """Surges, the newest first."""
        return self.looking.alarms.all(model=self.looking.model, still=still, limit=most)

    def alarm(self, alarm: str) -> Mapping[str, Any]:
        """A surge with its evidence."""
        found = self._alarm(alarm)
        stories = [one for story in found.finding.stories if (one := self.log.story(story))]
        texts = [kept for _, id_, _ in found.finding.examples if (kept := self.log.text(id_))]
        return {
            "alarm": found.to_json(),
            "stories": [one.to_json() for one in stories],
            "texts": [figures.told(kept) for kept in texts],
            "messages": [{**asdict(one), "alarm": alarm} for one in self.messages(alarm)],
        }

    def messages(self, alarm: str) -> Sequence[Message]:
        """What was told of a surge, to whom."""
        return SqlMessages(self.database).of(alarm)

    def acknowledge(self, alarm: str, by: str, *, usual: bool = False) -> Alarm:
        """Note who has seen it."""
        self._alarm(alarm)
        noted = self.looking.alarms.acknowledge(
            alarm, by, at=self.clock(), usual=usual, targets=self.looking.targets
        ).result()
        self.looking.forget()
        return noted

    def assign(self, alarm: str, owner: str, by: str) -> Alarm:
        """Say who deals with it."""
        self._alarm(alarm)
        return self.looking.alarms.assign(alarm, owner, by=by, at=self.clock()).result()

    def close(self, alarm: str, by: str) -> Alarm:
        """Close it by hand; another surge of the same may open another one."""
        self._alarm(alarm)
        self.looking.alarms.close(alarm, at=self.clock(), targets=self.looking.targets, by=by).result()
        return self._alarm(alarm)

    def correct(self, text: str, by: str, *, sentiment: str = "", topic: str = "", entity: str = "") -> None:
        """Keep what a person says of a text, and teach it."""
        kept = self._kept(text)
        said = Correction(
            id=text,
            text=kept.opinion.text,
            language=kept.opinion.language,
            sentiment=sentiment,
            topic=topic,
            entity=entity,
            by=by,
            at=self.clock(),
        )
        refuse_words(said, self.topics(), self.entities())
        self.log.correct(said).result()
        with self._lock:
            teach(self.home.project, self.home.folder, self.log.corrections())

    def topics(self) -> Sequence[str]:
        """The topics there are."""
        return self.models.topics

    def entities(self) -> Sequence[str]:
        """The entities there are."""
        return tuple(self.home.project.opinion.entities)

    def brief(self, day: str, language: str) -> Mapping[str, Any]:
        """What a day was like."""
        return briefing.brief_of(self, day, language)

    def hear_body(self, body: bytes, source: str) -> int:
        """Put the posts of a body into the inbox of a webhook, the first one unless ``source`` names another.

        Raises MissingError for a source that is none.
        """
        source = source or next(iter(self.inboxes), "")
        if source not in self.inboxes:
            raise MissingError(
                "There is no webhook {name!r}.",
                mend='Name one in argosy.toml: [opinion.sources.{name}] kind = "webhook"',
                name=source,
            )
        fields = sources.fields_of(self.home.project.opinion.sources[source])
        return self.inboxes[source].put(posted(source, body, fields=fields))

    def look(self, at: int) -> Sequence[Alarm]:
        """Look at the counts of whole hours; the alarms that opened."""
        return self.looking.look(at)

    def drain(self, tell: Tell) -> Mapping[str, Mapping[str, int]]:
        """Take what the sources hold now; what came of each."""
        heard = drain(
            sources.opened(self.home, self.inboxes),
            self.models.reader,
            self.log,
            sketches,
            clock=self.clock,
            tell=lambda name, tally: tell(name, tally.to_json()),
        )
        return {name: tally.to_json() for name, tally in heard.items()}

    def check(self) -> Sequence[Mapping[str, Any]]:
        """Ask each source once, and keep nothing."""
        return sources.asked(self.home, self.inboxes)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Take what the sources say while the block runs."""
        wish = self.home.project.opinion.sources
        every = {name: one.every_seconds for name, one in wish.items() if one.kind in {"feed", "page", "mail"}}
        found = sources.opened(self.home, self.inboxes)
        with listening(found, self.models.reader, self.log, sketches, every=every, clock=self.clock) as heard:
            self.looking.behind = lambda: any(tally.behind for tally in heard.values())
            yield

    def _kept(self, text: str) -> Kept:
        found = self.log.text(text)
        if found is None:
            raise MissingError("There is no text {id!r}.", mend="It may have been removed after its days.", id=text)
        return found

    def _alarm(self, alarm: str) -> Alarm:
        found = self.looking.alarms.one(alarm)
        if found.finding.model != self.looking.model:
            raise MissingError("There is no alarm {id!r}.", mend="See them: argosy opinion alarms", id=alarm)
        return found

    def _why(self, text: str) -> Mapping[str, Any]:
        found = explained(text, chances_by(self.models.reader.sentiment))
        return {"words": found["words"], "models": {"version": self.models.reader.version}}

    def _once(self, asked: tuple[object, ...], reckon: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any]:
        """What was reckoned of this state and hour already, however many look at it."""
        key = (self.state(), self.clock() // (60 * 1_000_000))
        with self._lock:
            kept = self._known.get(asked)
            if kept is None or kept[0] != key:
                kept = self._known[asked] = (key, reckon())
            told: Mapping[str, Any] = kept[1]
            return told


def open_opinion(home: Shop, model: Path, database: Database, *, threads: int | None = None) -> LiveOpinion:
    """The monitor of a built ``model`` over the store of a project; nothing runs beside it yet."""
    project, secret = home.project, open_secret(home.folder)
    name = str(told(model)["name"])
    pseudonyms = Pseudonyms(derived(secret, "authors"))
    models = open_models(
        model, project, reader(project, derived(secret, "pseudonyms")), partial(pseudonyms, "author"), threads=threads
    )
    wish = project.opinion
    log = SqlOpinionLog(
        database,
        home.folder / OPINIONS,
        name,
        story_days=wish.story_days,
        same=lambda one, other: same(one, other, wish.near),
    )
    return LiveOpinion(
        home=home,
        models=models,
        log=log,
        database=database,
        looking=Looking(
            name=name,
            wish=wish,
            log=log,
            alarms=SqlAlarms(database),
            targets=targets_of(project.watch.send),
        ),
        inboxes={
            source: SqlInbox(database, name, source) for source, one in wish.sources.items() if one.kind == "webhook"
        },
    )


@contextmanager
def opined_of(home: Shop, model: Path, *, threads: int | None = None) -> Iterator[LiveOpinion]:
    """The monitor over the project's own store, for a verb: nothing runs beside it."""
    with store_of(home) as database:
        yield open_opinion(home, model, database, threads=threads)
