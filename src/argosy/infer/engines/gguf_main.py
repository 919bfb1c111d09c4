"""The process that runs a GGUF model: JSON lines in, JSON lines out; started by ``argosy.infer.engines.gguf``.

A request is ``{"id", "op", …}``: ``encode`` a ``prompt`` or ``messages``, ``generate`` from ``tokens``, ``follow`` them
with a ``count`` of the likeliest ones, or ``cancel``.
Every line out has the request's ``id``. The process ends when its standard input does, so with whoever started it.
"""

import json
import os
import secrets
import signal
import sys
import urllib.error
import urllib.request
from threading import Lock, Thread
from typing import Any, TextIO

import xllamacpp


class Worker:
    """A loaded model and the requests under way; llama.cpp takes them one after the other."""

    def __init__(self, file: str, context: int, threads: int, out: TextIO) -> None:
        self._key = secrets.token_hex(16)  # the library listens on a loopback port: nobody else may ask there
        self._out = out
        self._lock = Lock()
        self._active: set[int] = set()
        self._cancelled: set[int] = set()
        self._server = xllamacpp.Server(_parameters(file, context, threads, self._key))

    def tell(self, **line: Any) -> None:
        """Write one line."""
        with self._lock:
            self._out.write(json.dumps(line, ensure_ascii=False) + "\n")
            self._out.flush()

    def take(self, request: dict[str, Any]) -> None:
        """Begin a request, or note that one is not wanted any more."""
        if request["op"] == "cancel":
            self._cancelled.update({request["id"]} & self._active)
            return
        self._active.add(request["id"])
        work = {"encode": self._encode, "follow": self._follow, "generate": self._generate}[request["op"]]
        Thread(target=self._answer, args=(work, request), daemon=True).start()

    def _answer(self, work: Any, request: dict[str, Any]) -> None:
        try:
            work(request)
        except Exception as error:  # noqa: BLE001 - whatever the library raises is told to whoever asked
            self.tell(id=request["id"], error=str(error) or type(error).__name__)
        finally:
            self._active.discard(request["id"])
            self._cancelled.discard(request["id"])

    def _encode(self, request: dict[str, Any]) -> None:
        text = request.get("prompt")
        if text is None:
            text = self._post("/apply-template", {"messages": request["messages"]})["prompt"]
        asked = {"content": text, "add_special": True, "parse_special": True}
        self.tell(id=request["id"], tokens=self._post("/tokenize", asked)["tokens"])

    def _follow(self, request: dict[str, Any]) -> None:
        asked = {"prompt": request["tokens"], "n_predict": request["count"], "cache_prompt": False}
        wished = {"temperature": 0, "samplers": ["temperature"], "return_tokens": True, "verbose": True}
        told = self._server.handle_completions({**asked, **wished})
        if "error" in told:
            raise RuntimeError(told["error"].get("message"))
        self.tell(id=request["id"], tokens=told["__verbose"]["tokens"])

    def _generate(self, request: dict[str, Any]) -> None:
        number, finish, refused = request["id"], "stop", ""

        def piece(chunk: dict[str, Any]) -> bool:
            """Tell one piece; True ends the work. The library swallows what is raised here."""
            nonlocal finish, refused
            if "error" in chunk:
                refused = str(chunk["error"].get("message"))
                return True
            choice = chunk["choices"][0]
            finish = choice["finish_reason"] or finish
            self.tell(id=number, text=choice["text"], tokens=chunk.get("timings", {}).get("predicted_n", 0))
            return number in self._cancelled

        asked = {**request["settings"], "prompt": request["tokens"], "stream": True, "timings_per_token": True}
        self._server.handle_completions(asked, piece)
        self.tell(id=number, **({"error": refused} if refused else {"finish": finish}))

    def _post(self, path: str, asked: dict[str, Any]) -> dict[str, Any]:
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self._key}"}
        request = urllib.request.Request(  # noqa: S310 - an address of our own on the loopback
            self._server.listening_address + path, json.dumps(asked).encode(), headers
        )
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request) as reply:
                return dict(json.load(reply))
        except urllib.error.HTTPError as error:
            raise RuntimeError(json.load(error)["error"]["message"]) from error


def _parameters(file: str, context: int, threads: int, key: str) -> Any:
    wished = xllamacpp.CommonParams()
    wished.model.path = file
    wished.n_ctx = context
    wished.n_parallel = 1
    wished.cpuparams.n_threads = wished.cpuparams_batch.n_threads = threads
    wished.verbosity = -1
    wished.api_keys = [key]
    wished.cache_ram_mib = 0
    wished.ui = wished.endpoint_slots = wished.endpoint_props = wished.warmup = False
    return wished


def main(file: str, context: int, threads: int) -> None:
    """Serve requests until standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # ctrl-C is for whoever asked; it closes what it does not want
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what the library writes is no answer
    try:
        worker = Worker(file, context, threads, out)
    except RuntimeError as error:
        out.write(json.dumps({"id": 0, "error": str(error)}) + "\n")
        out.flush()
        return
    worker.tell(id=0, ready=True)
    for line in sys.stdin:
        worker.take(json.loads(line))
    os._exit(0)  # at once, in the middle of an answer too: nobody reads it any more


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
