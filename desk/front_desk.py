"""The desk's knowledge at hand (its service, articles and libraries), and the replies it makes of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from desk.clock import in_london, now, today
from desk.libraries import Library
from desk.library_enquiries import Hours, Nearest, WhichLibrary, read_enquiry
from desk.opening import OpeningDay, closing_time, is_open, next_open_day, on_day
from desk.postcodes import has_library_in
from desk.privacy import PersonalData
from desk.replies import MOST_CHOICES, Choice, Cited, Reply
from desk.safety import Alarm
from desk.service import Service
from desk.settings import settings
from desk.speech import spoken_date, spoken_day, spoken_spans, spoken_time
from kb.articles import Article
from kb.labels import load_labels
from kb.wording import DEFAULT, language_spoken, languages, say

# Offered when there is nothing better to go by: what residents of such desks ask most.
FIRST_CHOICES = ("wifi-connect", "digital-help", "find-a-library")


@dataclass(frozen=True)
class FrontDesk:
    """Everything a reply is made of. Replies say nothing that is not in the articles, the wording or the libraries."""

    service: Service
    articles: dict[str, Article]
    libraries: Sequence[Library]
    translations: Mapping[str, Mapping[str, Article]] = field(default_factory=dict)  # by language and slug

    # Small talk and safety

    def welcome(self) -> Reply:
        return Reply("smalltalk", "greet", say("welcome"), choices=self.choices(FIRST_CHOICES))

    def small_talk(self, label: str) -> Reply:
        """Return the fixed reply to a conversation label."""
        choices = self.choices(FIRST_CHOICES) if label in ("greet", "capabilities") else ()
        if label == "change_language":
            choices = tuple(Choice(say("language_name", code), label, code) for code in languages() if code != language_spoken())
        words = say(label, phone=self.service.phone, keep_days=settings().keep_days, privacy_contact=self.service.privacy_contact)
        return Reply("smalltalk", label, words, choices=choices)

    def language_changed(self) -> Reply:
        """Return the first words in the language that was chosen."""
        return Reply("smalltalk", "change_language", say("greet" if language_spoken() == DEFAULT else "change_language", phone=self.service.phone))

    def alarm(self, alarm: Alarm) -> Reply:
        if alarm is Alarm.CRISIS:
            return Reply("crisis", alarm.value, say(alarm.value, phone=self.service.phone), choices=self._to_a_person())
        return Reply("medical", alarm.value, say(alarm.value, phone=self.service.phone))

    def personal_data(self, found: Iterable[PersonalData] = ()) -> Reply:
        names = [say(f"personal_data_kinds.{kind.name}") for kind in sorted(found)] or [say("personal_data_kinds.UNKNOWN")]
        return Reply("personal_data", "personal_data", say("personal_data", found=f" {say('and')} ".join(names)))

    # Articles

    def article(self, slug: str) -> Reply:
        """Return the answer of an article: its summary, its steps, its sources and the day they were last checked."""
        article = self._in_language_spoken(slug)
        return Reply(
            "answer",
            slug,
            self._with_note(article, article.summary),
            topic=slug,
            steps=tuple(article.steps),
            sources=tuple(Cited(s.title, str(s.url), s.checked.isoformat()) for s in article.front.sources),
            checked=say("last_checked", day=spoken_date(article.last_checked)),
            more=f"/help/{slug}",
        )

    def _in_language_spoken(self, slug: str) -> Article:
        """Return the article in the language spoken, where it was translated, else in English."""
        return self.translations.get(language_spoken(), {}).get(slug) or self.articles[slug]

    def _with_note(self, article: Article, words: str) -> str:
        """Say before the words of an article that they are English only, or a translation that nobody has checked."""
        if language_spoken() == DEFAULT:
            return words
        if article is self.articles[article.slug]:
            return f"{say('english_only', phone=self.service.phone)}\n{words}"
        return f"{say('machine_drafted')}\n{words}" if article.awaits_review else words

    def facet(self, slug: str, facet: str) -> Reply:
        """Return one facet of a topic's answer; the whole answer where the article does not treat it apart."""
        article = self._in_language_spoken(slug)
        words = article.front.facets.get(facet)  # type: ignore[call-overload]  # any name may be asked for, few are there
        if words is None:
            return self.article(slug)
        whole = self.article(slug)
        return replace(whole, lead=self._with_note(article, words), steps=(), after=say("facet_of", title=article.title))

    def answer(self, slug: str, question: str, library_in_hand: str | None = None, alternatives: Sequence[str] = ()) -> Reply:
        """Return the answer to a question on a topic; about a certain library, from what we know of it.

        `alternatives` are labels that may have been meant instead: they stand below it as buttons.
        """
        found = (self.library(question, library_in_hand) if slug == "find-a-library" else None) or self.article(slug)
        offered = [label for label in alternatives if self.can_offer(label)]
        if not offered:
            return found
        return replace(found, after="\n".join(filter(None, [found.after, say("alternatives")])), choices=self.choices(offered))

    def begun_in_english(self, replies: Sequence[Reply]) -> list[Reply]:
        """Return the first replies of a task, with a word before them that it is held in English, where another language is spoken."""
        if language_spoken() == DEFAULT or not replies:
            return list(replies)
        first, *rest = replies
        return [replace(first, lead=f"{say('english_only', phone=self.service.phone)}\n{first.lead}"), *rest]

    def repeat(self, last: Reply | None) -> Reply:
        """Return the last reply once more."""
        if last is None:
            return Reply("smalltalk", "repeat", say("repeat_nothing"))
        return replace(last, label="repeat", lead=f"{say('repeat_again')}\n{last.lead}")

    def other_answers(self, topic: str | None, runners_up: Sequence[str], times: int) -> Reply:
        """Return other topics for an answer that did not help; from the second time in a row, the way to a person."""
        if times > 1:
            words = say("not_helpful_again", phone=self.service.phone, promise=self.promise())
            return Reply("fallback", "not_helpful", words, choices=self._to_a_person())
        related = self.articles[topic].front.related if topic in self.articles else FIRST_CHOICES
        offers = dict.fromkeys(label for label in (*runners_up, *related) if self.can_offer(label) and label != topic)
        return Reply("choice", "not_helpful", say("not_helpful", phone=self.service.phone), choices=self.choices(offers))

    # Not knowing

    def not_certain(self, offers: Sequence[str], label: str) -> Reply:
        """Return choices where some are worth offering, else the truth that the desk does not know."""
        offered = [offer for offer in offers if self.can_offer(offer)]
        if offered:
            return self.did_you_mean(offered)
        return self.out_of_scope() if label == "out_of_scope" else self.fallback()

    def did_you_mean(self, labels: Sequence[str]) -> Reply:
        """Return the offer of two or three choices, the likeliest first."""
        topic = labels[0] if labels[0] in self.articles else None
        none = Choice(say("none_of_these"), "not_helpful")
        return Reply("choice", labels[0], say("did_you_mean"), topic=topic, choices=(*self.choices(labels), none))

    def fallback(self, labels: Sequence[str] = ()) -> Reply:
        """Return the honest "I do not know", with ways on."""
        words = say("fallback", phone=self.service.phone, promise=self.promise())
        return Reply("fallback", "out_of_scope", words, choices=(*self.choices(labels or FIRST_CHOICES), *self._to_a_person()))

    def out_of_scope(self) -> Reply:
        words = say("out_of_scope", phone=self.service.phone, promise=self.promise())
        return Reply("fallback", "out_of_scope", words, choices=self._to_a_person())

    def person_offered(self, failed: Reply) -> Reply:
        """Return the second failed answer in a row: first of all the way to a person."""
        return replace(failed, lead=f"{say('handover.twice')}\n{failed.lead}", choices=self._to_a_person())

    def _to_a_person(self) -> tuple[Choice, ...]:
        return self.choices(["talk_to_staff"])

    def not_built(self, action: str) -> Reply:
        """Return the truth about an action that the desk cannot do while the assistant is away, and who can."""
        instead = say("not_built_instead", phone=self.service.phone, promise=self.promise())
        return Reply("fallback", action, f"{say(f'not_built.{action}')} {instead}")

    def choices(self, labels: Iterable[str]) -> tuple[Choice, ...]:
        return tuple(Choice(self.title(label), label) for label in labels)[:MOST_CHOICES]

    def title(self, label: str) -> str:
        """Return the words on the button of a label."""
        if label not in self.articles:
            return say(f"choice_titles.{label}")
        return self.articles[label].title if language_spoken() == DEFAULT else self._translated_title(label)

    def title_of_any(self, label: str) -> str:
        """Return the words for any label, for staff: of one that has no button, the label itself, readable."""
        try:
            return self.title(label)
        except KeyError:
            return label.replace("_", " ").replace("-", " ").capitalize()

    def _translated_title(self, slug: str) -> str:
        try:
            return say(f"article_titles.{slug}")
        except KeyError:
            return self.articles[slug].title

    def can_offer(self, label: str) -> bool:
        """Whether a label makes sense as a button."""
        return label in self.articles or label in load_labels().actions or label in ("capabilities", "privacy", "change_language")

    # While the assistant is away

    def stand_in_answer(self, slug: str, question: str, state: str) -> Reply:
        """Return an answer that the knowledge base search found, and say so."""
        found = self.answer(slug, question)
        return replace(found, after="\n".join(filter(None, [found.after, self._away("search_answer", state)])))

    def stand_in_choices(self, labels: Sequence[str], state: str) -> Reply:
        """Return what the knowledge base search found as choices, or that it found nothing."""
        if not labels:
            return self.stand_in_nothing(state)
        return Reply("choice", labels[0], self._away("search_found", state), choices=(*self.choices(labels), *self._to_a_person()))

    def stand_in_nothing(self, state: str) -> Reply:
        return Reply("fallback", "out_of_scope", self._away("search_found_nothing", state), choices=self._to_a_person())

    def _away(self, key: str, state: str) -> str:
        return say(key, state=say(f"state_{state}"), phone=self.service.phone, promise=self.promise())

    # Libraries

    def library(self, question: str, library_in_hand: str | None = None) -> Reply | None:
        """Return the hours or the nearest library that a question asks for; None where it names neither library, postcode nor day.

        A question that names a day only is taken to be about the library in hand.
        """
        match read_enquiry(question, self.libraries, today(), library_in_hand):
            case Hours(library=library, day=None):
                return self._about_library(library, self._week(library))
            case Hours(library=library, day=day) if day is not None:
                return self._about_library(library, self._hours(library, day))
            case Nearest(district=district, libraries=libraries):
                return self._nearest(district, libraries)
            case WhichLibrary():
                return Reply("answer", "find-a-library", say("which_library"), topic="find-a-library", more="/libraries")
            case _:
                return None

    def _about_library(self, library: Library, words: str) -> Reply:
        place = say("library_place", address=library.address, postcode=library.postcode, phone=library.phone or self.service.phone)
        note = say("sample_hours", phone=library.phone or self.service.phone) if self.service.libraries.sample else ""
        return Reply("answer", "find-a-library", f"{words}\n{place}", topic="find-a-library", after=note, more="/libraries")

    def _week(self, library: Library) -> str:
        days = (date.fromordinal(today().toordinal() + n) for n in range(7))
        lines = []
        for opening in sorted((on_day(library.week, day) for day in days), key=lambda o: o.day):
            spans = spoken_spans(opening.spans) or say("hours_week_closed") + (f" ({opening.holiday})" if opening.holiday else "")
            lines.append(f"{spoken_day(opening.day)}: {spans}")
        return "\n".join([say("hours_week", library=library.name), *lines])

    def _hours(self, library: Library, day: date) -> str:
        opening = on_day(library.week, day)
        if opening.is_open:
            words = [say("hours_open", library=library.name, spans=spoken_spans(opening.spans), day=_day(day))]
            if day == today():
                words.append(_right_now(library, opening))
            return " ".join(words)
        key = "hours_holiday" if opening.holiday else "hours_closed"
        words = [say(key, library=library.name, day=_day(day), holiday=opening.holiday)]
        following = next_open_day(library.week, day)
        if following:
            words.append(say("hours_next", day=spoken_day(following.day), spans=spoken_spans(following.spans)))
        return " ".join(words)

    def _nearest(self, district: str, libraries: Sequence[Library]) -> Reply:
        if not libraries:
            return Reply("answer", "find-a-library", say("nearest_nothing", district=district), topic="find-a-library", more="/libraries")
        key = "nearest_inside" if has_library_in(district, libraries) else "nearest_area"
        lines = []
        for library in libraries:
            place = say("library_place", address=library.address, postcode=library.postcode, phone=library.phone or self.service.phone)
            lines.append(f"- {self._hours(library, today())} {place}")
        note = say("sample_hours", phone=self.service.phone) if self.service.libraries.sample else ""
        words = "\n".join([say(key, district=district), *lines])
        return Reply("answer", "find-a-library", words, topic="find-a-library", after=note, more="/libraries")

    # When a person can be reached

    def promise(self) -> str:
        """Return until when, or from when, somebody answers the telephone, by the telephone hours in service.yml."""
        week, local = self.service.phone_week, in_london(now())
        if is_open(week, now()):
            return say("promise_open", closes=spoken_time(closing_time(on_day(week, local.date()), local.time())))
        opening = on_day(week, local.date())
        later = [opens for opens, _ in opening.spans if opens > local.time()]
        if not later:
            following = next_open_day(week, local.date())
            if following is None:
                return ""
            opening, later = following, [following.spans[0][0]]
        return say("promise_later", opens=spoken_time(later[0]), day=_day(opening.day))

    def hours_today(self) -> str:
        """Return the hours of today in which somebody answers the telephone."""
        opening = on_day(self.service.phone_week, today())
        return say("hours_today", spans=spoken_spans(opening.spans)) if opening.is_open else say("hours_closed_today")


def _day(day: date) -> str:
    """Return "on Thursday 26 November", or "today (Wednesday 25 November)"."""
    return say("day_today" if day == today() else "day_other", day=spoken_day(day))


def _right_now(library: Library, opening: OpeningDay) -> str:
    if is_open(library.week, now()):
        return say("hours_open_now", closes=spoken_time(closing_time(opening, in_london(now()).time())))
    return say("hours_closed_now")
