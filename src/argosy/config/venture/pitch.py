"""What the founders say of their venture in their own words: the table ``pitch``."""

from pydantic import Field

from argosy.config.table import Table
from argosy.venture.deck import story

_MOST = 600  # letters: a slide's worth


class Pitch(Table):
    """What figures do not tell, a few sentences each."""

    what: str | None = Field(None, max_length=_MOST, description="What it is, and for whom.")
    problem: str | None = Field(None, max_length=_MOST, description="The problem that customers have.")
    solution: str | None = Field(None, max_length=_MOST, description="How it is solved, and why by you.")
    market: str | None = Field(None, max_length=_MOST, description="Who buys, and who else sells.")
    ask: str | None = Field(None, max_length=_MOST, description="What you ask of the reader.")

    def pitch(self) -> story.Pitch:
        """The words."""
        return story.Pitch(
            what=self.what, problem=self.problem, solution=self.solution, market=self.market, ask=self.ask
        )
