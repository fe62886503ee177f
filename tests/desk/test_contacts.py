import pytest

from desk.contacts import ContactProblem, Email, Phone, Wrong, contact_in, read_contact


@pytest.mark.parametrize(
    ("said", "number", "is_mobile"),
    [
        ("07700 900123", "+447700900123", True),
        ("my number is 07700-900-123 thanks", "+447700900123", True),
        ("o7700 900123", "+447700900123", True),
        ("+44 (0)7700 900123", "+447700900123", True),
        ("0044 7700900123", "+447700900123", True),
        ("020 7946 0958", "+442079460958", False),
        ("(0131) 496 0001", "+441314960001", False),
        ("+48 601 234 567", "+48601234567", True),
    ],
)
def test_telephone_numbers_are_read_as_people_write_them(said: str, number: str, is_mobile: bool):
    contact = read_contact(said)
    assert isinstance(contact, Phone)
    assert (contact.number, contact.is_mobile) == (number, is_mobile)


def test_a_number_is_shown_as_written_in_the_united_kingdom():
    assert read_contact("+447700900123") == Phone("+447700900123", "07700 900123", True)


@pytest.mark.parametrize(
    ("said", "wrong", "digits"),
    [
        ("0770 090 012", Wrong.DIGITS_MISSING, 1),
        ("077009001", Wrong.DIGITS_MISSING, 2),
        ("07700 9001234", Wrong.DIGITS_TOO_MANY, 1),
        ("04700 900123", Wrong.NO_SUCH_NUMBER, 0),
        ("mary.gmail.com", Wrong.EMAIL_WITHOUT_AT, 0),
        ("mary@library", Wrong.EMAIL_WITHOUT_ENDING, 0),
        ("mary@@gmail.com", Wrong.NO_SUCH_EMAIL, 0),
        ("what do you need it for", Wrong.NOT_A_CONTACT, 0),
        ("me at the library", Wrong.NOT_A_CONTACT, 0),
    ],
)
def test_what_is_wrong_is_named(said: str, wrong: Wrong, digits: int):
    problem = read_contact(said)
    assert isinstance(problem, ContactProblem)
    assert (problem.wrong, problem.digits) == (wrong, digits)


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ("mary.khan@gmail.com", "mary.khan@gmail.com"),
        ("it's Mary@Example.com.", "Mary@example.com"),
        ("mary dot khan at gmail dot com", "mary.khan@gmail.com"),
        ("mary @ gmail.com", "mary@gmail.com"),
        ("mary@gmail,com", "mary@gmail.com"),
        ("o'brien@library.example", "o'brien@library.example"),
    ],
)
def test_emails_are_read_as_people_write_them(said: str, address: str):
    assert read_contact(said) == Email(address)


@pytest.mark.parametrize(
    ("said", "meant"),
    [("gmial.com", "gmail.com"), ("gmail.con", "gmail.com"), ("hotmial.co.uk", "hotmail.co.uk"), ("yaho.com", "yahoo.com"), ("gmail", "gmail.com")],
)
def test_a_slip_in_a_usual_mailbox_is_asked_about(said: str, meant: str):
    contact = read_contact(f"mary@{said}")
    assert isinstance(contact, Email)
    assert (contact.address, contact.suggestion) == (f"mary@{said}", f"mary@{meant}")


@pytest.mark.parametrize("domain", ["gmail.com", "aol.co.uk", "westminster.gov.uk", "example.org", "me.com"])
def test_a_good_address_is_not_doubted(domain: str):
    assert read_contact(f"mary@{domain}") == Email(f"mary@{domain}")


def test_a_contact_is_found_in_a_long_sentence():
    said = "can somebody at Pimlico sort my printer out next Wednesday afternoon, it's Mary Khan, 07700 900123"
    assert contact_in(said) == Phone("+447700900123", "07700 900123", True)
    assert contact_in("can somebody sort my printer out on 2 December at 2pm") is None
