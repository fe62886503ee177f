"""Rasa's own command line, without TensorFlow: `python -m bot.rasa_without_tensorflow run …`.

Rasa imports TensorFlow for components that our pipeline does not use; it is half of Rasa's starting time and two thirds of its memory
(docs/decisions/0010). Here placeholders stand for it while Rasa is imported; using one afterwards stops with a clear sentence.
"""

import sys
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

_LEFT_OUT = frozenset({"tensorflow", "tensorflow_addons", "tensorflow_hub", "tensorflow_text", "keras", "transformers", "matplotlib"})


class TensorFlowNeededError(RuntimeError):
    """A component that needs TensorFlow was asked to work."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} was used, but the desk runs Rasa without TensorFlow: take the component that needs it out of config.yml.")


class _Names(type):
    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Absent


class Absent(metaclass=_Names):
    """Stands for every class, function and decorator that Rasa names while it is imported."""

    sealed = False

    def __init__(self, *args: Any, **options: Any) -> None:
        if Absent.sealed:
            raise TensorFlowNeededError(type(self).__name__)

    def __call__(self, *args: Any, **options: Any) -> Any:
        """Decorate, while Rasa is imported."""
        if Absent.sealed:
            raise TensorFlowNeededError(type(self).__name__)
        return args[0] if args and callable(args[0]) else self

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Absent

    def __class_getitem__(cls, item: Any) -> Any:
        return cls


class _AbsentModule(ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Absent


class _LeaveOut(MetaPathFinder, Loader):
    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        return ModuleSpec(name, self, is_package=True) if name.split(".")[0] in _LEFT_OUT else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _AbsentModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        return None


def leave_out_tensorflow() -> None:
    """Import Rasa with placeholders in TensorFlow's place. Call it before anything else imports Rasa."""
    # spaCy can do without, and says so to itself where the import fails; a placeholder it would take for the real thing.
    sys.modules["tensorflow"] = None  # type: ignore[assignment]
    import spacy  # noqa: F401

    del sys.modules["tensorflow"]
    sys.meta_path.insert(0, _LeaveOut())
    import rasa.engine.recipes.default_components
    import rasa.server  # noqa: F401

    Absent.sealed = True


if __name__ == "__main__":
    leave_out_tensorflow()
    from rasa.__main__ import main

    from bot.rasa_shortcuts import take_shortcuts

    take_shortcuts()
    main()
