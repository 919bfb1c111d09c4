"""The table ``[recommend]`` of the project file."""

from typing import Annotated, Literal

from pydantic import Field

from argosy.config.table import Table

Weight = Annotated[float, Field(ge=0, le=100)]
Share = Annotated[float, Field(ge=0, lt=1)]


class Columns(Table):
    """What the columns of the two files are called."""

    item: str = Field("item", description="The item's id, in both files.")
    title: str = Field("title", description="Its title.")
    description: str = Field("description", description="Its description; none where the column is missing.")
    tags: str = Field("tags", description="Its tags, with `;` or `|` between them.")
    price: str = Field("price", description="Its price; may be missing, for some items or for all.")
    added: str = Field("added", description="When it was added; the first event where nobody says.")
    user: str = Field("user", description="The user's id.")
    kind: str = Field("type", description="What the user did; one kind where the column is missing.")
    time: str = Field("time", description="When.")


class Rules(Table):
    """What is shown whatever the model says."""

    exclude: list[str] = Field([], description="Items, by id, or `tag:NAME`, that are never shown.")
    boost: dict[str, Annotated[float, Field(gt=0, le=100)]] = Field(
        {}, description='Items or tags with a factor: `"tag:new" = 1.5` shows them earlier, a factor below 1 later.'
    )
    caps: dict[str, Annotated[int, Field(ge=0, le=100)]] = Field(
        {}, description='At most so many in a list: `"tag:sale" = 2`, or `"*" = 3` of any one first tag.'
    )
    diversity: Share = Field(0.0, description="0: by the score alone; near 1: no two items alike next to each other.")


class Recommend(Table):
    """What items there are, what users did, and how lists are made of it."""

    items: str = Field("items.csv", description="A file or glob of items.")
    events: str = Field("events.csv", description="A file or glob of what users did.")
    columns: Columns = Columns()
    kinds: dict[str, Weight] = Field(
        {},
        description="What each kind of event tells of a taste, such as `purchase = 1.0`, `click = 0.3`; 1 unless said.",
    )
    wanted: list[str] = Field(
        [], description="The kinds that count as success; those of the largest weight unless said, all where it is one."
    )
    protocol: Literal["time", "last"] = Field(
        "time",
        description="How the test is cut off: `time`, what happens after a moment for everybody; `last`, each user's "
        "last success.",
    )
    test: Annotated[float, Field(gt=0, le=0.5)] = Field(0.2, description="Share of the events in the test.")
    repeat: bool = Field(False, description="Show items again that the user had already, such as groceries.")
    fresh_days: Annotated[float, Field(ge=0, le=3650)] = Field(
        14, description="Days in which an item counts as new: new ones are candidates for everybody."
    )
    candidates: Annotated[int, Field(ge=20, le=5000)] = Field(300, description="Items that are ranked for a list.")
    explore: Share = Field(
        0.05, description="Chance of each place to show an item to learn about it; the chances are kept with the list."
    )
    half_life_days: Annotated[float, Field(gt=0, le=3650)] | None = Field(
        None, description="After so many days an event tells half as much of a taste; chosen on validation unless set."
    )
    remember: Annotated[int, Field(ge=10, le=10_000)] = Field(
        200, description="A user's last events that a list is made of; all are kept."
    )
    bots: Annotated[int, Field(ge=0)] = Field(
        0, description="Events of a user in an hour from which it is a machine; 0: by what the others do."
    )
    keep_days: Annotated[int, Field(ge=1, le=3650)] = Field(730, description="Days after which events are removed.")
    hub: str = Field(
        "",
        description="`redis://…`, by which machines hear at once of what one was told; else the store is asked.",
    )
    spread: Annotated[str, Field(pattern=r"^(here|processes|ray|ray://.+)$")] = Field(
        "here",
        description="Where the settings of models are tried: `here`, one after the other; in several `processes`; on "
        "`ray`, of this machine; or on a cluster, `ray://HOST:10001`. The results are the same.",
    )
    rules: Rules = Rules()
