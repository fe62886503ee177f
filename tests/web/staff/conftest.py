"""The staff desk in a browser: the application with the sample libraries, and somebody of each role."""

import html
import re
from collections.abc import Callable, Iterator

import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI
from starlette.testclient import TestClient

from desk import at_hand, passwords, sign_ins, staff
from desk.staff_tables import StaffRow
from tests.web.conftest import application, fill_database
from web.staff.guard import COOKIE, form_token_of

PASSWORD = "seven quiet herons"
SignedInAs = Callable[[str], TestClient]


@pytest.fixture(scope="module")
def desk_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    """The application; hashing a password costs little in it, as these tests sign in often."""
    with application(tmp_path_factory.mktemp("staff-desk")) as app, pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1))
        passwords._nobodys.cache_clear()
        fill_database()
        yield app
    passwords._nobodys.cache_clear()


@pytest.fixture(scope="module")
def desk_client(desk_app: FastAPI) -> Iterator[TestClient]:
    """A browser in which nobody is signed in; what runs beside the requests runs. One database for the module."""
    with TestClient(desk_app) as client:
        yield client


@pytest.fixture
def browser(desk_client: TestClient) -> Callable[[], TestClient]:
    """Open one more browser on the same application, without a cookie."""

    def opened() -> TestClient:
        client = TestClient(desk_client.app)
        client.portal = desk_client.portal  # the same loop, as streams and locks belong to it
        return client

    return opened


@pytest.fixture
def signed_in_as(browser: Callable[[], TestClient]) -> SignedInAs:
    """Return a browser in which somebody of a role is signed in; each role is one person of the module's database."""

    def sign_in(role: str) -> TestClient:
        client = browser()
        key = sign_ins.sign_in(at_hand.database(), person(role).username, PASSWORD, "", "test")
        client.cookies.set(COOKIE, key, path="/staff")
        return client

    return sign_in


def person(role: str) -> StaffRow:
    """Return the account of a role, made at first use: "staff" is Staff Example, user name staff."""
    with at_hand.database().writing() as session:
        try:
            return staff.account_named(session, role)
        except staff.UnknownStaffError:
            return staff.add_staff(session, role, f"{role.capitalize()} Example", role, PASSWORD)


def token_of(client: TestClient) -> str:
    """Return what the forms of a signed-in browser hold."""
    return form_token_of(client.cookies[COOKIE])


def words(page: str) -> str:
    """Return what a page says, without its markup."""
    return " ".join(html.unescape(re.sub(r"<script.*?</script>|<[^>]*>", " ", page, flags=re.DOTALL)).split())
