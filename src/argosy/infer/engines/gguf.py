"""GGUF models by llama.cpp, in a process of its own: a crash there is an error here; the next request starts anew."""

import json
import os
import subprocess
import sys
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from queue import SimpleQueue
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any

import psutil

from argosy.core.engine import Deltas
from argosy.core.errors import MachineError, MissingError
from argosy.core.records import Message, Settings
from argosy.data.files.gguf import read_header
from argosy.infer.sampling import check
from argosy.infer.text import Ending, Pieces, check_prompt, check_room, deltas, sound

if TYPE_CHECKING:
    from argosy.infer.chat import Script

LLAMA_CPP = "llama.cpp"  # as the description of a model names what runs such a file
_CONTEXT = 4096  # tokens where nobody wishes otherwise: a long context takes memory from the start
_SECONDS_TO_END = 5


def open_gguf(
    file: Path,
    *,
    context: int | None = None,
    threads: int | None = None,
    script: "Script | None" = None,
    name: str = "gguf",
) -> "GgufGenerator":
    """A generator over a GGUF file; ``context`` None reads up to 4096 tokens, ``threads`` None uses every whole core.

    With a ``script`` prompts are cut into tokens by that, as in training, and not by what the file says of them.
    Raises MissingError when xllamacpp is not installed or cannot load the file, DataError when it is no GGUF file.
    """
    header = read_header(file)
    if find_spec("xllamacpp") is None:
        raise MissingError(
            "The package {name!r} is not installed.", mend="pip install 'argosy[gguf]'", name="xllamacpp"
        )
    trained = int(header.get(f"{header.get('general.architecture')}.context_length") or _CONTEXT)
    return GgufGenerator(
        file,
        context=min(trained, context or _CONTEXT),
        chat="tokenizer.chat_template" in header if script is None else script.template is not None,
        threads=threads or _cores(),
        script=script,
        name=name,
    )


def _cores() -> int:
    """The cores that this process may use, two threads of one core counted once: they would wait for each other."""
    allowed = len(os.sched_getaffinity(0))
    return min(allowed, psutil.cpu_count(logical=False) or allowed)


class GgufGenerator:
    """A Generator over a GGUF file. Several threads may use one at once; their requests take turns."""

    def __init__(
        self,
        file: Path,
        *,
        context: int,
        chat: bool,
        threads: int,
        script: "Script | None" = None,
        name: str = "gguf",
    ) -> None:
        self.name = name
        self.context = context
        self.chat = chat
        self._file = file
        self._script = script
        self._threads = threads
        self._lock = Lock()
        self._running = self._start()

    def generate(self, prompt: str | Sequence[Message], settings: Settings) -> Deltas:
        """The pieces of the answer. Raises MachineError when the model's process ends on the way."""
        check(settings)
        check_prompt(prompt, chat=self.chat, model=str(self._file))
        tokens = self._encode(prompt)
        check_room(len(tokens), self.context, str(self._file))
        return deltas(self._pieces(tokens, settings), settings.stop, len(tokens))

    def count(self, prompt: str | Sequence[Message]) -> int:
        """The number of tokens of a text or a conversation."""
        return len(self._encode(prompt)) if prompt else 0

    def follow(self, tokens: Sequence[int], count: int) -> list[int]:
        """At most ``count`` greedy tokens behind ``tokens``; fewer where the model ends."""
        check_room(len(tokens), self.context, str(self._file))
        with self._process().ask({"op": "follow", "tokens": list(tokens), "count": count}) as lines:
            return list(next(lines)["tokens"])

    @property
    def memory_mb(self) -> float:
        """What the process holds in memory just now, in MB; the weights count as far as they were read."""
        return float(self._process().memory / 1e6)

    def close(self) -> None:
        """End the process; a later request starts it again."""
        self._running.end()

    def _encode(self, prompt: str | Sequence[Message]) -> list[int]:
        if self._script is not None:
            return self._script.encode(prompt)
        asked: dict[str, Any]
        if isinstance(prompt, str):
            asked = {"prompt": sound(prompt)}
        else:
            asked = {"messages": [{"role": turn.role, "content": sound(turn.content)} for turn in prompt]}
        with self._process().ask({"op": "encode", **asked}) as lines:
            return list(next(lines)["tokens"])

    def _pieces(self, tokens: list[int], settings: Settings) -> Pieces:
        told = 0
        request = {"op": "generate", "tokens": tokens, "settings": _said(settings, len(tokens), self.context)}
        with self._process().ask(request) as lines:
            for line in lines:
                if "finish" in line:
                    ending: Ending = "length" if line["finish"] == "length" else "stop"
                    return ending
                yield line["text"], line["tokens"] - told
                told = line["tokens"]
        raise MachineError("The model gave no end.", where=str(self._file), mend="Ask again.")

    def _process(self) -> "_Process":
        """The running process, started anew when the last one has ended."""
        with self._lock:
            if self._running.ended:
                self._running = self._start()
            return self._running

    def _start(self) -> "_Process":
        process = _Process(self._file, self.context, self._threads)
        weakref.finalize(self, process.end)
        return process


class _Process:
    """One run of ``gguf_main``, and the queue of each request that waits for its lines."""

    def __init__(self, file: Path, context: int, threads: int) -> None:
        command = [
            sys.executable,
            "-m",
            "argosy.infer.engines.gguf_main",
            str(file.absolute()),
            str(context),
            str(threads),
        ]
        self._file = file
        self._numbers = count(1)
        self._waiting: dict[int, SimpleQueue[dict[str, Any] | None]] = {0: SimpleQueue()}
        self._over = False
        self._lock = Lock()
        self._popen = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8"
        )
        Thread(target=self._read, daemon=True).start()
        ready = self._waiting[0].get()
        if ready is None or "error" in ready:
            self.end()
            raise MissingError(
                "llama.cpp cannot load the model: {reason}",
                where=str(file),
                mend="Is the file whole, and its architecture known to the installed xllamacpp?",
                reason=ready["error"] if ready else f"its process ended with code {self._popen.returncode}",
            )

    @property
    def ended(self) -> bool:
        """Whether the process is no more."""
        return self._popen.poll() is not None

    @property
    def memory(self) -> int:
        """Bytes that are resident."""
        return int(psutil.Process(self._popen.pid).memory_info().rss)

    @contextmanager
    def ask(self, request: dict[str, Any]) -> Iterator[Iterator[dict[str, Any]]]:
        """The lines that answer ``request``; leaving early cancels the work."""
        number = next(self._numbers)
        with self._lock:
            self._waiting[number] = SimpleQueue()
            if self._over:
                raise self._gone()
        try:
            self._write({"id": number, **request})
            yield self._lines(self._waiting[number])
        finally:
            del self._waiting[number]
            if request["op"] == "generate" and not self.ended:
                self._write({"id": number, "op": "cancel"})

    def end(self) -> None:
        """End the process by closing its input; kill it when that is not enough."""
        popen = self._popen
        if popen.stdin and not popen.stdin.closed:
            try:
                popen.stdin.close()
            except BrokenPipeError:
                self._code()
        self._code()

    def _code(self) -> int:
        """The exit code, waited for a little while."""
        try:
            return self._popen.wait(_SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            return self._popen.wait()

    def _write(self, request: dict[str, Any]) -> None:
        stdin = self._popen.stdin
        try:
            with self._lock:
                if stdin:
                    stdin.write(json.dumps(request, ensure_ascii=True) + "\n")
                    stdin.flush()
        except (BrokenPipeError, ValueError) as error:
            raise self._gone() from error

    def _lines(self, queue: "SimpleQueue[dict[str, Any] | None]") -> Iterator[dict[str, Any]]:
        while True:
            line = queue.get()
            if line is None:
                raise self._gone()
            if "error" in line:
                raise MachineError("llama.cpp refuses: {reason}", where=str(self._file), reason=line["error"])
            yield line

    def _gone(self) -> MachineError:
        return MachineError(
            "The process that runs the model ended with code {code}.",
            where=str(self._file),
            mend="Ask again: it is started anew. Code -9 mostly means that memory ran out.",
            code=self._code(),
        )

    def _read(self) -> None:
        """Hand each line to whoever waits for it; at the end wake everyone."""
        stdout = self._popen.stdout
        for line in stdout or ():
            told = json.loads(line)
            queue = self._waiting.get(told["id"])
            if queue:
                queue.put(told)
        with self._lock:
            self._over = True
            for queue in self._waiting.values():
                queue.put(None)
        if stdout:
            stdout.close()


def _said(settings: Settings, used: int, context: int) -> dict[str, Any]:
    """The settings in llama.cpp's words; whatever else it would do by itself is off."""
    return {
        "n_predict": min(settings.max_tokens, context - used),
        "temperature": settings.temperature,
        "top_k": settings.top_k,
        "top_p": settings.top_p,
        "min_p": 0.0,
        "repeat_penalty": settings.repetition_penalty,
        "repeat_last_n": context,  # the penalty looks at everything, as in the other engines
        "samplers": ["penalties", "temperature", "top_k", "top_p"],
        "cache_prompt": False,  # another batch rounds otherwise: the same seed is to give the same text
        **({} if settings.seed is None else {"seed": settings.seed}),
    }
