"""The table ``[opinion]`` of the project file."""

from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from argosy.config.table import Table

Kind = Literal["folder", "mail", "feed", "page", "webhook", "redis", "kafka"]
_NEEDED: dict[Kind, tuple[str, ...]] = {
    "folder": ("path",),
    "mail": ("path",),
    "feed": ("url",),
    "page": ("url",),
    "webhook": (),
    "redis": ("url", "stream"),
    "kafka": ("url", "stream"),
}
Name = Annotated[str, Field(pattern=r"^[\w.-]{1,64}$")]


class OpinionSource(Table):
    """Where posts come from."""

    kind: Kind = Field(
        description="What it is: a `folder` of JSONL, CSV or text files, a `mail` folder, a `feed` (RSS, Atom), a "
        "`page` of the web, the `webhook`, a `redis` stream or a `kafka` topic."
    )
    path: str = Field("", description="The folder, file or glob, for `folder` and `mail`.")
    url: str = Field(
        "", description="The address: of the feed or page, `redis://…`, or the brokers of Kafka as `host:port,…`."
    )
    stream: str = Field("", description="The stream of Redis, or the topic of Kafka.")
    group: str = Field(
        "", description="The consumer group, by which several workers share a stream; the project's name unless set."
    )
    every_seconds: float = Field(
        300,
        ge=0.05,
        le=86_400,
        description="Between two looks; the webhook and streams are read at once.",
    )
    weight: float = Field(1.0, ge=0, le=100, description="What a text of it counts beside those of others.")
    text: str = Field("text", description="The field or column of the text.")
    title: str = Field("title", description="That of the title.")
    key: str = Field("id", description="That of the id; the text's digest and time where there is none.")
    time: str = Field("time", description="That of the time of publication; the time it was heard where there is none.")
    author: str = Field("author", description="That of the author, who is kept under a pseudonym.")
    own_network: bool = Field(
        False, description="The address of a `feed` or `page` may be one of your own network; refused otherwise."
    )
    silent_hours: float = Field(
        0, ge=0, le=720, description="Hours of silence from which it counts as broken; 0: by its usual pace."
    )

    @model_validator(mode="after")
    def _whole(self) -> "OpinionSource":
        for key in _NEEDED[self.kind]:
            if not getattr(self, key):
                raise PydanticCustomError("needed", "a key is missing", {"key": f"opinion.sources.*.{key}"})
        return self


class Entity(Table):
    """Whom texts speak of: a company, a product, a person."""

    aliases: list[str] = Field([], description="Other names of it, former ones too.")
    tickers: list[str] = Field([], description="Its symbols at exchanges, as `AAPL` or `0700.HK`.")
    unless: list[str] = Field([], description="Phrases with its name that mean something else.")
    renamed: dict[str, str] = Field(
        {}, description='What it is called from a day on, such as `2021-10-28 = "Meta"`; the counts stay one.'
    )


class Opinion(Table):
    """What is said of you and of the market: where it is heard, what is read out of it, and when an alarm is raised."""

    sentiment: str = Field("sentiment", description="The project, in a folder beside, that tells the sentiment.")
    topic: str | None = Field("topic", description="The project that tells the topic; without one there is one topic.")
    sources: dict[Name, OpinionSource] = Field({}, description="Where posts come from, by name.")
    entities: dict[str, Entity] = Field({}, description="Whom texts speak of, by their name.")
    sure: float = Field(0.5, ge=0, lt=1, description="Chance below which a text has no topic: it counts as `other`.")
    near: float = Field(0.8, ge=0.5, le=1, description="Similarity from which a text is a repost of a story.")
    story_days: int = Field(14, ge=1, le=365, description="Days after its last text in which a story may go on.")
    false_alarms: float = Field(
        1.0, gt=0, le=30, description="Alarms in 30 days that you accept of each topic although nothing surges."
    )
    false_share: float = Field(
        0.2, gt=0, le=1, description="Share of false ones that you accept among the alarms that are sent."
    )
    holidays: list[str] = Field([], description="Days unlike others: `2026-10-01`, or `2026-10-01/2026-10-07`.")
    brief: Annotated[str, Field(pattern=r"^\d\d:\d\d$")] = Field("08:00", description="When the daily brief is made.")
    time_zone: str = Field("UTC", description="That of pages, briefs and holidays, such as `Asia/Shanghai`.")
    language: Literal["zh", "en"] = Field("en", description="The language of briefs that are sent.")
    keep_days: int = Field(400, ge=7, le=3650, description="Days after which texts are removed; counts stay.")
    validated: str | None = Field(
        None,
        description="A table of labelled texts (columns `text`, `entity`, `about`) that says how right the sentiment "
        "about entities is; without it that is marked as unvalidated.",
    )
