"""``argosy support ask``, ``queue`` and ``forget``."""

from datetime import UTC, datetime
from pathlib import Path

from argosy.core.errors import MissingError, ProjectError
from argosy.core.records import Message
from argosy.project.supporting.forgetting import Conversations
from argosy.report.numbers import share
from argosy.serve.pages.words import word
from argosy.store.support.conversations import SqlConversations
from argosy.store.support.knowledge import SqlKnowledge
from argosy.ui.speech import note, say, t
from argosy.ui.verbs.books import show_table
from argosy.ui.verbs.build import say_json
from argosy.ui.verbs.supporting.opening import beside, stored

_SECOND = 1_000_000  # microseconds
_SHOWN = 60  # characters of a text in a table


def ask(folder: Path, text: str, *, as_json: bool) -> None:
    """One answer, which is not logged."""
    with beside(folder) as opened:
        reply = opened.assistant.reply([Message(role="user", content=text)])
    if as_json:
        say_json(reply.to_json())
        return
    say(reply.text)
    for place in dict.fromkeys((one.title, one.where, one.document) for one in reply.citations):
        note(t("source     {place}").format(place=" · ".join(filter(None, place))))
    told = t("{decision}, because: {reason}; the chance that it is right is {chance}, needed is {threshold}")
    note(
        told.format(
            decision=word(t, "decision", reply.decision),
            reason=_why(reply.reason),
            chance=share(reply.chance),
            threshold=share(reply.threshold),
        )
    )


def queue(folder: Path, *, as_json: bool) -> None:
    """Who waits for a person."""
    with stored(folder) as (home, database):
        found = SqlConversations(database, home.project.name).listed(["waiting", "taken"], 200)
    if as_json:
        names = ("id", "channel", "state", "opened", "changed", "language", "reason", "summary", "by")
        say_json({"conversations": [{name: getattr(one, name) for name in names} for one in found]})
        return
    heads = (t("conversation"), t("channel"), t("state"), t("since"), t("reason"), t("who"))
    rows = [
        (
            one.id,
            word(t, "channel", one.channel),
            word(t, "conversation", one.state),
            _time(one.changed),
            word(t, "handed", one.reason)[:_SHOWN],
            one.by,
        )
        for one in found
    ]
    show_table(heads, rows)


def forget(folder: Path, document: str, conversation: str, *, as_json: bool) -> None:
    """Remove a document or a conversation for good."""
    if bool(document) == bool(conversation):
        raise ProjectError(
            "It is not said what to forget.",
            where="argosy support forget",
            mend="Name one: --document NAME, or --conversation ID",
        )
    with stored(folder) as (home, database):
        name = home.project.name
        if document:
            removed = SqlKnowledge(database, name).purge(document)
        else:
            removed = Conversations(home.project, folder, database).forget([conversation])
    if not removed:
        raise MissingError(
            "Nothing is known by the name {name!r}.", mend="It may be gone already.", name=document or conversation
        )
    if as_json:
        say_json({"removed": removed})
        return
    if document:
        note(t("{count} entries of {name} are gone for good.").format(count=removed, name=document))
        note(t("Remove the file too: one that is there is read again."))
        return
    note(t("The conversation {name} is gone for good.").format(name=conversation))


def _why(reason: str) -> str:
    """Why the assistant answered as it did, in words; the reason itself of one that has none."""
    known = {
        "fits": t("it fits, as the promise asks"),
        "unproven": t("it fits, though too few rows show how often that is wrong"),
        "chosen": t("the customer chose it"),
        "rewritten": t("it fits, worded anew by a model"),
        "partly": t("a part of the questions has an answer"),
        "slots": t("a value is missing"),
        "between": t("several answers are near"),
        "nothing_near": t("nothing that is known is near enough"),
        "nothing_known": t("nothing is known that may be said"),
        "disputed": t("the customer says that the answer was wrong"),
        "empty": t("nothing was asked"),
        "greeting": t("a greeting"),
        "thanks": t("thanks"),
        "bye": t("a farewell"),
        "nod": t("a nod"),
        "who": t("asked who it is"),
    }
    return known.get(reason) or word(t, "handed", reason)


def _time(at: int) -> str:
    return f"{datetime.fromtimestamp(at / _SECOND, UTC):%Y-%m-%d %H:%M}"
