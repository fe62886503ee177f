"""The library service that has adopted the desk: what service.yml says of it."""

from functools import cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from desk.hours import DAYS, Week, parse_hours
from desk.settings import ROOT, settings

Weekday = Literal["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class LibrariesFile(_Part):
    """Where the libraries come from."""

    file: Path
    sample: bool = Field(description="true while the opening hours are sample data and must be said to be so")


class Service(_Part):
    """One library service."""

    name: str
    short_name: str
    phone: str
    phone_hours: dict[Weekday, str]
    email: str
    website: str
    council: str
    libraries: LibrariesFile
    local_facts: dict[str, str | None]
    privacy_contact: str

    @field_validator("phone_hours")
    @classmethod
    def _are_hours(cls, hours: dict[str, str]) -> dict[str, str]:
        for text in hours.values():
            parse_hours(text)
        return hours

    @property
    def phone_week(self) -> Week:
        """The hours in which somebody answers the telephone."""
        return tuple(parse_hours(self.phone_hours.get(day, "")) for day in DAYS)  # type: ignore[call-overload]

    @property
    def libraries_path(self) -> Path:
        return ROOT / self.libraries.file


class ServiceFileError(ValueError):
    """service.yml cannot be used; the message says why in one sentence."""


def read_service(path: Path) -> Service:
    """Read a service file. Raises ServiceFileError with a sentence for the person who edits it."""
    try:
        return Service.model_validate(yaml.safe_load(path.read_text("utf-8")))
    except FileNotFoundError as error:
        raise ServiceFileError(f"{path} is missing: copy service.yml from the project and fill it in.") from error
    except yaml.YAMLError as error:
        raise ServiceFileError(f"{path} is not valid YAML: {' '.join(str(error).split())}") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the whole file"
        raise ServiceFileError(f"{path} has a mistake at {place}: {first['msg']}.") from error
    except ValueError as error:
        raise ServiceFileError(f"{path} has a mistake: {error}") from error


@cache
def service() -> Service:
    return read_service(settings().service_file)
