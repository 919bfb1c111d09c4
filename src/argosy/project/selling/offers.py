"""The plans of the project file, and all that were ever offered: what the ledger's lines are priced by."""

from argosy.config.plans import plans_of
from argosy.config.schema import Project
from argosy.serve.billing.plan import Plan, parse
from argosy.serve.billing.pricing import PriceBook
from argosy.store.database import Database
from argosy.store.invoices import Clock, Offer, SqlPlans
from argosy.store.ledger.books import wall_clock


def offer_plans(database: Database, project: Project, *, clock: Clock = wall_clock) -> PriceBook:
    """Offer the plans of the project file from now on; the book of all that were ever offered."""
    SqlPlans(database, clock=clock).publish([_offer(plan) for plan in plans_of(project.plans)]).result()
    return known_plans(database, project)


def offer_new(database: Database, project: Project, *, clock: Clock = wall_clock) -> PriceBook:
    """Offer the plans of names that nothing was offered under yet; the others wait for the service to start."""
    known = {(offer.name, offer.currency) for offer in SqlPlans(database).offers()}
    news = [plan for plan in plans_of(project.plans) if (plan.name, plan.currency) not in known]
    SqlPlans(database, clock=clock).publish([_offer(plan) for plan in news]).result()
    return known_plans(database, project)


def known_plans(database: Database, project: Project) -> PriceBook:
    """All plans that were ever offered, and those of the project file as what is offered now.

    A version that is offered later is found by its id.
    """
    plans, kept = plans_of(project.plans), SqlPlans(database)
    known = {offer.plan: parse(offer.body) for offer in kept.offers()}
    now = {plan.id: plan for plan in plans}

    def find(id_: str) -> Plan | None:
        body = kept.body(id_)
        return parse(body) if body else None

    return PriceBook({**{id_: plan for id_, plan in known.items() if id_ not in now}, **now}, find)


def price_book(project: Project) -> PriceBook:
    """The prices of the plans in the project file alone."""
    return PriceBook({plan.id: plan for plan in plans_of(project.plans)})


def _offer(plan: Plan) -> Offer:
    return Offer(plan=plan.id, name=plan.name, currency=plan.currency, body=plan.canonical())
