"""What each role of the admin side may do, and the one door to all of its routes."""

from collections.abc import Mapping
from typing import Literal, get_args

from starlette.requests import Request

from argosy.core.account import Caller, Role
from argosy.serve.errors import RequestError
from argosy.serve.gate.keys import Directory, identify, secret_of

Permission = Literal[
    "tenants:read",
    "tenants:write",
    "keys:read",
    "keys:write",
    "money:read",
    "money:write",
    "usage:read",
    "audit:read",
    "releases:read",
    "releases:write",
    "privacy:read",
    "privacy:write",
    "watch:read",
    "watch:write",
    "labels:write",
    "support:read",
    "support:write",
    "opinion:read",
    "opinion:write",
    "recommend:read",
    "recommend:write",
]
PERMISSIONS: tuple[Permission, ...] = get_args(Permission)
ROLES: Mapping[Role, frozenset[Permission]] = {
    "owner": frozenset(PERMISSIONS),
    "operator": frozenset(PERMISSIONS) - {"keys:write", "money:write"},
    "viewer": frozenset(permission for permission in PERMISSIONS if permission.endswith(":read")) - {"support:read"},
    "annotator": frozenset({"labels:write", "opinion:read", "opinion:write"}),
    "agent": frozenset({"support:read", "support:write"}),
}
"""Owner: everything. Operator: everything but changes of money and keys. Viewer: looks, but not into conversations.

Annotator: labels texts, and corrects what the monitor read of them. Agent: answers customers.
"""


def admit(directory: Directory, request: Request, permission: Permission) -> Caller:
    """Who asks for something of the admin side; raises RequestError unless its role allows that."""
    caller = identify(directory, secret_of(request))
    require(caller, permission)
    return caller


def require(caller: Caller, permission: Permission) -> None:
    """Raise RequestError unless the caller's role has the permission."""
    role = caller.key.role
    if role is None:
        raise RequestError(
            "This key is a tenant's, and this address is for the admin side.",
            code="no_permission",
            mend="Use a key with a role: argosy key create --role owner",
        )
    if permission not in ROLES[role]:
        raise RequestError(
            "The role {role} does not have the permission {permission}.",
            code="no_permission",
            mend="Use a key with one of the roles {able}.",
            role=role,
            permission=permission,
            able=", ".join(name for name, allowed in ROLES.items() if permission in allowed),
        )
