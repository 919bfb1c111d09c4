"""What a product makes of the record of a build: where the numbers it is judged by stand, and which alarms ring."""

from collections.abc import Mapping
from typing import Any

from argosy.config.schema import Project
from argosy.products.product import Number, Product
from argosy.report.numbers import figure_at

SERVED = "served"  # begins the place of a metric of what answers, which may be the model or a baseline


def judge(product: Product, project: Project, record: Mapping[str, Any]) -> dict[str, Any]:
    """What is added to the record: ``product``, its ``numbers`` that stand there, ``alarms`` that ring, ``routes``."""
    numbers = [
        {"name": number.name, "at": place_of(number, record), "lower": number.lower, "unit": number.unit}
        for number in product.numbers
    ]
    return {
        "product": project.product_name,
        "numbers": [number for number in numbers if figure_at(record, str(number["at"]))],
        "alarms": alarms(product, record),
        "routes": [route.path for route in product.routes(project)],
    }


def alarms(product: Product, record: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The alarms that ring: those whose number stands in the record, and is worse than its limit."""
    numbers = {number.name: number for number in product.numbers}
    ringing = []
    for alarm in product.alarms:
        number = numbers[alarm.number]
        place = place_of(number, record)
        figure = figure_at(record, place)
        if figure and (figure["value"] > alarm.limit if number.lower else figure["value"] < alarm.limit):
            ringing.append({"number": number.name, "at": place, "limit": alarm.limit, "means": alarm.means})
    return ringing


def place_of(number: Number, record: Mapping[str, Any]) -> str:
    """Where a number stands in a record, once it is known what serves."""
    head, _, rest = number.at.partition(".")
    if head != SERVED:
        return number.at
    served = record.get("choice", {}).get("served")
    return f"baselines.{served}.{rest}" if served in record.get("baselines", {}) else f"metrics.{rest}"
