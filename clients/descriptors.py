"""The contract as a FileDescriptorSet, for tools that bring no generated code."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from google.protobuf.descriptor import FileDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorSet

from dancu import v1


def descriptor_set() -> FileDescriptorSet:
    """Every file of package ``dancu.v1`` and all that they import, each after what it imports.

    The simulator's own switches are not part of the contract, and not in it.
    """
    found = FileDescriptorSet()
    seen: set[str] = set()
    for module in sorted(each.name for each in iter_modules(v1.__path__)):
        if module.endswith("_pb2"):
            _add(import_module(f"{v1.__name__}.{module}").DESCRIPTOR, found, seen)
    return found


def _add(file: FileDescriptor, found: FileDescriptorSet, seen: set[str]) -> None:
    if file.name in seen:
        return
    seen.add(file.name)
    for dependency in file.dependencies:
        _add(dependency, found, seen)
    file.CopyToProto(found.file.add())
