"""What a message says beside its label: yes or no, which one, for whom, at which library, about what. Small careful rules, one each."""

import re
from collections.abc import Sequence

from desk.libraries import Library
from desk.library_names import names_in
from desk.postcodes import district_in
from desk.tasks.task import Heard

_YES = re.compile(
    r"^\W*(?:oh )?(?:yes|yeah|yep|yup|yea|ya|aye|ok|okay|sure|fine|correct|right|perfect|lovely|great|good|certainly|of course|go ahead|go on|"
    r"please do|do it|book it|confirm(?:ed)?|all (?:good|right|correct)|alright|that['’]?s? (?:is |are )?(?:right|fine|correct|it|ok|okay|good|"
    r"perfect|great|the one)|thats (?:right|fine|correct|it|ok|good)|sounds good|looks? (?:good|right)|please|thank(?:s| you)|y)\b",
    re.IGNORECASE,
)
_NO = re.compile(
    r"^\W*(?:no|nope|nah|not (?:right|correct|quite|really|yet)|that['’]?s (?:wrong|not)|thats wrong|wrong|incorrect|n)\b", re.IGNORECASE
)
_PLAIN_NO = re.compile(
    r"^\W*(?:no|nope|nah|no,? (?:thanks|thank you|sorry|that['’]?s wrong|not right)|that['’]?s (?:wrong|not right)|wrong|incorrect|"
    r"not right|n)\W*$",
    re.IGNORECASE,
)
_STOP = re.compile(
    r"^\W*(?:ok(?:ay)?,? |no,? |oh,? |actually,? |please |just )*(?:stop(?: it| this| please| now)?|forget (?:it|that|about it|"
    r"the whole thing)|never ?mind(?: then)?|"
    r"cancel(?: it| this| that)?|leave it(?: there)?|quit|exit|start (?:over|again)|i['’]?ve changed my mind|changed my mind|"
    r"i (?:don['’]?t|do not) want (?:to (?:book|carry on|do this|go on)|it|this|a place|one)(?: any ?more)?|give up|not now|leave it for now)"
    r"(?:,? (?:please|thanks|thank you|then|now|sorry))*\W*$",
    re.IGNORECASE,
)
_QUESTION = re.compile(
    r"^\W*(?:(?:and|but|so|ok|oh|also|sorry|before that|first|hang on|wait),? )*(?:is|are|am|do|does|did|can|could|what|what'?s|whats|"
    r"what’s|how|how'?s|"
    r"where|where'?s|when|when'?s|why|who|who'?s|which|will|would|should|have you|has|any chance|tell me)\b",
    re.IGNORECASE,
)
_ORDINALS = ("first|1st|one|number one", "second|2nd|two|number two", "third|3rd|three|number three", "fourth|4th", "fifth|5th", "sixth|6th")
_ASKS_TO_BOOK = re.compile(
    r"^\W*(?:(?:hi|hello|hiya|please|ok|hey|yes),? )*(?:i(?:['’]?d like| would like| want| need| wanna)(?: to)? (?:book|reserve)|"
    r"(?:can|could|may) (?:i|you|we) (?:please )?(?:book|reserve|sign me up|put me down)|(?:book|reserve) (?:me|my|a place|a session|an?)|"
    r"sign me up|put me down)\b",
    re.IGNORECASE,
)
_BOOKS_SOMETHING_ELSE = re.compile(
    r"\b(?:book|reserve) (?:me )?(?:an? |the |some |my )?(?:\w+ )?(?:computers?|pcs?|rooms?|space|meeting|"
    r"doctors?|gp|taxi|cab|tickets?|flights?|trains?|hotel|table|"
    r"holiday|appointment|tests?|vaccin\w+|jab|books?|dvds?|laptops?|device|printer)\b(?! (?:session|help|class|lesson|course))",
    re.IGNORECASE,
)
_GROUP = re.compile(
    r"\b(?:a )?(?:group|class|party|team|coach ?load)(?: booking)? of\b|\bgroup booking\b|\bour (?:group|whole|school|charity|club)\b|"
    r"\b(?:for|us|bring(?:ing)?|places for|with) (?:about |around )?(?P<n>\d{1,3}|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty)"
    r"(?: of us| people| persons?| pupils| students| children| kids| residents| adults| ladies| members)\b|\b(?P<m>\d{1,2}|three|four|five|"
    r"six) of us\b",
    re.IGNORECASE,
)
_PICKING = (
    r"^(?:(?:yes|ok|okay|i ll have|ill have|i ll take|i want|i d like|can i have|could i have|give me|book|option|number|no|the|choose|take|"
    r"please) )*"
)
_PICKED = r"(?: (?:one|option|session|of (?:those|these|them)|please|thanks|thank you|is fine|would be good|sounds good))*"
_PAIR = re.compile(
    r"\b(?:me|myself) and (?:my|a) \w+|\bmy \w+ and (?:me|i)\b|\bboth of us\b|\b(?:two|2|a couple of) (?:places|people|of us|seats|"
    r"spaces)\b|\bthe two of us\b",
    re.IGNORECASE,
)
_NO_NAME = re.compile(
    r"\b(?:no name|anonymous|(?:rather|prefer) not|don['’]?t want to (?:say|give|tell)|not (?:saying|telling|giving)|"
    r"none of your)\b",
    re.IGNORECASE,
)
RELATIONS = (
    "mum mom mother dad father nan nana nanna gran granny grandma grandmother grandad granddad grandfather husband wife partner son daughter "
    "boy girl child kid grandson granddaughter grandchild brother sister aunt auntie uncle cousin nephew niece friend neighbour neighbor client "
    "patient carer tenant colleague mother-in-law father-in-law stepson stepdaughter"
).split()
_CHILDREN = frozenset("son daughter boy girl child kid grandson granddaughter grandchild nephew niece stepson stepdaughter".split())
_OF_RELATION = "|".join(sorted(RELATIONS, key=len, reverse=True))
_ADJECTIVE = r"(?:elderly |old |little |young |older |younger |eldest |youngest |dear |\d{1,2}[- ]year[- ]old )*"
_FOR_OTHER = re.compile(
    rf"\b(?:for|on behalf of|book(?:ing)?|bring(?:ing)?|sign(?:ing)? up) (?:my|our|a|an|his|her|"
    rf"the) {_ADJECTIVE}(?P<a>{_OF_RELATION})\b(?!['’]s (?:phone|tablet|ipad|laptop))|"
    rf"\b(?:my|our) {_ADJECTIVE}(?P<b>{_OF_RELATION}) (?:needs|wants|would like|d like|has|is|can['’]?t|cannot|could do with|who|age)\b|"
    r"\bfor (?P<c>someone else|somebody else|another person|someone i (?:care for|look after|support))\b|\bon behalf of\b|\bi['’]?m (?:a|"
    r"her|his|the|their) carer\b",
    re.IGNORECASE,
)
_AGE = re.compile(
    r"\b(?:(?:is|i am|i['’]?m|im|he['’]?s|she['’]?s|aged?|they['’]?re|turned) (?:only |just |nearly )?(\d{1,2})(?: years? old| yrs?|"
    r" y/?o)?(?=\s*(?:[,.;!?)]|$|and|so))|"
    r"(\d{1,2})[- ](?:years?|yrs?)[- ]old)\b",
    re.IGNORECASE,
)
_NO_CONTACT = re.compile(
    r"\b(?:neither|none|no (?:phone|mobile|email|e-mail|telephone|computer)|(?:haven['’]?t|have not|ain['’]?t|don['’]?t|do not)(?: have|"
    r" got| own| use)*"
    r" (?:any|a|one|either|got|email|it|them|that|the internet)|not got (?:one|any|a)|without (?:a )?(?:phone|email)|nothing like that)\b",
    re.IGNORECASE,
)
_ANYWHERE = re.compile(
    r"\b(?:any(?: library| of them| one| branch|where)?|don['’]?t (?:mind|care)|not bothered|no preference|either|whichever|wherever|"
    r"doesn['’]?t matter|"
    r"all(?: of them| libraries)?|every(?:where| library))\b",
    re.IGNORECASE,
)
_ANY_LIBRARY = re.compile(
    r"\b(?:any|whichever|whatever|don['’]?t mind which|all|every) (?:library|libraries|branch|branches)\b|"
    r"\banywhere\b",
    re.IGNORECASE,
)
_ANY_TOPIC = re.compile(
    r"\b(?:any(?:thing)?|everything|not sure|don['’]?t (?:know|mind)|dunno|whatever|no idea|show me|what(?:['’]?s| is| have you|"
    r" do you have)(?: got)?)\b",
    re.IGNORECASE,
)
_NONE = re.compile(
    r"\b(?:none|neither|no good|not any of (?:those|these|them)|don['’]?t suit|not suit|can['’]?t (?:do|make|come)|something else|"
    r"anything else|others?)\b",
    re.IGNORECASE,
)
_LATER = re.compile(
    r"^\W*(?:(?:have you|do you have|is there|are there|got|show me|any(?:thing)?|something|a|the|bit|little|one|ones|more|dates?|please|"
    r"but|can i have|i want) )*"
    r"later(?: (?:ones?|dates?|on|please|sessions?|than that|than those|in the month|time))*\W*$|\bmore dates\b",
    re.IGNORECASE,
)
_NEARER = re.compile(r"\b(?:near(?:er|est)?|clos(?:er|est)|close|local)\b(?: to)?(?: (?:me|my|home|us|where|by|one|library)|\W*$)", re.IGNORECASE)
_ANOTHER_LIBRARY = re.compile(r"\b(?:another|different|other|change(?: the)?|somewhere) (?:library|branch|place|else)\b", re.IGNORECASE)
_EARLIEST = re.compile(r"\b(?:earliest|soonest|first available|next one)\b", re.IGNORECASE)
_ACCESS = {
    "step-free": re.compile(
        r"\b(?:wheel ?chair|step[- ]free|no (?:steps|stairs)|can['’]?t (?:do|manage|climb) (?:the )?(?:steps|stairs)|lift|ramp|scooter)\b",
        re.IGNORECASE,
    ),
    "hearing-loop": re.compile(r"\b(?:hearing[- ](?:loop|aids?)|deaf|hard of hearing|t[- ]loop|induction loop)\b", re.IGNORECASE),
}
_NEED = re.compile(
    r"\b(?:wheel ?chair|step[- ]free|steps|stairs|lift|ramp|walker|zimmer|stick|hearing|deaf|blind|partially sighted|low vision|(?:poor|"
    r"bad) (?:eye)?sight|"
    r"large print|big (?:print|letters)|interpreter|sign language|bsl|guide dog|assistance dog|anxi\w+|autis\w+|dyslex\w+|arthritis|"
    r"parkinson\w*|dementia|"
    r"speak(?:s|ing)? \w+|my english|carer with me|quiet)\b",
    re.IGNORECASE,
)
LANGUAGES = (
    "Arabic Bengali Sylheti Polish Portuguese Spanish Farsi Persian Somali Turkish French Urdu Punjabi Gujarati Hindi Romanian Italian Ukrainian "
    "Russian Cantonese Mandarin Chinese Vietnamese Tamil Albanian Kurdish Pashto Dari Tigrinya Amharic Bulgarian Lithuanian Greek Hungarian German"
).split()
_LANGUAGE = re.compile(rf"\b(?:in|speaks?|speaking|speaker of|who has)\s+({'|'.join(LANGUAGES)})\b|\b({'|'.join(LANGUAGES)})[- ]speak", re.IGNORECASE)
_KINDS = {
    "drop-in": re.compile(r"\bdrop[- ]?ins?\b|\btea (?:and|&) tech\b", re.IGNORECASE),
    "coding-club": re.compile(r"\bcod(?:ing|e) clubs?\b|\bfor (?:the |my |our )?(?:kids|children|teenagers)\b", re.IGNORECASE),
    "one-to-one": re.compile(r"\b(?:one|1)[- ]?(?:to|2|on|:)[- ]?(?:one|1)\b|\b1:1\b|\bclinics?\b|\bambassadors?\b", re.IGNORECASE),
    "course": re.compile(r"\bcourses?\b", re.IGNORECASE),
}
_TIME_WORDS = re.compile(
    r"\b(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?s?\b|\b(?:january|february|march|april|may|june|july|august|"
    r"september|october|november|"
    r"december|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\b|\b(?:after|before|finish|start|off) (?:work|school)\b|"
    r"\bwhen i finish(?: work)?\b|\bfirst thing\b|"
    r"\bmornings?|afternoons?|evenings?|weekends?|weekdays?|tonight|today|tomorrow|weeks?|fortnight|months?|lunch ?times?|midday|noon|"
    r"christmas|early|earlier|late|later|soon|time\b",
    re.IGNORECASE,
)
_WEEKDAY = re.compile(r"\b(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\b", re.IGNORECASE)
_CORRECTION = re.compile(
    r"\b(?:actually|instead|sorry|i meant|rather|make (?:it|that)|change|swap|move|switch|different|wrong|hang on|wait|could we|can we|"
    r"not \w+day)\b|^\W*(?:no|not)\b",
    re.IGNORECASE,
)
_SPELT = re.compile(
    r"\b(?:it['’]?s |its |is |that['’]?s |i spell it |name is |but )*(?:spelt|spelled|spelling is|written|spell it|"
    r"with the spelling)(?: like this| as| it)?[:,]?\s+(.+)$",
    re.IGNORECASE,
)


def is_yes(heard: Heard) -> bool:
    if heard.is_button:
        return heard.label == "affirm"
    return bool(_YES.match(heard.text)) and not _NO.match(heard.text)


def is_only_yes(heard: Heard) -> bool:
    """Whether nothing but yes was said: "yes please", not "yes but on Thursday"."""
    return is_yes(heard) and (heard.is_button or not re.search(r"\b(?:but|except|only|change|instead|actually|not)\b", heard.text, re.IGNORECASE))


def is_no(heard: Heard) -> bool:
    return heard.label == "deny" if heard.is_button else bool(_NO.match(heard.text))


def is_only_no(heard: Heard) -> bool:
    return is_no(heard) and (heard.is_button or bool(_PLAIN_NO.match(heard.text)))


def wants_to_stop(heard: Heard) -> bool:
    return heard.label == "stop" if heard.is_button else bool(_STOP.match(heard.text))


def is_question(text: str) -> bool:
    return text.rstrip().endswith("?") or (bool(_QUESTION.match(text)) and not _looks_like_a_name(text))


def _looks_like_a_name(text: str) -> bool:
    """Whether every word of a short text has a capital: "Will Page"."""
    words = text.split()
    return 1 < len(words) < 4 and all(word[:1].isupper() for word in words)


def is_correction(text: str) -> bool:
    return bool(_CORRECTION.search(text))


def spelling(text: str) -> str | None:
    """Return the spelling that a text gives ("it's spelt Siobhán", "spelt S-I-O-B-H-A-N")."""
    match = _SPELT.search(text)
    if not match:
        return None
    given = match[1].strip().rstrip(".!")
    letters = re.fullmatch(r"(?:(\w)[\s.,-]+){2,}\w", given)
    return re.sub(r"[\s.,-]", "", given).capitalize() if letters else given


def which_of(text: str, count: int) -> int | None:
    """Return which of `count` things a text picks by number, from 0: "2", "the second one", "number 2 please", "the last"."""
    plain = re.sub(r"[^\w\s]", " ", text.lower()).strip()
    if re.search(r"\b(?:last|bottom) (?:one|of)\b|^(?:the )?last$", plain):
        return count - 1
    for n, names in enumerate(_ORDINALS[:count]):
        if re.match(rf"{_PICKING}(?:{n + 1}|{names}){_PICKED}$", plain):
            return n
    picked = [n for n, names in enumerate(_ORDINALS[:count]) if re.search(rf"\b(?:{names.split('|')[0]}) one\b|\b(?:option|number) {n + 1}\b", plain)]
    return picked[0] if len(picked) == 1 else None


def asks_to_book(text: str) -> bool:
    """Whether a message asks in so many words for a booking, and not for one of a computer, a room or a doctor."""
    return bool(_ASKS_TO_BOOK.match(text)) and not _BOOKS_SOMETHING_ELSE.search(text)


def is_group(text: str) -> bool:
    """Whether places for three or more are wanted."""
    match = _GROUP.search(text)
    number = match and (match["n"] or match["m"])
    return bool(match) and not (number and number.isdecimal() and int(number) < 3)


def is_pair(text: str) -> bool:
    """Whether two people want to come."""
    return bool(_PAIR.search(text))


def gives_no_name(text: str) -> bool:
    return bool(_NO_NAME.search(text))


def relation_in(text: str) -> str | None:
    """Return for whom somebody books ("mum"), "" where it is somebody else and not said who, None where nothing tells of another."""
    match = _FOR_OTHER.search(text)
    return (match["a"] or match["b"] or "").lower() if match else None


def is_child(relation: str) -> bool:
    return relation in _CHILDREN


def age_in(text: str) -> int | None:
    match = _AGE.search(text)
    return int(match[1] or match[2]) if match else None


def has_no_contact(text: str) -> bool:
    return bool(_NO_CONTACT.search(text))


def libraries_in(text: str, libraries: Sequence[Library]) -> tuple[str, ...]:
    """Return the slugs of the libraries that a text names."""
    named = names_in(text, [library.name for library in libraries])
    return tuple(next(library.slug for library in libraries if library.name == name) for name in named)


def without_libraries(text: str, libraries: Sequence[Library]) -> str:
    """Return a text without the names of libraries in it, as far as they are spelt right."""
    for library in libraries:
        short = re.sub(r"\b(?:library|central|satellite)\b", "", library.name, flags=re.IGNORECASE).strip()
        text = re.sub(rf"\b{re.escape(short)}\b", " ", text, flags=re.IGNORECASE)
    return text


def postcode_district(text: str) -> str | None:
    return district_in(text)


def anywhere(text: str) -> bool:
    return bool(_ANYWHERE.search(text))


def any_library(text: str) -> bool:
    """Whether a longer message says in so many words that the library does not matter."""
    return bool(_ANY_LIBRARY.search(text))


def any_topic(text: str) -> bool:
    return bool(_ANY_TOPIC.search(text))


def none_of_these(heard: Heard) -> bool:
    return heard.value == "none" or bool(_NONE.search(heard.text))


def later(heard: Heard) -> bool:
    return heard.value == "later" or bool(_LATER.search(heard.text))


def nearer(heard: Heard) -> bool:
    return heard.value == "nearer" or bool(_NEARER.search(heard.text))


def another_library(heard: Heard) -> bool:
    return heard.value == "library" or bool(_ANOTHER_LIBRARY.search(heard.text))


def earliest(text: str) -> bool:
    return bool(_EARLIEST.search(text))


def access_in(text: str) -> tuple[str, ...]:
    return tuple(name for name, pattern in _ACCESS.items() if pattern.search(text))


def tells_a_need(text: str) -> bool:
    return bool(_NEED.search(text))


def need_in(text: str) -> str:
    """Return what a statement says that somebody needs: its words, or the language that is asked for; empty where it says nothing of it."""
    return text if tells_a_need(text) else ", ".join(languages_in(text))


def languages_in(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((one or other).capitalize() for one, other in _LANGUAGE.findall(text)))


def names_weekday_only(text: str) -> bool:
    return bool(_WEEKDAY.search(text)) and not re.search(
        r"\d(?:st|nd|rd|th)?\s+(?:of\s+)?[a-z]{3}|[a-z]{3}\s+\d|\d/\d|\d(?:st|nd|rd|"
        r"th)\b",
        text,
        re.IGNORECASE,
    )


def kinds_in(text: str) -> tuple[str, ...]:
    return tuple(kind for kind, pattern in _KINDS.items() if pattern.search(text))


def without_times(text: str) -> str:
    return _TIME_WORDS.sub(" ", text)
