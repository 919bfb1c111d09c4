"""What may be asked of tenants and keys: the bodies of requests, and the records that they become."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from argosy.core.account import SCOPES, Key, Role, Scope
from argosy.core.ledger import Unit
from argosy.core.tenant import Party, Tenant, Terms
from argosy.serve.billing import money
from argosy.serve.errors import RequestError

Short = Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
Id = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[\w.:@/-]+$")]
Origin = Annotated[str, Field(max_length=200, pattern=r"^https?://[\w.-]+(:\d{1,5})?$")]
Amount = Annotated[str, Field(pattern=r"^\d{1,12}(\.\d{1,6})?$", examples=["100.00"])]
Count = Annotated[int, Field(ge=0, le=2**53)]
ASKING: tuple[Scope, ...] = tuple(scope for scope in SCOPES if scope != "account")
"""What a key may do unless told otherwise: ask, but not manage the account."""
_SECOND = 1_000_000  # microseconds
_SHOWN = 60  # characters of a client's own words that an error repeats
_MONEY = frozenset({"plan", "price", "currency"})
_MONEY_LIMITS = frozenset({"budget", "prepaid"})
B = TypeVar("B", bound=BaseModel)
T = TypeVar("T")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class LimitsWish(_Strict):
    """What a tenant may use: null lifts a limit, what is left out stays as it is."""

    requests_per_minute: Count | None = None
    tokens_per_minute: Count | None = None
    concurrent: Count | None = None
    quota: dict[Unit, Count | None] = {}
    budget: Amount | None = None
    prepaid: bool = False


class BillingWish(_Strict):
    """Where bills go, and what a fapiao names of its buyer; what is left out stays as it is."""

    email: Short = ""
    title: Short = ""
    taxpayer: Annotated[str, Field(max_length=32, pattern=r"^[0-9A-Za-z]*$")] = ""
    address: Short = ""
    phone: Short = ""
    bank: Short = ""
    bank_account: Short = ""


class TenantWish(_Strict):
    """A tenant to create (``name`` is needed), or a patch as RFC 7396 has it: null takes away, the rest stays."""

    name: Annotated[Short, Field(min_length=1)] | None = None
    plan: Id | None = None
    price: Id | None = None
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] | None = None
    limits: LimitsWish = LimitsWish()
    pins: dict[Id, Id | None] = {}
    billing: BillingWish = BillingWish()

    @property
    def touches_money(self) -> bool:
        """Whether it changes what is paid, or may be spent."""
        return bool(self.model_fields_set & _MONEY or self.limits.model_fields_set & _MONEY_LIMITS)

    def alter(self, tenant: Tenant) -> Tenant:
        """The tenant as it shall be; raises RequestError for a currency that there is not."""
        given = {name: getattr(self, name) for name in self.model_fields_set - {"limits", "billing", "pins"}}
        kept = {name: value for name, value in given.items() if value is not None or name == "price"}
        _check_currency(self.currency)
        limits = {name: getattr(self.limits, name) for name in self.limits.model_fields_set}
        if limits.get("budget") is not None:
            limits["budget"] = money.parse(limits["budget"])
        if "quota" in limits:
            limits["quota"] = _merged(tenant.limits.quota, self.limits.quota)
        billing = {name: getattr(self.billing, name) for name in self.billing.model_fields_set}
        return replace(
            tenant,
            **kept,
            pins=_merged(tenant.pins, self.pins),
            limits=replace(tenant.limits, **limits),
            billing=replace(tenant.billing, **billing),
        )


class SuspendWish(_Strict):
    """Why a tenant is refused, as a stable word."""

    reason: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,60}$")] = "operator"


class KeyWish(_Strict):
    """A new key: of a ``tenant`` with scopes, or with a ``role`` on the admin side; ``expires_in`` in seconds."""

    tenant: Id | None = None
    role: Role | None = None
    scopes: Annotated[list[Scope], Field(max_length=len(SCOPES))] | None = None
    models: Annotated[list[Id], Field(max_length=100)] = []
    origins: Annotated[list[Origin], Field(max_length=100)] = []
    expires_in: Annotated[int, Field(ge=1, le=10 * 366 * 86_400)] | None = None

    def terms(self, at: int) -> Terms:
        """What the key may do, for one created at ``at``; raises RequestError for what does not fit together."""
        if (self.tenant is None) == (self.role is None) or (self.role and self.scopes):
            raise RequestError(
                "A key has either a tenant, with scopes, or a role.",
                code="invalid_value",
                param="role",
                mend="Give tenant or role, not both.",
            )
        scopes = () if self.role else self.scopes if self.scopes is not None else ASKING
        return Terms(
            scopes=frozenset(scopes),
            models=frozenset(self.models),
            origins=tuple(self.origins),
            role=self.role,
            expires=None if self.expires_in is None else at + self.expires_in * _SECOND,
        )


class OwnKeyWish(_Strict):
    """A new key of one's own account; ``expires_in`` in seconds."""

    scopes: Annotated[list[Scope], Field(max_length=len(SCOPES))] | None = None
    models: Annotated[list[Id], Field(max_length=100)] = []
    origins: Annotated[list[Origin], Field(max_length=100)] = []
    expires_in: Annotated[int, Field(ge=1, le=10 * 366 * 86_400)] | None = None

    def terms(self, at: int, creator: Key) -> Terms:
        """What the key may do: no more than the key that creates it, nor for longer; raises RequestError."""
        beyond = frozenset(self.models) - creator.models
        if creator.models and beyond:
            raise RequestError(
                "This key may not ask the model {name!r}, so it cannot make a key that may.",
                code="model_forbidden",
                param="models",
                mend="Use a key without this limit.",
                name=min(beyond),
            )
        ends = [] if self.expires_in is None else [at + self.expires_in * _SECOND]
        ends += [] if creator.expires is None else [creator.expires]
        terms = Terms(
            scopes=frozenset(ASKING if self.scopes is None else self.scopes),
            models=frozenset(self.models) or creator.models,
            origins=tuple(self.origins) or creator.origins,
            expires=min(ends, default=None),
        )
        check_within(terms, creator)
        return terms


class RotateWish(_Strict):
    """How long the old secret stays valid, in seconds."""

    grace: Annotated[int, Field(ge=0, le=30 * 86_400)] = 86_400


BODIES: tuple[type[BaseModel], ...] = (TenantWish, SuspendWish, KeyWish, OwnKeyWish, RotateWish)


def parse(kind: type[B], body: bytes) -> B:
    """A JSON body as ``kind``; an empty one has no keys. Raises RequestError for the first thing wrong with it."""
    try:
        return kind.model_validate_json(body if body.strip() else b"{}")
    except ValidationError as error:
        raise _explain(kind, error) from None


def check(kind: type[B], values: Mapping[str, object]) -> B:
    """Values as ``kind``; raises RequestError for the first thing wrong with them."""
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        raise _explain(kind, error) from None


def check_within(wanted: Terms | Key, own: Key) -> None:
    """Raise RequestError where a key goes beyond the models, the origins or the time of the ``own`` key.

    Whoever makes a key, or a new secret for one, has its secret.
    """
    models = own.models and not (wanted.models and wanted.models <= own.models)
    origins = own.origins and not (wanted.origins and {*wanted.origins} <= {*own.origins})
    if models or origins or (own.expires is not None and (wanted.expires is None or wanted.expires > own.expires)):
        raise RequestError(
            "This key is limited, so it makes no key and no secret that goes beyond its models, origins and time.",
            code="no_permission",
            mend="Use a key without this limit.",
        )


def new_tenant(wish: TenantWish, plan: str, currency: str) -> Tenant:
    """A tenant that does not exist yet; raises RequestError without a name."""
    if wish.name is None:
        raise RequestError(
            "The key {key!r} is missing.",
            code="missing_field",
            param="name",
            mend='Send {{"name": "…"}} at least.',
            key="name",
        )
    empty = Tenant(id="", name=wish.name, plan=plan, currency=currency, billing=Party())
    return wish.alter(empty)


def _merged(old: Mapping[str, T], patch: Mapping[Any, T | None]) -> dict[str, T]:
    """A mapping after a patch, in which None takes away."""
    both = {**old, **patch}
    return {name: value for name, value in both.items() if value is not None}


def _explain(kind: type[BaseModel], error: ValidationError) -> RequestError:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    place = ".".join(str(part)[:_SHOWN] for part in first["loc"]) or None
    if first["type"] == "json_invalid":
        return RequestError("The body is not JSON.", code="not_json", mend="Send a JSON object.")
    if first["type"] == "extra_forbidden":
        known = ", ".join(kind.model_fields)
        return RequestError(
            "The key {key!r} is not known.",
            code="unknown_field",
            param=place,
            mend="Known here: {known}.",
            key=place,
            known=known,
        )
    return RequestError(
        "The value of {key!r} is not valid.",
        code="invalid_value",
        param=place,
        mend="See GET /docs for what it may be.",
        key=place or "",
    )


def _check_currency(currency: str | None) -> None:
    if currency is not None and currency not in money.CURRENCIES:
        raise RequestError(
            "The currency {currency!r} is none of ISO 4217.",
            code="invalid_value",
            param="currency",
            mend="Three capital letters, such as CNY, USD or EUR.",
            currency=currency,
        )
