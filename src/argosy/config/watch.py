"""The tables ``[watch]`` and ``[improve]`` of the project file."""

from typing import Literal

from pydantic import Field

from argosy.config.table import Table


class Watch(Table):
    """What is watched while the model serves, and whom alarms are sent to."""

    false_alarms: float = Field(
        1.0, gt=0, le=100, description="Alarms in 30 days that you accept although nothing is wrong; limits follow."
    )
    every_minutes: int = Field(
        60, ge=10, le=1440, multiple_of=10, description="Length of a period; each signal is looked at once in it."
    )
    send: list[str] = Field(
        [], description="Where alarms go, as Apprise's addresses, such as `slack://…`, `dingtalk://…`, `mailto://…`."
    )
    language: Literal["en", "zh"] = Field("en", description="The language of what is sent.")
    address: str = Field("", description="Where people reach the service's pages, for links in what is sent.")
    keep_days: int = Field(400, ge=35, le=3650, description="Days after which counts of traffic are removed.")


class Improve(Table):
    """How the next version comes about."""

    ask: int = Field(100, ge=1, description="Captured texts that are chosen for labelling at a time.")
    least: int = Field(50, ge=10, description="New labelled rows below which no challenger is trained.")
    held_out: float = Field(0.3, gt=0, lt=1, description="Share of the new rows that judge the challenger.")
    margin: float = Field(
        0.03, gt=0, lt=1, description="A loss on what the model knew that must be excluded before a challenger serves."
    )
    twice: float = Field(0.2, ge=0, le=1, description="Share of the chosen texts that two people label.")
    every_days: int = Field(0, ge=0, le=365, description="Days between two tries that the server begins; 0: none.")
    promote: bool = Field(True, description="Hand a better challenger to the canary; or only tell of it.")
