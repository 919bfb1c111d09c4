"""The team of a plan: which skills its milestones need, when they are there, and what is missing."""

from collections.abc import Sequence
from dataclasses import dataclass

from argosy.venture.graph.model import Model
from argosy.venture.graph.periods import at
from argosy.venture.graph.reckon import Exact
from argosy.venture.plan.parts import Milestone, Parts, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Skill:
    """A skill that milestones need or people have.

    ``needed`` is the first milestone that needs it, in period ``by``; ``there`` the first period in which somebody has
    it, of the roles ``roles``; ``people`` are those who have it in ``by``, or in the last period where none needs it.
    """

    name: str
    needed: Milestone | None
    by: int | None
    there: int | None
    roles: tuple[str, ...]
    people: int

    @property
    def missing(self) -> bool:
        """Whether it is needed before anybody has it."""
        return self.by is not None and (self.there is None or self.there > self.by)

    @property
    def alone(self) -> bool:
        """Whether one person alone has it when it is needed: who leaves takes it along."""
        return self.by is not None and self.people == 1


def skills(parts: Parts, model: Model, values: Exact) -> list[Skill]:
    """All skills: those that milestones need, by their days, then those that nothing needs yet."""
    needs: dict[str, Milestone] = {}
    for milestone in sorted(parts.milestones, key=lambda one: one.on):
        if at(model.periods, milestone.on) is not None:
            needs |= {skill: milestone for skill in milestone.needs if skill not in needs}
    names = dict.fromkeys([*needs, *(skill for role in parts.roles for skill in role.skills)])
    return [_skill(name, needs.get(name), parts.roles, model, values) for name in names]


def _skill(name: str, needed: Milestone | None, roles: Sequence[Role], model: Model, values: Exact) -> Skill:
    having = [role for role in roles if name in role.skills]
    counts = [sum(int(values[f"{role.name}.hired"][period.number] or 0) for role in having) for period in model.periods]
    by = None if needed is None else at(model.periods, needed.on)
    return Skill(
        name=name,
        needed=needed,
        by=by,
        there=next((number for number, count in enumerate(counts) if count), None),
        roles=tuple(role.title for role in having),
        people=counts[-1 if by is None else by],
    )
