"""What every table of the project file is made of."""

from pydantic import BaseModel, ConfigDict


class Table(BaseModel):
    """A table of the project file: unknown keys are errors, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)
