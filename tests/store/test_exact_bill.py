"""The whole of it at a small scale: events under SIGKILL, against an oracle that knows nothing of the ledger."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import real_postgres

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.skipif(real_postgres.programs() is None, reason="PostgreSQL is not installed (initdb and pg_ctl)")
def test_the_bill_is_exact_under_kills() -> None:
    """20,000 events on SQLite, 2,000 on PostgreSQL, 1,000 requests over HTTP, and kills: not a micro-unit differs."""
    pytest.importorskip("psycopg")
    asked = [sys.executable, "-m", "benchmarks.selling.billing", "--quick"]
    done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    for database in ("sqlite", "postgresql"):
        assert told[database]["exact"], told[database]
        assert told[database]["kills"] == 5
        assert told[database]["charged"] > told[database]["events"] / 2
    assert told["http"]["exact"], told["http"]
    assert (told["http"]["requests"], told["http"]["kills"]) == (1_000, 3)
    assert told["http"]["acknowledged"] > 500
