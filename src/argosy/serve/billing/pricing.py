"""Published plans as the ledger asks them: what a month costs, and what one more event can cost."""

from collections.abc import Callable, Mapping

from argosy.core.ledger import Quantities, RefusedError, Totals
from argosy.serve.billing.plan import Plan


class PriceBook:
    """Plans by id, the version offered last behind those before it; what has no price is refused.

    ``find`` is asked for a version that was published since.
    """

    def __init__(self, plans: Mapping[str, Plan], find: Callable[[str], Plan | None] | None = None) -> None:
        self._plans = dict(plans)
        self._offered = {(plan.name, plan.currency): plan.id for plan in plans.values()}  # the last one counts
        self._find = find

    def plan(self, id_: str) -> Plan:
        """The plan's version; RefusedError (``price``) for one that was never published."""
        plan = self._plans.get(id_) or (self._find(id_) if self._find else None)
        if plan is None:
            raise RefusedError(
                "The plan {plan!r} has no prices.", why="price", mend="Ask the seller to choose another plan.", plan=id_
            )
        self._plans[id_] = plan
        return plan

    def offered(self) -> list[Plan]:
        """The versions that are offered now."""
        return [self._plans[id_] for id_ in self._offered.values()]

    def current(self, plan: str, currency: str) -> str:
        """The id of the version of ``plan`` that is offered now in ``currency``; an id stands for itself.

        RefusedError (``price``) where the plan is not offered in that currency.
        """
        found = self._offered.get((plan, currency))
        if found is None and "@" in plan:
            return self.plan(plan).id
        if found is None:
            raise RefusedError(
                "The plan {plan!r} is not offered in {currency}.",
                why="price",
                mend="Ask the seller to choose another plan.",
                plan=plan,
                currency=currency,
            )
        return found

    def amount(self, plan: str, totals: Totals) -> int:
        """Micro-units that a month's ``totals`` cost: the sum of the usage lines, each rounded half-even once."""
        found = self.plan(plan)
        for model in {model for (model, _), quantity in totals.items() if quantity}:
            if not found.sells(model):
                raise _unpriced(model, plan)
        return sum(price.amount(sum(by_model.values())) for price, by_model in found.parts(totals).items())

    def most(self, plan: str, model: str, quantities: Quantities) -> int:
        """Micro-units that ``quantities`` more can cost at most; refused where none of their units has a price."""
        found = self.plan(plan)
        parts = found.parts({(model, unit): quantity for unit, quantity in quantities.items()})
        if not found.sells(model) or (any(quantities.values()) and not parts):
            raise _unpriced(model, plan)
        return sum(price.most(sum(by_model.values())) for price, by_model in parts.items())


def _unpriced(model: str, plan: str) -> RefusedError:
    return RefusedError(
        "The plan {plan!r} has no price for the model {model!r}.",
        why="price",
        mend="Ask the seller to add one.",
        plan=plan.partition("@")[0],
        model=model,
    )
