"""Tenants and keys, and the directory that knows them, on both databases."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.core.account import SCOPES, Limits
from argosy.core.errors import DataError, MissingError
from argosy.core.secret import digest, mint, prefix, well_formed
from argosy.core.tenant import NewKey, Party, Tenant, Terms
from argosy.store.database import Database
from argosy.store.tenants.accounts import SqlAccounts
from argosy.store.tenants.audit import SqlAudit
from argosy.store.tenants.directory import SqlDirectory
from argosy.store.tenants.sessions import SqlSessions

WISH = Tenant(id="", name="深蓝书店", plan="standard", currency="CNY")
HOUR = 3_600_000_000
BASE_62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


class Clock:
    """A clock that stands until it is set."""

    def __init__(self) -> None:
        self.at = 1_000_000

    def __call__(self) -> int:
        """The time."""
        return self.at


@pytest.fixture
def clock() -> Clock:
    """The clock of accounts and directory."""
    return Clock()


@pytest.fixture
def accounts(database: Database, clock: Clock) -> SqlAccounts:
    """The accounts of an empty store."""
    return SqlAccounts(database, clock=clock)


@pytest.fixture
def directory(database: Database, clock: Clock) -> Iterator[SqlDirectory]:
    """The directory of another part of the same process, which looks when it is told to."""
    directory = SqlDirectory(database, clock=clock, every=3600)
    yield directory
    directory.close()


@pytest.fixture
def tenant(accounts: SqlAccounts) -> str:
    """A tenant."""
    return accounts.create_tenant(WISH, "test").result().id


def issue(accounts: SqlAccounts, tenant: str, **terms: object) -> NewKey:
    """A key of the tenant."""
    return accounts.create_key(tenant, replace(Terms(scopes=frozenset(SCOPES)), **terms), "test").result()


def wait_until(true: Callable[[], bool], seconds: float = 20) -> bool:
    """Whether it became true in time."""
    ends = time.monotonic() + seconds
    while not true():
        if time.monotonic() > ends:
            return False
        time.sleep(0.01)  # between two looks at what another connection hears of
    return True


def test_a_tenant_comes_back_as_it_was_told(accounts: SqlAccounts) -> None:
    """Everything a tenant is survives the store, under an id of its own."""
    wish = replace(
        WISH,
        price="own:CNY@1",
        limits=Limits(requests_per_minute=60, quota={"texts": 5}, budget=2**50, prepaid=True),
        pins={"mood": "3"},
        billing=Party(email="a@b.c", title="深蓝书店有限公司", taxpayer="91310000MA1FL0000X", bank_account="6222 0000"),
    )
    made = accounts.create_tenant(wish, "test").result()
    assert made.id.startswith("ten_")
    assert replace(made, id="", created=0) == wish
    assert accounts.tenant(made.id) == made
    assert accounts.tenants() == [made]


def test_the_secret_is_nowhere_in_the_database(accounts: SqlAccounts, database: Database, tenant: str) -> None:
    """What is stored of a secret is its hash and the few characters that a person knows it by."""
    secret = issue(accounts, tenant).secret
    with database.engine.connect() as connection:
        rows = [
            str(tuple(row))
            for table in ("keys", "key_secrets", "audit")
            for row in connection.exec_driver_sql(f"SELECT * FROM {table}")  # noqa: S608 - names of our own
        ]
    assert rows
    assert not any(secret in row or secret[len(prefix(secret)) :] in row for row in rows)


def test_the_directory_finds_what_was_issued(accounts: SqlAccounts, directory: SqlDirectory, tenant: str) -> None:
    """A key is found with its terms and the account that pays, and by its id."""
    issued = issue(accounts, tenant, models=frozenset({"mood"}), origins=("https://a.example",), expires=5 * HOUR)
    assert directory.find(issued.secret) is None
    directory.refresh()
    caller = directory.find(issued.secret)
    assert caller is not None
    assert (caller.key, caller.account.tenant, caller.account.plan) == (issued.key, tenant, "standard")
    assert directory.caller(issued.key.id) == caller
    assert directory.account(tenant) == caller.account


def test_a_price_of_its_own_stands_in_for_the_plan(accounts: SqlAccounts, directory: SqlDirectory, tenant: str) -> None:
    """What a tenant pays by is its own price where it has one."""
    accounts.change_tenant(tenant, lambda known: replace(known, price="own:CNY@1"), "test").result()
    directory.refresh()
    account = directory.account(tenant)
    assert account
    assert account.plan == "own:CNY@1"


def test_keys_are_over_when_they_expire(
    accounts: SqlAccounts, directory: SqlDirectory, tenant: str, clock: Clock
) -> None:
    """To the microsecond, without another look into the database."""
    issued = issue(accounts, tenant, expires=clock.at + HOUR)
    directory.refresh()
    clock.at += HOUR - 1
    assert directory.find(issued.secret)
    clock.at += 1
    assert directory.find(issued.secret) is None
    assert directory.caller(issued.key.id) is None
    assert directory.fate(issued.secret) == "expired"


def test_a_rotated_key_has_two_secrets_for_the_grace(
    accounts: SqlAccounts, directory: SqlDirectory, tenant: str, clock: Clock
) -> None:
    """The old one is over with its grace, however often the key is rotated; the id stays."""
    first = issue(accounts, tenant)
    second = accounts.rotate_key(first.key.id, HOUR, "test").result()
    third = accounts.rotate_key(first.key.id, 5 * HOUR, "test").result()
    directory.refresh()
    assert {one.key.id for one in (first, second, third)} == {first.key.id}
    assert [directory.fate(one.secret) for one in (first, second, third)] == ["valid"] * 3
    clock.at += HOUR
    assert [directory.fate(one.secret) for one in (first, second, third)] == ["expired", "valid", "valid"]
    clock.at += 4 * HOUR
    assert [directory.fate(one.secret) for one in (first, second, third)] == ["expired", "expired", "valid"]


def test_a_revoked_key_is_over_with_all_its_secrets(
    accounts: SqlAccounts, directory: SqlDirectory, tenant: str
) -> None:
    """Revoked is revoked: twice changes nothing, and rotating does not bring it back."""
    first = issue(accounts, tenant)
    second = accounts.rotate_key(first.key.id, HOUR, "test").result()
    revoked = accounts.revoke_key(first.key.id, "test").result()
    assert accounts.revoke_key(first.key.id, "test").result() == revoked
    with pytest.raises(DataError):
        accounts.rotate_key(first.key.id, HOUR, "test").result()
    directory.refresh()
    assert [directory.fate(one.secret) for one in (first, second)] == ["revoked", "revoked"]
    assert directory.caller(first.key.id) is None


def test_suspension_stands_in_the_account(accounts: SqlAccounts, directory: SqlDirectory, tenant: str) -> None:
    """The key is found, its account is suspended, until it is resumed."""
    issued = issue(accounts, tenant)
    changes = (lambda: accounts.suspend(tenant, "unpaid", "test"), lambda: accounts.resume(tenant, "test"))
    for change, suspended in zip(changes, (True, False), strict=True):
        change().result()
        directory.refresh()
        caller = directory.find(issued.secret)
        assert caller
        assert caller.account.suspended is suspended


def test_what_changes_step_by_step_is_known_as_if_read_at_once(
    accounts: SqlAccounts, directory: SqlDirectory, database: Database, tenant: str, clock: Clock
) -> None:
    """A directory that has followed every change knows what one that starts now does."""
    issued = [issue(accounts, tenant) for _ in range(3)]
    admin = accounts.create_key(None, Terms(role="owner"), "test").result()
    other = accounts.create_tenant(WISH, "test").result().id
    changes: tuple[Callable[[], object], ...] = (
        lambda: accounts.suspend(tenant, "unpaid", "test").result(),
        lambda: issued.append(accounts.rotate_key(issued[0].key.id, HOUR, "test").result()),
        lambda: accounts.revoke_key(issued[1].key.id, "test").result(),
        lambda: issued.append(issue(accounts, other)),
        lambda: accounts.change_tenant(other, lambda known: replace(known, price="own@1"), "test").result(),
        lambda: accounts.revoke_key(admin.key.id, "test").result(),
        lambda: accounts.resume(tenant, "test").result(),
    )
    for change in changes:
        change()
        directory.refresh()
        fresh = SqlDirectory(database, clock=clock, every=3600)
        fresh.close()
        for one in (*issued, admin):
            assert directory.find(one.secret) == fresh.find(one.secret)
            assert directory.fate(one.secret) == fresh.fate(one.secret)
            assert directory.caller(one.key.id) == fresh.caller(one.key.id)
        assert directory.account(other) == fresh.account(other)


def test_keys_of_the_admin_side_have_a_role_and_no_tenant(accounts: SqlAccounts, directory: SqlDirectory) -> None:
    """They are found like others and belong to nobody who pays."""
    issued = accounts.create_key(None, Terms(role="viewer"), "test").result()
    directory.refresh()
    caller = directory.find(issued.secret)
    assert caller
    assert (caller.key.role, caller.key.scopes, caller.account.tenant) == ("viewer", frozenset(), "admin")
    assert accounts.keys("admin") == [issued.key]


@pytest.mark.parametrize("terms", [Terms(), Terms(role="owner", scopes=frozenset({"classify"}))])
def test_a_key_is_either_a_tenants_or_of_the_admin_side(accounts: SqlAccounts, terms: Terms) -> None:
    """Neither both nor none."""
    with pytest.raises(DataError):
        accounts.create_key(None, terms, "test")


@pytest.mark.parametrize("id_", ["ten_none", "", "' OR 1=1 --"])
def test_what_is_not_there_is_missing(accounts: SqlAccounts, id_: str) -> None:
    """Unknown ids are told as such, and nothing is changed or noted."""
    changes = (
        accounts.change_tenant(id_, lambda known: known, "test"),
        accounts.create_key(id_, Terms(scopes=frozenset(SCOPES)), "test"),
        accounts.rotate_key(id_, 0, "test"),
        accounts.revoke_key(id_, "test"),
    )
    for change in changes:
        assert isinstance(change.exception(), MissingError)
    with pytest.raises(MissingError):
        accounts.tenant(id_)


def test_a_change_of_another_process_counts_within_a_second(url: str, accounts: SqlAccounts, tenant: str) -> None:
    """A server that runs learns of a revocation by itself; its clock is the real one."""
    issued = issue(accounts, tenant)
    elsewhere = Database(url)
    directory = SqlDirectory(elsewhere)
    try:
        assert directory.find(issued.secret)
        accounts.revoke_key(issued.key.id, "test").result()
        assert wait_until(lambda: directory.fate(issued.secret) == "revoked")
    finally:
        directory.close()
        elsewhere.close()


def test_every_change_is_noted_and_names_nobody(accounts: SqlAccounts, database: Database, tenant: str) -> None:
    """Who, what and about whom; of names and addresses only that they were changed."""
    issued = issue(accounts, tenant)
    accounts.rotate_key(issued.key.id, HOUR, "key_0").result()
    accounts.revoke_key(issued.key.id, "key_0").result()
    accounts.change_tenant(
        tenant, lambda known: replace(known, billing=Party(email="li@example.com")), "cli:0"
    ).result()
    accounts.change_tenant(tenant, lambda known: known, "cli:0").result()
    accounts.suspend(tenant, "unpaid", "dunning").result()
    accounts.resume(tenant, "cli:0").result()
    entries = SqlAudit(database).entries()
    assert [(entry.actor, entry.action, entry.about) for entry in entries] == [
        ("test", "tenant.create", tenant),
        ("test", "key.create", issued.key.id),
        ("key_0", "key.rotate", issued.key.id),
        ("key_0", "key.revoke", issued.key.id),
        ("cli:0", "tenant.set", tenant),
        ("dunning", "tenant.suspend", tenant),
        ("cli:0", "tenant.resume", tenant),
    ]
    assert entries[4].details == {"changed": ["billing"]}
    assert not any(word in str(entries) for word in ("example.com", "深蓝书店", issued.secret))
    assert SqlAudit(database).verify()[0] == len(entries)


def test_changes_beside_each_other_all_count(url: str, accounts: SqlAccounts, tenant: str) -> None:
    """Two processes that change one tenant lose nothing of each other."""
    other = Database(url)
    twin = SqlAccounts(other)

    def pin(number: int) -> None:
        writer = (accounts, twin)[number % 2]
        writer.change_tenant(
            tenant, lambda known: replace(known, pins={**known.pins, f"m{number}": "1"}), "test"
        ).result()

    try:
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(pin, range(40)))
    finally:
        other.close()
    assert set(accounts.tenant(tenant).pins) == {f"m{number}" for number in range(40)}


def test_sessions_are_over_with_their_time_or_when_closed(
    accounts: SqlAccounts, database: Database, tenant: str, clock: Clock
) -> None:
    """A token stands for its key for eight hours; the database knows its hash alone."""
    issued = issue(accounts, tenant)
    key, sessions = issued.key.id, SqlSessions(database, clock=clock)
    token, other = (sessions.open(key, issued.secret).result() for _ in range(2))
    assert sessions.find(token) == sessions.find(other) == key
    assert sessions.find(digest(token)) is None
    sessions.close(other).result()
    assert (sessions.find(token), sessions.find(other)) == (key, None)
    clock.at += 8 * HOUR
    assert sessions.find(token) is None


def test_sessions_last_no_longer_than_the_secret_they_were_opened_with(
    accounts: SqlAccounts, database: Database, tenant: str, clock: Clock
) -> None:
    """Whether they were opened before its key was rotated or in its grace; those of the new secret go on."""
    issued = issue(accounts, tenant)
    key, sessions = issued.key.id, SqlSessions(database, clock=clock)
    before = sessions.open(key, issued.secret).result()
    new = accounts.rotate_key(key, HOUR, "test").result()
    tokens = [before, *(sessions.open(key, secret).result() for secret in (issued.secret, new.secret))]
    assert [sessions.find(token) for token in tokens] == [key, key, key]
    clock.at += HOUR
    assert [sessions.find(token) for token in tokens] == [None, None, key]


def test_a_key_has_a_bounded_number_of_sessions(
    accounts: SqlAccounts, database: Database, tenant: str, clock: Clock
) -> None:
    """The oldest ends when one too many begins, so that nobody fills the store by signing in."""
    issued = issue(accounts, tenant)
    sessions = SqlSessions(database, clock=clock)
    tokens = []
    for _ in range(21):
        tokens.append(sessions.open(issued.key.id, issued.secret).result())
        clock.at += 1
    assert [sessions.find(token) is None for token in tokens] == [True] + [False] * 20


@given(st.integers(0, 56), st.sampled_from(BASE_62))
def test_a_typing_error_is_told_from_an_unknown_key(place: int, digit: str) -> None:
    """One wrong character anywhere, one left out, or two swapped do not pass the checksum."""
    secret = mint()
    assert len(secret) == 57
    assert well_formed(secret)
    typed = secret[:place] + digit + secret[place + 1 :]
    assert well_formed(typed) is (typed == secret)
    assert not well_formed(secret[:place] + secret[place + 1 :])
    swapped = secret[:place] + secret[place : place + 2][::-1] + secret[place + 2 :]
    assert well_formed(swapped) is (swapped == secret)


@given(st.text())
def test_any_text_has_a_fate(text: str) -> None:
    """No text breaks the hash or the form."""
    assert len(digest(text)) == 64
    assert not well_formed(text)
