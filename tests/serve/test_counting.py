"""What a service counts of its traffic: totals are what was sent, whatever becomes of the log and of the worker."""

import io
import json
import math
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import closing, contextmanager
from pathlib import Path

import httpx2
import openai
import pytest
from deadlines import until
from hypothesis import given
from hypothesis import strategies as st
from listening import listening
from prometheus_client import CollectorRegistry
from shops import Stand, shop_in, stand_in

from argosy.core.account import Limits
from argosy.core.records import Prediction
from argosy.core.signals import Tally
from argosy.infer.batcher import Answered
from argosy.infer.engines.echo import EchoEmbedder, EchoEngine, EchoGenerator
from argosy.infer.recall import Answer
from argosy.project.selling.shop import store_url
from argosy.serve.running.edge import Visit
from argosy.serve.running.tracing import SILENT
from argosy.serve.settings import Settings
from argosy.serve.watching.counting import Counting
from argosy.serve.watching.looking import Sample, language
from argosy.store.database import Database
from argosy.store.watching.signals import SqlSignals

FOREVER = 2**62
PROGRAM = Path(__file__).parent.parent / "served_shop.py"
Whose = tuple[str, str, str]


class Failing:
    """An engine that answers unless it is asked to fail, and is never certain of ``no``."""

    name = "failing"
    labels = ("no", "yes")

    def classify(self, texts: Sequence[str]) -> list[Prediction]:
        """Fail, or answer with 0.93."""
        if "fail" in texts:
            raise ConnectionError
        answers = ["yes" if "yes" in text else "no" for text in texts]
        return [
            Prediction(label=one, probabilities={"yes": 0.07, "no": 0.07} | {one: 0.93}, certain=one == "yes")
            for one in answers
        ]

    def count(self, text: str) -> int:
        """A token a character."""
        return len(text)


def kept(database: Database) -> dict[Whose, Counter[str]]:
    """All that was counted, by model, version and tenant."""
    found: dict[Whose, Counter[str]] = {}
    for one in SqlSignals(database).between(0, FOREVER):
        found.setdefault((one.model, one.version, one.tenant), Counter()).update(one.counts)
    return found


def of(counts: Mapping[str, int], kind: str) -> dict[str, int]:
    """The counts of a kind such as ``label``."""
    return {name.partition(":")[2]: n for name, n in counts.items() if name.startswith(f"{kind}:")}


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    """A service that sells one model."""
    with stand_in(tmp_path, engines={"mood": Failing()}) as stand:
        yield stand


@contextmanager
def asking(stand: Stand, address: str, plan: str = "standard", limits: Limits | None = None) -> Iterator[httpx2.Client]:
    """A client of a new tenant, whose id is in its headers."""
    tenant, head = stand.buyer(limits, plan)
    with httpx2.Client(base_url=address, headers=head | {"x-tenant": tenant}, timeout=60) as client:
        yield client


def classify(client: httpx2.Client, *texts: str, **head: str) -> int:
    """The status of the answer."""
    return client.post("/v1/classify", json={"input": list(texts)}, headers=head).status_code


def test_what_two_workers_counted_is_what_was_sent(stand: Stand) -> None:
    """Each text and request once: a retry's answer is not counted as texts again, refusals and failures as such."""
    settings = Settings(cache=100)
    with (
        listening(stand.app(settings)) as one,
        listening(stand.app(settings)) as other,
        asking(stand, one) as near,
        httpx2.Client(base_url=other, headers=near.headers, timeout=60) as far,
    ):
        told = [classify(near, "yes", "再说 yes"), classify(far, "yes", "no", "no way")]
        told += [classify(near, "yes", **{"idempotency-key": "k"}), classify(far, "yes", **{"idempotency-key": "k"})]
        told += [classify(near, "fail"), near.post("/v1/classify", json={"inptu": 1}).status_code]
        told += [httpx2.post(f"{one}/v1/classify", headers={"authorization": "Bearer ak_x"}).status_code]
        assert told == [200, 200, 200, 200, 500, 422, 401]
    found = kept(stand.selling.database)
    tenant = near.headers["x-tenant"]
    mine, refused, unknown = found["mood", "0", tenant], found["mood", "", tenant], found["mood", "", ""]
    assert (mine["requests"], mine["errors"], mine["texts"], mine["hits"]) == (5, 1, 6, 1)
    assert mine["tokens"] == len("yes" + "再说 yes" + "yes" + "no" + "no way" + "yes")
    assert of(mine, "label") == {"yes": 4, "no": 2}
    assert of(mine, "confidence") == {"18": 6}
    assert mine["abstained"] == 2
    assert sum(of(mine, "latency").values()) == 4
    assert mine["read"] == sum(of(mine, "length").values()) == sum(of(mine, "language").values()) == 6
    assert of(mine, "language") == {"en": 5, "mixed": 1}
    assert of(mine, "length")[str(int(2 * math.log2(1 + 3)))] == 3
    assert mine["pieces"] == 0
    assert refused == {"requests": 1, "refused": 1}
    assert unknown == {"requests": 1, "refused": 1}
    assert set(found) - {("", "", "")} == {("mood", "0", tenant), ("mood", "", tenant), ("mood", "", "")}


def test_a_flood_is_told_from_its_tenant(stand: Stand) -> None:
    """Who asks beyond its limits is refused under its own name; the others' counts stay as they are."""
    with (
        listening(stand.app()) as address,
        asking(stand, address, limits=Limits(requests_per_minute=3)) as flood,
        asking(stand, address) as quiet,
    ):
        statuses = Counter(classify(flood, "yes") for _ in range(20))
        assert classify(quiet, "no") == 200
    found = kept(stand.selling.database)
    mine = found["mood", "0", flood.headers["x-tenant"]]
    assert (mine["requests"], mine["refused"], mine["texts"]) == (20, statuses[429], statuses[200])
    assert statuses[429] >= 10
    assert found["mood", "0", quiet.headers["x-tenant"]]["requests"] == 1


def test_every_kind_of_model_counts_its_traffic(tmp_path: Path) -> None:
    """Conversations, streams and vectors have their requests, times and tokens, under the model that was asked."""
    engines = {"mood": EchoEngine(), "writer": EchoGenerator(), "vectors": EchoEmbedder()}
    with stand_in(tmp_path, engines=engines) as stand:
        with listening(stand.app()) as address, asking(stand, address, "tokens") as client:
            tenant = client.headers["x-tenant"]
            with openai.OpenAI(
                base_url=f"{address}/v1", api_key=client.headers["authorization"].removeprefix("Bearer ")
            ) as ai:
                ai.chat.completions.create(model="writer", messages=[{"role": "user", "content": "one two"}])
                with ai.completions.create(model="writer", prompt="one", stream=True) as stream:
                    assert list(stream)
                ai.embeddings.create(model="vectors", input=["one", "two three"])
            client.get("/v1/models")
            assert client.post("/v1/classify", json={"input": "x", "model": "nobody"}).status_code == 404
        found = kept(stand.selling.database)
    writer, vectors = found["writer", "0", tenant], found["vectors", "0", tenant]
    assert (writer["requests"], sum(of(writer, "latency").values()), writer["tokens"]) == (2, 2, 3 + 4 + 1 + 2)
    assert (vectors["requests"], vectors["texts"]) == (1, 2)
    assert found["", "", tenant] == {"requests": 1, "refused": 1}


def test_a_batch_counts_once_and_has_no_latency(tmp_path: Path) -> None:
    """Lines pass through the service from within: texts and labels as live ones, but nobody waited for them."""
    with stand_in(tmp_path) as stand:
        with listening(stand.app()) as address, asking(stand, address) as client:
            tenant, secret = client.headers["x-tenant"], client.headers["authorization"].removeprefix("Bearer ")
            lines = [
                {"custom_id": str(n), "method": "POST", "url": "/v1/classify", "body": {"input": f"text {n}"}}
                for n in range(7)
            ]
            with openai.OpenAI(base_url=f"{address}/v1", api_key=secret) as ai:
                file = io.BytesIO("\n".join(map(json.dumps, lines)).encode())
                sent = ai.files.create(file=("in.jsonl", file), purpose="batch")
                made = ai.batches.create(
                    input_file_id=sent.id,
                    endpoint="/v1/classify",  # type: ignore[arg-type]
                    completion_window="24h",
                )
                until(lambda: ai.batches.retrieve(made.id).status == "completed")
        counts = next(one for whose, one in kept(stand.selling.database).items() if whose[2] == tenant)
    assert (counts["requests"], counts["texts"], sum(of(counts, "label").values())) == (7, 7, 7)
    assert of(counts, "latency") == {}


def requests_of(folder: Path, tenant: str) -> int:
    """The requests that are written of a tenant of the shop in a folder."""
    with closing(Database(store_url(shop_in(folder).sell, folder))) as database:
        return sum(one["requests"] for whose, one in kept(database).items() if whose[2] == tenant)


@pytest.mark.slow
def test_a_killed_server_loses_nothing_that_was_written(tmp_path: Path) -> None:
    """After SIGKILL what was written stands, and what the next server counts adds up with it."""
    with stand_in(tmp_path) as stand:
        tenant, head = stand.buyer()
    for sent in (4, 8):
        with subprocess.Popen([sys.executable, str(PROGRAM), str(tmp_path)], stdout=subprocess.PIPE, text=True) as run:
            try:
                assert run.stdout is not None
                address = run.stdout.readline().strip()
                for number in range(4):
                    asked = httpx2.post(f"{address}/v1/classify", headers=head, json={"input": f"{number}"}, timeout=60)
                    assert asked.status_code == 200
                until(lambda sent=sent: requests_of(tmp_path, tenant) == sent)
            finally:
                run.kill()
        assert requests_of(tmp_path, tenant) == sent


class Log:
    """Keeps tallies by id; each note fails while ``away``, after it was kept where ``keeps``."""

    def __init__(self, *, away: bool, keeps: bool = False) -> None:
        self.away, self.keeps = away, keeps
        self.notes = 0
        self.tallies: dict[str, Tally] = {}

    def note(self, tallies: Sequence[Tally]) -> "Future[None]":
        """Keep them, or fail."""
        self.notes += 1
        told: Future[None] = Future()
        if self.keeps or not self.away:
            self.tallies |= {one.id: one for one in tallies}
        if self.away:
            told.set_exception(ConnectionError("no words"))
        else:
            told.set_result(None)
        return told

    def between(self, start: int, end: int) -> Iterator[Tally]:
        """All of them."""
        return iter(self.tallies.values())

    def total(self, name: str) -> int:
        """How often something was counted."""
        return sum(one.counts.get(name, 0) for one in self.tallies.values())


def visit(event: str = "e") -> Visit:
    """A request that was answered."""
    return Visit("id", event, SILENT.start("request"), tenant="t", model="m", status=200, texts=1)


@pytest.mark.parametrize("keeps", [False, True], ids=["before it wrote", "after it wrote"])
def test_a_log_that_is_away_gets_the_same_tallies_again(caplog: pytest.LogCaptureFixture, *, keeps: bool) -> None:
    """What could not be written is written when the log is back, once, whether or not the failed write had arrived."""
    log = Log(away=True, keeps=keeps)
    counting = Counting(log, CollectorRegistry(), every=0.01)
    counting.start()
    counting.request(visit(), "/v1/classify", 0.001, live=True)
    until(lambda: log.notes >= 3)
    counting.request(visit(), "/v1/classify", 0.001, live=True)
    log.away = False
    counting.stop()
    assert (log.total("requests"), log.total("texts"), log.total("latency:0")) == (2, 2, 2)
    assert caplog.text.count("signals cannot be written (ConnectionError)") == 1


def test_pieces_and_memory_are_told_by_the_answers() -> None:
    """Engines with a tokenizer tell how many pieces it did not know; answers from memory are hits."""
    log = Log(away=False)
    counting = Counting(log, CollectorRegistry())
    said = Prediction(label="a", probabilities={"a": 1.0})
    answers = [
        Answer(prediction=said, tokens=7, truncated=False, unknown=2),
        Answer(prediction=said, tokens=5, truncated=False, unknown=0),
        Answer(prediction=Prediction(label="a", probabilities={"a": math.nan}), tokens=9, truncated=False),
    ]
    asked = visit()
    counting.start()
    counting.classified(asked, ["one", "two", "three"], Answered(answers=answers, remembered=1))
    counting.request(asked, "/v1/classify", 0.001, live=True)
    counting.stop()
    assert (log.total("pieces"), log.total("unknown"), log.total("hits")) == (12, 2, 1)
    assert (log.total("confidence:19"), log.total("confidence:0"), log.total("label:a")) == (2, 1, 3)


def test_a_flood_of_texts_is_counted_whole_and_read_in_part() -> None:
    """Labels count for all texts; lengths and languages for some, and these say how many they are."""
    log = Log(away=False)
    counting = Counting(log, CollectorRegistry())
    counting.start()
    said = Answer(prediction=Prediction(label="a", probabilities={"a": 0.5}), tokens=1, truncated=False)
    for number in range(50):
        asked = visit(f"e{number}")
        counting.classified(asked, ["\ud800 x"] * 100, Answered(answers=[said] * 100))
        counting.request(asked, "/v1/classify", 0.001, live=True)
    counting.stop()
    assert log.total("label:a") == 5000
    assert 0 < log.total("read") == log.total("language:en") <= 5000


@given(st.integers(1, 5), st.integers(1, 400), st.integers(1, 30))
def test_a_sample_reads_all_of_little_and_little_of_much(texts: int, requests: int, seconds: int) -> None:
    """After its first second a steady stream is read whole below the rate, and close to the rate above it."""
    sample, read = Sample(40), 0
    for second in range(1, seconds + 2):
        for number in range(requests):
            found = len(sample.places(f"req_{second}_{number}", texts))
            read += found if second > 1 else 0
        sample.adapt(second * 1_000_000)
    came = requests * texts
    assert read == came * seconds if came <= 40 else abs(read / seconds - 40) <= 40


def test_languages_are_told_by_script() -> None:
    """Names of products make a Chinese text no mixture; digits and other scripts are neither."""
    told = {
        "zh": ["物流很快", "這個 app 很好用！", "客服态度差，退款 3 天了"],
        "en": ["broke after a day", "très déçu", "I like 麻 soup very much"],
        "mixed": ["please 退款 now", "iPhone 的 battery 坏了"],
        "other": ["", "12 🙂", "привет", "今日は東京へ行きます", "\ud800"],
    }
    assert {name: [language(text) for text in texts] for name, texts in told.items()} == {
        name: [name] * len(texts) for name, texts in told.items()
    }
