"""An attribute that is made when it is first asked for: ``functools.cached_property`` without its lock.

Up to Python 3.11 that takes a lock at each first time, for all objects of the class: a microsecond for each of the
dozen tables of a request. Without one, two threads that ask at once may both make it, and either stands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from functools import cached_property as lazily
else:

    class lazily:
        """Of a method, the attribute that it makes."""

        def __init__(self, make: Any) -> None:
            self._make = make
            self._name = make.__name__
            self.__doc__ = make.__doc__

        def __get__(self, instance: Any, owner: Any = None) -> Any:
            if instance is None:
                return self
            made = instance.__dict__[self._name] = self._make(instance)
            return made


__all__ = ["lazily"]
