"""Which modules may use an export, by its namespace: verify_namespace_is_imported() of kernel/module/main.c.

An ordinary namespace is for modules that import it. `EXPORT_SYMBOL_FOR_MODULES(symbol, "kvm-*,xen")` makes the
namespace `module:kvm-*,xen`, which nobody can import: it is for the modules that it names. A pattern may end in `*`,
and `-` equals `_`, as in verify_module_namespace().
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from kabicheck.model import ChangeKind

if TYPE_CHECKING:
    from kabicheck.model import ExportChange

_LIST = "module:"


class Access(Enum):
    """Who may use an export now: the same modules, more or fewer of them, or others, as far as can be told."""

    SAME = "same"
    WIDER = "wider"
    NARROWER = "narrower"
    OTHER = "other"


def access(old: str, new: str) -> Access:
    """What a new namespace means for the modules that could use an export. "" is no namespace."""
    more, fewer = _admits(new, old), _admits(old, new)
    if more and fewer:
        return Access.SAME
    return Access.WIDER if more else Access.NARROWER if fewer else Access.OTHER


def access_change(change: ExportChange) -> Access | None:
    """What happened to the modules that may use an export; None where its namespace is not what changed."""
    return access(change.old, change.new) if change.kind is ChangeKind.NAMESPACE else None


def _admits(namespace: str, other: str) -> bool:
    """Whether whoever may use what is in another namespace may use what is in this one."""
    if namespace == other or _is_for_all(namespace):
        return True
    if not namespace.startswith(_LIST) or not other.startswith(_LIST):
        return False
    patterns = _patterns(namespace)
    return all(any(_covers(pattern, name) for pattern in patterns) for name in _patterns(other))


def _is_for_all(namespace: str) -> bool:
    return not namespace or (namespace.startswith(_LIST) and "*" in _patterns(namespace))


def _patterns(namespace: str) -> list[str]:
    """The names that a list matches; an empty one matches no module."""
    found = namespace.removeprefix(_LIST).replace("-", "_").split(",")
    return [pattern for pattern in found if pattern]


def _covers(pattern: str, name: str) -> bool:
    """Whether a pattern matches all that another one does."""
    return name.startswith(pattern[:-1]) if pattern.endswith("*") else name == pattern
