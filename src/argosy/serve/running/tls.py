"""TLS by the server itself: a certificate and its key from PEM files, read again on SIGHUP."""

import logging
import signal
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from argosy.core.errors import ArgosyError, MissingError, ProjectError

log = logging.getLogger("argosy.tls")
HSTS = ("strict-transport-security", "max-age=31536000")  # a year, as browsers ask of a site that means it
AGAIN = getattr(signal, "SIGHUP", None)
"""The signal to read the files again; None on systems without it."""
_MEND = "Name PEM files: the certificate with those above it, and its private key without a passphrase."


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    """A certificate and its key, as PEM files; ``key`` may stand in the certificate's file."""

    certificate: Path
    key: Path | None = None


class _LockedError(Exception):
    """The key has a passphrase."""


def context_of(tls: Tls) -> ssl.SSLContext:
    """TLS 1.2 and above under the files of ``tls``; raises MissingError or ProjectError for files that are no good."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
    _load(context, tls)
    return context


@contextmanager
def reread(context: ssl.SSLContext | None, tls: Tls | None) -> Iterator[None]:
    """While the block runs SIGHUP reads the files again, for new connections; those that stand go on as they are.

    Files that are no good are told, and the old ones stay in use. Without TLS the signal does nothing.
    """
    if AGAIN is None or threading.current_thread() is not threading.main_thread():
        yield
        return

    def again(_number: int, _frame: FrameType | None) -> None:
        if context is None or tls is None:
            return
        try:
            fresh = context_of(tls)
        except ArgosyError as error:
            log.error("%s", error)  # noqa: TRY400 - a plain message: where in the code tells nothing
            return
        # a context of its own: one that had an RSA key would keep it beside a new elliptic one
        context.sni_callback = lambda connection, _name, _old: setattr(connection, "context", fresh)
        log.info("the certificate was read again: %s", tls.certificate)

    before = signal.signal(AGAIN, again)
    try:
        yield
    finally:
        signal.signal(AGAIN, before)


def _load(context: ssl.SSLContext, tls: Tls) -> None:
    key = tls.key or tls.certificate
    for path in (tls.certificate, tls.key):
        if path is not None and not path.is_file():
            raise MissingError("The file is not there.", where=str(path), mend=_MEND)
    try:
        context.load_cert_chain(tls.certificate, tls.key, _refuse_passphrase)
    except _LockedError:
        raise ProjectError(
            "The key has a passphrase, and nobody is there to type it.", where=str(key), mend=_MEND
        ) from None
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            raise ProjectError("The key does not belong to the certificate.", where=str(key), mend=_MEND) from error
        raise ProjectError(
            "The file is no PEM certificate, or has no key.", where=str(tls.certificate), mend=_MEND
        ) from error
    except OSError as error:
        raise ProjectError(
            "The file cannot be read: {reason}.",
            where=str(key),
            mend="Let the user who serves read it, and nobody else.",
            reason=error.strerror or str(error),
        ) from error


def _refuse_passphrase() -> str:
    raise _LockedError
