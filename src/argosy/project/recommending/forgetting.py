"""A user who is to be forgotten: in the log, in memory, and in what the next build reads."""

from collections.abc import Mapping
from pathlib import Path

from argosy.project.selling.shop import Shop
from argosy.stages.data import erased
from argosy.store.persons.keyring import Keyring, open_keyring, read_keyring
from argosy.store.recommend.log import SqlRecommendLog

_BY = "argosy"  # who forgets after a restore


def keys_of(home: Shop) -> Keyring:
    """The project's keys; raises MissingError where somebody is on the list of the erased and the keys are gone."""
    place = home.folder / home.project.privacy.key_file
    return read_keyring(place) if erased.read(home.folder) else open_keyring(place)


def forget(home: Shop, log: SqlRecommendLog, user: str, by: str, at: int) -> Mapping[str, int]:
    """Remove a user; how many events and lists there were.

    The list of the erased comes first: where this is cut off, the next build leaves the user out all the same.
    """
    who = log.known_as(user)
    groups = erased.groups_of(keys_of(home).rows, user)
    erased.add(home.folder, erased.Line(erasure=who, subject=who, at=at, groups=groups))
    removed = log.forget(user, by).result()
    log.purge()
    return removed


def forget_again(folder: Path, log: SqlRecommendLog) -> int:
    """Forget those on the list of the erased whom a restored backup does not know as such; how many it brought back.

    All of them are known as forgotten afterwards, so that an old file brings nothing back of whom it held nothing.
    """
    known = log.forgotten()
    missing = {line.erasure: line.at for line in erased.read(folder) if line.erasure not in known}
    if not missing:
        return 0
    back = {user for user in log.users() if log.known_as(user) in missing}
    for user in sorted(back):
        log.forget(user, _BY).result()
    if back:
        log.purge()
    log.remember(missing).result()
    return len(back)
