"""What a database's error means for who runs the service, and what to do."""

import sqlite3

import sqlalchemy as sa

from argosy.core.errors import ArgosyError, BusyError, DataError, MachineError

# what SQLite says -> what it is
_FULL = ("database or disk is full",)
_READ_ONLY = ("readonly database", "unable to open database file")
_LOCKED = ("database is locked", "database table is locked")
_DAMAGED = ("malformed", "not a database", "file is encrypted")


def explain(error: BaseException, where: str) -> BaseException:
    """The same failure as an error that a person can act on; what is no failure of the database comes back as it is."""
    if isinstance(error, ArgosyError) or not isinstance(error, sa.exc.DBAPIError | sqlite3.Error):
        return error
    cause = error.orig if isinstance(error, sa.exc.DBAPIError) else error
    said = str(cause)
    if isinstance(cause, sqlite3.Error):
        found = _of_sqlite(said, where)
    elif isinstance(error, sa.exc.OperationalError) or (
        isinstance(error, sa.exc.DBAPIError) and error.connection_invalidated
    ):
        found = _of_postgres(getattr(cause, "sqlstate", None) or "", said, where)
    else:
        found = None
    if found is None:
        return error
    found.__cause__ = error
    return found


def collided(error: BaseException) -> bool:
    """Whether PostgreSQL took a transaction back because of another one, so that the same may succeed now."""
    return isinstance(error, sa.exc.DBAPIError) and getattr(error.orig, "sqlstate", None) in {"40P01", "40001"}


def _of_sqlite(said: str, where: str) -> ArgosyError | None:
    if any(sign in said for sign in _FULL):
        return _full(where)
    if any(sign in said for sign in _READ_ONLY):
        return MachineError(
            "The database cannot be written.",
            where=where,
            mend="Give the user of this process the right to write the file and its folder.",
        )
    if any(sign in said for sign in _LOCKED):
        return _locked(where)
    if any(sign in said for sign in _DAMAGED):
        return DataError(
            "The database is damaged, or no database at all.",
            where=where,
            mend="Restore the last backup: argosy restore",
        )
    if "disk I/O error" in said:
        return MachineError("The disk failed: {said}", where=where, mend="Look at the disk.", said=said)
    return None


def _of_postgres(state: str, said: str, where: str) -> ArgosyError:
    if state == "53100":  # disk_full
        return _full(where)
    if state in {"55P03", "57014", "40P01"}:  # lock_not_available, query_canceled, deadlock_detected
        return _locked(where)
    if state == "25006":  # read_only_sql_transaction
        return MachineError(
            "The database cannot be written.", where=where, mend="Name the primary server, not a standby."
        )
    return MachineError(
        "The database does not answer: {said}",
        where=where,
        mend="Start PostgreSQL, or mend the URL; the service goes on by itself when it is back.",
        said=" ".join(said.split())[:200],
    )


def _full(where: str) -> MachineError:
    return MachineError(
        "The disk is full; nothing was written.", where=where, mend="Free some space; the service goes on by itself."
    )


def _locked(where: str) -> BusyError:
    return BusyError(
        "Another process writes to the database for longer than we wait.",
        where=where,
        mend="Try again; end the other process if it hangs.",
    )
