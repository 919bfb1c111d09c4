"""``argosy ledger``: whether the books are right."""

from dataclasses import asdict
from pathlib import Path

from argosy.config import file
from argosy.core.errors import DataError
from argosy.project.selling.offers import known_plans
from argosy.project.selling.shop import Shop, open_store
from argosy.store.ledger.verify import verify as verify_books
from argosy.ui.speech import note, say, t
from argosy.ui.verbs.build import say_json


def verify(folder: Path, *, as_json: bool) -> None:
    """Reckon every sum again from the lines; raises DataError where something differs."""
    shop = Shop(project=file.load(folder), folder=folder)
    with open_store(shop.sell, folder) as database:
        verdict = verify_books(database, known_plans(database, shop.project))
    if as_json:
        say_json(asdict(verdict))
    else:
        for found in verdict.differences:
            words = t("{tenant}: {what} {place}: expected {expected}, found {found}")
            say(words.format(**asdict(found)))
        note(t("{lines} lines of {tenants} tenants").format(lines=verdict.lines, tenants=verdict.tenants))
    if verdict.differences:
        raise DataError(
            "{count} sums are not those of their lines.",
            where=shop.sell.store.rpartition("@")[2],
            mend="Restore the last backup that verifies, and keep this file for whoever looks into it.",
            count=len(verdict.differences),
        )
