"""What an editor should mend."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """Something wrong with an article or an example. A warning does not fail the check."""

    where: str
    what: str
    warning: bool = False

    def __str__(self) -> str:
        return f"{self.where}: {'warning: ' if self.warning else ''}{self.what}"
