"""Files: handed in, listed, read and deleted, streamed to disk, and kept within bounds."""

import asyncio
import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import openai
import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_multipart.exceptions import MultipartParseError
from shops import Stand, stand_in
from starlette.requests import Request
from starlette.testclient import TestClient
from starlette.types import Message

from argosy.core.jobs import File
from argosy.core.tenant import Terms
from argosy.serve.errors import RequestError
from argosy.serve.jobs.parts import Bounds
from argosy.serve.jobs.shelf import now
from argosy.serve.jobs.upload import Form, receive

BOUNDS = Bounds(file_bytes=300_000, stored_bytes=400_000)


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    """A service that sells, with small bounds."""
    with stand_in(tmp_path_factory.mktemp("shop")) as stand:
        selling = stand.selling
        yield replace(stand, selling=replace(selling, batching=replace(selling.batching, bounds=BOUNDS)))


@pytest.fixture(scope="module")
def client(stand: Stand) -> Iterator[TestClient]:
    """A client of the running service."""
    with TestClient(stand.app(), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def ai(client: TestClient, stand: Stand) -> openai.OpenAI:
    """OpenAI's client with the key of a new tenant."""
    secret = stand.key(stand.tenant()).secret
    return openai.OpenAI(api_key=secret, base_url="http://testserver/v1", http_client=client, max_retries=0)


def test_a_file_is_kept_as_it_came(ai: openai.OpenAI) -> None:
    """Bytes and name are those handed in, whatever they hold; deleted, it is gone."""
    data = bytes(range(256)) * 1000 + b"\r\n--boundary--\r\n"
    sent = ai.files.create(file=("数据 1.csv", data), purpose="data")  # type: ignore[arg-type]
    found = ai.files.retrieve(sent.id)
    assert (found.filename, found.bytes, found.purpose) == ("数据 1.csv", len(data), "data")
    assert found.expires_at == found.created_at + 30 * 86_400
    assert ai.files.content(sent.id).content == data
    assert ai.files.delete(sent.id).deleted
    with pytest.raises(openai.NotFoundError):
        ai.files.retrieve(sent.id)


def test_a_file_may_expire_sooner(ai: openai.OpenAI) -> None:
    """From an hour on to as long as any is kept."""
    hour = ai.files.create(file=("a", b"x"), purpose="batch", expires_after={"anchor": "created_at", "seconds": 3600})
    assert hour.expires_at == hour.created_at + 3600
    for wrong in (3599, 30 * 86_400 + 1):
        with pytest.raises(openai.UnprocessableEntityError):
            ai.files.create(file=("a", b"x"), purpose="batch", expires_after={"anchor": "created_at", "seconds": wrong})


def test_files_are_listed_in_pages(ai: openai.OpenAI) -> None:
    """OpenAI's client walks through all of them in either order, or through those of one purpose."""
    ids = [ai.files.create(file=(f"{n}.jsonl", b"x"), purpose="batch").id for n in range(3)]
    ai.files.create(file=("other.csv", b"x"), purpose="data")  # type: ignore[arg-type]
    assert [file.id for file in ai.files.list(limit=2, purpose="batch")] == ids[::-1]
    assert [file.id for file in ai.files.list(limit=1, order="asc")][:3] == ids


def test_a_file_that_is_too_large_leaves_nothing(ai: openai.OpenAI, stand: Stand) -> None:
    """It is refused whether its length is told or not, and so is one for which the tenant has no room left."""
    with pytest.raises(openai.APIStatusError) as caught:
        ai.files.create(file=("big", b"x" * 400_000), purpose="batch")
    assert caught.value.code == "body_too_large"
    ai.files.create(file=("fits", b"x" * 300_000), purpose="batch")
    with pytest.raises(openai.APIStatusError) as caught:
        ai.files.create(file=("no room", b"x" * 200_000), purpose="batch")
    assert caught.value.code == "storage_full"
    assert not list(stand.selling.batching.shelf.folder.glob("*/.*"))


def test_forms_that_are_none_are_refused(client: TestClient, stand: Stand) -> None:
    """A form without a file, without a purpose, with two files, cut off, or no form at all is told what is wrong."""
    _, head = stand.buyer()
    two = [("file", ("a", b"1")), ("file", ("b", b"2")), ("purpose", (None, "batch"))]
    kind = {"content-type": "multipart/form-data; boundary=b"}
    for sent, code in (
        ({"json": {}}, "unsupported_media_type"),
        ({"files": {"file": ("a", b"1")}}, "missing_field"),
        ({"files": {"purpose": (None, "batch")}}, "missing_field"),
        ({"files": {"file": ("a", b"1"), "purpose": (None, "other")}}, "invalid_value"),
        ({"files": {"file": ("a", b""), "purpose": (None, "batch")}}, "empty_file"),
        ({"files": two}, "bad_request"),
        ({"content": b"--b\r\nContent-Disposition: form-data; na", "headers": kind}, "bad_request"),
        ({"content": b"no form", "headers": kind}, "bad_request"),
    ):
        told = {**sent, "headers": head | sent.get("headers", {})}
        answer = client.post("/v1/files", **told)
        assert answer.json()["error"]["code"] == code


def test_a_key_for_data_alone_may_hand_in_files(client: TestClient, stand: Stand) -> None:
    """Either right opens the files; neither does not."""
    tenant = stand.tenant()
    for scope, status in (("data", 200), ("batch", 200), ("classify", 403)):
        secret = stand.key(tenant, Terms(scopes=frozenset({scope}))).secret
        head = {"authorization": f"Bearer {secret}"}
        assert client.get("/v1/files", headers=head).status_code == status


def test_what_is_over_is_swept(stand: Stand) -> None:
    """A file whose time is over is not there any more, and neither are its bytes once somebody has swept."""
    shelf = stand.selling.batching.shelf
    old = File(id="file-old", tenant="ten_x", purpose="batch", name="a", bytes=1, created=1, expires=now() - 1)

    async def sweep() -> None:
        with shelf.aside("ten_x") as path:
            path.write_bytes(b"x")
            await shelf.place(path, old)
        assert await shelf.find("ten_x", old.id) is None
        assert shelf.path("ten_x", old.id).is_file()
        await shelf.sweep()

    asyncio.run(sweep())
    assert not shelf.path("ten_x", old.id).is_file()
    assert shelf.known.get("ten_x", old.id) is None


def test_a_file_that_stops_coming_is_given_up(tmp_path: Path) -> None:
    """However large a file may be, whoever sends nothing more has the time of what was sent, and no more."""

    async def receive_(sent: list[bytes] = [b"--b\r\n"]) -> Message:  # noqa: B006 - sent once
        if not sent:
            await asyncio.Event().wait()
        return {"type": "http.request", "body": sent.pop(), "more_body": True}

    head = [(b"content-type", b"multipart/form-data; boundary=b")]
    request = Request({"type": "http", "method": "POST", "headers": head}, receive_)

    async def ask() -> None:
        async with asyncio.timeout(30):
            await receive(request, tmp_path / "file", 2**40, 0.05)

    with pytest.raises(RequestError) as caught:
        asyncio.run(ask())
    assert caught.value.code == "body_too_slow"


def test_what_no_database_stores_is_refused(client: TestClient, stand: Stand) -> None:
    """Ids, cursors and words with NUL, and numbers beyond 32 bits, are the client's fault and not the server's."""
    _, head = stand.buyer()
    for address in ("/v1/files/%00", "/v1/files?after=%00", "/v1/files?purpose=%00", "/v1/batches/%00"):
        assert client.get(address, headers=head).json()["error"]["code"] == "invalid_value"
    said = {"request_id": "evt_1", "comment": "fine"}
    for more in ({"request_id": "\0"}, {"comment": "\0"}, {"label": "\0"}, {"index": 2**31}):
        refused = client.post("/v1/feedback", headers=head, json=said | more)
        assert (refused.status_code, refused.json()["error"]["code"]) == (422, "invalid_value")
    batch = {"input_file_id": "\0", "endpoint": "/v1/classify"}
    assert client.post("/v1/batches", headers=head, json=batch).json()["error"]["code"] == "invalid_value"


def test_small_files_have_bounds_too(client: TestClient, stand: Stand) -> None:
    """A file takes 16 KiB at least, so that nobody fills the store with empty ones."""
    _, head = stand.buyer()
    form = {"files": {"file": ("a", b"1"), "purpose": (None, "batch")}}
    codes = [client.post("/v1/files", headers=head, **form).status_code for _ in range(26)]  # type: ignore[arg-type]
    assert codes == [200] * 25 + [413]  # of 400,000 bytes


@given(st.binary(max_size=300), st.lists(st.integers(1, 80), min_size=1, max_size=20))
def test_forms_are_read_the_same_however_they_are_cut(data: bytes, cuts: list[int]) -> None:
    """The file's bytes do not depend on where the chunks of the body end."""
    body = b'--b\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nbatch\r\n'
    body += b'--b\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\n' + data + b"\r\n--b--\r\n"
    expected = _read(body, [len(body)])
    assert _read(body, cuts) == expected
    if b"--b" not in data:
        assert expected == (data, {"purpose": "batch"}, True)


def _read(body: bytes, cuts: list[int]) -> object:
    out = io.BytesIO()
    form = Form(out)
    parser = form.parser(b"b")
    at = place = 0
    try:
        while at < len(body):
            step = cuts[place % len(cuts)]
            parser.write(body[at : at + step])
            at, place = at + step, place + 1
    except (MultipartParseError, RequestError) as error:
        return type(error)
    return out.getvalue(), form.fields, form.whole
