"""``argosy key``: keys of tenants and of the admin side; a secret is told once, on standard output."""

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from argosy.core.account import Key
from argosy.core.errors import ProjectError
from argosy.core.tenant import NewKey
from argosy.serve.errors import RequestError
from argosy.serve.wire import wishes
from argosy.serve.wire.told import issued_told, key_told
from argosy.serve.wire.wishes import KeyWish
from argosy.store.tenants.accounts import SqlAccounts
from argosy.ui.speech import note, say, t
from argosy.ui.verbs.books import actor, opened, show_table
from argosy.ui.verbs.build import say_json

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_DURATION = re.compile(r"(\d{1,9})([smhd])")
_SECOND = 1_000_000  # microseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What a key shall be for, in the words of the command line."""

    tenant: str | None = None
    role: str | None = None
    scopes: str | None = None
    models: str | None = None
    expires: str | None = None
    origins: Sequence[str] = ()


def create(folder: Path, asked: Wishes, *, as_json: bool) -> None:
    """A new key; without tenant and role for the one tenant there is."""
    values = _values(asked)
    with opened(folder) as books:
        if asked.tenant is None and asked.role is None:
            values["tenant"] = _only(books.accounts)
        wish = _wish(values)
        terms = wish.terms(time.time_ns() // 1000)
        issued = books.accounts.create_key(wish.tenant, terms, actor()).result()
    _tell(issued, t("This is shown once; it is kept nowhere."), as_json=as_json)


def list_keys(folder: Path, tenant: str | None, *, as_json: bool) -> None:
    """The keys of a tenant, or all."""
    with opened(folder) as books:
        known = books.accounts.keys(tenant)
    if as_json:
        say_json({"keys": [key_told(key).model_dump(exclude={"object"}) for key in known]})
        return
    heads = (t("key"), t("tenant"), t("begins with"), t("may"), t("state"))
    show_table(heads, [(key.id, key.tenant, key.prefix, _may(key), _state(key)) for key in known])


def rotate(folder: Path, key: str, grace: str, *, as_json: bool) -> None:
    """A new secret; the old one stays valid for the grace."""
    seconds = duration(grace, "--grace")
    with opened(folder) as books:
        issued = books.accounts.rotate_key(key, seconds * _SECOND, actor()).result()
    _tell(issued, t("The old secret stays valid for {grace}.").format(grace=grace), as_json=as_json)


def revoke(folder: Path, key: str, *, as_json: bool) -> None:
    """End a key."""
    with opened(folder) as books:
        ended = books.accounts.revoke_key(key, actor()).result()
    if as_json:
        say_json(key_told(ended).model_dump(exclude={"object"}))
    else:
        note(t("{key} is revoked; servers that run refuse it within a second.").format(key=ended.id))


def duration(text: str, where: str) -> int:
    """Seconds of ``90d``, ``24h``, ``30m`` or ``10s``; raises ProjectError.

    >>> duration("2h", "--grace")
    7200
    """
    found = _DURATION.fullmatch("0s" if text == "0" else text)
    if found is None:
        raise ProjectError(
            "Expected a time such as 90d, 24h or 30m, found {found!r}.", where=where, mend="", found=text
        )
    return int(found[1]) * _SECONDS[found[2]]


def _values(asked: Wishes) -> dict[str, Any]:
    values: dict[str, Any] = {"tenant": asked.tenant, "role": asked.role, "origins": list(asked.origins)}
    for name, words in (("scopes", asked.scopes), ("models", asked.models)):
        if words is not None:
            values[name] = [word.strip() for word in words.split(",") if word.strip()]
    if asked.expires is not None:
        values["expires_in"] = duration(asked.expires, "--expires")
    return values


def _wish(values: dict[str, Any]) -> KeyWish:
    try:
        return wishes.check(KeyWish, values)
    except RequestError as error:
        raise ProjectError(
            "The value of {key!r} is not valid.", mend="See: argosy key create --help", key=error.param or ""
        ) from error


def _only(accounts: SqlAccounts) -> str:
    known = accounts.tenants()
    if len(known) != 1:
        raise ProjectError(
            "There are {count} tenants, and a key is for one of them.",
            where="--tenant",
            mend="Name it, see: argosy tenant list; or create one: argosy tenant create NAME",
            count=len(known),
        )
    return known[0].id


def _tell(issued: NewKey, words: str, *, as_json: bool) -> None:
    if as_json:
        say_json(issued_told(issued).model_dump(exclude={"object"}))
        return
    say(issued.secret)
    note(f"{issued.key.id}: {words}")


def _may(key: Key) -> str:
    models = f" ({', '.join(sorted(key.models))})" if key.models else ""
    return (key.role or ", ".join(sorted(key.scopes))) + models


def _state(key: Key) -> str:
    told = key_told(key)
    if told.revoked:
        return t("revoked {day}").format(day=told.revoked[:10])
    if told.expires:
        over = key.expires is not None and key.expires <= time.time_ns() // 1000
        said = t("expired {day}") if over else t("until {day}")
        return said.format(day=told.expires[:10])
    return t("valid")
