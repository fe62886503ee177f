"""What residents say of help they ask for or offer: which, for whom, whether that person agrees, why. Small careful rules, one each."""

import re

from desk.referrals import HOME
from desk.tasks.hearing import RELATIONS

_DEVICE = (
    r"(?:laptops?|labtops?|tablets?|tabelts?|tablit|i ?pads?|chrome ?books?|computers?|pcs?|smart ?phones?|phones?|mobiles?|"
    r"handsets?|devices?|divices?)"
)
# "how to use a tablet", "help with her phone": the device is there already.
_ABOUT_A_DEVICE = re.compile(
    rf"\b(?:us(?:e|es|ing)|with|works?|on|about|of|over the|by|learn(?:ing)?|understand(?:ing)?|operate|manage) "
    rf"(?:an? |the |her |his |my |their |your |its |a new |our )?{_DEVICE}",
    re.IGNORECASE,
)
_ASKS_A_DEVICE = re.compile(rf"\b{_DEVICE}\b", re.IGNORECASE)
_OWNS_IT = re.compile(rf"\b(?:my|her|his|their|our) {_DEVICE}\b|\bphone (?:number|call)s?\b|\b(?:tele)?phone (?=\+?\d)", re.IGNORECASE)
_DATA = re.compile(
    r"\bsims?\b|\bdata\b|\bdata ?bank\b|\b(?:no|without|any|get|got|afford|have) (?:the )?(?:internet|wi-?fi|broadband|credit)\b|\btop[- ]?up\b|"
    r"\bnothing to get online with\b",
    re.IGNORECASE,
)
_SKILLS = re.compile(
    r"\bteach\w*|\btaught\b|\blearn\w*|\blessons?\b|\bskills?\b|\btraining\b|\bshow(?:n|ing|s)? (?:\w+ )?how\b|\bbe shown\b|\bhow to use\b|"
    r"\bclass(?:es)?\b|\bone[- ]to[- ]one (?:help|computer)|\b(?:help|support) (?:to (?:get|go) online|with (?:the |her |his |my )?"
    rf"(?:computers?|internet|email|apps?|{_DEVICE}))\b",
    re.IGNORECASE,
)
_HOME_VISITS = re.compile(
    r"\bhome[- ]?(?:library|libary|visits?|delivery|vists?)\b|\bbooks?\b|\bnovels?\b|\btalking books?\b|\baudio ?books?\b|\blarge[- ]print\b|"
    r"(?<!health )\bvis(?:it|its|itors?|ts)\b(?! (?:a|the|our) (?:library|gp|doctor))|\bhousebound\b|\bhousbound\b|\bhouse bound\b|"
    r"\bread(?:s|ing|er)?\b|"
    r"\bcome to (?:the|her|his|my|our|their) (?:house|home|flat|door)\b|\bto (?:the|her|his) door\b|\bhome library\b",
    re.IGNORECASE,
)


def kinds_of_help(text: str) -> tuple[str, ...]:
    """Return the kinds of help that a text asks for, as desk.referrals names them: library visits first where books are spoken of."""
    about = _OWNS_IT.sub(" ", _ABOUT_A_DEVICE.sub(" ", text))
    found = []
    if _HOME_VISITS.search(text):
        found.append(HOME)
    if _ASKS_A_DEVICE.search(about):
        found.append("device")
    if _DATA.search(text):
        found.append("data")
    if _SKILLS.search(text) or (not found and (_ABOUT_A_DEVICE.search(text) and re.search(r"\bhelp\b", text, re.IGNORECASE))):
        found.append("skills")
    return tuple(found)


# For whom

_PEOPLE = (
    "client cleint clint patient resident residant tenant student pupil learner customer member family lodger lady gentleman gentlemen man woman boy "
    "chap lad bloke person somebody someone mate flatmate refugee caller guest girlfriend boyfriend nephew niece carer wife husband nieghbour "
    "brohter mother-in-law sister-in-law brother-in-law nan uncle uncles"
).split()
_WHO = "|".join(sorted({*RELATIONS, *_PEOPLE}, key=len, reverse=True))
_OTHER = re.compile(
    rf"\b(?P<whose>my|our|an?|the|one of (?:my|our|the)|this|some|old|this young|another|"
    rf"one) (?:[a-z-]+ ){{0,2}}?(?P<who>{_WHO})s?\b(?!['’]s (?:phone|house|car|computer|laptop|tablet))",
    re.IGNORECASE,
)
_RELATED = re.compile(rf"\b(?:{_WHO})s?\b", re.IGNORECASE)
_ALSO_OTHER = re.compile(
    r"\b(?:her|him|them|she|he|they|they['’]re|somebody|someone|sombody|anyone|people|on behalf of|mum|mom|dad|nan|gran|grandad|mr|mrs|"
    r"ms|miss)\b",
    re.IGNORECASE,
)
_SELF = re.compile(
    r"\b(?:my ?self|for me|refer me|put me|self[- ]refer\w*|my own referr\w+|i (?:really |just )?(?:need|want|would like|d like|cannot|"
    r"can['’]?t)|"
    r"i['’]d like (?:to (?:have|get|be|apply|ask)|a|an|some|one|help|lessons|the)|i['’]?m (?:housebound|disabled|stuck)|take me on|sign me|"
    r"i (?:have|haven['’]?t|got|am) (?:no|not|got|housebound|disabled)|i put myself|consider me)\b",
    re.IGNORECASE,
)
_FOR_ME = re.compile(
    r"^\W*(?:(?:it['’]?s|its|it is|just|only|no|oh|for) )*(?:me|myself|for me|for myself|my ?self|mine|"
    r"just me)\b",
    re.IGNORECASE,
)
_AS_CARER = re.compile(r"\bi['’]?m (?:a |an |the |her |his |their )?(?:[a-z]+ ){0,2}(?:carer|client|patient|tenant|resident)\b", re.IGNORECASE)
_NO_RELATION = frozenset("somebody someone sombody person lady gentleman gentlemen man woman boy chap lad bloke caller guest".split())
_AS_SPELT = {"cleint": "client", "clint": "client", "nieghbour": "neighbour", "residant": "resident", "brohter": "brother", "uncles": "uncle"}


def for_whom(text: str) -> str | None:
    """Return who is to be helped, as the speaker calls them ("mum"), "" where it is another and not said who, None where nothing tells of another."""
    match = _OTHER.search(_AS_CARER.sub(" ", text))
    if match:
        who = match["who"].lower()
        return "" if who in _NO_RELATION else _AS_SPELT.get(who, who)
    return "" if _ALSO_OTHER.search(text) and not _FOR_ME.match(text) else None


def speaks_of_another(text: str) -> bool:
    """Whether a text speaks of a person as he, she or they: "please ring her after two" is no wish to be rung."""
    return bool(re.search(r"\b(?:her|him|them|she|he|they)\b", text, re.IGNORECASE))


def named_relation(text: str) -> str:
    """Return the relation that a short answer names ("my neighbour", "client"), empty where it names none that we know."""
    match = _RELATED.search(text)
    who = match[0].lower() if match else ""
    who = who if who in RELATIONS or who in _PEOPLE else who.removesuffix("s")
    return "" if who in _NO_RELATION else _AS_SPELT.get(who, who)


def is_for_oneself(text: str) -> bool:
    """Whether a text says that the speaker wants the help for themselves."""
    return bool(_FOR_ME.match(text) or _SELF.search(text))


_SEVERAL = re.compile(
    r"\b(?:two|three|four|five|six|seven|eight|nine|ten|several|few|[2-9]|1\d) (?:\w+ ){0,2}(?:clients|patients|residents|tenants|"
    r"students|people|"
    r"men|women|members|names|families|referrals|asylum seekers|pensioners|learners|of us)\b",
    re.IGNORECASE,
)


def names_several(text: str) -> bool:
    return bool(_SEVERAL.search(text))


_TITLED = re.compile(r"(?<!['’]m )(?<!\bam )(?<!\bis )\b(?:Mr|Mrs|Ms|Miss|Dr)\.? [^\W\d_a-z][\w'’-]+(?: [^\W\d_a-z][\w'’-]+)?")


def titled_name(text: str) -> str:
    """Return the name with a title ("Mr Lindqvist") that a text holds, the speaker's own ("I'm Mrs Pryce") excepted; empty where none is there."""
    match = _TITLED.search(text)
    return match[0].removesuffix("'s").removesuffix("’s") if match else ""


_AGREES = re.compile(
    r"\b(?:(?:she|he|they)(?:['’]s|['’]ve| has| have)?(?: already| both)? (?:agreed?s?|said (?:yes|i (?:can|may|could)|it['’]?s (?:ok|"
    r"okay|fine))|sa(?:ys|id|y) yes|"
    r"given (?:me )?(?:consent|permission|leave)|happy|consents?|knows? (?:about|and))|"
    r"(?:she|he)['’]?s (?:very |quite )?(?:happy|keen|fine|ok|okay|up for it|expecting)|has (?:asked|agreed|given|said yes)|asked me to|"
    r"(?:with|have|has|got|given|gave) (?:\w+ ){0,2}(?:consent|permission)|who(?:['’]s| has) agreed|consent (?:given|obtained)|"
    r"agrees\b|agreed to|"
    r"would (?:welcome|love) (?:it|a)|says he['’]d love|says she['’]d love)",
    re.IGNORECASE,
)
_NOT_AGREED = re.compile(
    r"\b(?:not (?:yet|asked|sure|told|agreed)|haven['’]?t (?:asked|told|spoken|said|got)|hasn['’]?t (?:agreed|said|been asked)|"
    r"does(?:n['’]?t| not) (?:know|want)|"
    r"don['’]?t know|dunno|unsure|doesnt know|havent asked|without (?:her|his|their) (?:knowing|knowledge|consent)|"
    r"wouldn['’]?t (?:want|agree|like)|"
    r"would not agree|refused|(?:she|he) (?:said|says) no|a surprise|no idea)\b",
    re.IGNORECASE,
)


def has_agreed(text: str) -> bool | None:
    """Return whether the person that somebody else asks for has agreed to it; None where a text does not say."""
    if _NOT_AGREED.search(text):
        return False
    return True if _AGREES.search(text) else None


_FOR_A_WHILE = re.compile(
    r"\bbroken?\b|\bbroke\b|\bfractur\w+|\boperation\b|\bop\b|\bsurgery\b|\bplaster\b|\bhip (?:replacement|op)\b|\bcrutches\b|\btemporar\w+|"
    r"\b(?:for|only|about|next|few|couple of|\d+|two|three|four|six|eight) (?:\w+ )?(?:weeks|months)\b|\bfor (?:a|the) (?:while|"
    r"time being|moment|winter)\b|"
    r"\bleaving hospital\b|\bout of hospital\b|\bgetting over\b|\brecover\w*|\bsince (?:the|her|his|my) fall\b|\bnot for ever\b|\bfor now\b",
    re.IGNORECASE,
)
_HOUSEBOUND = re.compile(
    r"\bhous(?:e)?[- ]?bound\b|\bbed ?(?:bound|ridden)\b|\bstuck (?:in|at home|indoors)\b|\bnever (?:goes|comes|gets|go|get) out\b|"
    r"\b(?:can['’]?t|cannot|can not|cant|couldn['’]?t|won['’]?t|unable to|not able to|hard to|doesn['’]?t|never|struggles? to) (?:\w+ ){0,2}?"
    r"(?:leave(?! (?:her|him|them|my))|get (?:out|down|up|past|to (?:you|the library|us))|"
    r"go (?:out|down|outside)|come (?:out|to (?:you|the library|us))|"
    r"walk|"
    r"manage the stairs|"
    r"do the stairs)\b|\bhasn['’]?t been out\b",
    re.IGNORECASE,
)
_CARES = re.compile(
    r"\b(?:i['’]?m|i am|she['’]?s|he['’]?s|is|they['’]?re) (?:a|the|his|her|my|their)?\s?(?:[a-z-]+ )?carer\b|\bfull[- ]time carer\b|"
    r"\bcar(?:es?|ing) for\b|"
    r"\blook(?:s|ing)? after\b|^\W*(?:a |as a )?carer\b|\bcan['’]?t leave (?:her|him|them|my|his)\b|\bcannot leave (?:her|him|them|my|his)\b",
    re.IGNORECASE,
)


def why_visits(text: str, for_other: bool = False) -> str:
    """Return why somebody may have library visits (desk.referrals.ELIGIBILITY), empty where a text does not say.

    Who asks for another may be their carer: that says nothing of the other.
    """
    if _FOR_A_WHILE.search(text):
        return "temporary"
    cares = _CARES.search(text)
    if cares and not (for_other and re.match(r"i\b|i['’]|look|car", cares[0], re.IGNORECASE)):
        return "carer"
    return "housebound" if _HOUSEBOUND.search(text) else ""


_THROUGH_ME = re.compile(
    r"\b(?:through|via|to|ring|call|contact|phone|text|email|reach|use|try|ask for) (?:me|my|mine)\b|\b(?:me|mine) (?:please|instead|"
    r"is best)\b|\bi(?:['’]ll| will|['’]d) "
    r"(?:take|answer|pass)\b|^\W*(?:me|mine|just me|myself)\W*$",
    re.IGNORECASE,
)


def goes_through_speaker(text: str) -> bool:
    """Whether staff are to reach the person through whoever speaks: "ring me", "through me"."""
    return bool(_THROUGH_ME.search(text))


# Volunteers

_INTERESTS = {
    "one-to-one": re.compile(
        r"\b(?:one|1)[- ]?(?:to|2|on|:)[- ]?(?:one|1)s?\b|\b1:1\b|\bit clin[ic]+s?\b|\bclinics?\b|\bambassadors?\b|\bsit with\b|"
        rf"\b(?:help(?:ing)?|teach(?:ing)?|show(?:ing)?|explain)\b[^.?!]{{0,40}}\b(?:with|how|use|on|their|the) [^.?!]{{0,24}}{_DEVICE}\b|"
        rf"\b(?:older|old|elderly) (?:people|peple|persons?|folk)\b|\boldies\b|\bthe (?:phone|tablet|laptop|ipad) (?:mornings?|clinic|sessions?)",
        re.IGNORECASE,
    ),
    "tea-and-tech": re.compile(r"\btea (?:and|&|n|mornings?)\b|\btea and tech\b|\bdrop[- ]?ins?\b|\bcoffee mornings?\b", re.IGNORECASE),
    "coding-club": re.compile(r"\bcod(?:ing|e)\b|\bscratch\b|\bthe (?:children|kids)\b|\b(?:with|teach) (?:children|kids)\b", re.IGNORECASE),
    "phone-help": re.compile(
        r"\b(?:help|answer|support|advice|people|them|helping) (?:\w+ )?(?:by|over the|on the) (?:tele)?phone\b|\bphone (?:help|"
        r"helpers?|line|support)\b|"
        r"\btelephone (?:help|line)\b|\bby (?:tele)?phone\b|\bover the phone\b",
        re.IGNORECASE,
    ),
    "home-visits": re.compile(
        r"\bhome visits?\b|\bvisit(?:ing)? (?:people|them|at home)\b|\b(?:at|in|to) (?:people['’]?s|their|the) homes?\b|\bhousebound\b|"
        r"\bhome library\b|"
        r"\b(?:deliver(?:ing)?|carry|bring(?:ing)?|take|taking) (?:the )?books\b",
        re.IGNORECASE,
    ),
}
_ANY_INTEREST = re.compile(
    r"\b(?:anything|any of (?:them|those|it)|all of (?:them|it|those)|whatever|wherever (?:you )?need|not sure|don['’]?t (?:mind|know)|"
    r"no preference)\b",
    re.IGNORECASE,
)


def interests_in(text: str) -> tuple[str, ...]:
    """Return what somebody wants to help with, as desk.volunteers names it; several at once are possible."""
    return tuple(interest for interest, pattern in _INTERESTS.items() if pattern.search(text))


def takes_any_interest(text: str) -> bool:
    return bool(_ANY_INTEREST.search(text))


_REGULAR = re.compile(
    r"\b(?:mon|tues?|wed(?:nes)?|wens|thu(?:rs?)?|fri|sat(?:ur)?|sun)days?\b|\bmornings?\b|\bafternoons?\b|\bevenings?\b|\bweekends?\b|"
    r"\bweekdays?\b|"
    r"\b(?:hours?|hrs?|days?|times?) (?:a|each|every|per) (?:week|weak|month|fortnight)\b|\bonce a (?:week|month|fortnight)\b|"
    r"\bafter (?:school|work|college)\b|"
    r"\blunch ?times?\b|\bschool hours\b|\bany ?time\b|\bterm[- ]?time\b",
    re.IGNORECASE,
)
_PARTS = re.compile(r"[.;!?\n]\s*|,\s+(?!(?:\w+day|and)\b)|\s+(?:and (?=(?:i|my|would|want|have)\b)|so|but)\s+", re.IGNORECASE)


def times_in(text: str) -> str:
    """Return the parts of a text that say when somebody could help again and again; empty where none does. A single date is none."""
    return "; ".join(part.strip(" ,") for part in _PARTS.split(text) if _REGULAR.search(part) and not _ONCE.search(part))


_ONCE = re.compile(r"\b(?:start|begin|spoke|came|joined?|met) \b", re.IGNORECASE)
