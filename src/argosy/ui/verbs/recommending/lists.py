"""``argosy recommend list``: a list with its reasons, at the terminal."""

from pathlib import Path

from argosy.core.recommend import Wish
from argosy.serve.pages.recommend import listed
from argosy.ui.speech import say, t
from argosy.ui.verbs.books import show_table
from argosy.ui.verbs.build import say_json
from argosy.ui.verbs.recommending.opening import opened

_TITLE = 60  # characters in a table


def list_items(
    folder: Path, user: str, recent: tuple[str, ...], count: int, tags: tuple[str, ...], *, as_json: bool
) -> None:
    """What a user, or a stranger, would be shown now; nothing is kept, and nothing is shown to learn."""
    with opened(folder) as live:
        made = live.made(Wish(user=user, recent=recent, n=count, tags=tags, explore=False))
        told = listed(live, made, t)
    if as_json:
        items = [{**shown.to_json(), "title": item.title, "reason": reason} for shown, item, reason in told]
        say_json({"user": user, "version": made.version, "items": items})
        return
    if not told:
        say(t("There is nothing to show: no item is left."))
        return
    rows = [(str(place), item.id, item.title[:_TITLE], reason) for place, (_, item, reason) in enumerate(told, start=1)]
    show_table(("", t("item"), t("title"), t("why")), rows)
