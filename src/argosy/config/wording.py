"""What pydantic says of a wrong value, in Argosy's own words, so that it can be said in every language of Argosy."""

from collections.abc import Mapping

from pydantic_core import ErrorDetails

from argosy.core.errors import ArgosyError, ProjectError

_WHOLE = "Expected a whole number, found {found!r}."
_NUMBER = "Expected a number, found {found!r}."
_SWITCH = "Expected true or false, found {found!r}."
_TABLE = "Expected a table, found {found!r}."

# kind of pydantic's error -> template over its context and ``found``
MESSAGES: Mapping[str, str] = {
    "string_type": "Expected a text in quotes, found {found!r}.",
    "string_pattern_mismatch": "Expected letters, digits, `-`, `_` and `.` alone, found {found!r}.",
    "literal_error": "Expected one of {expected}; found {found!r}.",
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_parsing_size": _WHOLE,
    "int_from_float": _WHOLE,
    "finite_number": "Expected a finite number, found {found!r}.",
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "bool_type": _SWITCH,
    "bool_parsing": _SWITCH,
    "greater_than": "Expected a number above {gt:g}, found {found!r}.",
    "greater_than_equal": "Expected a number from {ge:g} on, found {found!r}.",
    "less_than": "Expected a number below {lt:g}, found {found!r}.",
    "less_than_equal": "Expected {le:g} at most, found {found!r}.",
    "list_type": "Expected a list in brackets, found {found!r}.",
    "too_short": "Expected a list with at least one value, found {found!r}.",
    "dict_type": _TABLE,
    "model_type": _TABLE,
    "money": 'Expected an amount in quotes such as "2.00", found {found!r}.',
    "percent": 'Expected a share in quotes such as "6%", found {found!r}.',
    "currency": "Expected a currency of ISO 4217 such as CNY, found {found!r}.",
    "price_or_tiers": "Give either `price` or `tiers`.",
    "package_one_price": "A package has one `price` and no `tiers`.",
    "tiers_rise": "Every tier but the last has an `up_to`, each above the one before; the last has none.",
    "priced_twice": "The unit {unit} of the model {model!r} has two prices.",
    "one_source": "Give either `path` or `train`.",
    "answers_tuned": 'The key `answer` in [data] is for a pretrained model with `task = "generate"`.',
    "idle": "These keys of [train] change nothing in a project of this kind: {keys}. Those that do: {known}.",
    "other_task": "The metric {found!r} is none of the task {task!r}; there are {known}.",
    "small_already": "The table [target] is for models of texts: those over columns are small already.",
    "one_origin": "Give one of `measured`, `sourced` and `assumed`: each figure says where it comes from.",
    "source_date": "A source needs the `date` on which it was read.",
    "assumed_why": "An assumption needs its `why`.",
    "no_value": "Give a `value`.",
    "scale_order": "Give `scale` from the worst rating to the best, such as [1, 5].",
    "no_weight": "Give at least one weight above 0.",
    "size_twice": "The name {name!r} stands more than once.",
    "range_order": "Give `assumed` or `interval` from low to high, with the `value` between them.",
    "assumed_interval": "Give no `interval` beside `assumed`.",
    "one_pool": "Give either `pool`, a share of all shares, or `growth`, a number of them.",
    "capped": 'Give `cap` with `participation = "capped"`, and with it alone.',
    "cliff": "Give a `cliff` of at most `months`.",
    "shock": "Expected a number, or a text such as x1.5, +10 or -10, found {found!r}.",
    "decimal_parsing": "Expected a number, found {found!r}.",
    "unit": "{said}",
    "dimension": "Expected a unit such as {wanted}, found {unit!r}.",
    "test_without_train": "The key `test` goes with `train`, not with `path`.",
}


def explain(problem: ErrorDetails, where: str) -> ArgosyError:
    """The error for one problem that pydantic found."""
    context = {"found": problem["input"], **problem.get("ctx", {})}
    if "expected" in context:
        context["expected"] = context["expected"].replace(" or ", ", ")
    return ProjectError(MESSAGES[problem["type"]], where=where, **context)
