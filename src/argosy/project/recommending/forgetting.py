"""A user who is to be forgotten: in the log, in memory, and in what the next build reads."""

from collections.abc import Mapping

from argosy.project.selling.shop import Shop
from argosy.stages.data import erased
from argosy.store.persons.keyring import open_keyring
from argosy.store.recommend.log import SqlRecommendLog


def forget(home: Shop, log: SqlRecommendLog, user: str, by: str, at: int) -> Mapping[str, int]:
    """Remove a user; how many events and lists there were.

    The list of the erased comes first: where this is cut off, the next build leaves the user out all the same.
    """
    who = log.known_as(user)
    keys = open_keyring(home.folder / home.project.privacy.key_file)
    erased.add(home.folder, erased.Line(erasure=who, subject=who, at=at, groups=erased.groups_of(keys.rows, user)))
    return log.forget(user, by).result()
