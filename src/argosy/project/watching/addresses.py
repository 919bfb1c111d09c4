"""Where alarms are sent: the addresses of ``[watch] send``, as Apprise reads them.

An address holds a secret as a rule. It stays in the project file and in memory: elsewhere a target stands for it, its
scheme and a digest, which stays the same when only its password is changed.
"""

import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from argosy.config.schema import FILE
from argosy.core.errors import ArgosyError, MissingError, ProjectError, raise_all

if TYPE_CHECKING:
    from apprise import NotifyBase

_KNOWN = "json, mailto, mailtos, slack, dingtalk, feishu, wecombot"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """An address and the target that stands for it."""

    url: str = field(repr=False)
    target: str

    def service(self) -> "NotifyBase":
        """What sends there, made anew, so that it remembers nothing of what it sent before."""
        found = _service(self.url)
        if found is None:
            raise _unreadable(self.url)
        return found


def addresses_of(urls: Sequence[str]) -> list[Address]:
    """The addresses, each once; raises ProjectError for those that cannot be read, MissingError without Apprise."""
    if not urls:
        return []
    raise_all([_unreadable(url) for url in urls if _service(url) is None])
    return [Address(url=url, target=_target(url)) for url in dict.fromkeys(urls)]


def refuse_unreadable(urls: Sequence[str]) -> None:
    """Raise ProjectError for addresses that cannot be read, where Apprise is here to tell: only who sends needs it."""
    with suppress(MissingError):
        addresses_of(urls)


def targets_of(urls: Sequence[str]) -> list[str]:
    """The targets that stand for addresses, each once; needs no Apprise."""
    return [_target(url) for url in dict.fromkeys(urls)]


def _service(url: str) -> "NotifyBase | None":
    try:
        from apprise import Apprise, AppriseAsset
    except ModuleNotFoundError as error:
        raise MissingError(
            "Sending alarms needs the package {package!r}.",
            where=f"{FILE}, [watch] send",
            mend="pip install 'argosy[alarms]'",
            package="apprise",
        ) from error
    logging.getLogger("apprise").propagate = False  # it would say addresses with their secrets
    asset = AppriseAsset(app_id="Argosy", app_desc="Argosy", app_url="", image_url_mask="", image_url_logo="")
    found = Apprise.instantiate(url, asset=asset)
    if found is not None:
        found.request_rate_per_sec = 0  # it would sleep between the targets of one address, until the try is over
    return found


def _target(url: str) -> str:
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    open_ = parts._replace(netloc=f"{parts.username}@{host}" if parts.username else host)
    return f"{parts.scheme[:40]}:{sha256(urlunsplit(open_).encode()).hexdigest()[:16]}"


def _unreadable(url: str) -> ArgosyError:
    return ProjectError(
        "An address with the scheme {scheme!r} cannot be read; expected one of Apprise's, such as {known}.",
        where=f"{FILE}, [watch] send",
        mend="Look up how it is written: https://github.com/caronc/apprise/wiki",
        scheme=url.partition(":")[0][:40],
        known=_KNOWN,
    )
