"""Putting somebody forward in conversation: who it is for, with whose consent, what would help; and nothing is stored before the last yes."""

from typing import Any

import pytest
from sqlalchemy import select

from desk.conversations import accept
from desk.conversations import answer as conversation_answer
from desk.database import Database
from desk.references import shown
from desk.staff_tables import ReferralRow, StepRow
from desk.tables import AuditRow
from desk.tasks.attending import attend
from desk.tasks.task import Heard
from tests.desk.tasks.chat import Chat

NEIGHBOUR = "my neighbour is housebound, can someone bring her books"
TABLET = "my mum needs a tablet"


def refer(chat: Chat, text: str) -> Any:
    return chat.say(text, "refer_someone")


def referrals(database: Database, chat: Chat) -> list[ReferralRow]:
    with database.reading() as session:
        return list(session.scalars(select(ReferralRow).filter_by(conversation_id=chat.id)))


@pytest.fixture
def read_back(chat: Chat) -> Chat:
    refer(chat, TABLET)
    assert chat.several("yes", "Rose Bell", "Dan Hill", "07700 900123", "Pimlico", "no").asks == ("confirm", "consent")
    return chat


def the_referral(chat: Chat) -> ReferralRow:
    [row] = referrals(chat.database, chat)
    return row


def test_books_for_a_neighbour_who_is_housebound(chat: Chat, desk_database: Database):
    assert refer(chat, NEIGHBOUR).asks == ("consent",)
    assert "your neighbour" in chat.reply.lead
    assert chat.say("yes she said it's fine").asks == ("name",)
    assert chat.say("Peggy Larkin").asks == ("name",)
    assert "your own name" in chat.reply.lead
    assert chat.say("Dan Hill").asks == ("contact",)
    assert chat.say("020 7946 0310").asks == ("library",)
    assert chat.say("SW1V 3AT").asks == ("message", "access_needs")
    lead = chat.say("she likes novels in Polish").lead
    for part in (
        "Library visits at home",
        "Peggy Larkin (neighbour)",
        "Dan Hill",
        "020 7946 0310",
        "SW1V 3AT",
        "Cannot leave home",
        "novels in Polish",
    ):
        assert part in lead
    assert not referrals(desk_database, chat)
    done = chat.say("yes")
    row = the_referral(chat)
    assert (done.kind, done.reference, chat.state) == ("referred", shown(row.reference), None)
    assert (row.kind, row.for_other, row.eligibility, row.state, row.source) == ("home-library-service", True, "housebound", "new", "chat")
    assert (row.name, row.contact_name, row.relation, row.phone) == ("Peggy Larkin", "Dan Hill", "neighbour", "+442079460310")
    assert (row.library, row.postcode, row.about) == ("pimlico-library", "SW1V 3AT", "she likes novels in Polish")
    assert row.consent_at is not None
    with desk_database.reading() as session:
        assert [step.state for step in session.query(StepRow)] == ["new"]
        assert "Peggy" not in str([(audit.old, audit.new) for audit in session.query(AuditRow)])


def test_a_tablet_for_mum_asks_no_reason(read_back: Chat):
    read_back.say("yes")
    row = the_referral(read_back)
    assert (row.kind, row.relation, row.eligibility, row.about) == ("device", "mum", "", "")


def test_for_oneself_nobody_elses_consent_is_asked(chat: Chat):
    assert refer(chat, "I need a SIM card with data, I can't afford the internet").asks == ("name",)
    assert chat.several("Jo Smith", "jo@example.org", "I don't know", "nothing").asks == ("confirm", "consent")
    assert "you agree that we keep this" in chat.reply.lead
    chat.say("yes")
    row = the_referral(chat)
    assert (row.kind, row.for_other, row.contact_name, row.library) == ("data", False, "", "")


def test_everything_is_asked_that_is_not_said_one_question_at_a_time(chat: Chat):
    asked = [refer(chat, "make a referral").asks]
    for press in ("Library visits", "somebody else"):
        asked.append(chat.press(press).asks)
    asked += [chat.say("a client").asks, chat.press("they agree").asks, chat.press("for a while").asks]
    assert asked == [("topic",), ("relationship",), ("relationship",), ("consent",), ("access_needs",), ("name",)]


def test_nothing_given_already_is_asked_again(chat: Chat):
    reply = refer(
        chat,
        "I'd like to refer a client for a laptop, she has agreed, her name is Amina Yusuf, she lives in SW1V 3AT, you can ring her on 07700 900321",
    )
    assert reply.asks == ("name",)
    assert chat.several("Ben Cole").asks == ("message", "access_needs")
    chat.several("no", "yes")
    row = the_referral(chat)
    assert (row.name, row.phone, row.postcode, row.relation, row.contact_name) == ("Amina Yusuf", "+447700900321", "SW1V 3AT", "client", "Ben Cole")
    assert "I'd like to refer a client" in row.about


@pytest.mark.parametrize("answer", ["no", "not yet", "I haven't asked her", "she doesn't know", "don't know", "she said no"])
def test_without_their_consent_nothing_is_stored(chat: Chat, desk_database: Database, answer: str):
    refer(chat, "my mum Rose Bell needs a tablet")
    reply = chat.say(answer)
    assert reply.kind == "smalltalk"
    assert "nothing is stored" in reply.lead
    assert chat.state is None
    assert not referrals(desk_database, chat)
    with desk_database.reading() as session:
        assert "Rose" not in str([(row.old, row.new) for row in session.query(AuditRow)])


def test_a_first_message_that_says_they_do_not_agree_ends_it_kindly(chat: Chat):
    assert "Please ask them first" in refer(chat, "can you send my dad a tablet, he doesn't know I'm asking").lead


def test_who_acts_for_somebody_may_say_yes_for_them(chat: Chat):
    refer(chat, NEIGHBOUR)
    assert chat.say("I have power of attorney for her").asks == ("name",)


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("my mum needs a laptop", "device"),
        ("can my nan have one of those free sims", "data"),
        ("could someone teach my dad to use his phone", "skills"),
        ("my gran can't get out, she loves large print books", "home-library-service"),
        ("please put my uncle on the home library list", "home-library-service"),
        ("my client needs one-to-one help with his computer", "skills"),
        ("a resident of mine has no internet", "data"),
    ],
)
def test_the_kind_is_taken_from_the_first_message(chat: Chat, said: str, kind: str):
    refer(chat, said)
    assert chat.state is not None
    assert chat.state["case"]["kind"] == kind


@pytest.mark.parametrize(
    ("answer", "eligibility"),
    [
        ("he can't get down the stairs", "housebound"),
        ("he is getting over an operation", "temporary"),
        ("he's my mum's carer and can't leave her", "carer"),
        ("he gets very anxious outside", "other"),
        ("rather not say", "other"),
    ],
)
def test_why_somebody_cannot_come_is_taken_kindly(chat: Chat, answer: str, eligibility: str):
    refer(chat, "can my neighbour have books brought, he has agreed")
    assert chat.reply.asks == ("access_needs",)
    chat.several(answer, "Mr Ali", "Dan Hill", "ring me", "07700 900123", "Pimlico", "no", "yes")
    row = the_referral(chat)
    assert row.eligibility == eligibility
    assert answer in row.about


def test_i_am_her_carer_is_no_reason_of_hers(chat: Chat):
    refer(chat, "can my neighbour have books brought, she has agreed")
    reply = chat.say("I'm her carer")
    assert reply.asks == ("access_needs",)
    assert "what makes it hard for them" in reply.lead


def test_ring_through_me(chat: Chat):
    refer(chat, TABLET)
    reply = chat.several("yes", "Rose Bell", "Dan Hill", "ring me")
    assert reply.asks == ("contact",)
    assert "your own phone number" in reply.lead
    assert "through you" in chat.several("07700 900123", "Pimlico", "no", "yes").lead
    row = the_referral(chat)
    assert row.phone == "+447700900123"
    assert "through Dan Hill" in row.about


def test_who_has_no_contact_of_their_own_is_reached_through_who_asks(chat: Chat):
    refer(chat, TABLET)
    assert "your own phone number" in chat.several("yes", "Rose Bell", "Dan Hill", "she has neither").lead


def test_nobody_is_told_that_staff_ring_whom_they_cannot_reach(chat: Chat):
    refer(chat, "I need a laptop")
    assert "ask at any library" in chat.several("Ade", "neither", "any", "no", "yes").lead
    assert (the_referral(chat).phone, the_referral(chat).email) == ("", "")


def test_a_contact_that_is_wrong_is_named_kindly_and_a_slip_is_asked_about(chat: Chat):
    refer(chat, "I need a laptop")
    assert "one figure short" in chat.several("Ade", "07700 90012").lead
    assert "Did you mean ade@gmail.com" in chat.say("ade@gmial.com").lead
    chat.several("yes", "any", "no", "yes")
    assert the_referral(chat).email == "ade@gmail.com"


def test_the_line_on_keeping_comes_before_the_first_name_and_at_the_read_back(chat: Chat):
    refer(chat, "I need a laptop")
    assert "90 days" in chat.reply.lead
    assert "90 days" not in chat.say("Ade").lead
    assert "90 days" in chat.several("07700 900123", "any", "no").lead


# Put right


@pytest.mark.parametrize(
    ("correction", "column", "value"),
    [
        ("no, it's spelt Rosé", "name", "Rosé Bell"),
        ("no, her number is 07700 900999", "phone", "+447700900999"),
        ("use rose@example.org instead", "email", "rose@example.org"),
        ("no, her name is Rosa Bell", "name", "Rosa Bell"),
        ("Chelsea library is nearer", "library", "chelsea-library"),
        ("sorry, it's a SIM that she needs", "kind", "data"),
        ("she is hard of hearing", "needs", "she is hard of hearing"),
    ],
)
def test_a_correction_changes_just_that(read_back: Chat, correction: str, column: str, value: str):
    assert read_back.say(correction).asks == ("confirm", "consent")
    read_back.say("yes")
    row = the_referral(read_back)
    assert getattr(row, column) == value
    assert row.contact_name == "Dan Hill"


def test_another_kind_that_needs_a_reason_asks_for_it(read_back: Chat):
    assert read_back.say("no, she wants books brought to her instead").asks == ("access_needs",)


def test_another_person_is_asked_for_anew(read_back: Chat):
    assert read_back.say("no sorry, it's for my dad").asks == ("consent",)
    assert read_back.say("yes he agrees").asks == ("name",)


@pytest.mark.parametrize("part", ["help that is wanted", "A name", "phone number", "library or postcode", "What staff should know"])
def test_a_bare_no_asks_what_to_change(read_back: Chat, part: str):
    assert read_back.say("no", "deny").asks == ("confirm",)
    assert read_back.press(part).asks != ("confirm",)


def test_consent_taken_back_at_the_read_back_ends_it(read_back: Chat, desk_database: Database):
    assert "nothing is stored" in read_back.say("wait, she hasn't agreed to this").lead
    assert not referrals(desk_database, read_back)


def test_hmm_is_not_yes(read_back: Chat, desk_database: Database):
    assert read_back.say("hmm").asks == ("confirm", "consent")
    assert not referrals(desk_database, read_back)


@pytest.mark.parametrize("words", ["stop", "forget it", "never mind"])
def test_stop_ends_it_and_keeps_nothing(read_back: Chat, desk_database: Database, words: str):
    assert read_back.say(words, "stop").label == "stop"
    assert read_back.state is None
    assert not referrals(desk_database, read_back)


# Questions in the middle


@pytest.mark.parametrize(
    ("question", "label", "words"),
    [
        ("is it free?", "home-library-service", "free"),
        ("why do you need that?", "out_of_scope", "how to get in touch"),
        ("what do you do with her number?", "privacy", "not sold"),
        ("is Pimlico open on Saturday?", "find-a-library", "Saturday"),
    ],
)
def test_a_question_in_the_middle_is_answered_and_the_pending_one_asked_again(chat: Chat, question: str, label: str, words: str):
    refer(chat, NEIGHBOUR)
    asks = chat.several("yes", "Peggy Larkin", "Dan Hill").asks
    assert chat.say(question, label).asks == asks
    assert words in "\n".join(reply.text for reply in chat.replies or ())


def test_what_sounds_like_a_question_on_devices_may_be_the_answer(chat: Chat):
    assert refer(chat, "refer my mum").asks == ("topic",)
    assert chat.say("can she have a tablet?", "device-bank").asks == ("consent",)


def test_another_task_is_asked_about(chat: Chat):
    refer(chat, NEIGHBOUR)
    chat.say("yes")
    assert "putting somebody forward" in chat.say("I want to cancel my booking for the scams class please", "cancel_booking").lead
    assert chat.press("No, carry on").asks == ("name",)


def test_a_person_can_be_asked_for_at_any_question(chat: Chat):
    refer(chat, "I need a laptop")
    chat.several("Ade", "07700 900123", "any")
    assert chat.say("I want to talk to a person", "talk_to_staff").label == "talk_to_staff"


@pytest.mark.parametrize(("asked", "answer"), [("about", "please ring her after two"), ("contact", "it would be better if you ring me")])
def test_to_be_rung_is_no_wish_for_a_person_now(chat: Chat, asked: str, answer: str):
    refer(chat, TABLET)
    chat.several("yes", "Rose Bell", "Dan Hill")
    if asked == "about":
        chat.several("07700 900123", "any")
    assert chat.say(answer, "talk_to_staff").label == "refer_someone"


def test_what_was_typed_before_the_button_is_not_asked_again(chat: Chat, desk_database: Database):
    with desk_database.writing() as session:
        message = accept(session, chat.id, "1", TABLET).message
        chat.seq = message.seq
    with desk_database.writing() as session:
        conversation_answer(session, message, [chat.desk.did_you_mean(["borrow-a-device", "refer_someone"])])
    reply = chat.hear(Heard("", "refer_someone", 1.0, intent="refer_someone"))
    assert reply is not None
    assert reply.asks == ("consent",)
    assert "your mum" in reply.lead


# Once


def test_a_last_yes_heard_twice_makes_one_referral(read_back: Chat, desk_database: Database):
    yes = Heard("yes", "affirm", 0.9, intent="affirm")
    first = attend(desk_database, read_back.desk, read_back.sender, "99", yes)
    assert first == attend(desk_database, read_back.desk, read_back.sender, "99", yes)
    assert len(referrals(desk_database, read_back)) == 1


def test_two_referrals_in_one_chat(read_back: Chat, desk_database: Database):
    read_back.say("yes")
    refer(read_back, "I need a laptop too, I'm Dan Hill, 07700 900123")
    read_back.several("any", "no", "yes")
    assert [row.name for row in referrals(desk_database, read_back)] == ["Rose Bell", "Dan Hill"]


def test_several_people_are_taken_one_at_a_time(chat: Chat):
    assert "one person at a time" in refer(chat, "I have three clients to refer for laptops").lead


@pytest.mark.parametrize("name", ["李小龍", "Mary O'Brien-Khan", "<b>Bob</b>", "{x} %s", "Monday Okafor"])
def test_names_of_every_kind_are_kept_exactly(chat: Chat, name: str):
    refer(chat, "I need a laptop")
    chat.several(name, "07700 900123", "any", "no", "yes")
    assert the_referral(chat).name == name


def test_an_erased_chat_leaves_the_referral(read_back: Chat, desk_database: Database):
    read_back.say("yes")
    read_back.erase()
    with desk_database.reading() as session:
        assert session.scalars(select(ReferralRow.conversation_id)).all() == [None]
