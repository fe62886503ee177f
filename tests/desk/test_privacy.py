"""Card, NHS and other private numbers, passwords and codes are taken out of what people type; nothing else is. Every number here is made up."""

import re
from datetime import date, time
from re import _constants, _parser  # type: ignore[attr-defined]  # how a pattern may be tried is known to the parser only
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from desk.privacy import _SCREENS, PersonalData, mask, passes_luhn, passes_modulus_11
from desk.references import new_reference, shown

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
        "4111/1111/1111/1111",
        "4111 / 1111 / 1111 / 1111",
        "4111\n1111\n1111\n1111",
        "4111 1111\r\n1111 1111",
        "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
        "٤١١١ ١١١١ ١١١١ ١١١١",
        "۴۱۱۱۱۱۱۱۱۱۱۱۱۱۱۱",
        "৪১১১-১১১১-১১১১-১১১১",
        "４１１１ １１１１ １１１１ １１１１",
        "4111\u200e 1111 1111\u200b1111",
    ],
    ids=lambda card: ascii(card),
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


@pytest.mark.parametrize(
    "number",
    [
        "943 476 5919",
        "9434765919",
        "943-476-5919",
        "943 4765919",
        "943\u00a0476\u00a05919",
        "٩٤٣ ٤٧٦ ٥٩١٩",
        "۹۴۳۴۷۶۵۹۱۹",
        "৯৪৩ ৪৭৬ ৫৯১৯",
        "９４３４７６５９１９",
    ],
)
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
    assume(not number.startswith("GB"))  # never issued
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
        ("my pin is four two seven one", "four two seven one"),
        ("my pin is double four, seven, one", "double four, seven, one"),
        ("do you need my pin it's six one six one", "six one six one"),
        ("pin number 4821", "4821"),
        ("my pin is 4 8 2 1", "4 8 2 1"),
        ("4821 is my pin", "4821"),
        ("pw = Chelsea4Eva", "Chelsea4Eva"),
        ("passwrd is liverpool5", "liverpool5"),
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
    masked = mask(
        "card 4111111111111111, NHS 943 476 5919, NI AB123456C, code: 448210, 20-45-12 73849201, passport 123456789, MORGA657054SM9IJ, "
        "password: hunter2"
    )
    assert masked.text == (
        "card [card number removed], NHS [NHS number removed], NI [National Insurance number removed], code: [code removed], [bank account removed], "
        "passport [passport number removed], [driving licence number removed], password: [password removed]"
    )
    assert masked.found == set(PersonalData)


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("mi contraseña es Quito2015", "Quito2015"),
        ("mi contraseña es gatito", "gatito"),
        ("la contraseña de mi correo es gatito pero no funciona", "gatito"),
        ("mi clave es 4821", "4821"),
        ("mi pin es cuatro dos siete uno", "cuatro dos siete uno"),
        ("a minha senha é gatinho", "gatinho"),
        ("a minha senha e gatinho77", "gatinho77"),
        ("senha: gatinho", "gatinho"),
        ("mon mot de passe est hunter2", "hunter2"),
        ("le mot de passe de mon mail c'est doudou", "doudou"),
        ("mot de passe : doudou", "doudou"),
        ("moje hasło to kotek", "kotek"),
        ("hasło do poczty to kotek7", "kotek7"),
        ("mój pin to 4821", "4821"),
        ("şifrem hunter2", "hunter2"),
        ("parolam: kedim", "kedim"),
        ("كلمة السر هي hunter2", "hunter2"),
        ("كلمة السر: قطتي", "قطتي"),
        ("كلمة المرور الخاصة بي هي hunter2", "hunter2"),
        ("كلمة السر ١٢٣٤٥٦", "١٢٣٤٥٦"),
        ("আমার পাসওয়ার্ড hunter2", "hunter2"),
        ("আমার পাসওয়ার্ড হলো গোলাপ", "গোলাপ"),
        ("میرا پاس ورڈ hunter2 ہے", "hunter2"),
        ("پاس ورڈ: گلاب", "گلاب"),
        ("رمز عبور من hunter2 است", "hunter2"),
        ("رمز‌عبور: گلاب", "گلاب"),
        ("رمزم ۴۸۲۱ است", "۴۸۲۱"),
        ("furaha sirta ah waa hunter2", "hunter2"),
        ("password-kaygu waa bisad", "bisad"),
        ("fy nghyfrinair yw draig", "draig"),
        ("cyfrinair: hunter2", "hunter2"),
    ],
    ids=ascii,
)
def test_a_password_is_taken_out_in_the_languages_of_the_desk(text: str, secret: str):
    masked = mask(text)
    assert masked.found == {PersonalData.PASSWORD}
    assert secret not in masked.text


@pytest.mark.parametrize(
    "text",
    [
        "my code is 448210",
        "the code they texted me is 123 456",
        "verification code: 881920",
        "login code: 448210",
        "the otp code is 4482",
        "code 448210",
        "the code that came up on my phone was 662914 so what now",
        "Zoom meeting passcode I've been sent is 774201",
        "Google code G-448210",
        "448210 is the code they sent",
        "mi código es 448210",
        "le code est 448210",
        "kod weryfikacyjny: 448210",
        "رمز التحقق هو ٤٤٨٢١٠",
        "کد تایید ۴۴۸۲۱۰",
        "কোড ৪৪৮২১০",
    ],
)
def test_a_one_time_code_is_taken_out(text: str):
    masked = mask(text)
    assert masked.found == {PersonalData.CODE}
    assert digits_of(masked.text) == ""


@pytest.mark.parametrize(
    "text",
    [
        "20-45-12 73849201",
        "20-45-12, 73849201",
        "sort code 20-45-12 account number 73849201",
        "sort code 20-00-00 account 55779911",
        "Account 00112233 sort code 12-34-56",
        "my bank account number is 73849201",
        "GB82 WEST 1234 5698 7654 32",
        "gb82west12345698765432 is my iban",
        "DE89 3704 0044 0532 0130 00 is mine",
        "ES91 2100 0418 4502 0005 1332",
    ],
)
def test_a_bank_account_is_taken_out(text: str):
    masked = mask(text)
    assert masked.found == {PersonalData.BANK_ACCOUNT}
    assert digits_of(masked.text) == ""


@pytest.mark.parametrize(
    "text", ["GB82 WEST 1234 5698 7654 33", "GB82 WEST 1234 5698 7654", "SE15 4QF and 07700 900123", "ref GB82WEST123456987654321"]
)
def test_what_fails_the_check_or_the_length_is_no_iban(text: str):
    assert mask(text).text == text


@pytest.mark.parametrize(
    "text",
    [
        "my passport number is 123456789",
        "passport no. 123 456 789",
        "passport: C01X00T47",
        "mi número de pasaporte es 123456789",
        "mój paszport to 123456789",
        "رقم جواز السفر ١٢٣٤٥٦٧٨٩",
    ],
)
def test_a_passport_number_is_taken_out_where_it_is_named(text: str):
    masked = mask(text)
    assert masked.found == {PersonalData.PASSPORT}
    assert digits_of(masked.text) == ""


@pytest.mark.parametrize("text", ["MORGA657054SM9IJ", "my licence is MORGA 657054 SM9IJ", "jones710238j99aw", "driving licence number 12345678"])
def test_a_driving_licence_number_is_taken_out(text: str):
    masked = mask(text)
    assert masked.found == {PersonalData.DRIVING_LICENCE}
    assert not re.search(r"\d{5}", masked.text)


@pytest.mark.parametrize("text", ["MORGA697054SM9IJ", "MORGA657994SM9IJ", "MORGA657054SM9", "123456789", "renew my driving licence by 25112026"])
def test_what_could_be_no_driving_licence_stays(text: str):
    assert mask(text).text == text


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
        "on 25-11-26 ring 79460958",
        "on 25-11-2026 79460958",
        "0.6599496221662469",
        "passport photos 20112026",
        "renew my passport, ring 0300 222 0000",
        "passport office 03002220000",
        "library account number 12345678",
        "council tax account number 12345678",
        "write to ab123456c@example.org or 9434765919@example.org",
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
        "change my password",
        "my pin is one of those",
        "forgot my password, ring 07700 900123",
        "forgot PIN, card 21172000123455",
        "pin for 25/11/2026 at 10:30",
        "password for jo99@example.com",
        "username and password: jo99@example.com",
        "password help at 10.30am in W10 5BN",
        "the password for my windows11",
        "PIN or booking 7K4M-XC9R",
        "olvidé mi contraseña",
        "mi contraseña es incorrecta",
        "esqueci a minha senha",
        "esqueci a senha e email",
        "minha senha está errada",
        "mot de passe oublié",
        "mon mot de passe est incorrect",
        "zapomniałem hasła",
        "moje hasło jest nieprawidłowe",
        "şifremi unuttum",
        "şifrem çalışmıyor",
        "نسيت كلمة السر",
        "كلمة السر هي خطأ",
        "أريد تغيير كلمة المرور",
        "আমি পাসওয়ার্ড ভুলে গেছি",
        "میرا پاس ورڈ غلط ہے",
        "رمز عبورم را فراموش کردم",
        "waan ilaaway furaha sirta ah",
        "password-kaygu waa khaldan yahay",
        "anghofiais fy nghyfrinair",
    ],
)
def test_talk_about_passwords_stays(text: str):
    assert mask(text).text == text


@pytest.mark.parametrize(
    "text",
    [
        "area code 0207",
        "what is the area code for London, 0207?",
        "the code for London is 0207",
        "postcode W10 5BN",
        "my post code is 123456",
        "código postal 280134",
        "kod pocztowy 003901",
        "the code on the book is 0123456789",
        "the code on the book is 448210",
        "the barcode is 448210",
        "my booking code is 482716",
        "my code is 4D7X-39CW",
        "booking 4D7X-39CW",
        "I need a Wi-Fi voucher",
        "where do I get a Wi-Fi voucher code",
        "how long does the voucher code last, 2 hours?",
        "error code 448210",
        "tax code 1257L",
        "QR code 448210",
        "the Highway Code 2026",
        "the code came at 10:30 on 25/11/2026",
        "The Da Vinci Code",
    ],
)
def test_a_code_that_is_no_secret_stays(text: str):
    assert mask(text).text == text


def _isbn13(body: str) -> str:
    return body + str(-sum(int(d) * (3 if n % 2 else 1) for n, d in enumerate(body)) % 10)


DATES = st.dates(date(1930, 1, 1), date(2035, 12, 31))
TIMES = st.times().map(lambda each: time(each.hour, each.minute))
FIGURES = "0123456789"
DATE_FORMS = ("%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%d %m %Y", "%Y-%m-%d", "%d/%m/%y", "%d %B %Y")
# Each in the ways that people write it.
HARMLESS = {
    "ISBN": st.text(FIGURES, min_size=9, max_size=9).flatmap(lambda rest: st.sampled_from([_isbn13(f"97{lead}{rest}") for lead in "89"])),
    "library card": st.text(FIGURES, min_size=12, max_size=12).map(lambda rest: _completed("2" + rest)),
    "mobile": st.text(FIGURES, min_size=9, max_size=9).flatmap(
        lambda n: st.sampled_from([f"07{n}", f"07{n[:3]} {n[3:]}", f"07{n[:3]} {n[3:6]} {n[6:]}", f"+447{n}", f"+44 7{n[:3]} {n[3:]}", f"00447{n}"])
    ),
    "landline": st.text(FIGURES, min_size=8, max_size=8).flatmap(
        lambda n: st.sampled_from([f"020{n}", f"020 {n[:4]} {n[4:]}", f"(020) {n[:4]} {n[4:]}"])
    ),
    "email": st.from_regex(r"[a-z]{1,8}[._]?[a-z0-9]{1,10}@[a-z]{2,8}\.(com|org|co\.uk)", fullmatch=True, alphabet=st.characters(codec="ascii")),
    "reference": st.builds(lambda: shown(new_reference())),
    "postcode": st.from_regex(r"(W1[01]|SE15|E1|SW1V|B33|CF10) ?[0-9][ABD-HJLNP-UW-Z]{2}", fullmatch=True, alphabet=st.characters(codec="ascii")),
    "price": st.integers(0, 999999).flatmap(lambda p: st.sampled_from([f"£{p / 100:,.2f}", f"£{p}", f"{p % 100}p", f"{p / 100:.2f}"])),
    "date": DATES.flatmap(lambda d: st.sampled_from([d.strftime(form) for form in DATE_FORMS])),
    "time": TIMES.flatmap(lambda t: st.sampled_from([t.strftime(form) for form in ("%H:%M", "%H.%M", "%I.%M%p", "%I%p")])),
}  # fmt: skip
BEFORE = [
    "",
    "please ",
    "I forgot my password, ",
    "reset my PIN ",
    "my password is wrong. ",
    "olvidé mi contraseña, ",
    "renew my passport ",
    "NHS app help ",
]


@pytest.mark.parametrize("kind", HARMLESS)
@settings(deadline=None, max_examples=150)
@given(st.data())
def test_what_residents_need_to_say_is_never_masked(kind: str, data: st.DataObject):
    """Alone, in a row, and beside talk of passwords."""
    several = data.draw(st.lists(HARMLESS[kind], min_size=1, max_size=3))
    text = data.draw(st.sampled_from(BEFORE)) + data.draw(st.sampled_from([", ", " or ", " and ", "\n", "; "])).join(several)
    assert mask(text).text == text


def _may_hold_a_secret(text: str) -> bool:
    says_so = re.search(r"pass|pin|code|cvv|cvc|\bpw|account|licen", text, re.IGNORECASE)
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
@given(
    st.lists(
        st.sampled_from(
            [
                *PIECES,
                "password",
                "pin",
                "code",
                "passport",
                "contraseña",
                "كلمة السر",
                "4111 1111 1111 1111",
                "943 476 5919",
                "AB123456C",
                "20-45-12",
                "73849201",
                "four",
            ]
        )
    ).map(" ".join)
)
def test_masking_a_masked_text_changes_nothing(text: str):
    once = mask(text).text
    assert mask(once).text == once


# No text takes long


MOST_WAYS = 500
LONGEST_TEXT = 2000  # characters


def _ways(pattern: Any) -> int:
    """Return in how many ways at most a parsed pattern may be tried at one place. Fails where a repeat has no bound and may be cut short."""
    ways = 1
    for name, value in pattern:
        if name in (_constants.MAX_REPEAT, _constants.MIN_REPEAT):
            least, most, inner = value
            assert most < _constants.MAXREPEAT, "a bound"
            once = _ways(inner)
            ways *= sum(once**n for n in range(least, most + 1))
        elif name is _constants.POSSESSIVE_REPEAT:
            assert value[1] < _constants.MAXREPEAT or len(value[2]) == 1, "a bound, or one character that is never given back"
            assert _ways(value[2]) <= MOST_WAYS
        elif name is _constants.ATOMIC_GROUP:
            assert _ways(value) <= MOST_WAYS
        elif name is _constants.BRANCH:
            ways *= sum(_ways(branch) for branch in value[1])
        elif name is _constants.SUBPATTERN:
            ways *= _ways(value[-1])
        elif name in (_constants.ASSERT, _constants.ASSERT_NOT):
            assert _ways(value[1]) <= MOST_WAYS
    return ways


@pytest.mark.parametrize("screen", _SCREENS, ids=lambda screen: screen.kind.name)
def test_no_pattern_can_be_tried_in_many_ways_at_one_place(screen: Any):
    assert _ways(_parser.parse(screen.pattern.pattern, screen.pattern.flags)) <= MOST_WAYS


@pytest.mark.parametrize(
    "piece",
    [
        "4 ",
        "4",
        "4111111111111111-",
        "9434765919-",
        "password ",
        "my password is ",
        "code a a a a a a a a ",
        "pin one two ",
        "isbn ",
        "a@",
        "GB82WEST",
        "20-45-12 ",
        " ",
    ],
)
def test_a_hostile_text_comes_to_an_end_and_stays_masked(piece: str):
    once = mask((piece * LONGEST_TEXT)[:LONGEST_TEXT]).text
    assert mask(once).text == once
