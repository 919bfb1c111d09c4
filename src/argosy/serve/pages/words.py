"""What stable words of the service are called on its pages."""

from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType

Say = Callable[[str], str]


def word(t: Say, kind: str, name: str) -> str:
    """What ``name`` is called, and itself where it has no other name: an operator's own reason, say."""
    return _words(t)[kind].get(name, name)


@cache
def _words(t: Say) -> Mapping[str, Mapping[str, str]]:
    return MappingProxyType(
        {
            "unit": {
                "requests": t("requests"),
                "texts": t("texts"),
                "rows": t("rows"),
                "tokens": t("tokens"),
                "prompt_tokens": t("prompt tokens"),
                "completion_tokens": t("completion tokens"),
                "milliseconds": t("milliseconds"),
                "minutes": t("minutes"),
            },
            "state": {
                "draft": t("draft"),
                "sent": t("to be paid"),
                "paid": t("paid"),
                "overdue": t("overdue"),
                "void": t("void"),
            },
            "suspended": {"unpaid": t("an invoice is overdue"), "operator": t("the operator decided so")},
            "role": {
                "owner": t("owner"),
                "operator": t("operator"),
                "viewer": t("viewer"),
                "annotator": t("annotator"),
                "agent": t("agent"),
            },
            "phase": {"steady": t("steady"), "shadow": t("in the shadow"), "canary": t("canary")},
            "scheme": {
                "graduated": t("each unit by its tier"),
                "volume": t("all units by the tier reached"),
                "package": t("by whole packages"),
            },
            "why": _why(t),
            "signals": {"traffic": t("Traffic"), "texts": t("Texts"), "answers": t("Answers")},
            **_support(t),
            "event": {
                "view": t("look at"),
                "click": t("click"),
                "like": t("like"),
                "cart": t("put into the cart"),
                "purchase": t("buy"),
                "seen": t("seen"),
            },
            "sentiment": {"negative": t("negative"), "neutral": t("neutral"), "positive": t("positive")},
            "severity": {"low": t("low"), "medium": t("medium"), "high": t("high")},
            "told": {"opened": t("opened"), "again": t("opened again"), "closed": t("closed")},
            "outcome": {"rating": t("good ratings"), "accuracy": t("right labels"), "errors": t("no errors")},
            "experiment": {
                "running": t("running"),
                "decided": t("decided"),
                "reached": t("size reached, no winner"),
                "rolled_back": t("rolled back"),
                "ended": t("over"),
            },
        }
    )


def _why(t: Say) -> Mapping[str, str]:
    """Why a release stands where it does."""
    return {
        "": "–",
        "shadow": t("put into the shadow"),
        "advanced": t("held its share"),
        "asked": t("somebody asked for it"),
        "held": t("held the last share"),
        "errors": t("it failed more often"),
        "latency": t("it was slower"),
        "quality": t("its answers were worse"),
        "too_few_labels": t("too few labels came"),
        "no_labels": t("it gives no labels to compare"),
        "fails": t("it failed on copies of requests"),
        "rows": t("shown by labelled rows"),
        "agreement": t("shown by agreement with the champion"),
        "worse": t("labelled rows show it is worse"),
        "too_few_rows": t("too few labelled rows"),
    }


def _support(t: Say) -> Mapping[str, Mapping[str, str]]:
    """Of the desk behind an assistant."""
    return {
        "conversation": {
            "open": t("with the assistant"),
            "waiting": t("waiting"),
            "taken": t("with a person"),
            "closed": t("closed"),
        },
        "channel": {
            "api": t("API"),
            "widget": t("web page"),
            "webhook": t("webhook"),
            "wecom": t("WeCom"),
            "dingtalk": t("DingTalk"),
            "feishu": t("Feishu"),
            "desk": t("service desk"),
        },
        "language": {"zh": "中文", "en": "English"},
        "decision": {
            "stored": t("stored answer"),
            "composed": t("out of documents"),
            "clarify": t("question back"),
            "hand_over": t("handed over"),
            "unknown": t("no answer"),
            "small_talk": t("courtesy"),
        },
        "approval": {"open": t("to be decided"), "approved": t("approved"), "refused": t("refused")},
        "handed": {
            "angry": t("the customer is angry"),
            "wants_person": t("the customer asked for a person"),
            "not_helped": t("two answers in a row did not help"),
        },
        "expired": {
            "superseded": t("another answer came after it"),
            "past_date": t("its day is over"),
            "not_given": t("nobody gave it for long"),
        },
    }
