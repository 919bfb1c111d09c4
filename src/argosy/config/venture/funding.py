"""Money that is not from customers or shares: the tables ``loan``, ``grant`` and ``crowdfunding``."""

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from argosy.config.table import Table
from argosy.config.venture.figure import Input, Number, of
from argosy.config.venture.plan import Money, Month, Name, Share, Yearly
from argosy.venture.figures import Figure
from argosy.venture.financing import crowdfunding, grants, loans


class Loan(Table):
    """Money lent, and paid back with interest."""

    name: Name
    title: str | None = Field(None, description="What readers see instead of the name.")
    amount: Money = Field(description="What is lent.")
    rate: Yearly = Field(description="The nominal yearly rate; a twelfth of it is paid each month.")
    on: Month = Field(description="When the money comes; the first payment is a month later.")
    months: int = Field(ge=1, le=600, description="Months until the last payment.")
    kind: loans.Kind = Field("annuity", description="`annuity`, `equal` principal, or `interest_only` until the end.")
    grace: int = Field(0, ge=0, description="Months at first in which interest alone is paid.")
    balloon: Money | None = Field(None, description="What is left to the last payment.")
    subsidy: Yearly | None = Field(None, description="The part of the rate that a public office pays back.")
    late: int = Field(0, ge=0, description="Months until the subsidy comes.")

    def loan(self) -> loans.Loan:
        """The loan with its figures."""
        return loans.Loan(
            name=self.name,
            amount=self.amount.figure(f"{self.name}.amount"),
            rate=self.rate.figure(f"{self.name}.rate"),
            on=self.on,
            months=self.months,
            kind=self.kind,
            grace=self.grace,
            balloon=_figure(self.balloon, f"{self.name}.balloon"),
            subsidy=_figure(self.subsidy, f"{self.name}.subsidy"),
            late=self.late,
        )


class Release(Table):
    """A milestone of a grant."""

    on: Month = Field(description="When it is reached.")
    share: Number = Field(gt=0, le=1, description="The part of the grant that it releases.")


class Grant(Table):
    """Money given for work."""

    name: Name
    title: str | None = Field(None, description="What readers see instead of the name.")
    amount: Money = Field(description="The most that is given.")
    costs: Money | None = Field(None, description="The costs of the work that count.")
    share: Share | None = Field(None, description="The share of the costs that is given.")
    on: Month = Field(description="When the work begins.")
    months: int = Field(ge=1, le=120, description="Months of the work, over which the grant is earned.")
    milestones: list[Release] = Field([], description="What releases the money; all at the beginning by default.")
    late: int = Field(0, ge=0, description="Months from a milestone until the money comes.")

    def grant(self) -> grants.Grant:
        """The grant with its figures."""
        return grants.Grant(
            name=self.name,
            amount=self.amount.figure(f"{self.name}.amount"),
            on=self.on,
            months=self.months,
            milestones=tuple((one.on, one.share) for one in self.milestones) or ((self.on, Decimal(1)),),
            costs=_figure(self.costs, f"{self.name}.costs"),
            share=_figure(self.share, f"{self.name}.share"),
            late=self.late,
        )


PerBacker = Annotated[Input, of("money/customer")]


class Crowdfunding(Table):
    """A campaign whose backers get rewards."""

    name: Name
    title: str | None = Field(None, description="What readers see instead of the name.")
    goal: Money = Field(description="What has to be pledged.")
    backers: Annotated[Input, of("customer")] = Field(description="How many pledge.")
    pledge: PerBacker = Field(description="What a backer pledges.")
    ends: Month = Field(description="When it ends.")
    delivers: Month = Field(description="When the rewards are delivered.")
    model: crowdfunding.Model = Field("all_or_nothing", description="`all_or_nothing` or `keep_it_all`.")
    late: int = Field(0, ge=0, description="Months from the end until the platform pays.")
    failed: Share | None = Field(None, description="The share of pledges whose payment fails.")
    platform: Share | None = Field(None, description="The platform's share.")
    provider: Share | None = Field(None, description="The payment provider's share.")
    fixed: PerBacker | None = Field(None, description="The payment provider's fee for each backer.")
    reward: PerBacker | None = Field(None, description="What a reward costs to make and ship.")
    refunded: Share | None = Field(None, description="The share of the money that is asked back.")

    def campaign(self) -> crowdfunding.Campaign:
        """The campaign with its figures."""
        return crowdfunding.Campaign(
            name=self.name,
            goal=self.goal.figure(f"{self.name}.goal"),
            backers=self.backers.figure(f"{self.name}.backers"),
            pledge=self.pledge.figure(f"{self.name}.pledge"),
            ends=self.ends,
            delivers=self.delivers,
            model=self.model,
            late=self.late,
            failed=_figure(self.failed, f"{self.name}.failed"),
            platform=_figure(self.platform, f"{self.name}.platform"),
            provider=_figure(self.provider, f"{self.name}.provider"),
            fixed=_figure(self.fixed, f"{self.name}.fixed"),
            reward=_figure(self.reward, f"{self.name}.reward"),
            refunded=_figure(self.refunded, f"{self.name}.refunded"),
        )


def _figure(given: Input | None, name: str) -> Figure | None:
    return None if given is None else given.figure(name)
