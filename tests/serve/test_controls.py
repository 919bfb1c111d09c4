"""What an operator may do to releases, and when it is refused."""

from dataclasses import replace

import pytest
from boards import MemoryBoard

from argosy.core.errors import ArgosyError, BusyError, MissingError, ProjectError
from argosy.serve.releases.controls import Controls
from argosy.serve.releases.evidence import Evidence
from argosy.serve.releases.versions import SHADOW_STEP, Line, Paired, Plan


def controls(**more: object) -> Controls:
    """Over one model with six versions."""
    return Controls(MemoryBoard(kept={"mood": Line(model="mood", champion=1, **more)}), clock=lambda: 7)  # type: ignore[arg-type]


def test_a_challenger_stays_in_the_shadow_until_it_is_shown_to_be_no_worse() -> None:
    """Neither canary nor promotion before; the refusal says how many rows it takes."""
    over = controls()
    over.shadow(None, 2, Plan(), "key_1")
    for early in (lambda: over.expose("mood", "key_1"), lambda: over.promote("mood", 2, "key_1")):
        with pytest.raises(ProjectError, match="about 4087 are needed"):
            early()
    over.replayed(over.line(None), Paired(won=100, lost=100, alike=5000), "key_1")
    assert over.status(None).passed.passed
    assert over.expose("mood", "key_1").phase == "canary"
    assert over.promote("mood", None, "key_1").champion == 2


def test_agreement_on_live_texts_is_enough() -> None:
    """Where two versions say the same, no label is needed."""
    over = controls()
    line = over.shadow("mood", 2, Plan(), "key_1")
    over.shelf.note(line.rollout, SHADOW_STEP, "wrk_1", Evidence(mirrored=3000, agreed=2995))
    assert over.expose("mood", "key_1").reason == "agreement"


def test_a_version_never_tried_is_not_promoted_but_an_old_champion_is() -> None:
    """What was champion before may come back at once."""
    over = controls()
    with pytest.raises(ProjectError, match="not been tried"):
        over.promote("mood", 3, "key_1")
    over.shelf.move(over.line("mood"), replace(over.line("mood"), champion=3, revision=1), "key_1")
    over.shelf.move(over.line("mood"), replace(over.line("mood"), champion=1, previous=3, revision=2), "key_1")
    assert over.promote("mood", 3, "key_1").champion == 3
    assert over.roll_back("mood", "key_1").champion == 1


def test_a_model_without_labels_leaves_the_shadow_unproven() -> None:
    """And the log says so."""
    over = controls()
    over.shadow("mood", 6, Plan(), "key_1")
    assert over.expose("mood", "key_1").reason == "no_labels"


def test_a_pin_names_a_version_that_exists() -> None:
    """And is lifted by none."""
    over = controls()
    assert over.pin("mood", "ten_a", 2, "key_1").loaded == {1, 2}
    assert over.pin("mood", "ten_a", None, "key_1").pins == {}
    with pytest.raises(MissingError, match="there are: 1, 2, 3, 4, 5, 6"):
        over.pin("mood", "ten_a", 9, "key_1")


@pytest.mark.parametrize("plan", [Plan(shares=(0.5, 0.1)), Plan(shares=()), Plan(shares=(1.0,)), Plan(margin=0)])
def test_a_plan_that_means_nothing_is_refused(plan: Plan) -> None:
    """Shares rise, and the margin is a share."""
    with pytest.raises(ProjectError, match="must rise"):
        controls().shadow("mood", 2, plan, "key_1")


def test_a_line_moved_meanwhile_is_not_moved_again() -> None:
    """The second of two operators is told to look again."""
    over = controls()
    seen = over.line("mood")
    over.shadow("mood", 2, Plan(), "key_1")
    with pytest.raises(BusyError, match="moved meanwhile"):
        over._move(seen, replace(seen, revision=1), "key_2")


def test_a_model_without_release_is_named() -> None:
    """With those that have one."""
    with pytest.raises(ArgosyError, match="releases of: mood"):
        controls().line("tone")
