"""Privacy of a whole project: the next build, batch files, and the service that captures and erases."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import product
from pathlib import Path

import pytest
from shops import shop_in
from starlette.testclient import TestClient

from argosy.config.file import load
from argosy.config.schema import Project
from argosy.config.selling import Privacy
from argosy.core.captured import Captured
from argosy.core.errors import DataError, MissingError
from argosy.core.jobs import Batch, File
from argosy.data.examples import group_of
from argosy.infer.engines.echo import EchoEngine
from argosy.project.building import build as building
from argosy.project.building.build import check
from argosy.project.building.run import alone, run
from argosy.project.improving import tries
from argosy.project.improving.known import Pair, read_pairs, write_pairs
from argosy.project.persons.batch_lines import BatchLines
from argosy.project.persons.carriers import carried
from argosy.project.persons.privacy import ProjectPrivacy
from argosy.project.selling.parts import open_selling
from argosy.project.selling.shop import Shop, first_key, open_store
from argosy.serve.jobs.lines import Rules, answered, requests
from argosy.serve.settings import Settings
from argosy.stages.data import erased, rows
from argosy.store.jobs import BatchTable, FileTable
from argosy.store.persons.subjects import now

WORDS = "the parcel of Kim never came, call 13800138000"
NOUNS = ["parcel", "price", "colour", "battery", "screen", "cable", "box", "shop", "driver", "letter", "week", "handle"]
SAYS = ["broke", "arrived", "shines", "works", "failed", "helped", "lasted", "pleased", "bored", "hurt"]


def grouped_project(folder: Path) -> Project:
    """A project whose rows are grouped by person, with a row labelled by hand that has no group."""
    folder.mkdir(exist_ok=True)
    (folder / "argosy.toml").write_text(
        'name = "p"\nlanguages = ["en"]\n'
        '[data]\npath = "rows.csv"\ngroup = "person"\n[base]\nmodel = "scratch"\n[sell]\n',
        encoding="utf-8",
    )
    plain = [
        f"the {noun} {says} {'well' if at % 2 else 'badly'} for me,{('good', 'bad')[at % 2]},p{at}"
        for at, (noun, says) in enumerate(product(NOUNS, SAYS))
    ]
    table = ["text,label,person", f'"{WORDS}",bad,kim-7731', *plain]
    (folder / "rows.csv").write_text("\n".join(table), encoding="utf-8")
    (folder / "labels").mkdir(exist_ok=True)
    copied = WORDS.replace("13800138000", "[PHONE]")
    (folder / "labels" / "one.csv").write_text(f'text,label\n"{copied}",good\nsomething else entirely,bad\n')
    return load(folder)


def test_the_next_build_leaves_the_erased_out(tmp_path: Path) -> None:
    """Rows of the person's group, and copies of their text elsewhere, are dropped as erased; no byte is stored.

    What an earlier build stored of them is removed, and the build with a changed list is not the one that stood.
    """
    project = grouped_project(tmp_path / "p")
    folder = tmp_path / "p"
    before = check(project, folder, lambda _: None)
    assert "erased" not in before["dropped"]
    with open_store(project.sell, folder) as database:
        privacy = ProjectPrivacy(project, folder, database)
        signed = privacy.erase_all("kim-7731", None, "test")
    assert signed["erased"]["rows"] == 1
    assert signed["erased"]["results"] >= 3
    assert carried(folder, "kim-7731", ()).results == []
    with alone(folder):
        done = run(folder, building.rows(project, folder), lambda _: None)
    stored = done.artifacts["read"].path
    assert rows.reasons(stored / rows.DROPPED) == {"erased": 2}
    everything = b"\n".join(path.read_bytes() for path in done.artifacts["split"].path.rglob("*") if path.is_file())
    assert b"parcel of Kim" not in everything + (stored / rows.DROPPED).read_bytes()
    assert "read" not in done.hits
    assert check(project, folder, lambda _: None)["dropped"]["erased"] == 2


def test_a_build_without_the_key_is_refused(tmp_path: Path) -> None:
    """Where the list is there and its key is not, nothing is learnt; a line changed by hand is told."""
    project = grouped_project(tmp_path)
    with open_store(project.sell, tmp_path) as database:
        ProjectPrivacy(project, tmp_path, database).erase_all("kim-7731", None, "test")
    key = tmp_path / project.privacy.key_file
    hidden = key.rename(tmp_path / "elsewhere")
    with pytest.raises(MissingError, match="keys"):
        building.rows(project, tmp_path)
    hidden.rename(key)
    building.rows(project, tmp_path)
    (tmp_path / erased.FILE).write_text("{}\n")
    with pytest.raises(DataError, match="row 1"):
        building.rows(project, tmp_path)


def test_the_list_says_nothing_without_the_key(tmp_path: Path) -> None:
    """Neither the person's id nor a digest that could be tried without the secret stands in it."""
    project = grouped_project(tmp_path)
    with open_store(project.sell, tmp_path) as database:
        ProjectPrivacy(project, tmp_path, database).erase_all("kim-7731", None, "test")
    text = (tmp_path / erased.FILE).read_text(encoding="utf-8")
    assert "kim" not in text
    assert group_of("kim-7731") not in text


def test_lines_of_batches_are_erased_with_their_answers(tmp_path: Path) -> None:
    """Lines that name the person, and the answers to them, go from both files; their sizes are known."""
    shop = shop_in(tmp_path)
    with open_store(shop.sell, tmp_path) as database:
        folder = tmp_path / shop.sell.files
        (folder / "ten_a").mkdir(parents=True)
        asked = [
            {"custom_id": f"c{n}", "body": {"input": f"text {n}", "user": ("kim", "bob")[n % 2]}} for n in range(4)
        ]
        given = [{"custom_id": f"c{n}", "response": {"body": n}} for n in range(4)]
        known = []
        for name, lines in (("file_in", asked), ("file_out", given), ("file_other", given)):
            path = folder / "ten_a" / name
            path.write_text("".join(json.dumps(line) + "\n" for line in lines))
            known.append(
                File(
                    id=name, tenant="ten_a", purpose="batch", name="a", bytes=path.stat().st_size, created=1, expires=9
                )
            )
        table = FileTable(database)
        for file in known:
            table.add(file).result()
        batch = Batch(
            id="bat_1",
            tenant="ten_a",
            key="k",
            endpoint="/v1/classify",
            input="file_in",
            output="file_out",
            errors="none",
            window="24h",
            expires=9,
            language="en",
            status="completed",
            at={"validating": 1},
        )
        BatchTable(database).add(batch).result()
        lines = BatchLines(folder, database)
        assert [held["custom_id"] for held in lines.held("ten_a", "kim")] == ["c0", "c2", "c0", "c2"]
        assert lines.erase(lines.find("ten_a", "kim")) == 4
        assert lines.held("ten_a", "kim") == []
        left = (folder / "ten_a" / "file_in").read_text()
        assert "kim" not in left
        assert left.count("bob") == 2
        assert (folder / "ten_a" / "file_other").read_text().count("custom_id") == 4
        sized = table.get("ten_a", "file_in")
        assert sized is not None
        assert sized.bytes == len(left)


def test_answers_of_a_batch_are_erased_without_its_input(tmp_path: Path) -> None:
    """Clients delete what they handed in: an answer still says whom it is about."""
    folder = tmp_path / "ten_a"
    folder.mkdir()
    asked = folder / "file_in"
    bodies = [{"input": "text", "user": " kim"}, {"input": "text"}, {"input": "text", "user": "bob"}]
    lines = [
        {"custom_id": f"c{n}", "method": "POST", "url": "/v1/classify", "body": body} for n, body in enumerate(bodies)
    ]
    asked.write_text("".join(json.dumps(line) + "\n" for line in lines))
    rules = Rules(endpoint="/v1/classify", body_bytes=1000, lines=9)
    given = [answered("bat_1", line, status=200, request_id="r", body=b"{}") for line in requests(asked, rules, 0)]
    (folder / "file_out").write_bytes(b"".join(given))
    asked.unlink()
    with open_store(shop_in(tmp_path / "shop").sell, tmp_path / "shop") as database:
        held = BatchLines(tmp_path, database)
        assert [one["custom_id"] for one in held.held("ten_a", "kim")] == ["c0"]
        assert held.erase(held.find("ten_a", "kim")) == 1
    left = [json.loads(line) for line in (folder / "file_out").read_text().splitlines()]
    assert [(one["custom_id"], one.get("user")) for one in left] == [("c1", None), ("c2", "bob")]


def test_a_service_names_captures_and_erases(tmp_path: Path) -> None:
    """A person named in a request has an opaque id in the ledger, is captured redacted, told and erased over HTTP."""
    plain = shop_in(tmp_path)
    shop = Shop(project=plain.project.model_copy(update={"privacy": Privacy(capture=1.0)}), folder=tmp_path)
    issued = first_key(shop)
    assert issued is not None
    head = {"authorization": f"Bearer {issued.secret}"}
    person = {**head, "x-argosy-subject": "kim-7731", "idempotency-key": "once"}
    with closing(open_selling(shop)) as selling, TestClient(selling.app({"mood": EchoEngine()}, Settings())) as client:
        word = {"purpose": "improve", "granted": True}
        assert client.post("/v1/privacy/consents", json=word, headers=head).json()["subject"] == ""
        assert client.post("/v1/classify", json={"input": WORDS}, headers=person).status_code == 200
        assert client.post("/v1/classify", json={"input": "hello", "user": "bob"}, headers=head).status_code == 200
    with closing(open_selling(shop)) as selling, TestClient(selling.app({"mood": EchoEngine()}, Settings())) as client:
        held = client.post("/v1/privacy/export", json={"subject": "kim-7731"}, headers=head).json()
        assert held["subject"].startswith("sub_")
        assert [line["route"] for line in held["ledger"]] == ["/v1/classify"]
        (capture,) = held["captures"]
        assert capture["asked"] == {"input": WORDS.replace("13800138000", "[PHONE]")}
        assert capture["model"] == "mood"
        assert len(held["replies"]) == 1
        signed = client.post("/v1/privacy/erase", json={"subject": "kim-7731"}, headers=head).json()
        assert (signed["erased"]["captures"], signed["erased"]["replies"], signed["files"]) == (1, 1, False)
        place = f"/v1/privacy/erasures/{signed['id']}"
        assert client.get(place, headers=head).json() == signed
        assert client.get("/v1/privacy/erasures/era_none", headers=head).status_code == 404
        again = client.post("/v1/privacy/export", json={"subject": "kim-7731"}, headers=head).json()
        assert "captures" not in again
        assert len(client.post("/v1/privacy/export", json={"subject": "bob"}, headers=head).json()["captures"]) == 1
        assert client.post("/v1/privacy/export", json={}, headers=head).status_code == 422
        bad = {**head, "x-argosy-subject": "x" * 300}
        assert client.post("/v1/classify", json={"input": "a"}, headers=bad).json()["error"]["code"] == "invalid_value"


def test_what_a_try_learnt_is_erased_after_its_capture_was_removed(tmp_path: Path) -> None:
    """Captures go after their days, rows of a try stay: their events say whose they are, to tell and to erase."""
    plain = shop_in(tmp_path)
    privacy = Privacy(capture=1.0, basis="legitimate_interests")
    shop = Shop(project=plain.project.model_copy(update={"privacy": privacy}), folder=tmp_path)
    issued = first_key(shop)
    assert issued is not None
    head = {"authorization": f"Bearer {issued.secret}"}
    with closing(open_selling(shop)) as selling, TestClient(selling.app({"mood": EchoEngine()}, Settings())) as client:
        tenant = client.get("/v1/account", headers=head).json()["tenant"]
        events = [
            client.post("/v1/classify", json={"input": f"words of {name}", "user": name}, headers=head).headers[
                "x-argosy-event"
            ]
            for name in ("kim", "bob")
        ]
    rows = tries.place_of(tmp_path, 1) / "rows-learn.jsonl"
    rows.parent.mkdir(parents=True)
    place = {"source": "people", "tenant": tenant, "index": 0}
    pairs = [
        Pair(text=f"words of {name}", label="good", new={**place, "event": event})
        for name, event in zip(("kim", "bob"), events, strict=True)
    ]
    write_pairs([Pair(text="older", label="bad"), *pairs], rows)
    with open_store(shop.sell, tmp_path) as database:
        later = ProjectPrivacy(shop.project, tmp_path, database, clock=lambda: now() + 40 * 86_400_000_000)
        assert later.retain() == 2
        (told,) = later.export(tenant, "kim")["learnt"]
        assert (told["text"], told["event"]) == ("words of kim", events[0])
        signed = later.erase(tenant, "kim", "test")
        assert signed["erased"]["results"] == 1
        assert later.export(tenant, "bob")["learnt"] != []
    assert [pair.text for pair in read_pairs(rows)] == ["older", "words of bob"]


def test_one_tenant_erases_one_person_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An erasure rewrites files and tables: a tenant that asks for many at once does not hold up the others' work."""
    shop = shop_in(tmp_path)
    issued = first_key(shop)
    assert issued is not None
    head = {"authorization": f"Bearer {issued.secret}"}
    begun, go = threading.Event(), threading.Event()

    def erase(*_: object) -> dict[str, str]:
        begun.set()
        assert go.wait(60)
        return {"id": "era_1"}

    monkeypatch.setattr(ProjectPrivacy, "erase", erase)
    with (
        closing(open_selling(shop)) as selling,
        TestClient(selling.app({"mood": EchoEngine()}, Settings())) as client,
        ThreadPoolExecutor(1) as pool,
    ):
        first = pool.submit(client.post, "/v1/privacy/erase", json={"subject": "kim"}, headers=head)
        try:
            assert begun.wait(60)
            for what in ("erase", "export"):
                again = client.post(f"/v1/privacy/{what}", json={"subject": "bob"}, headers=head)
                assert (again.status_code, again.json()["error"]["code"]) == (503, "overloaded")
        finally:
            go.set()
        assert first.result().status_code == 200
        assert client.post("/v1/privacy/export", json={"subject": "bob"}, headers=head).status_code == 200


def test_a_person_is_the_same_by_header_and_body(tmp_path: Path) -> None:
    """Names in UTF-8 and space around them mean one person in a header, a body, a batch file and an erasure."""
    shop = shop_in(tmp_path)
    issued = first_key(shop)
    assert issued is not None
    head = {"authorization": f"Bearer {issued.secret}"}
    with closing(open_selling(shop)) as selling, TestClient(selling.app({"mood": EchoEngine()}, Settings())) as client:
        for named in ({"x-argosy-subject": "张三".encode()}, {"x-argosy-subject": "J\xf6rg".encode("latin-1")}):
            ask = client.post("/v1/classify", json={"input": "a"}, headers={**head, **named})  # type: ignore[dict-item]
            assert ask.status_code == 200
        client.post("/v1/classify", json={"input": "a", "user": " 张三 "}, headers=head)
        for name, events in (("张三", 2), ("Jörg", 1)):
            held = client.post("/v1/privacy/export", json={"subject": name}, headers=head).json()
            assert (held["name"], len(held["ledger"])) == (name, events)
        folder = tmp_path / shop.sell.files / "ten_a"
        folder.mkdir(parents=True)
        asked = [{"custom_id": name, "body": {"input": "a", "user": name}} for name in (" kim", "kim\n", "kim2")]
        (folder / "file_in").write_text("".join(json.dumps(line) + "\n" for line in asked))
        lines = BatchLines(tmp_path / shop.sell.files, selling.database)
        assert [held["custom_id"] for held in lines.held("ten_a", "kim")] == [" kim", "kim\n"]


def test_a_person_whom_nobody_met_leaves_nothing(tmp_path: Path) -> None:
    """Asking what is held of a stranger makes no record of the stranger."""
    shop = shop_in(tmp_path)
    with open_store(shop.sell, tmp_path) as database:
        privacy = ProjectPrivacy(shop.project, tmp_path, database)
        assert privacy.export("ten_a", "stranger") == {"name": "stranger", "tenant": "ten_a"}
        assert privacy.subjects.find("stranger", "ten_a") == []
        assert privacy.captures.keep([]) == 0
        one = Captured(
            tenant="ten_a", subject="stranger", event="e", model="m", version="1", at=1, asked=None, answer=None
        )
        assert privacy.captures.keep([one]) == 0
