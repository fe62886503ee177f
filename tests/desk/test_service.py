from datetime import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from desk.service import Service, ServiceFileError, read_service
from desk.settings import ROOT

SAMPLE: dict[str, Any] = yaml.safe_load((ROOT / "service.yml").read_text("utf-8"))


def write(path: Path, **changes: Any) -> Path:
    """Write the sample service with some of its lines changed; None leaves one out."""
    path.write_text(yaml.safe_dump({key: value for key, value in (SAMPLE | changes).items() if value is not None}), "utf-8")
    return path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "service.yml"


def complaint_about(file: Path) -> str:
    """Return what is said of a service file that cannot be used."""
    with pytest.raises(ServiceFileError) as raised:
        read_service(file)
    return str(raised.value)


def test_the_sample_service_is_read():
    service = read_service(ROOT / "service.yml")
    assert service.phone == "020 7641 6200"
    assert service.libraries.sample
    assert service.libraries_path.exists()


def test_a_day_left_out_of_the_telephone_hours_is_closed():
    week = read_service(ROOT / "service.yml").phone_week
    assert week[0] == ((time(9, 30), time(17)),)
    assert week[5] == ((time(10), time(16)),)
    assert week[6] == ()


def test_a_local_fact_may_be_given_or_left_open(file: Path):
    service: Service = read_service(write(file, local_facts={"wifi_network": "The network is Library-Free.", "wifi_sign_in": None}))
    assert service.local_facts == {"wifi_network": "The network is Library-Free.", "wifi_sign_in": None}


MISTAKES = [
    ({"phone": None}, "phone"),
    ({"phone_hours": {"Monday": "9 to 5"}}, '"9 to 5" is not an opening time like 09:30-17:00'),
    ({"phone_hours": {"Monday": "17:00-09:00"}}, '"17:00-09:00" closes before it opens'),
    ({"phone_hours": {"Mondy": "09:00-17:00"}}, "Mondy"),
    ({"libraries": {"file": "data/libraries.csv", "sample": "perhaps"}}, "sample"),
    ({"telephone": "020 7946 0000"}, "telephone"),
]


@pytest.mark.parametrize(("changes", "named"), MISTAKES, ids=[named for _, named in MISTAKES])
def test_a_mistake_is_named(file: Path, changes: dict[str, Any], named: str):
    said = complaint_about(write(file, **changes))
    assert str(file) in said
    assert named in said


@pytest.mark.parametrize(("changes", "_named"), MISTAKES, ids=[named for _, named in MISTAKES])
def test_a_mistake_is_told_in_one_sentence_without_the_words_of_a_library(file: Path, changes: dict[str, Any], _named: str):
    said = complaint_about(write(file, **changes))
    assert "\n" not in said
    assert "pydantic" not in said
    assert "input_value" not in said


@pytest.mark.parametrize(("text", "why"), [("name: [", "is not valid YAML"), ("", "has a mistake"), ("- a list", "has a mistake")])
def test_a_file_that_is_no_service_file_is_told_in_one_sentence(file: Path, text: str, why: str):
    file.write_text(text, "utf-8")
    said = complaint_about(file)
    assert said.startswith(f"{file} {why}")
    assert "\n" not in said


def test_a_missing_file_tells_what_to_do(file: Path):
    assert complaint_about(file) == f"{file} is missing: copy service.yml from the project and fill it in."
