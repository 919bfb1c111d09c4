"""An assistant as it serves: a model's folder over the store, by the chat route and the channels, in any process."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest
from assistants import write
from deadlines import until
from desks import PROJECT, corrections_in, entries
from fastapi.testclient import TestClient

from argosy.config.serve import Serve
from argosy.core.errors import ProjectError
from argosy.core.knowledge import Entry
from argosy.core.records import Message, Settings
from argosy.core.support import Asked
from argosy.project.persons.privacy import ProjectPrivacy
from argosy.project.selling.releasing import releases_in
from argosy.project.selling.shop import Shop
from argosy.project.selling.worker import opened, settings_of
from argosy.project.supporting.guarding import Guard
from argosy.project.supporting.live import Live, live_of, serving_live, store_of
from argosy.serve.app import create_app
from argosy.serve.channels.hearing import digest
from argosy.store.support.events import Event, SqlEvents, insert
from argosy.store.support.knowledge import SqlKnowledge
from argosy.store.watching.turns import SqlTurns

pytest.importorskip("lxml", reason="documents are read by packages of the extra support")

ASKED = Asked(id="m1", channel="webhook", peer="p", text="What does shipping cost?")
PIECE = Entry(
    id="piece-1",
    kind="piece",
    text="Returns are free for thirty days.",
    keys=("Returns",),
    document="docs/returns.md",
    title="Returns",
    end=33,
    language="en",
)


@pytest.fixture
def home(tmp_path: Path) -> Shop:
    """A project that sells nothing, with its documents."""
    told = {**PROJECT.model_dump(exclude_unset=True), "support": {"documents": ["docs/*.md"]}}
    (tmp_path / "docs").mkdir()
    return Shop(project=type(PROJECT).model_validate(told), folder=tmp_path)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A built assistant."""
    return write(tmp_path / "model", [*entries(), PIECE])


@pytest.fixture
def live(home: Shop, model: Path) -> Iterator[Live]:
    """The assistant, with nothing beside it."""
    with live_of(home, model) as found:
        yield found


def say(live: Live, text: str, name: str) -> str:
    """What a new customer is answered."""
    return live.desk.ask(replace(ASKED, id=name, peer=name, text=text)).text


def test_the_chat_route_and_the_channels_say_the_same_and_are_logged(home: Shop, model: Path) -> None:
    """One assistant: what the desk teaches, the chat route says; both stand in the log, without personal data."""
    settings = settings_of(Serve(), model, home)
    with opened(model, Serve(), home=home) as found:
        assert found.supported
        with TestClient(create_app(found.engines, settings, supported=found.supported)) as client:
            asked = {"messages": [{"role": "user", "content": "What does shipping cost?"}]}
            body = client.post("/v1/chat/completions", json=asked).json()
            assert body["choices"][0]["message"]["content"] == "Shipping costs 3 EUR."
            assert body["support"]["decision"] == "stored"
            token = {"authorization": f"Bearer {'t' * 40}"}
            wide = client.post("/support/messages", json={"id": "1", "text": "怎么退货？"}, headers=token).json()
            assert wide["turns"][-1]["text"] == "十五天内可以退货。"
            found.supported.correct(wide["turns"][-1]["id"], "七天内可以退货。", "ann")
            followed = [
                *asked["messages"],
                {"role": "assistant", "content": "Shipping costs 3 EUR."},
                {"role": "user", "content": "怎么退货？ mail ann@example.org"},
            ]
            client.post("/v1/chat/completions", json={"messages": followed})
            again = client.post("/v1/chat/completions", json={"messages": [{"role": "user", "content": "怎么退货？"}]})
            assert again.json()["choices"][0]["message"]["content"] == "七天内可以退货。"
        channels = {one.channel: one for one in found.supported.conversations()}
        assert set(channels) == {"api", "widget"}
        logged = [found.supported.turns(one.id) for one in found.supported.conversations() if one.channel == "api"]
        assert sorted(len(turns) for turns in logged) == [2, 4]
        (long,) = [turns for turns in logged if len(turns) == 4]
        assert [turn.role for turn in long] == ["user", "assistant"] * 2
        assert "[EMAIL]" in long[2].text


def test_two_clients_with_the_same_words_keep_apart(live: Live) -> None:
    """Each has a conversation of its own, even where all that was said so far is the same."""
    first = [Message(role="user", content="What does shipping cost?")]
    for _ in range(2):
        list(live.engine.generate(first, Settings()))
    more = [
        *first,
        Message(role="assistant", content="Shipping costs 3 EUR."),
        Message(role="user", content="怎么退货？"),
    ]
    for _ in range(3):  # the third one's beginning is not known here
        list(live.engine.generate(more, Settings()))
    found = live.desk.conversations()
    assert sorted(len(live.desk.turns(one.id)) for one in found) == [4, 4, 4]


def test_a_new_version_brings_its_answers_once(home: Shop, model: Path, tmp_path: Path) -> None:
    """Decisions and corrections stay; answers that the new model does not have go; a restart changes nothing."""
    with live_of(home, model) as live:
        live.desk.decide("fee", approved=True, text="Shipping costs 4 EUR.", by="ann")
        unknown = live.desk.ask(replace(ASKED, id="u", text="Where do you live?"))
        live.desk.correct(unknown.id, "In Hangzhou.", "ann")
        before = live.knowledge.generation
    with live_of(home, model) as live:
        assert live.knowledge.generation == before
    newer = write(tmp_path / "newer", [one for one in entries() if one.id != "ship"])
    with live_of(home, newer) as live:
        known = {entry.id for entry in live.knowledge.entries()}
        assert "ship" not in known
        assert {"fee", "tui", "piece-1"} <= known  # documents are followed, whatever was built
        assert say(live, "What does shipping cost?", "a") == "Shipping costs 4 EUR."
        assert say(live, "where do you live", "b") == "In Hangzhou."


def test_an_assistant_is_not_released_beside_another(home: Shop, model: Path) -> None:
    """Two of them would share one log and one knowledge: the error says what to do instead."""
    with store_of(home) as database, pytest.raises(ProjectError, match="argosy support replay"):
        releases_in(database, home.folder).add(model, by="owner")


def test_a_deleted_document_is_not_quoted_again(home: Shop, model: Path) -> None:
    """Neither while the service runs, nor after it starts anew over the same model."""
    returns, other = home.folder / "docs" / "returns.md", home.folder / "docs" / "other.md"
    other.write_text("# Other\n\nWe sell tea.\n", encoding="utf-8")
    returns.write_text("# Returns\n\nReturns are free for sixty days.\n", encoding="utf-8")
    with store_of(home) as database, serving_live(home, model, database) as live:
        assert any("sixty days" in entry.text for entry in live.knowledge.entries())
        assert not any("thirty days" in entry.text for entry in live.knowledge.entries())
        assert "sixty" in say(live, "Returns", "a")
        returns.unlink()
        until(lambda: not any(entry.document == "docs/returns.md" for entry in live.knowledge.entries()))
        until(lambda: live.refresh() is not None and "sixty" not in say(live, "Returns", str(live.desk.clock())))
    with store_of(home) as database, serving_live(home, model, database) as live:
        assert "days" not in say(live, "Returns", "c")


def test_documents_that_are_not_where_it_serves_stay_known(home: Shop, model: Path) -> None:
    """A model that was taken to another machine without its documents quotes what it was built with."""
    with store_of(home) as database, serving_live(home, model, database) as live:
        assert "thirty days" in say(live, "Returns", "a")


def test_what_one_process_is_taught_another_says(home: Shop, model: Path) -> None:
    """Within a second or so."""
    with live_of(home, model) as one, store_of(home) as database, serving_live(home, model, database) as other:
        one.desk.decide("fee", approved=True, text="Shipping costs 5 EUR.", by="ann")
        until(lambda: say(other, "What does shipping cost?", str(other.desk.clock())) == "Shipping costs 5 EUR.")


def test_an_earlier_state_says_its_words_again(live: Live) -> None:
    """The recorded generation of the knowledge gives the recorded bytes, after any change."""
    said = live.desk.ask(ASKED)
    live.desk.correct(said.id, "Shipping is free.", "ann")
    assert said.reply
    again = live.assistant.reply([Message(role="user", content=ASKED.text)], said.reply.generation)
    assert again == said.reply


def test_thresholds_follow_what_is_reckoned_with(live: Live) -> None:
    """The share is part of the version that replies name."""
    live.assistant.reckon(0.3)
    said = live.desk.ask(ASKED)
    assert said.reply
    assert said.reply.version == live.assistant.version == f"{live.assistant.parts.version}/0.3"


def test_what_is_too_old_is_forgotten(live: Live) -> None:
    """Conversations and events after their days; the numbers tell the state of the promise."""
    said = live.desk.ask(ASKED)
    event = Event(id="e", target="x", told={"conversation": "con_?"}, due=live.desk.clock())
    database = live.desk.log.database
    database.write(lambda connection: insert(connection, event)).result()
    guard = Guard(
        log=live.desk.log,
        decisions=live.desk.teaching.decisions,
        thresholds=live.assistant.parts.rules.thresholds,
        turns=SqlTurns(database),
        keep_days=2,
        reckon=live.assistant.reckon,
        refresh=live.refresh,
        clock=live.desk.clock,
    )
    day = 86_400_000_000
    guard.forget(said.at + day)
    assert live.desk.conversations()
    assert guard.look().state == "unknown"
    assert live.desk.numbers()["guarantee"]["state"] == "unknown"
    guard.forget(said.at + 3 * day)
    assert live.desk.conversations() == []
    assert SqlEvents(database).all() == []


def test_only_a_model_that_writes_words_answers_anew(live: Live) -> None:
    """Another name is told with those that there are."""
    live.rewrite_by({"shop": live.engine}, None)
    for name in ("shop", "other"):
        with pytest.raises(ProjectError):
            live.rewrite_by({"shop": live.engine}, name)


@pytest.mark.slow
def test_several_workers_serve_one_conversation(home: Shop, model: Path) -> None:
    """A correction through one is said by all, and whichever is asked, the log is one."""
    home.keep(home.folder / "home.json")
    code = (
        "import sys; from pathlib import Path; from argosy.config.serve import Serve;"
        "from argosy.project.selling.serving import serve_model; from argosy.project.selling.shop import Shop;"
        "serve_model(Path(sys.argv[1]), Serve(port=0, workers=2), lambda a: print(a, flush=True),"
        " home=Shop.kept(Path(sys.argv[2])))"
    )
    command = [sys.executable, "-c", code, str(model), str(home.folder / "home.json")]
    asked = ["What does shipping cost?", "怎么退货？", "When is my parcel sent?"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        address = process.stdout.readline().strip()
        head = {"authorization": f"Bearer {'t' * 40}", "connection": "close"}
        answers = [
            httpx2.post(f"{address}/support/messages", json={"id": str(number), "text": text}, headers=head).json()
            for number, text in enumerate(asked)
        ]
        process.send_signal(signal.SIGTERM)
    with live_of(home, model) as live:
        (found,) = live.desk.conversations()
        turns = live.desk.turns(found.id)
    assert [turn.text for turn in turns if turn.role == "user"] == asked
    assert [answer["turns"][-1]["text"] for answer in answers] == [turn.text for turn in turns[1::2]]


def test_an_erased_person_leaves_no_conversation(home: Shop, model: Path) -> None:
    """Exported to the operator with every turn, erased with what was learnt of their words, and again from a backup."""
    (home.folder / ".argosy").mkdir()
    bots = home.folder / home.project.support.bots
    bots.write_text('[hooks]\nshop = "0123456789abcdef0123"\n', encoding="utf-8")
    bots.chmod(0o600)
    peer = digest("webhook", "shop", "kim-7731")
    with store_of(home) as database, live_of(home, model) as live:
        privacy = ProjectPrivacy(home.project, home.folder, database)

        def talk(name: str, text: str, who: str) -> str:
            said = live.desk.ask(replace(ASKED, id=name, text=text, peer=who))
            live.desk.correct(said.id, "In Hangzhou.", "ann")
            return said.conversation

        talk("1", "Where do you live?", peer)
        other = talk("2", "Where is your office?", "somebody else")
        (told,) = privacy.export_all("kim-7731", None)["conversations"]
        assert [turn["role"] for turn in told["turns"]] == ["user", "assistant"]
        done = privacy.erase_all("kim-7731", None, "test")
        assert done["erased"]["conversations"] == 1
        assert [one.id for one in live.desk.conversations()] == [other]
        live.refresh()
        assert say(live, "Where do you live?", "x") != "In Hangzhou."
        assert say(live, "Where is your office?", "y") == "In Hangzhou."
        assert [one["question"] for one in corrections_in(home.folder)] == ["Where is your office?"]
        talk("3", "Where do you live?", peer)  # as a restored backup has it
        assert privacy.retain() == 1
        assert peer not in {one.peer for one in live.desk.conversations()}


def test_an_erasure_that_was_cut_off_is_made_good(home: Shop, model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was learnt of a person's words is found again as long as any of it is there."""
    with store_of(home) as database, live_of(home, model) as live:
        said = live.desk.ask(replace(ASKED, text="Where do you live?", peer=digest("widget", "kim-7731")))
        live.desk.correct(said.id, "In Hangzhou.", "ann")
        privacy = ProjectPrivacy(home.project, home.folder, database)

        def cut_off(*_: object) -> int:
            raise ProjectError("Cut off.", mend="Again.")

        with monkeypatch.context() as patched, pytest.raises(ProjectError):
            patched.setattr(SqlKnowledge, "purge", cut_off)
            privacy.erase_all("kim-7731", None, "test")
        privacy.erase_all("kim-7731", None, "test")
        live.refresh()
        assert say(live, "Where do you live?", "x") != "In Hangzhou."
