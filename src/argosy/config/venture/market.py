"""The table ``market`` of ``venture.toml``: whose texts are mined, and for what."""

from typing import Annotated, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from argosy.config.table import Table
from argosy.venture.market import corpus
from argosy.venture.market.mining import Wanted
from argosy.venture.market.needs import COUNT

Words = Annotated[list[str], Field(min_length=1)]


class MarketColumns(Table):
    """Which columns of the files hold what; those that are not named are told by usual names."""

    text: str | None = Field(None, description="What was said.")
    brand: str | None = Field(None, description="The brand or product that it is about.")
    rating: str | None = Field(None, description="The rating: numbers, stars, 4/5, 好评 and 差评.")
    time: str | None = Field(None, description="When it was said.")
    customer: str | None = Field(None, description="Who said it, where customers speak more than once.")
    attributes: list[str] | None = Field(None, description="What is known of customers; left out: all that fits.")


class Market(Table):
    """Texts about one's own product and others, and what is known of them beforehand."""

    files: Words = Field(description="Tables of reviews, tickets or posts, or patterns such as reviews/*.csv.")
    own: str | None = Field(None, description="Your own brand, as the files or `brands` call it.")
    columns: MarketColumns = MarketColumns()
    brands: dict[str, list[str]] = Field({}, description="Other spellings of brands: { Quillo = ['奎洛'] }.")
    needs: dict[str, Words] = Field(
        {}, description="Needs named by hand, by words that speak of them; needs found by these words are merged in."
    )
    dropped: list[str] = Field([], description="Names or telling words of needs that are found and are none.")
    count: int = Field(COUNT, ge=0, le=50, description="How many needs are found at most beside those named by hand.")
    scale: tuple[float, float] | None = Field(None, description="The worst and the best rating; left out: guessed.")
    seed: int = Field(7, description="The seed of clusters and resamples.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.scale is not None and not self.scale[0] < self.scale[1]:
            raise PydanticCustomError("scale_order", "give `scale` from the worst rating to the best, such as [1, 5]")
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
