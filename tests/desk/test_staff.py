"""Accounts of staff, signing in, and codes: on SQLite and on PostgreSQL."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pyotp
import pytest
from argon2 import PasswordHasher
from sqlalchemy import func, select, update

from desk import codes, desk_settings, passwords, sign_ins, staff
from desk.canned_replies import CannedReplyError, add_canned_reply, add_samples, canned_replies, change_canned_reply, remove_canned_reply
from desk.clock import now
from desk.codes import WrongCodeError
from desk.database import Database
from desk.desk_settings import MANAGERS_NEED_CODE, Setting, WrongValueError
from desk.passwords import WeakPasswordError, check_password
from desk.sign_ins import CodeNeededError, TooManyTriesError, WrongSignInError
from desk.staff import StaffError
from desk.staff_tables import SignInRow, StaffRow, WrongSignInRow
from desk.tables import AuditRow

GOOD = "seven quiet herons"
OTHER = "eleven loud geese"


@pytest.fixture(autouse=True)
def _quick_hashes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Argon2 with less work; the tests are not about how slow it is."""
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1))
    passwords._nobodys.cache_clear()
    yield
    passwords._nobodys.cache_clear()


@pytest.fixture
def morning(at) -> None:
    at("2026-11-25T09:00")


@pytest.fixture
def mary(database: Database, morning: None) -> StaffRow:
    with database.writing() as session:
        staff.add_staff(session, "boss", "Bo Ss", "manager", OTHER)
        return staff.add_staff(session, "Mary", "Mary Okafor", "staff", GOOD)


def sign_in(database: Database, password: str = GOOD, username: str = "mary", code: str = "", address: str = "10.0.0.1") -> str:
    return sign_ins.sign_in(database, username, password, code, address)


def who(database: Database, key: str) -> str | None:
    with database.reading() as session:
        row = sign_ins.signed_in(session, key)
        return row.username if row else None


def try_wrongly(database: Database, times: int, **given: str) -> None:
    for _ in range(times):
        with pytest.raises(WrongSignInError):
            sign_in(database, password="not the password", **given)


# Accounts


def test_a_name_is_kept_in_lower_case_and_is_there_once(database: Database, mary: StaffRow) -> None:
    assert mary.username == "mary"
    assert mary.password_hash.startswith("$argon2id$")
    with pytest.raises(StaffError, match="already"), database.writing() as session:
        staff.add_staff(session, " MARY ", "Another Mary", "staff", OTHER)


@pytest.mark.parametrize(
    ("username", "name", "role"),
    [
        ("", "A", "staff"),
        ("a b", "A", "staff"),
        ("é", "A", "staff"),
        ("x" * 61, "A", "staff"),
        ("a", " ", "staff"),
        ("a", "A" * 121, "staff"),
        ("a", "A", "boss"),
    ],
)
def test_an_account_that_cannot_be(database: Database, username: str, name: str, role: str) -> None:
    with pytest.raises(StaffError), database.writing() as session:
        staff.add_staff(session, username, name, role, GOOD)


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "seven birds",
        "password1234",
        "Passw0rd!!!!",
        "P455w0rdP455w0rd",
        "123456789012",
        "qwertyuiop12",
        "LibraryLibrary1",
        "aaaaaaaaaaaaa",
        "abcabcabcabcabc",
        "mary.okafor.1",
        "MaryMaryMary2026",
        "0kaf0r0kaf0r",
        "x" * 257,
        "password" * 30,
    ],
)
def test_a_weak_password_is_not_taken(password: str) -> None:
    with pytest.raises(WeakPasswordError):
        check_password(password, "mary", "Mary Okafor")


@pytest.mark.parametrize(
    "password",
    [GOOD, "Tr0ub4dor&3 rides", "солнце над морем", "日本語のパスワードはどうですか", "🦆🐢🦔🦊🐝🐌🦀🐙🦑🐡🦉🦩", "Mary had a little lamb"],
)
def test_a_long_password_of_any_characters_is_taken(password: str) -> None:
    check_password(password, "mary", "Mary Okafor")
    assert passwords.is_right(password, passwords.hashed(password))


def test_an_accent_typed_in_two_ways_is_the_same_password() -> None:
    assert passwords.is_right("cafe\u0301 du monde", passwords.hashed("caf\u00e9 du monde"))


def test_the_last_manager_stays(database: Database, mary: StaffRow) -> None:
    with database.reading() as session:
        boss = staff.account_named(session, "boss")
    for change in (lambda s: staff.deactivate(s, boss.id), lambda s: staff.set_role(s, boss.id, "staff")):
        with pytest.raises(StaffError, match="only manager"), database.writing() as session:
            change(session)
    with database.writing() as session:
        staff.set_role(session, mary.id, "manager")
        staff.deactivate(session, boss.id)
        assert [row.username for row in staff.all_staff(session)] == ["mary", "boss"]


def test_two_managers_close_each_other_at_the_same_moment_and_one_stays(database: Database, mary: StaffRow) -> None:
    with database.writing() as session:
        staff.set_role(session, mary.id, "manager")
        boss = staff.account_named(session, "boss")

    def close(staff_id: int) -> bool:
        try:
            with database.writing() as session:
                staff.deactivate(session, staff_id)
        except StaffError:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(close, (mary.id, boss.id))) == [False, True]


def test_every_change_of_an_account_is_in_the_audit_without_its_secrets(database: Database, mary: StaffRow) -> None:
    with database.writing() as session:
        staff.set_password(session, mary.id, OTHER, "staff:7")
        staff.set_role(session, mary.id, "manager", "staff:7")
        staff.deactivate(session, mary.id, "staff:7")
        staff.reactivate(session, mary.id, "staff:7")
    with database.reading() as session:
        rows = list(session.scalars(select(AuditRow).filter_by(subject="staff", subject_id=mary.id).order_by(AuditRow.id)))
    assert [row.what for row in rows] == ["added", "changed the password", "changed the role", "deactivated", "reactivated"]
    assert (rows[2].who, rows[2].old, rows[2].new) == ("staff:7", {"role": "staff"}, {"role": "manager"})
    assert "argon2" not in str([(row.old, row.new) for row in rows])


# Signing in and out


def test_the_key_is_not_stored(database: Database, mary: StaffRow) -> None:
    key = sign_in(database, username=" MARY ")
    assert who(database, key) == "mary"
    with database.reading() as session:
        (stored,) = session.scalars(select(SignInRow.key_hash))
    assert stored == sign_ins.hash_of(key) != key
    assert who(database, key + "x") is None


def test_signing_out_ends_this_sign_in_only(database: Database, mary: StaffRow) -> None:
    one, two = sign_in(database), sign_in(database)
    with database.writing() as session:
        sign_ins.sign_out(session, one)
    assert (who(database, one), who(database, two)) == (None, "mary")


@pytest.mark.parametrize("password", ["", "x", GOOD.upper(), "x" * 100_000, "\ud800", "a\x00b"])
@pytest.mark.parametrize("username", ["mary", "nobody", "", "\x00", "\ud800", "x" * 10_000, "' OR 1=1 --"])
def test_wrong_is_wrong_whatever_was_wrong(database: Database, mary: StaffRow, username: str, password: str) -> None:
    with pytest.raises(WrongSignInError) as raised:
        sign_in(database, password, username)
    assert str(raised.value) == ""


def test_a_hash_is_looked_at_even_where_there_is_no_account(database: Database, mary: StaffRow, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str | None] = []
    monkeypatch.setattr(passwords, "is_right", lambda password, password_hash: looked.append(password_hash) or False)
    for username in ("mary", "nobody"):
        with pytest.raises(WrongSignInError):
            sign_in(database, username=username)
    assert looked == [mary.password_hash, None]
    monkeypatch.undo()
    assert not passwords.is_right("the password of nobody", None)


def test_a_closed_account_cannot_sign_in(database: Database, mary: StaffRow) -> None:
    key = sign_in(database)
    with database.writing() as session:
        staff.deactivate(session, mary.id)
    assert who(database, key) is None
    try_wrongly(database, 1)
    with pytest.raises(WrongSignInError):
        sign_in(database)


def test_a_sign_in_ends_after_an_hour_without_use(database: Database, mary: StaffRow, at) -> None:
    key = sign_in(database)
    at("2026-11-25T09:59")
    assert who(database, key) == "mary"
    with database.writing() as session:
        assert sign_ins.is_untouched(session, key)
        sign_ins.touch(session, key)
        assert not sign_ins.is_untouched(session, key)
    at("2026-11-25T10:58")
    assert who(database, key) == "mary"
    at("2026-11-25T10:59")
    assert who(database, key) is None


def test_a_sign_in_ends_after_twelve_hours_whatever_happens(database: Database, mary: StaffRow, at) -> None:
    key = sign_in(database)
    for hour in range(10, 21):
        at(f"2026-11-25T{hour}:00")
        with database.writing() as session:
            session.execute(update(SignInRow).values(seen_at=now()))
        assert who(database, key) == "mary"
    at("2026-11-25T20:59")
    assert who(database, key) == "mary"
    at("2026-11-25T21:00")
    assert who(database, key) is None
    sign_in(database)
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(SignInRow)) == 1, "sign-ins that ended are swept away"


def test_a_new_password_ends_the_other_sign_ins(database: Database, mary: StaffRow) -> None:
    here, elsewhere = sign_in(database), sign_in(database)
    with database.writing() as session:
        staff.set_password(session, mary.id, OTHER, keep=sign_ins.hash_of(here))
    assert (who(database, here), who(database, elsewhere)) == ("mary", None)
    with pytest.raises(WrongSignInError):
        sign_in(database)
    assert who(database, sign_in(database, OTHER)) == "mary"


def test_a_new_role_ends_all_sign_ins(database: Database, mary: StaffRow) -> None:
    key = sign_in(database)
    with database.writing() as session:
        staff.set_role(session, mary.id, "volunteer-helper")
    assert who(database, key) is None


def test_an_old_hash_is_renewed_when_its_owner_signs_in(database: Database, mary: StaffRow) -> None:
    weaker = PasswordHasher(time_cost=1, memory_cost=512, parallelism=1).hash(GOOD)
    with database.writing() as session:
        session.execute(update(StaffRow).where(StaffRow.id == mary.id).values(password_hash=weaker))
    sign_in(database)
    with database.reading() as session:
        renewed = staff.account(session, mary.id).password_hash
    assert renewed != weaker
    assert passwords.is_right(GOOD, renewed)


# Wrong tries


def test_after_five_wrong_tries_an_account_waits_a_quarter_of_an_hour(database: Database, mary: StaffRow, at) -> None:
    try_wrongly(database, 5)
    with pytest.raises(TooManyTriesError) as raised:
        sign_in(database, address="10.0.0.2")
    assert raised.value.until == at("2026-11-25T09:15")
    at("2026-11-25T09:14")
    with pytest.raises(TooManyTriesError):
        sign_in(database)
    at("2026-11-25T09:15")
    assert who(database, sign_in(database)) == "mary"


def test_a_name_that_nobody_has_waits_just_the_same(database: Database, mary: StaffRow) -> None:
    try_wrongly(database, 5, username="nobody")
    with pytest.raises(TooManyTriesError):
        sign_in(database, username="nobody")


def test_after_fifty_wrong_tries_an_address_waits_and_others_do_not(database: Database, mary: StaffRow) -> None:
    for number in range(10):
        try_wrongly(database, 5, username=f"guess{number}")
    with pytest.raises(TooManyTriesError):
        sign_in(database)
    assert who(database, sign_in(database, address="10.0.0.2")) == "mary"


def test_signing_in_forgets_wrong_tries_of_the_account_but_not_of_the_address(database: Database, mary: StaffRow) -> None:
    for _ in range(12):
        try_wrongly(database, 4)
        sign_in(database)
    try_wrongly(database, 2)
    with pytest.raises(TooManyTriesError):
        sign_in(database, address="10.0.0.1")


def test_right_tries_do_not_count(database: Database, mary: StaffRow) -> None:
    for _ in range(60):
        sign_in(database)


def test_a_password_set_anew_lets_its_owner_in_at_once(database: Database, mary: StaffRow) -> None:
    try_wrongly(database, 5)
    with database.writing() as session:
        staff.set_password(session, mary.id, OTHER)
    assert who(database, sign_in(database, OTHER)) == "mary"


def test_many_tries_at_the_same_moment_are_no_more_than_five(database: Database, mary: StaffRow, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []
    monkeypatch.setattr(passwords, "is_right", lambda password, password_hash: looked.append(password) or False)

    def guess(number: int) -> type[Exception]:
        try:
            sign_in(database, password=f"guess {number}")
        except (WrongSignInError, TooManyTriesError) as error:
            return type(error)
        raise AssertionError("nobody guessed it")

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(guess, range(24)))
    assert len(looked) == outcomes.count(WrongSignInError) == 5
    with database.reading() as session:
        assert max(session.scalars(select(WrongSignInRow.times))) == 5


def test_what_was_typed_as_a_name_is_not_kept(database: Database, mary: StaffRow) -> None:
    try_wrongly(database, 1, username="my secret password")
    with database.reading() as session:
        assert "secret" not in str(list(session.scalars(select(WrongSignInRow.key))))


def test_a_password_is_confirmed_for_somebody_signed_in(database: Database, mary: StaffRow) -> None:
    sign_ins.confirm_password(database, mary.id, GOOD, "10.0.0.1")
    for _ in range(5):
        with pytest.raises(WrongSignInError):
            sign_ins.confirm_password(database, mary.id, "wrong", "10.0.0.1")
    with pytest.raises(TooManyTriesError):
        sign_ins.confirm_password(database, mary.id, GOOD, "10.0.0.1")


# Codes


@pytest.fixture
def app(database: Database, mary: StaffRow) -> pyotp.TOTP:
    """The app on Mary's telephone, set up at nine."""
    secret = codes.new_secret(mary, "the key of her browser")
    app = pyotp.TOTP(secret)
    with database.writing() as session:
        codes.enrol(session, staff.account(session, mary.id), secret, app.at(now()))
    return app


def test_codes_are_set_up_with_the_first_one_only(database: Database, mary: StaffRow) -> None:
    secret = codes.new_secret(mary, "key")
    with pytest.raises(WrongCodeError), database.writing() as session:
        codes.enrol(session, mary, secret, "000000" if pyotp.TOTP(secret).at(now()) != "000000" else "111111")
    assert who(database, sign_in(database)) == "mary", "no code is asked for yet"


def test_a_code_is_asked_for_and_is_good_once(database: Database, app: pyotp.TOTP, at) -> None:
    at("2026-11-25T09:10")
    with pytest.raises(CodeNeededError):
        sign_in(database)
    code = app.at(now())
    assert who(database, sign_in(database, code=f" {code[:3]} {code[3:]} ")) == "mary"
    with pytest.raises(WrongSignInError):
        sign_in(database, code=code)


def test_the_code_that_set_it_up_is_used(database: Database, app: pyotp.TOTP) -> None:
    with pytest.raises(WrongSignInError):
        sign_in(database, code=app.at(now()))


@pytest.mark.parametrize(("late", "is_good"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_telephone_may_be_half_a_minute_fast_or_slow(database: Database, app: pyotp.TOTP, at, late: int, is_good: bool) -> None:
    at("2026-11-25T09:10")
    code = app.at(now(), counter_offset=late)
    if is_good:
        assert who(database, sign_in(database, code=code)) == "mary"
    else:
        with pytest.raises(WrongSignInError):
            sign_in(database, code=code)


def test_an_older_code_is_not_good_after_a_newer_one(database: Database, app: pyotp.TOTP, at) -> None:
    at("2026-11-25T09:10")
    sign_in(database, code=app.at(now(), counter_offset=1))
    with pytest.raises(WrongSignInError):
        sign_in(database, code=app.at(now()))


def test_one_code_at_the_same_moment_opens_one_sign_in(database: Database, app: pyotp.TOTP, at) -> None:
    at("2026-11-25T09:10")
    code = app.at(now())

    def use(_: int) -> bool:
        try:
            sign_in(database, code=code)
        except WrongSignInError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(use, range(4))) == 1


def test_a_right_code_does_not_help_a_wrong_password(database: Database, app: pyotp.TOTP, at) -> None:
    at("2026-11-25T09:10")
    with pytest.raises(WrongSignInError):
        sign_in(database, password="not the password", code=app.at(now()))


def test_wrong_codes_are_counted(database: Database, app: pyotp.TOTP, at) -> None:
    at("2026-11-25T09:10")
    for _ in range(5):
        with pytest.raises(WrongSignInError):
            sign_in(database, code="abcdef")
    with pytest.raises(TooManyTriesError):
        sign_in(database, code=app.at(now()))


def test_codes_are_removed_and_set_up_with_another_secret(database: Database, mary: StaffRow, app: pyotp.TOTP) -> None:
    with database.writing() as session:
        row = staff.account(session, mary.id)
        codes.remove_codes(session, row, "staff:7")
    assert who(database, sign_in(database)) == "mary"
    with database.reading() as session:
        row = staff.account(session, mary.id)
        assert codes.new_secret(row, "the key of her browser") != app.secret
        assert [what.what for what in session.scalars(select(AuditRow).filter_by(who="staff:7"))] == ["removed codes"]


def test_the_address_for_the_app_names_the_account_and_the_desk(mary: StaffRow) -> None:
    secret = codes.new_secret(mary, "key")
    expected = f"otpauth://totp/Riverside%20Libraries:mary?secret={secret}&issuer=Riverside%20Libraries"
    assert codes.app_address(mary, secret, "Riverside Libraries") == expected


# Settings


def test_a_setting_has_its_default_until_it_is_set_and_the_audit_says_who_set_it(database: Database) -> None:
    with database.writing() as session:
        assert desk_settings.value_of(session, MANAGERS_NEED_CODE) is False
        desk_settings.set_value(session, "staff:1", MANAGERS_NEED_CODE, False)
        desk_settings.set_value(session, "staff:1", MANAGERS_NEED_CODE, True)
        desk_settings.set_value(session, "staff:2", MANAGERS_NEED_CODE, True)
    with database.reading() as session:
        assert desk_settings.value_of(session, MANAGERS_NEED_CODE) is True
        (row,) = session.scalars(select(AuditRow).filter_by(subject="setting"))
    assert (row.who, row.old, row.new) == ("staff:1", {"managers_need_code": False}, {"managers_need_code": True})


def test_a_setting_is_of_its_kind(database: Database) -> None:
    minutes = Setting("minutes", 5, "Minutes", least=1, most=60)
    greeting = Setting("greeting", "Hello", "Greeting", most=10)
    wrong = [(MANAGERS_NEED_CODE, 1), (MANAGERS_NEED_CODE, "yes"), (minutes, 0), (minutes, 61), (minutes, "5"), (minutes, True), (greeting, "x" * 11)]
    for setting, value in wrong:
        with pytest.raises(WrongValueError), database.writing() as session:
            desk_settings.set_value(session, "staff:1", setting, value)
    with database.writing() as session:
        desk_settings.set_value(session, "staff:1", minutes, 60)
        assert (desk_settings.value_of(session, minutes), desk_settings.value_of(session, greeting)) == (60, "Hello")


# Canned replies


def test_canned_replies_are_added_changed_and_removed_with_their_texts_in_the_audit(database: Database, morning: None) -> None:
    with database.writing() as session:
        add_canned_reply(session, "staff:1", " WiFi-Down ", "The Wi-Fi is down.\r\nSorry.")
        change_canned_reply(session, "staff:2", "wifi-down", "It works again.")
    with database.reading() as session:
        assert [(row.code, row.text) for row in canned_replies(session)] == [("wifi-down", "It works again.")]
    with database.writing() as session:
        remove_canned_reply(session, "staff:2", "wifi-down")
    with database.reading() as session:
        assert canned_replies(session) == []
        rows = list(session.scalars(select(AuditRow).order_by(AuditRow.id)))
    assert [(row.who, row.what, row.old.get("text"), row.new.get("text")) for row in rows] == [
        ("staff:1", "added", None, "The Wi-Fi is down.\nSorry."),
        ("staff:2", "changed", "The Wi-Fi is down.\nSorry.", "It works again."),
        ("staff:2", "removed", "It works again.", None),
    ]


@pytest.mark.parametrize(("code", "text"), [("", "x"), ("a b", "x"), ("é", "x"), ("x" * 31, "x"), ("a", " "), ("a", "x" * 2001), ("taken", "x")])
def test_a_canned_reply_that_cannot_be(database: Database, morning: None, code: str, text: str) -> None:
    with database.writing() as session:
        add_canned_reply(session, "staff:1", "taken", "first")
    with pytest.raises(CannedReplyError), database.writing() as session:
        add_canned_reply(session, "staff:1", code, text)


def test_samples_leave_what_is_there(database: Database, morning: None) -> None:
    with database.writing() as session:
        add_canned_reply(session, "staff:1", "hello", "Our own hello")
        assert add_samples(session, "staff:1") > 5
        assert add_samples(session, "staff:1") == 0
        assert {row.code: row.text for row in canned_replies(session)}["hello"] == "Our own hello"
