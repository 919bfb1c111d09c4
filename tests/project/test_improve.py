"""`improve` from feedback to the canary, in projects with real small models."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("skl2onnx")
pytestmark = [pytest.mark.torch, pytest.mark.slow, pytest.mark.timeout(600)]

import improving  # noqa: E402 - after the skips
from filelock import FileLock  # noqa: E402
from improving import KNOWN, NEW, TOPIC, Desk, desk_in, lying, texts  # noqa: E402

from argosy.core.errors import BusyError  # noqa: E402
from argosy.core.labelling import Asked  # noqa: E402
from argosy.infer.load import load  # noqa: E402
from argosy.project.building.run import Progress  # noqa: E402
from argosy.project.improving.improve import Step, Wishes, improve  # noqa: E402
from argosy.project.improving.known import JUDGE, LEARN, read_pairs  # noqa: E402
from argosy.project.improving.tries import RECORD, Improvement, due, place_of, start, tries  # noqa: E402
from argosy.project.persons.privacy import ProjectPrivacy  # noqa: E402
from argosy.project.selling.releasing import releases_in  # noqa: E402
from argosy.store.tenants.audit import SqlAudit  # noqa: E402
from argosy.store.watching.labelling import SqlLabelling  # noqa: E402
from argosy.ui.cli import main  # noqa: E402


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shop that knows two topics."""
    folder = tmp_path_factory.mktemp("desk") / "shop 店"
    return improving.build(improving.write(folder, texts(KNOWN, 400, 1)))


@pytest.fixture
def desk(built: Path, tmp_path: Path) -> Iterator[Desk]:
    """A copy of it, open."""
    folder = tmp_path / "shop 店"
    shutil.copytree(built, folder, symlinks=True)
    with desk_in(folder) as found:
        yield found


def attempt(desk: Desk, wishes: Wishes | None = None) -> Improvement:
    """A try."""
    return improve(desk.shop, now=desk.now, tell=lambda news: None, wishes=wishes)


def champion(desk: Desk) -> int:
    """The number of the version that answers."""
    return releases_in(desk.database, desk.shop.folder).controls.line("desk").champion


def test_a_new_topic_is_learnt_from_feedback_of_which_a_tenth_lies(desk: Desk) -> None:
    """Better on new traffic, nothing forgotten: the version goes to the canary, and the record tells of all of it."""
    desk.heard(lying(texts({**KNOWN, **NEW}, 200, 2), 0.1, 3))
    found = attempt(desk)
    assert (found.decision, found.why, found.method) == ("promote", "better", "anew")
    assert found.judged is not None
    assert found.judged["new"]["difference"]["low"] > 0
    assert found.judged["old"]["difference"]["low"] > -0.05
    assert found.challenger is not None
    releases = releases_in(desk.database, desk.shop.folder)
    assert [one.metrics["accuracy"]["value"] > 0.7 for one in releases.shelf.versions("desk")] == [True, True]
    line = releases.controls.line("desk")
    assert (line.phase, line.challenger, line.rollout) == ("canary", found.challenger["version"], found.rollout)
    model = load(releases.place("desk", 2))
    assert [one.label for one in model.classify(["account locked again please", "parcel late today"])] == [
        TOPIC,
        "delivery",
    ]
    record = json.loads((place_of(desk.shop.folder, 1) / RECORD).read_text(encoding="utf-8"))
    assert Improvement.from_json(record) == found
    places = (desk.shop.folder / found.places_file).read_text(encoding="utf-8")
    assert len(places.splitlines()) == found.rows["feedback"]
    assert "locked" not in places
    (entry,) = (one for one in SqlAudit(desk.database).entries(about="desk") if one.action == "improve.promote")
    assert entry.details["rows_digest"] == found.rows_digest
    assert attempt(desk).why == "under_way"


def test_the_next_try_keeps_what_judged_apart(desk: Desk) -> None:
    """What the promoted one learnt is learnt again, what judged it judges again, and nothing of it counts as new."""
    desk.heard(texts({**KNOWN, **NEW}, 150, 2))
    assert attempt(desk).decision == "promote"
    releases_in(desk.database, desk.shop.folder).controls.promote("desk", None, "test")
    judged = read_pairs(place_of(desk.shop.folder, 1) / JUDGE)
    assert attempt(desk).why == "too_few_rows"
    desk.heard(texts({**KNOWN, **NEW}, 90, 5), "ten_b")
    found = attempt(desk, Wishes(agrees=lambda _: False))
    place = place_of(desk.shop.folder, found.number)
    assert (found.rows, found.looked) == ({"feedback": 90}, {"old": 2, "new": 2})
    assert {pair.text for pair in judged} <= {pair.text for pair in read_pairs(place / JUDGE)}
    learnt = {pair.text for pair in read_pairs(place / LEARN)}
    assert learnt >= {pair.text for pair in read_pairs(place_of(desk.shop.folder, 1) / LEARN)}
    assert not learnt & {pair.text for pair in judged}


def test_too_few_rows_train_nothing_and_say_how_many_are_needed(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    """In both languages; people's labels count beside feedback."""
    said = texts(KNOWN, 12, 2)
    desk.heard(said[:6])
    for event, (_, label) in zip(desk.asked(said[6:], first=6), said[6:], strict=True):
        queue = SqlLabelling(desk.database)
        queue.add("desk", [Asked(place=("ten_a", event, 0))])
        queue.vote(queue.items("desk", "open")[0].id, "ann", label)
    folder = str(desk.shop.folder)
    for language in ("en", "zh"):
        assert main(["--lang", language, "improve", folder, "--yes"]) == 0
        said_of = capsys.readouterr().out
        assert "12" in said_of
        assert "33" in said_of
    assert main(["improve", folder, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["why"], told["rows"]) == ("too_few_rows", {"feedback": 6, "people": 6})
    assert told["challenger"] is None


def test_a_dry_run_trains_nothing_and_leaves_nothing(desk: Desk) -> None:
    """It tells the rows."""
    desk.heard(texts({**KNOWN, **NEW}, 120, 2))
    steps: list[Step | Progress] = []
    found = improve(desk.shop, now=desk.now, tell=steps.append, wishes=Wishes(dry_run=True))
    assert (found.why, found.rows) == ("dry_run", {"feedback": 120})
    assert not place_of(desk.shop.folder, 1).exists()


def test_a_challenger_that_forgets_is_refused(desk: Desk) -> None:
    """Feedback after which every delivery is a refund is right about new traffic, and wrong about what was known."""
    turned = [(f"{text} urgent", "refund") for text, _ in texts({"delivery": KNOWN["delivery"]}, 900, 2)]
    desk.heard([*turned, *((f"{text} urgent", label) for text, label in texts(KNOWN, 100, 4))])
    found = attempt(desk)
    assert (found.decision, found.challenger, found.rollout) == ("keep", None, None)
    assert found.why in {"forgets", "worse_on_slice", "wrong_labels"}
    assert champion(desk) == 1


def test_wrong_labels_are_not_believed(desk: Desk) -> None:
    """Where most of what customers say contradicts what is known, nothing is trained."""
    desk.heard(lying(texts(KNOWN, 120, 2), 0.9, 3))
    found = attempt(desk)
    assert (found.decision, found.challenger, found.judged) == ("keep", None, None)
    assert found.why in {"wrong_labels", "too_few_rows"}


def test_a_try_that_was_killed_goes_on(desk: Desk) -> None:
    """SIGKILL while it trains: the next call has the same number, and what was built stands."""
    desk.heard(texts({**KNOWN, **NEW}, 150, 2))
    command = [sys.executable, "-m", "argosy", "improve", str(desk.shop.folder), "--yes"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        next(line for line in process.stderr if line.startswith("  frozen "))
        process.send_signal(signal.SIGKILL)
        process.stderr.read()
    stood: list[str] = []
    found = improve(desk.shop, now=desk.now, tell=lambda news: _stood(news, stood))
    assert (found.number, found.why) == (1, "better")
    assert {"split", "baselines", "frozen"} <= set(stood)


def _stood(news: Step | Progress, stood: list[str]) -> None:
    if isinstance(news, Progress) and news.hit:
        stood.append(news.stage)


def test_two_tries_at_once_are_one(desk: Desk) -> None:
    """The second one says so at once."""
    place = desk.shop.folder / ".argosy" / "improve"
    place.mkdir(parents=True)
    with FileLock(place / "run.lock"), pytest.raises(BusyError, match="Another `argosy improve`"):
        attempt(desk)


def test_a_text_that_is_erased_while_it_is_learnt_is_thrown_away(desk: Desk) -> None:
    """Nothing of the try is left, and the next one does without the text."""
    said = texts({**KNOWN, **NEW}, 120, 2)
    desk.heard(said)
    privacy = ProjectPrivacy(desk.shop.project, desk.shop.folder, desk.database)
    desk.heard(texts(NEW, 5, 9), "ten_b")

    def erase(news: Step | Progress) -> None:
        if isinstance(news, Progress) and news.stage == "baselines" and news.hit is False and news.seconds:
            privacy.erase("ten_b", "", "test")

    with pytest.raises(BusyError, match="erased meanwhile"):
        improve(desk.shop, now=desk.now, tell=erase)
    assert not place_of(desk.shop.folder, 1).exists()
    found = attempt(desk, Wishes(dry_run=True))
    assert (found.rows, found.dropped) == ({"feedback": 120}, {"no_text": 5})


def test_a_tuned_champion_learns_on(tmp_path: Path) -> None:
    """It goes on from its own weights, learns other words for the same labels, and forgets nothing."""
    known, new = (("good", "bad"), ("red", "blue")), (("fine", "poor"), ("red", "blue"))
    folder = improving.build(improving.write(tmp_path / "shop", improving.either(*known, 600, 1), improving.TUNED))
    assert load(folder / "model").name != "linear"
    with desk_in(folder) as desk:
        desk.heard([*improving.either(*new, 200, 2), *improving.either(*known, 60, 4)])
        found = attempt(desk)
    assert (found.method, found.why) == ("learn_on", "better")
    place = place_of(folder, 1)
    assert load(place / "model").name != "linear"
    assert str((folder / "releases").resolve()) in (place / "argosy.toml").read_text(encoding="utf-8")


def test_a_try_that_the_server_begins_lets_others_go_first(desk: Desk) -> None:
    """It is a process of its own that ends by itself, keeps its record, and is not due again."""
    text = (desk.shop.folder / "argosy.toml").read_text(encoding="utf-8")
    (desk.shop.folder / "argosy.toml").write_text(text.replace("[improve]", "[improve]\nevery_days = 7"))
    assert due(desk.shop.folder, desk.now)
    process = start(desk.shop.folder, desk.now)
    assert os.getpriority(os.PRIO_PROCESS, process.pid) > os.getpriority(os.PRIO_PROCESS, 0)
    assert not due(desk.shop.folder, desk.now + 1)
    assert process.wait() == 0
    (found,) = tries(desk.shop.folder)
    assert found.why == "too_few_rows"
    assert "too_few" not in (desk.shop.folder / ".argosy" / "improve" / "log.txt").read_text(encoding="utf-8")
