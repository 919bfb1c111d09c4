"""Who buys: an account of a tenant, its keys, and what each may do."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

Scope = Literal[
    "classify", "generate", "embed", "rerank", "batch", "data", "feedback", "account", "opinion", "recommend"
]
SCOPES: tuple[Scope, ...] = get_args(Scope)
Role = Literal["owner", "operator", "viewer", "annotator", "agent"]
"""What a key of the admin side may do: everything; everything but money and keys; look; label captured texts."""
Fate = Literal["valid", "mistyped", "unknown", "expired", "revoked"]
"""What has become of a secret that somebody sends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a tenant may use; None is without a limit.

    ``quota`` is by unit and calendar month; ``budget`` is money of that month in micro-units (a millionth of the
    currency's unit). A ``prepaid`` tenant spends from its wallet and no more than that.
    """

    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    concurrent: int | None = None
    quota: Mapping[str, int] = field(default_factory=dict)
    budget: int | None = None
    prepaid: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A tenant as the service knows it: ``plan`` is the id of a plan's version, ``pins`` are model → version.

    ``timed``: the plan has a price for time, so milliseconds are metered.
    """

    tenant: str
    plan: str
    currency: str
    limits: Limits = field(default_factory=Limits)
    suspended: bool = False
    pins: Mapping[str, str] = field(default_factory=dict)
    timed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A key without its secret: ``prefix`` is what a person recognises it by, ``expires`` microseconds since the epoch.

    No ``models`` or ``origins`` named: all of them. A key of the admin side has a ``role`` and no scopes.
    """

    id: str
    tenant: str
    prefix: str
    scopes: frozenset[Scope] = frozenset(SCOPES)
    models: frozenset[str] = frozenset()
    origins: tuple[str, ...] = ()
    role: Role | None = None
    created: int = 0
    expires: int | None = None
    revoked: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks: a key and the account that pays."""

    key: Key
    account: Account
