"""The page of unanswered questions: in groups, each with its topics; judged, put back, and shown as text."""

import html
import re

import numpy as np
import pytest
from sqlalchemy import delete, select
from starlette.testclient import TestClient

from desk import at_hand, conversations
from desk.clock import now
from desk.question_groups import Vectors
from desk.staff_tables import UnansweredRow
from kb.labels import load_labels
from tests.web.staff.conftest import SignedInAs, token_of, words
from web.staff import unanswered_pages

SUBJECTS = ("sew", "print", "bicycle")


@pytest.fixture(autouse=True)
def _questions(desk_client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two questions on printing, one on sewing, and an encoder that knows just those."""

    def vector_of(text: str, language: str) -> Vectors:
        return np.array([float(subject in text) for subject in SUBJECTS], np.float32)

    monkeypatch.setattr(unanswered_pages, "_vector_of", vector_of)
    with at_hand.database().writing() as session:
        session.execute(delete(UnansweredRow))
    for text in ("can I sew here", "print on both sides please", "double sided print"):
        add(text)


def add(text: str, **more: str) -> int:
    with at_hand.database().writing() as session:
        chat = conversations.start(session, [], language="en", page="/", keep_days=30).conversation.id
        row = UnansweredRow(conversation_id=chat, seq=1, at=now(), text=text, **({"reason": "fell back"} | more))
        session.add(row)
        session.flush()
        return row.id


def states() -> dict[str, tuple[str, str]]:
    with at_hand.database().reading() as session:
        return {row.text: (row.state, row.topic) for row in session.scalars(select(UnansweredRow))}


def ids(*texts: str) -> list[str]:
    with at_hand.database().reading() as session:
        return [str(number) for number in session.scalars(select(UnansweredRow.id).where(UnansweredRow.text.in_(texts)))]


def judge(client: TestClient, verdict: str, texts: tuple[str, ...], topic: str = "") -> str:
    form = {"token": token_of(client), "ids": ids(*texts), "verdict": verdict, "topic": topic}
    return client.post("/staff/unanswered", data=form).text


def test_the_largest_group_comes_first_with_all_its_texts(signed_in_as: SignedInAs) -> None:
    page = signed_in_as("staff").get("/staff/unanswered").text
    assert "3 questions in 2 groups" in words(page)
    first, second = re.findall(r'<section class="card".*?</section>', page, re.DOTALL)
    assert "print on both sides please" in words(first)
    assert "double sided print" in words(first)
    assert "can I sew here" in words(second)


def test_every_topic_can_be_chosen_and_the_likeliest_stands_first(signed_in_as: SignedInAs) -> None:
    page = signed_in_as("staff").get("/staff/unanswered").text
    [select_of_first, _] = re.findall(r'<select id="topic-.*?</select>', page, re.DOTALL)
    offered = re.findall(r'<option value="([^"]*)"', select_of_first)
    assert offered[0] == "print-scan-copy"
    assert sorted(offered) == sorted({*load_labels().articles, *load_labels().actions, "crisis", "medical_advice"})


def test_a_group_gets_a_topic_and_it_can_be_undone(signed_in_as: SignedInAs) -> None:
    client = signed_in_as("staff")
    both = ("print on both sides please", "double sided print")
    page = judge(client, "topic", both, "print-scan-copy")
    assert "2 questions judged. Undo" in words(page)
    assert [states()[text] for text in both] == [("topic", "print-scan-copy")] * 2
    [undo] = re.findall(r'role="status">(.*?)</div>', page, re.DOTALL)
    numbers = re.findall(r'name="ids" value="(\d+)"', undo)
    page = client.post("/staff/unanswered/back", data={"token": token_of(client), "ids": numbers}).text
    assert "2 questions put back." in words(page)
    assert [states()[text] for text in both] == [("new", "")] * 2


@pytest.mark.parametrize("verdict", ["new topic", "not for us"])
def test_one_of_a_group_can_be_judged_alone_and_the_topic_shown_does_not_matter_then(signed_in_as: SignedInAs, verdict: str) -> None:
    page = judge(signed_in_as("staff"), verdict, ("double sided print",), "wifi-connect")
    assert "1 question judged." in words(page)
    assert states()["double sided print"] == (verdict, "")
    assert states()["print on both sides please"] == ("new", "")


@pytest.mark.parametrize(
    ("texts", "verdict", "topic", "sentence"),
    [
        ((), "topic", "wifi-connect", "Tick at least one question."),
        (("can I sew here",), "topic", "", "Choose a topic from the list."),
        (("can I sew here",), "topic", "no-such", "Choose a topic from the list."),
        (("can I sew here",), "taught", "", "Choose a topic from the list."),
    ],
)
def test_what_is_missing_is_said(signed_in_as: SignedInAs, texts: tuple[str, ...], verdict: str, topic: str, sentence: str) -> None:
    page = judge(signed_in_as("staff"), verdict, texts, topic)
    assert sentence in words(page)
    assert "<title>Problem: " in page
    assert set(states().values()) == {("new", "")}


def test_two_of_the_staff_judge_the_same_question(signed_in_as: SignedInAs) -> None:
    first, second = signed_in_as("staff"), signed_in_as("manager")
    judge(first, "not for us", ("can I sew here",))
    assert "Somebody else has judged these questions already" in words(judge(second, "topic", ("can I sew here",), "digital-help"))
    assert states()["can I sew here"] == ("not for us", "")


def test_what_is_taught_cannot_be_put_back(signed_in_as: SignedInAs) -> None:
    client, taught = signed_in_as("staff"), add("can I knit", state="taught", topic="adult-courses")
    answer = client.post("/staff/unanswered/back", data={"token": token_of(client), "ids": [str(taught)]})
    assert answer.status_code == 409
    assert states()["can I knit"] == ("taught", "adult-courses")


@pytest.mark.parametrize("path", ["", "/back"])
def test_a_number_that_no_table_holds_breaks_nothing(signed_in_as: SignedInAs, path: str) -> None:
    client = signed_in_as("staff")
    form = {"token": token_of(client), "ids": [str(2**70)], "verdict": "not for us"}
    assert client.post(f"/staff/unanswered{path}", data=form).status_code == 422


def test_what_residents_typed_is_shown_as_text(signed_in_as: SignedInAs) -> None:
    hostile = "<script>alert(1)</script>\"'>{{ 7 * 7 }}<img src=x onerror=alert(1)> sew"
    add(hostile)
    judge(signed_in_as("staff"), "not for us", ("can I sew here",))
    page = signed_in_as("staff").get("/staff/unanswered").text
    assert "<script>alert" not in page
    assert "<img" not in page
    assert hostile in html.unescape(page)


def test_nothing_to_look_at(signed_in_as: SignedInAs) -> None:
    with at_hand.database().writing() as session:
        session.execute(delete(UnansweredRow))
    assert "There are none to look at." in words(signed_in_as("staff").get("/staff/unanswered").text)


@pytest.mark.parametrize("query", ["judged=1,2,x", "judged=" + "1," * 4000, "judged=" + "1" * 5000, "back=x"])
def test_a_made_up_address_breaks_nothing(signed_in_as: SignedInAs, query: str) -> None:
    assert signed_in_as("staff").get(f"/staff/unanswered?{query}").status_code in (400, 404, 422)
