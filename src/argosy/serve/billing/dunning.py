"""What becomes of an invoice that is not paid: overdue, reminded, and the tenant suspended; told by the day alone."""

from dataclasses import dataclass
from typing import Literal

from argosy.core.language import translator
from argosy.serve.billing.money import show
from argosy.serve.billing.months import day_of

Stage = Literal["sent", "overdue", "suspended"]
_DAY = 86_400 * 10**6


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """An invoice that was sent: ``owed`` micro-units, due at a time; ``suspend_days`` as its plan has it."""

    number: str
    tenant: str
    currency: str
    owed: int
    due: int
    suspend_days: int | None


def stages(owed: Owed, now: int) -> list[Stage]:
    """The stages that an unpaid invoice has reached, the first one first."""
    if owed.owed <= 0 or now <= owed.due:
        return []
    ends = suspends(owed)
    return ["overdue"] if ends is None or now < ends else ["overdue", "suspended"]


def suspends(owed: Owed) -> int | None:
    """When the tenant is suspended for it, in microseconds since the epoch; None: never."""
    return None if owed.suspend_days is None else owed.due + owed.suspend_days * _DAY


def letter(owed: Owed, stage: Stage, language: str, zone: str) -> tuple[str, str]:
    """Subject and text of what the tenant is told."""
    t = translator(language)
    ends = suspends(owed)
    told = {
        "number": owed.number,
        "amount": show(owed.owed, owed.currency, language),
        "due": day_of(owed.due, zone),
        "ends": day_of(ends, zone) if ends is not None else "",
    }
    if stage == "sent":
        return (
            t("Invoice {number}").format(**told),
            t("Here is the invoice {number}. To pay: {amount}, by {due}.").format(**told),
        )
    if stage == "suspended":
        return (
            t("Access suspended: invoice {number}").format(**told),
            t(
                "The invoice {number} over {amount} was due on {due} and is not paid. Access is suspended until it is."
            ).format(**told),
        )
    text = t("The invoice {number} over {amount} was due on {due} and is not paid. Please pay it now.").format(**told)
    if ends is not None:
        text += " " + t("From {ends} on access is suspended.").format(**told)
    return t("Reminder: invoice {number}").format(**told), text
