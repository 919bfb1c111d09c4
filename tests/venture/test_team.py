"""Skills that milestones need, and when they are there."""

from planned import given, head, planned, venture

from argosy.project.venturing.funding import money
from argosy.project.venturing.planning import whole
from argosy.venture.graph.reckon import exact
from argosy.venture.plan.team import Skill, skills

WAGE = given("100", "CNY/person/month")


def found(*milestones: dict[str, object]) -> dict[str, Skill]:
    """Skills of two roles, the second hired twice in May, one of whom leaves in August."""
    roles = [
        {
            "name": "a",
            "title": "Builders",
            "function": "build",
            "hires": ["2027-01"],
            "wage": WAGE,
            "skills": ["models"],
        },
        {
            "name": "b",
            "title": "Keepers",
            "function": "run",
            "hires": ["2027-05", "2027-05"],
            "leaves": ["2027-08"],
            "wage": WAGE,
            "skills": ["backend", "models"],
        },
    ]
    made = venture(head(12), role=roles, milestone=list(milestones))
    model = planned(made)
    return {one.name: one for one in skills(whole(made, money(made)), model, exact(model))}


def reach(name: str, on: str, *needs: str) -> dict[str, object]:
    """A milestone."""
    return {"name": name, "on": on, "owner": "a", "needs": list(needs)}


def test_a_skill_is_missing_until_somebody_has_it() -> None:
    """By the first milestone that needs it, whichever stands first in the file."""
    told = found(reach("late", "2027-09", "backend"), reach("early", "2027-03", "backend", "law"))
    assert (told["backend"].by, told["backend"].there, told["backend"].missing) == (2, 4, True)
    assert told["backend"].needed is not None
    assert told["backend"].needed.name == "early"
    assert (told["law"].there, told["law"].roles, told["law"].missing) == (None, (), True)


def test_one_person_alone_is_said() -> None:
    """Counted when it is needed, over all roles that have it."""
    assert found(reach("x", "2027-03", "models"))["models"].alone
    both = found(reach("x", "2027-06", "models"))["models"]
    assert (both.people, both.alone, both.roles) == (3, False, ("Builders", "Keepers"))
    assert found(reach("x", "2027-09", "backend"))["backend"].alone


def test_what_nothing_needs_is_told_last_and_never_missing() -> None:
    """Nor alone: nothing waits for it."""
    told = found(reach("x", "2027-09", "law"), reach("beyond", "2030-01", "backend"))
    assert list(told) == ["law", "models", "backend"]
    assert not told["backend"].missing
    assert not told["backend"].alone
