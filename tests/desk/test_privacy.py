"""Card, NHS and National Insurance numbers and passwords are taken out of what people type; nothing else is. Every number here is made up."""

import re

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from desk.privacy import PersonalData, mask, passes_luhn, passes_modulus_11

WORDS = st.lists(st.sampled_from(["please", "help", "my", "library", "ticket", "is", "the", "printer"]), max_size=4).map(" ".join)


def digits_of(text: str) -> str:
    return "".join(c for c in text if c.isdecimal())


# Payment cards


@pytest.mark.parametrize(
    "card",
    [
        "4111111111111111",  # Visa
        "5555555555554444",  # Mastercard
        "2223003122003222",  # Mastercard, the newer numbers
        "378282246310005",  # American Express
        "341111111111111",
        "6011111111111117",  # Discover
        "3530111333300000",  # JCB
        "6759649826438453",  # Maestro
        "6304000000000000",
        "4000000000000000006",  # Visa of 19 digits
    ],
)
def test_a_card_of_any_issuer_is_taken_out(card: str):
    masked = mask(f"I paid with {card} yesterday")
    assert masked.text == "I paid with [card number removed] yesterday"
    assert masked.found == {PersonalData.CARD}


@pytest.mark.parametrize(
    "card",
    [
        "4111 1111 1111 1111",
        "4111-1111-1111-1111",
        "4111.1111.1111.1111",
        "4111  1111  1111  1111",
        "4111 11111111 1111",
        "3782 822463 10005",
        "4111\u00a01111\u00a01111\u00a01111",
        "4111–1111–1111–1111",
    ],
    ids=["spaces", "hyphens", "dots", "double spaces", "uneven", "as on an American Express card", "no-break spaces", "dashes"],
)
def test_a_card_is_taken_out_however_it_is_spaced(card: str):
    assert mask(f"card {card} please").text == "card [card number removed] please"


@pytest.mark.parametrize(
    "text",
    [
        "my card is 4111 1111 1111 1111.",
        "4111111111111111",
        "(4111 1111 1111 1111)",
        "number:4111111111111111, thanks",
        "4111 1111 1111 1111 and 5555 5555 5555 4444",
        "4111 1111 1111 1111 12/27",
        "4111 1111 1111 1111 123",
        "4111 1111 1111 1111 0429 123",
        "£20 4111 1111 1111 1111",
    ],
    ids=lambda text: text,
)
def test_a_card_is_taken_out_whatever_stands_beside_it(text: str):
    assert "411111111111" not in digits_of(mask(text).text)


def _completed(digits: str) -> str:
    """Return the digits with the check digit that makes them pass Luhn."""
    return next(digits + check for check in "0123456789" if passes_luhn(digits + check))


@pytest.mark.parametrize("number", ["4111 1111 1111 1112", "1234 5678 1234 5670", "0000 0000 0000 0000", "411111111111111111111"])
def test_figures_that_no_issuer_could_have_given_out_are_no_card(number: str):
    """By the check digit, the first digits and the length."""
    assert mask(f"number {number}").text == f"number {number}"


# First digits and length of the cards of Visa, Mastercard, American Express, Discover, JCB and Maestro.
ISSUERS = (("4", 16), ("51", 16), ("2221", 16), ("34", 15), ("37", 15), ("6011", 16), ("35", 16), ("6759", 18), ("4", 19))


@st.composite
def cards(draw: st.DrawFn) -> str:
    """A made-up payment card, spaced in one of the usual ways."""
    issuer, length = draw(st.sampled_from(ISSUERS))
    rest = length - len(issuer) - 1
    digits = _completed(issuer + draw(st.text("0123456789", min_size=rest, max_size=rest)))
    gap = draw(st.sampled_from(["", " ", "-", "."]))
    return gap.join(digits[n : n + 4] for n in range(0, length, 4))


@settings(deadline=None)
@given(WORDS, cards(), WORDS)
def test_no_card_survives(before: str, card: str, after: str):
    masked = mask(f"{before} {card} {after}")
    assert masked.found == {PersonalData.CARD}
    assert digits_of(masked.text) == ""


# NHS numbers


@pytest.mark.parametrize("number", ["943 476 5919", "9434765919", "943-476-5919", "943 4765919", "943\u00a0476\u00a05919"])
def test_an_nhs_number_is_taken_out_however_it_is_spaced(number: str):
    masked = mask(f"My NHS number is {number}, is that right?")
    assert masked.text == "My NHS number is [NHS number removed], is that right?"
    assert masked.found == {PersonalData.NHS}


def test_an_nhs_number_is_known_without_its_name():
    assert mask("they gave me 401 023 2137 at the surgery").text == "they gave me [NHS number removed] at the surgery"


@pytest.mark.parametrize(("number", "passes"), [("9434765919", True), ("4010232137", True), ("9434765918", False), ("4010232317", False)])
def test_the_last_digit_of_an_nhs_number_is_its_check(number: str, passes: bool):
    assert passes_modulus_11(number) is passes


def test_ten_digits_that_fail_the_check_are_no_nhs_number():
    text = "my NHS number is 943 476 5918"
    assert mask(text).text == text


def test_digits_whose_check_would_be_ten_are_never_an_nhs_number():
    assert not any(passes_modulus_11("400000008" + check) for check in "0123456789")


@st.composite
def nhs_numbers(draw: st.DrawFn) -> str:
    digits = draw(st.sampled_from("46")) + draw(st.text("0123456789", min_size=8, max_size=8))
    whole = next((digits + check for check in "0123456789" if passes_modulus_11(digits + check)), None)
    assume(whole is not None)
    assert whole is not None
    gap = draw(st.sampled_from(["", " ", "-"]))
    return gap.join((whole[:3], whole[3:6], whole[6:]))


@settings(deadline=None)
@given(WORDS, nhs_numbers(), WORDS)
def test_no_nhs_number_survives(before: str, number: str, after: str):
    masked = mask(f"{before} {number} {after}")
    assert masked.found == {PersonalData.NHS}
    assert digits_of(masked.text) == ""


# National Insurance numbers


@pytest.mark.parametrize("number", ["AB123456C", "AB 12 34 56 C", "ab 12 34 56 c", "AB 123456 C", "AB-12-34-56-C", "QQ 12 34 56 C"])
def test_a_national_insurance_number_is_taken_out_however_it_is_written(number: str):
    masked = mask(f"NI: {number}.")
    assert masked.text == "NI: [National Insurance number removed]."
    assert masked.found == {PersonalData.NATIONAL_INSURANCE}


@pytest.mark.parametrize(
    "reference", ["GB123456A", "NK 12 34 56 A", "TN123456B", "DA123456A", "FA123456A", "PO123456A", "AB123456E", "AB12345C", "XAB123456CX"]
)
def test_a_reference_that_hmrc_never_issues_stays(reference: str):
    """HMRC's manual, NIM39110: D, F, I, Q, U, V nowhere, O not second, some pairs never, and A to D at the end."""
    assert mask(f"My order is {reference}").text == f"My order is {reference}"


@settings(deadline=None)
@given(
    WORDS,
    st.from_regex(r"[ABCEGHJKLMPRSTWXYZ][ABCEHJLMPRSWXY]( ?)\d\d\1\d\d\1\d\d\1[A-D]", fullmatch=True, alphabet=st.characters(codec="ascii")),
    WORDS,
)
def test_no_national_insurance_number_survives(before: str, number: str, after: str):
    masked = mask(f"{before} {number} {after}")
    assert masked.found == {PersonalData.NATIONAL_INSURANCE}
    assert number not in masked.text


# Passwords and PINs


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("my password is Hunter2", "Hunter2"),
        ("my password is fluffycat", "fluffycat"),
        ("my password is fluffycat, it does not work", "fluffycat"),
        ("my password is fluffycat but it does not work", "fluffycat"),
        ("my password is fluffy77 but it does not work", "fluffy77"),
        ("password: hunter2", "hunter2"),
        ("Password = Tr0ub4dor&3", "Tr0ub4dor&3"),
        ("my password is: Hunter2", "Hunter2"),
        ("my pass word is dragon12", "dragon12"),
        ("my new password is Bluebell7", "Bluebell7"),
        ("my password is now Bluebell7", "Bluebell7"),
        ("my password is called Bluebell7", "Bluebell7"),
        ("my password was just Bluebell7", "Bluebell7"),
        ("my passwords are Bluebell7 and Daisy8", "Bluebell7"),
        ("username margaret password Bluebell7", "Bluebell7"),
        ("My mum's password is Rosie1952 for the iPad", "Rosie1952"),
        ("the password for my NHS app is Wembley66!", "Wembley66"),
        ("the password to my email was sunshine1", "sunshine1"),
        ("my password is “Sonnenblume7”", "Sonnenblume7"),
        ('my password is "blue sky"', "blue"),
        ("my password is O'Brien77", "Brien77"),
        ("My passphrase is correct-horse-battery", "correct-horse-battery"),
        ("my passcode is 482913", "482913"),
        ("my pin is 4821 and the machine ate it", "4821"),
        ("my pin is: 4821", "4821"),
        ("my pin's 4821", "4821"),
        ("PIN: 4821", "4821"),
        ("card and PIN 4821", "4821"),
        ("my library pin number is 0423", "0423"),
        ("the pin code is 0423", "0423"),
        ("cvv is 321", "321"),
        ("the cvv number is 321", "321"),
        ("security code 321", "321"),
        ("the security code is 321", "321"),
        ("login code: 448210", "448210"),
    ],
    ids=lambda value: value,
)
def test_a_password_is_taken_out_in_whatever_words_it_is_told(text: str, secret: str):
    masked = mask(text)
    assert masked.found == {PersonalData.PASSWORD}
    assert secret not in masked.text


def test_the_password_password_is_taken_out():
    assert mask("my password is password").text == "my password is [password removed]"


@settings(deadline=None)
@given(
    st.sampled_from(["my password is {}", "password: {}", "Password={}", "the password for my email is {} can you look"]),
    st.from_regex(r"[a-z]{2,8}[0-9][A-Za-z0-9@#$%&*!?_+]{1,8}", fullmatch=True, alphabet=st.characters(codec="ascii")),
)
def test_no_password_survives(sentence: str, password: str):
    masked = mask(sentence.format(password))
    assert PersonalData.PASSWORD in masked.found
    assert password not in masked.text


def test_several_secrets_are_each_taken_out():
    masked = mask("card 4111111111111111, NHS 943 476 5919, NI AB123456C, password: hunter2")
    assert masked.text == "card [card number removed], NHS [NHS number removed], NI [National Insurance number removed], password: [password removed]"
    assert masked.found == set(PersonalData)


# What stays


@pytest.mark.parametrize(
    "text",
    [
        "Do you have ISBN 978-0-14-103614-4?",
        "Do you have 9780306406157?",
        "978 0 306 40615 7",
        "ISBN 0-306-40615-2",
        "ISBN: 0306406152",
        "0306406152",
        "1861972717",
        "080442957X",
        "9780306406157 or 9780141036144",
        "a book on the NHS, ISBN 0306406152",
        "ISBN-10: 3499225107",
    ],
)
def test_an_isbn_stays(text: str):
    assert mask(text).text == text


@pytest.mark.parametrize("barcode", ["21172000123455", "2 1172 00012 3455", "24444001234560", "36148900647913", "27142004551234"])
def test_a_library_card_stays(barcode: str):
    text = f"My library card is {barcode}"
    assert mask(text).text == text


@pytest.mark.parametrize(
    "number",
    [
        "020 7641 6200",
        "02076416200",
        "0333 370 4700",
        "0808 2000 247",
        "116 123",
        "07700 900123",
        "07700 900 123",
        "07700-900-123",
        "+44 7700 900123",
        "+447700900123",
        "0044 7700 900123",
        "+44 7700 900019",  # these two pass the check of NHS numbers
        "+44 (0)7700 900019",
        "020 7641 6200 or 020 7946 0958",
    ],
)
@pytest.mark.parametrize("sentence", ["Please ring me on {}", "I cannot open the NHS App, please ring {}"])
def test_a_telephone_number_stays(sentence: str, number: str):
    text = sentence.format(number)
    assert mask(text).text == text


def test_a_mobile_number_without_its_nought_stays():
    assert mask("ring me on 7700 900019").text == "ring me on 7700 900019"


@pytest.mark.parametrize(
    "text",
    [
        "My reference is REF-7K3M-92QD",
        "booking ED-482716",
        "parcel 1Z999AA10123456784",
        "It cost £1,234,567.89, then £12.50 and £3",
        "20p a page, 50p in colour",
        "open 09:30-13:00 and 14:00-17:00",
        "on 25/11/2026 at 10:30",
        "on 2026-11-25T10:00:00",
        "on 25 11 2026",
        "on 30-01-2026 10:30",  # the digits pass the check of NHS numbers
        "on 31 07 2026 14:00",
        "my postcode is SW1V 3EY",
        "sort code 20-00-00 account 55779911",
        "UPRN 100023433123",
        "EAN 5000112637922",
        "Windows 11, 8 GB, 256 GB, 1920 x 1080",
    ],
)
def test_references_prices_dates_and_times_stay(text: str):
    assert mask(text).text == text


@pytest.mark.parametrize(
    "text",
    [
        "my password doesn't work",
        "my password isn't working",
        "my password is wrong",
        "My password is not accepted.",
        "my password is expired.",
        "my password is blocked!",
        "my password is too short",
        "my password is rejected every time",
        "my password is refused.",
        "My password is compromised.",
        "The password is case sensitive",
        "the password is confusing.",
        "the wifi password is on the wall",
        "what is my password?",
        "is my password safe",
        "Where is the pin: on my letter?",
        "my pin is wrong",
        "my pin is four digits long",
        "the pin is on the back of the card",
        "How do I change my PIN code?",
        "what is a security code",
        "A password is needed, it says",
    ],
)
def test_talk_about_passwords_stays(text: str):
    assert mask(text).text == text


def _may_hold_a_secret(text: str) -> bool:
    says_so = re.search(r"pass|pin|code|cvv|cvc", text, re.IGNORECASE)
    looks_like_national_insurance = re.search(r"[a-z]{2}[ -]?\d\d[ -]?\d\d[ -]?\d\d", text, re.IGNORECASE)
    return bool(says_so or looks_like_national_insurance) or len(digits_of(text)) >= 9


PIECES = ["my", "NHS", "number", "is", ":", "=", "AB", "card", "12", "345", "6789", "£5", "Hunter2", "W10", "-", "ISBN", "ticket", "\n", "“", "né"]


@settings(deadline=None, max_examples=300)
@given(st.text() | st.lists(st.sampled_from(PIECES)).map(" ".join))
def test_a_text_without_many_digits_or_a_word_for_a_secret_comes_back_unchanged(text: str):
    assume(not _may_hold_a_secret(text))
    assert mask(text).text == text
    assert not mask(text).found


@settings(deadline=None)
@given(st.lists(st.sampled_from([*PIECES, "password", "pin", "4111 1111 1111 1111", "943 476 5919", "AB123456C"])).map(" ".join))
def test_masking_a_masked_text_changes_nothing(text: str):
    once = mask(text).text
    assert mask(once).text == once
