"""Messages sent by Apprise: a target has taken one when it says so, and until then the message is kept."""

import logging
import re
from collections.abc import Callable, Mapping
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING
from urllib.parse import unquote

from argosy.core.errors import ArgosyError
from argosy.project.watching.addresses import Address
from argosy.project.watching.letters import Letter, Wording
from argosy.store.watching.messages import SqlMessages

if TYPE_CHECKING:
    import requests

SECONDS = 20.0
"""How long a try may take: as many as are claimed at a time end before their claim does."""
_PART = re.compile(r"[^/:@?&=;,+\s]{6,}")
_log = logging.getLogger(__name__)
Clock = Callable[[], int]


def send(address: Address, letter: Letter) -> str:
    """Send a letter; empty when the address took it, else why not, without the address's own words."""
    from apprise import Apprise, AppriseResultStatus, NotifyFormat

    try:
        _strict()
        sender = Apprise()
        sender.add(address.service())
        done = sender.notify(letter.body, title=letter.title, body_format=NotifyFormat.TEXT, timeout=SECONDS)
    except ArgosyError as error:
        return str(error)
    except Exception as error:  # noqa: BLE001 - a plug-in's own fault must not end what sends; its words may quote
        return type(error).__name__
    tries = [attempt.status for result in done for attempt in result.attempts]
    if tries and tries[-1] is AppriseResultStatus.SUCCESS:
        return ""
    said = [entry.message for entry in done.logs()]
    return without(address, said[0] if said else done.status.name)


def send_due(messages: SqlMessages, address: Address, wording: Wording, clock: Clock) -> int:
    """Send what is due to an address, and note what came of it; how many it took.

    After one that it does not take the others of this time are left for the next: it is down as a rule.
    """
    taken, error = 0, ""
    for message in messages.due(clock(), address.target):
        error = error or send(address, wording.letter(message))
        if error:
            messages.failed(message, clock(), error).result()
        else:
            messages.sent(message, clock()).result()
            taken += 1
    if error:
        _log.warning("an alarm could not be sent to %s and is tried again: %s", address.target, error)
    return taken


def without(address: Address, said: str) -> str:
    """What was said, every word of the address taken out."""
    for part in sorted(set(_PART.findall(unquote(address.url)) + _PART.findall(address.url)), key=len, reverse=True):
        said = said.replace(part, "…")
    return said


def _strict() -> None:
    """Let the plug-ins of chat robots hear a refusal that is told in an answer of status 200.

    DingTalk, Feishu, Lark and WeCom answer so when a keyword is missing or too much was sent; Apprise reads the status
    alone and would take the message for delivered.
    """
    import requests
    from apprise.plugins import dingtalk, feishu, lark, wecombot

    post = partial(requests.post, hooks={"response": _judge})
    judged = SimpleNamespace(post=post, codes=requests.codes, RequestException=requests.RequestException)
    for plugin in (dingtalk, feishu, lark, wecombot):
        setattr(plugin, "requests", judged)  # noqa: B010 - the module's own name for it, which no type tells


def _judge(answer: "requests.Response", **_: object) -> None:
    """Raise for an answer that says that the message was not taken."""
    import requests

    try:
        told = answer.json()
    except requests.JSONDecodeError:
        return
    code = told.get("errcode", told.get("code", 0)) if isinstance(told, Mapping) else 0
    if answer.ok and code not in (0, "0"):
        said = told.get("errmsg") or told.get("msg") or ""
        logging.getLogger("apprise").warning("it answered with the code %s: %s", code, said)
        raise requests.RequestException(said)
