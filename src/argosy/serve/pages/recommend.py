"""What a recommender's lists say to people: each item with the reason why it is there."""

from collections.abc import Callable, Mapping

from argosy.core.errors import MissingError
from argosy.core.recommend import Item, Recommendation, Shown
from argosy.serve.gate.recommended import Recommended


def listed(recommended: Recommended, found: Recommendation, t: Callable[[str], str]) -> list[tuple[Shown, Item, str]]:
    """Each item of a list with the reason why it is there; those that were removed meanwhile are left out."""
    known: dict[str, Item | None] = {}

    def look(name: str) -> Item | None:
        if name not in known:
            known[name] = _item(recommended, name)
        return known[name]

    shown = [(one, look(one.item), look(one.about) if one.about else None) for one in found.items]
    return [(one, item, reason(one, about, t)) for one, item, about in shown if item is not None]


def reason(shown: Shown, about: Item | None, t: Callable[[str], str]) -> str:
    """Why an item is shown, in words; ``about`` is the item of the history that it has to do with, where one does."""
    if about is not None and (title := about.title.strip() or about.id):
        if shown.why == "together":
            return t("often taken together with {title}").format(title=title)
        return t("because you liked {title}").format(title=title)
    return _plain(t)[shown.why]


def _plain(t: Callable[[str], str]) -> Mapping[str, str]:
    return {
        "similar": t("like what you liked"),
        "together": t("often taken together with what you liked"),
        "profile": t("fits what you have done so far"),
        "popular": t("popular now"),
        "fresh": t("new here"),
        "exploring": t("something different, to learn what you like"),
    }


def title_of(recommended: Recommended, name: str) -> str:
    """The title of an item by its id; the id where it has none, or is gone."""
    item = _item(recommended, name)
    return (item.title.strip() if item else "") or name


def _item(recommended: Recommended, name: str) -> Item | None:
    try:
        return recommended.item(name)
    except MissingError:
        return None
