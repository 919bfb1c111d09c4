"""The tables ``[sell]`` and ``[privacy]`` of the project file."""

from typing import Literal

from pydantic import Field

from argosy.config.table import Table


class Sell(Table):
    """How the service is sold; without this table everybody may ask, and nothing is counted."""

    store: str = Field(
        ".argosy/store.db", description="Where keys, usage and invoices are kept: a file, or the URL of a PostgreSQL."
    )
    files: str = Field(
        ".argosy/files", description="Folder of uploaded files and of what batches write; all machines see the same."
    )
    time_zone: str = Field("Asia/Shanghai", description="Where the billing month begins and ends.")
    plan: str = Field("standard", description="The plan that a tenant has unless told otherwise.")
    settle_seconds: float = Field(
        5.0, gt=0, le=60, description="How long an answer waits for its charge to be written; then it is refused."
    )


class Privacy(Table):
    """What is kept of the persons whom requests are about, why, and for how long."""

    capture: float = Field(
        0.0, ge=0, le=1, description="Share of requests that is kept with the answers, redacted and sealed."
    )
    purpose: str = Field("improve", pattern=r"^[a-z][a-z0-9_]{0,39}$", description="What they are kept for.")
    basis: Literal[
        "consent", "contract", "legal_obligation", "vital_interests", "public_task", "legitimate_interests"
    ] = Field("consent", description="The legal basis; with `consent` only where a word of consent is on record.")
    keep_days: int = Field(30, ge=1, le=3650, description="Days after which what was kept is removed.")
    backup_days: int = Field(30, ge=0, le=3650, description="Days for which you keep backups, as certificates say.")
    backups: str = Field("backups/*", description="A glob of your backups, which certificates name one by one.")
    key_file: str = Field(".argosy/privacy.key", description="The file of keys: made at first use, never in a backup.")
