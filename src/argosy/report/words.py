"""What the names in a record are called in words: reasons, kinds of personal data, perturbations, groups."""

from argosy.report.ladder import Translate


def dropped(reason: str, t: Translate) -> str:
    """Rows that were left out, in a few words."""
    return _dropped(reason, t)[0]


def dropped_because(reason: str, t: Translate) -> str:
    """Why rows were left out, in a sentence."""
    return _dropped(reason, t)[1]


def _dropped(reason: str, t: Translate) -> tuple[str, str]:
    plain = reason.replace("_", " ")
    return {
        "exact_twin": (t("exact twins"), t("the same text stands twice; one is kept")),
        "near_twin": (t("near twins"), t("nearly the same text with the same label stands twice; one is kept")),
        "conflicting_label": (t("conflicting labels"), t("the same text stands with different labels; none is kept")),
        "in_test": (t("also held out"), t("the text is also in a held-out part; it must not be learnt")),
        "leak": (
            t("leaks into the test rows"),
            t("the text, or nearly the same, or its group is in the test rows; it must not be learnt"),
        ),
        "group_in_earlier_part": (
            t("late rows of an earlier group"),
            t("its group has earlier rows in another part; a group stays in one"),
        ),
        "empty": (t("without text"), t("no text")),
        "no_language": (t("without a word"), t("no word in it: digits, signs or symbols only")),
        "too_long": (t("too long"), t("far too long for a text")),
        "unlabelled": (t("unlabelled"), t("no label yet")),
        "measured_on": (
            t("also measured on"),
            t("the text, or nearly the same, is in a held-out part; it must not be learnt"),
        ),
        "unanswered": (t("without an answer"), t("a question without an answer")),
        "robot": (t("answered by a machine"), t("a machine answered; nothing is learnt from it")),
        "disputed": (t("disputed answers"), t("the customer said that the answer was wrong")),
        "asked_back": (t("questions back"), t("the person asked back and gave no answer")),
        "said_anywhere": (t("set phrases"), t("the answer is said whatever the question")),
        "untimed": (t("without a time"), t("no time, where the rows are divided in the order of time")),
        "erased": (t("of erased persons"), t("its person was erased; it must not be learnt")),
    }.get(reason, (plain, plain))


def kind_name(kind: str, t: Translate) -> str:
    """A kind of personal data in words."""
    return {
        "resident_id": t("resident ids"),
        "phone": t("phone numbers"),
        "bank_card": t("bank cards"),
        "uscc": t("company codes"),
        "passport": t("passports"),
        "plate": t("number plates"),
        "email": t("e-mail addresses"),
        "credentials": t("passwords"),
        "ip": t("IP addresses"),
        "iban": "IBAN",
        "ssn": t("social security numbers"),
        "name": t("names"),
        "address": t("addresses"),
    }.get(kind, kind)


def perturbation(name: str, t: Translate) -> str:
    """What a perturbation does to a text."""
    return {
        "typo": t("typing errors"),
        "swap": t("swapped characters"),
        "drop": t("missing characters"),
        "insert": t("extra characters"),
        "homophone": t("homophones"),
        "look_alike": t("look-alike characters"),
        "upper": t("capitals"),
        "lower": t("small letters"),
        "random_case": t("capitals at random"),
        "emoji_inserted": t("emoji inserted"),
        "emoji_removed": t("emoji removed"),
        "spaces_inserted": t("spaces inserted"),
        "full_width_spaces": t("full-width spaces"),
        "spaces_removed": t("spaces removed"),
        "punctuation_removed": t("no punctuation"),
        "punctuation_repeated": t("repeated punctuation"),
        "full_width": t("full-width letters"),
        "traditional": t("traditional characters"),
        "simplified": t("simplified characters"),
        "truncated": t("the last tenth cut off"),
    }.get(name, name.replace("_", " "))


def group_name(group: str, t: Translate) -> str:
    """A kind of terms that were swapped."""
    return {
        "gender": t("gender"),
        "age": t("age"),
        "origin": t("origin"),
        "religion": t("religion"),
        "disability": t("disability"),
        "orientation": t("orientation"),
        "name": t("names"),
    }.get(group, group)


def slice_kind(kind: str, t: Translate) -> str:
    """What a slice is a slice of; two of them are joined by ×."""
    names = {
        "length": t("length"),
        "language": t("language"),
        "label": t("label"),
        "group": t("group"),
        "time": t("time"),
    }
    return " × ".join(names.get(part, part) for part in kind.split(" × "))


def language_name(language: str, t: Translate) -> str:
    """A language's name in the reader's language."""
    return {"zh": t("Chinese"), "en": t("English")}.get(language, language)
