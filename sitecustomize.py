"""Starts otel-provenance where this folder is on the path; then runs the ``sitecustomize`` that it hides.

Python imports only the first ``sitecustomize`` that it finds. Nothing here may raise ``SystemExit`` or fail:
it would end the interpreter, or print into every program.
"""

import os
import sys


def _start() -> None:
    here = os.path.dirname(os.path.abspath(__file__))
    for folder in (here, os.path.join(here, "exporters")):  # a checkout is importable as it lies
        if os.path.isdir(folder) and folder not in sys.path:
            sys.path.append(folder)
    from otel_provenance.bootstrap import start

    start("sitecustomize")


def _run_hidden() -> None:
    here = os.path.dirname(os.path.abspath(__file__))
    places = list(dict.fromkeys([os.path.abspath(folder or os.curdir) for folder in sys.path]))
    path = places[places.index(here) + 1 :] if here in places else places  # never back to who hides this one
    found = (finder.find_spec("sitecustomize", path) for finder in sys.meta_path if hasattr(finder, "find_spec"))
    spec = next(filter(None, found), None)
    if spec is None or spec.loader is None:
        return
    from importlib.util import module_from_spec  # takes 3 ms: not before it is needed

    module = module_from_spec(spec)
    sys.modules["sitecustomize"] = module  # who imports it later gets the one that was hidden
    spec.loader.exec_module(module)


if os.environ.get("PROVENANCE_DISABLE", "").strip().lower() not in ("1", "true", "yes", "on"):
    try:
        _start()
    except Exception:  # noqa: BLE001, S110 - the guard itself may be what cannot be imported
        pass
_run_hidden()
