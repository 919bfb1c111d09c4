"""What every route is given."""

from dataclasses import dataclass, field

from argosy.core.account import Caller
from argosy.serve.answers.catalogue import Catalogue
from argosy.serve.errors import RequestError
from argosy.serve.gate.admission import Admission
from argosy.serve.running.metrics import Metrics
from argosy.serve.settings import Settings
from argosy.serve.watching.counting import Counting


@dataclass(slots=True)
class Readiness:
    """Whether requests are answered (``open``), and whether a balancer should send new ones.

    It should not while the service is ``stopping``, or ``waiting`` for other workers that do not answer yet.
    """

    open: bool = False
    stopping: bool = False
    waiting: bool = False

    def require(self) -> None:
        """Raise RequestError while requests are not answered."""
        if not self.open:
            raise not_ready()


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """The parts of one running service."""

    catalogue: Catalogue
    admission: Admission
    settings: Settings
    metrics: Metrics
    counting: Counting | None = None
    readiness: Readiness = field(default_factory=Readiness)

    def usable(self, caller: Caller, asked: str | None) -> list[str]:
        """The models that the caller may ask; raises RequestError where it asks for another one that is here."""
        names = self.catalogue.names
        usable = self.admission.may_use(caller, names)
        if asked in names and asked not in usable:
            raise model_forbidden(str(asked))
        return usable


def model_forbidden(name: str) -> RequestError:
    """The refusal of a model that a key may not ask."""
    return RequestError(
        "This key may not ask the model {name!r}.",
        code="model_forbidden",
        param="model",
        mend="See GET /v1/models for those it may ask.",
        name=name,
    )


def not_ready() -> RequestError:
    """The refusal of a server that starts or stops."""
    return RequestError(
        "The server is starting or stopping.",
        code="not_ready",
        mend="Try again after the time in the header retry-after.",
    )
