"""How English questions hang on the one before, and what that one was about."""

import re

from argosy.assist.understanding.forms import Form, any_of, first

_JOIN = re.compile(r"^(?:(?:and|but|so|then|or|ok|okay|well|oh|alright|also|yes|no|hmm)\b[\s,.]*)+", re.IGNORECASE)
_ABOUT = any_of(
    r"^(?:what|how) about\s+",
    r"^(?:and )?what if (?=\w+ing\b|for\b|in\b)",
    r"^same (?:question )?(?:for|with|about)\s+",
)
_PLACED = re.compile(
    r"^(?:for|in|from|to|at|on|by|with|without|outside|inside|within|via|using|after|before|during|if)\b", re.IGNORECASE
)
_BARE = any_of(
    r"(?:for |since |until |by |from )?(?:how (?:much|long|many|often|far|soon|fast|come|so)|how|why(?: not)?"
    r"|when|where|who|which|what time|what else|whose)(?: (?:exactly|then|please|though|again|more|days?"
    r"|hours?|minutes?|times?|ones?|precisely|approximately|roughly|in total|is that so|would that be"
    r"|altogether))*",
    r"(?:any|are there|is there|do you have|have you got|got|show me)?\s?(?:any(?:thing)? )?(?:other|more"
    r"|further|better|cheaper|faster|bigger|smaller|quicker|similar|alternative) ?(?:options?|details?"
    r"|information|info|ways?|ones?|choices?|alternatives?|colou?rs?|sizes?|methods?|examples?)?",
    r"(?:are|is|do you have) (?:there )?(?:any )?(?:alternatives?|exceptions?|restrictions?|limits?"
    r"|conditions?|extra (?:fees|charges|costs))",
    r"is there (?:a|any) (?:fee|charge|cost|limit|minimum|maximum|deadline|guarantee|warranty|discount|catch"
    r"|difference|alternative|extra charge|penalty)",
    r"(?:can|could) you (?:explain|clarify|elaborate|repeat|say)(?: (?:more|again|further|in more detail"
    r"|in detail|please|to me))*",
    r"tell me more|explain(?: more)?|go on",
    r"more (?:info|details?|information)",
    r"(?:can|could|may|should|must|do) (?:i|we) (?:still |also |just |even |have to |need to )?(?:cancel"
    r"|return|exchange|change|refund|reschedule|extend|modify|undo|renew|upgrade|keep|resend|apply|wait|pay"
    r"|sign up|opt out|reapply)(?: (?:online|now|later|today|tomorrow|too|instead|early|in advance|by card"
    r"|in cash|by phone|in store|in person|twice|again|anytime|myself|for free))*",
    r"(?:which|what) (?:is|are|one is|ones are|would be) (?:the )?(?:better|best|cheaper|cheapest|faster"
    r"|fastest|safer|safest|easier|easiest|quicker|recommended)",
    r"(?:what|which) (?:documents?|papers|details|information|steps?|requirements?|fees?) (?:do i need"
    r"|are needed|are required|is required|should i (?:bring|provide|send))",
    r"(?:what are the (?:requirements|conditions|fees|costs|steps|limits)|what(?:'s| is) the (?:cost|price|fee"
    r"|limit|deadline|process|difference|catch|minimum|maximum))",
    r"really",
    r"is that (?:so|all|right|true|everything|it)|are you sure|since when|says who|free|is (?:it )?free",
    r"how does (?:it|that) work",
    r"(?:the )?(?:second|first|third|last|other|former|latter|same)(?: (?:one|option|two))?",
)
_POINTS = any_of(
    r"\b(?:(?:the |this |that |which |an?|any )?(?:other|second|first|latter|former|cheaper|bigger|smaller|new"
    r"|same) ones?|(?:this|that|which|the other|another|these|those) ones?|its|it(?:'s|'ll)?|they|them|their"
    r"|theirs|those|these|the (?:other|former|latter|same)(?=\W*$)|that(?=(?:'s)?\W*$|'s\b|\s+(?:is|was|will"
    r"|would|mean|means|cost|costs|work|works|take|takes|apply|include|happen|happens|be|fee|charge|price"
    r"|offer|option|plan|number|page|form|email|link|date|amount|process|limit|one|way|too|for|in|to|on|with"
    r"|by|again|from|not|also)\b)|this(?=\W*$|\s+(?:is|take|cost|mean|work|include|happen|apply|be|will|for|by"
    r"|in|online|too|again|myself|normally|usually)\b)|one(?=\W*$|\s+(?:online|now|too|instead|for|in|from|by"
    r"|as well|then)\b)|ones)(?!\w)",
)
_EMPTY_IT = any_of(
    r"\b(?:is|was|will|would)\s+it\b(?=[^?.,]{0,40}\bto\b)|\bit(?:'s|s| has) been\b",
    r"\b(?:is|was|would|will|isn't|if|be|makes?|find|think|thought)\s+it(?:\s+(?:be|also|still|even|really"
    r"|normally|usually))?\s+(?:\w+\s+)?(?:possible|ok|okay|allowed|safe|necessary|true|normal|required"
    r"|mandatory|legal|too late|easy|hard|worth|better|best|important|raining|because|difficult|impossible"
    r"|fine|a problem|enough|time)\b",
    r"\bit(?:'s| is| was)? (?:possible|true|normal|ok|okay|says|seems|looks like|appears)\b",
    r"\bit\s+(?:normally |usually |typically |actually |really )?(?:take|takes|cost|costs|mean|require"
    r"|requires)\b[^?.]{0,40}?\b(?:to|for|if|when|before|until)\s+\w+",
    r"\bhow (?:is|was) it (?:that|going)\b|\bmake it\b|\bone of\b|\bas (?:it|they) (?:is|are)\b",
    r"\bthat(?:'s| is) why\b|\bis it because\b",
)
_NAMED = any_of(
    r"\bI (?:have|had|got|made|ordered|bought|see|saw|received|sent)\s+(?!to\b|it\b|that\b|this\b|been\b|them\b)\w+",
    r"\b(?:the|an?|my|your|our|his|her|this|some|any|two|three|no|every|each)\s+(?!(?:other|second|first"
    r"|former|latter|same|one|ones|bit|lot|while|few)\b)[A-Za-z-]+",
    r"\b(?:cards?|money|orders?|refunds?|payments?|transfers?|accounts?|parcels?|packages?|items?|products?"
    r"|fees|subscriptions?|passwords?|passcode|shipping|delivery)\b",
)
_FRAME = re.compile(
    r"^(?:(?:and|but|so|also|then|ok|please|hi|hello|hey)\b[\s,]*|(?:can|could"
    r"|would) you (?:please )?(?:tell me|explain|help me(?: with)?|let me know|show me)\s+"
    r"|(?:i(?:'d| would) like to|i (?:want|need|wish|am trying|tried|have) to|i'm trying to|do you know"
    r"|tell me|help me(?: with)?|i(?:'m| am) wondering)\s+(?:know\s+)?"
    r"|how (?:much|many|long|often|far|soon|fast|come)\s+|how\s+|what(?:'s| is| are| does| do| kinds? of"
    r"| sort of| happens if| if| about)?\s+|what's\s+|when(?:'s)?\s+|where(?:'s)?\s+|why\s+|which\s+"
    r"|who\s+|whether\s+|if\s+"
    r"|(?:is|are|was|were|does|do|did|can|can't|could|will|would|should|may|must|has|have|isn't|don't"
    r"|doesn't|haven't|hasn't)\s+|(?:i|we|you|there|it|one)\s+(?:can|could|should|must|will|have to"
    r"|need to|get to)?\s*|(?:to|get to|able to|supposed to|allowed to|possible to|possible)\s+)",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"\s+(?:(?:normally |usually |typically |actually |generally )?(?:take|takes|cost|costs|work|works"
    r"|arrive|arrives|last|lasts|charged?|mean|happen|come|open|close|start|end|expire|be|is|are"
    r"|available|free|possible|allowed|included|delivered|shipped|here|yet|now|please|then))+$",
    re.IGNORECASE,
)
_THEN = re.compile(r"\bthen$", re.IGNORECASE)
_NAME, _PLACE, _PLACE_JOINED = 3, 4, 6  # words that stand instead of others
_LOOSE = 7  # words of a question that goes on with the last one and names nothing
_STOP = re.compile(r"[\s?!.,;:？！。，]+$")
_FRAMES = 6


def form(question: str) -> Form | None:
    """How an English question follows another; None where it stands alone."""
    joined = _JOIN.match(question)
    rest = question[joined.end() :] if joined else question
    core = _STOP.sub("", rest)
    if exchanged := _exchanged(core, "" if joined is None else joined[0].lower(), rest.rstrip()[-1:]):
        return Form(exchanged, instead=True)
    if _BARE.fullmatch(core):
        return Form(rest, at=first(_POINTS, rest))
    found = first(_POINTS, _EMPTY_IT.sub(lambda hidden: "~" * len(hidden[0]), rest))
    if found and not _NAMED.search(rest[: found[0]]):
        return Form(rest, at=found)
    goes_on = joined is not None or _THEN.search(core) is not None
    loose = goes_on and len(core.split()) <= _LOOSE and rest.endswith("?") and not _NAMED.search(core)
    return Form(rest) if loose else None


def _exchanged(core: str, joined: str, end: str) -> str:
    """What stands instead of something in the earlier question, behind "what about" or alone; empty for others."""
    about = _ABOUT.match(core)
    if about:
        return core[about.end() :].strip() or core
    words = len(core.split())
    placed = _PLACED.match(core) and end != "." and words <= (_PLACE_JOINED if joined else _PLACE)
    named = joined.startswith(("and", "but", "or")) and end == "?" and words <= _NAME and not _BARE.fullmatch(core)
    return core if placed or named else ""


def beside(rest: str, topic: str) -> str:
    """A question without its object, and the topic behind it."""
    mark = "?" if rest.rstrip().endswith("?") else ""
    return f"{_STOP.sub('', rest)} {topic}{mark}"


def topic(earlier: str) -> str:
    """What a question is about: the question without its question words and what they bring along."""
    topic = _STOP.sub("", re.split(r"(?<=[.!?])\s+", earlier)[-1])
    for _ in range(_FRAMES):
        found = _FRAME.match(topic)
        if found is None or found.end() == len(topic):
            break
        topic = topic[found.end() :]
    return _TAIL.sub("", topic)


def instead(rest: str, earlier: str) -> str:
    """The earlier question with the place, the name or the number in it exchanged, else with the other thing behind."""
    place = _PLACED.match(rest)
    if place:
        form = re.compile(
            rf"\b{place[0]}\s+(?:(?!to\b|for\b|in\b|take\b|cost\b)[\w'-]+\s?){{1,3}}(?=\b(?:to|for|in|take"
            rf"|cost)\b|[?.!]|$)",
            re.IGNORECASE,
        )
        if form.search(earlier):
            return re.sub(r"\s+([?.!])", r"\1", form.sub(lambda _: f"{rest} ", earlier, count=1)).strip()
    elif rest[:1].isupper() or rest.isdigit():
        kind = r"\d+" if rest.isdigit() else r"(?<=\s)[A-Z][\w-]+(?:\s[A-Z][\w-]+)*"
        found = [one for one in re.finditer(kind, earlier) if one[0] != "I"]
        if found:
            return earlier[: found[-1].start()] + rest + earlier[found[-1].end() :]
    return beside(earlier, rest)
