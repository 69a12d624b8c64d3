"""
The patterns of a notice: what may stand where, put together from the word tables.

Every pattern is tried at one place or searched once, and repeats nothing without a
bound, so reading stays linear in the length of the text. How the answers are weighed is
decided in `notice`.
"""

import re

from reviews.rules.notices.phrases import (
    ADVERBS,
    AUXILIARIES,
    CARES,
    MAIN_NOUNS,
    MOVES,
    NOUNS,
    STATES,
    WEAK_MOVES,
    WEAK_STATES,
)


def any_of(words: str) -> str:
    """Return the fragment for one of the words of a table."""
    return f"(?:{words})"


def pattern(source: str) -> re.Pattern[str]:
    """Return a pattern to which capitals make no difference."""
    return re.compile(source, re.IGNORECASE)


def after(expected: re.Pattern[str], text: str, place: int) -> int:
    """Return where a pattern that begins at a place ends, 0 if it is not there."""
    found = expected.match(text, place)
    return 0 if found is None else found.end()


STATE = any_of(STATES) + r"(?![-\w])"
WEAK = any_of(WEAK_STATES) + r"(?![-\w])"
NOUN = any_of(NOUNS) + r"(?![-\w])"
MOVED = any_of(MOVES) + r"(?![-\w])"
ADVERBIAL = f"(?:{any_of(ADVERBS)} ){{0,4}}"
AUXILIARY = rf"(?:{any_of(AUXILIARIES)} |'s )"

# A name that cannot be taken for an English word: quoted, scoped, hyphenated, a path.
ODD_NAME = (
    r"(?>'(?:(?:pip3?|npm|uv|yarn|poetry)(?: install| add| i| pip"
    r"| -\w){1,3} )?[^' ]{1,80}'"
    r"|(?-i:u{6,})|@[\w.-]{1,80}/[\w.-]{1,80}"
    r"|\w[\w.]{0,60}[-_/:@][\w./@:-]{1,80}|\w{1,40}\.(?-i:[a-z])\w{0,20}"
    r"|\w{0,20}\d\w{0,20})"
)
NAME = r"[@'\w][\w./@:+'\[\]<>=~^*-]{0,100}"

# "moved to X" is a notice, "moved from X" the story of a living package; "moved to
# GitHub" tells where the work is done.
_ELSEWHERE = (
    r"(?! ?(?:from|by default))(?: (?:it|this|all|everything|over|code|development"
    r"|package"
    r"|project|entirely|fully|completely|permanently|now|back|again|away|out"
    r"|as part)){0,2}? ?"
    r"(?:\b(?:to|into|in|under|by|as|with|within|over|onto|here|there|towards|at"
    r"|upstream|back|away|elsewhere|on|and (?:is|has|will|no|re-?named|moved|now))\b"
    r"(?! (?:python ?[23]|semantic|semver|github|gitlab|codeberg|bitbucket|sourceforge"
    r"|git|poetry|uv"
    r"|an? (?:\w{1,12} )?(?:build|backend|engine|licen[cs]e|format|layout|architecture)"
    r"|pyproject|typescript|esm|rust|v?\d)\b(?! ?(?:\.|package|-)\w))|[.:;,-]|$)"
)
MOVE = rf"{MOVED}{_ELSEWHERE}"
ANY_MOVE = rf"(?:{MOVED}|{any_of(WEAK_MOVES)}(?![-\w])){_ELSEWHERE}"
_INTO = (
    rf"{any_of(WEAK_MOVES)} (?:in|into|to|with|by|as) (?:the )?(?:{ODD_NAME}|core\b)"
)
# Without "no longer", only what leaves no doubt: "not required" says something else.
NOT_KEPT = (
    r"(?:(?:not?[ -]longer|no more) "
    rf"(?:be |being )?{ADVERBIAL}{any_of(CARES)}(?![-\w])"
    r"|(?:not|isn'?t|won'?t be|will not be) (?:being |be )?"
    r"(?:actively |currently |really |further |officially )?"
    r"(?:maintained|supported|developed|updated|(?:in"
    r"|under) (?:active )?development)(?![-\w])"
    r"(?! (?:by|on|for|in|yet|with|under|at)\b)"
    r"|(?:not|isn'?t|doesn'?t|won'?t) (?:\w{1,12} ){0,2}?\w{1,14} (?:any ?more|any longer)\b"
    r"|(?:not|isn'?t) in use\b|(?:stopped|ceased) (?:being )?(?:maintain|develop|support|updat)\w{2,3}\b)"
)
NOW = (
    r"now (?:officially |fully |also |just |simply |a )?"
    r"(?:called|known as|named|part of(?! (?:your|every|any))|included (?:in|with)"
    r"|built[- ]?in(?:to)?"
    r"|bundled (?:in|with)|hosted (?:at|on|in|under|by)(?! (?:github|gitlab|codeberg"
    r"|bitbucket|pypi|npm))|published (?:as|at|under)"
    r"|distributed (?:as|via|with|in)|shipped (?:as|in|with|inside)|ships (?:as|in|with"
    r"|inside)"
    r"|lives? (?:at|in|on|under|as)|located (?:at|in)|maintained (?:at|in|under|as)"
    r"|developed (?:at|in|under|as)|merged|integrated|provided by|found (?:at|in|under)"
    r"|covered by|handled by|superseded|replaced|obsolete|deprecated|moved|renamed"
    r"|available (?:as|in|at|under|through|via) (?:the |a )?(?:(?:new|part|official) |"
    rf"{ODD_NAME})|in (?:the )?{ODD_NAME}|{ODD_NAME}(?: ?[.,;:!(-]|$| package))"
)
_GOES_ON = (
    r"(?:continue[sd]?|lives on|live on|lives now|goes on|resides|development continues)"
    r" (?:in|as|at|under|with|on) "
)
_END = (
    r"(?:(?:has |have |is |was |will )?(?:reach(?:ed|es|ing)?|hit|at|past|in) (?:its "
    r"|the )?"
    r"(?:end[- ]of[- ](?:life|support|service|maintenance)|eol|sunset)\b"
    r"|(?:has|have|had) (?:been )?(?:deprecated|transitioned"
    r"|graduated) (?:to|into|in)\b"
    r"|(?:has|have) (?:a )?(?:new (?:name|home|location|repo\w*|package)|successor)"
    r"|(?:found|got) (?:a |its )?new (?:home|name|location)|(?:has "
    r"|have )?bec[oa]me part of"
    r"|(?:will|does|do|is|are) (?:not|no longer|no more) (?:longer )?(?:be )?"
    r"(?:receiv\w{1,3}|get(?:ting)?) (?:any )?"
    r"|receives? no (?:further|more|new|longer|future)"
    r"|(?:should|must|can) (?:no longer (?:be )?(?:used|installed|relied)"
    r"|not (?:be )?(?:used|relied) (?:any ?more|in new|for new|any longer))"
    r"|(?:is |was )?(?:only )?(?:kept|exists?|remains?|left|published|here|maintained"
    r"|preserved)"
    r" (?:here )?(?:only|solely|just|merely|for (?:backwards?|historical|archiv\w{2,4}"
    r"|legacy)))"
)
# "is a deprecated wrapper", "is the legacy client"
_IS_A = (
    r"(?:is|was) (?:now )?(?:just |only |merely )?(?:an?|the|our) (?:\w{1,15} ){0,2}?"
    rf"(?:{any_of(STATES)}|legacy|old|former|transitional|tombstone|redirect\w{{0,4}})"
    rf" (?:[\w.-]{{1,20}} ){{0,3}}?{NOUN}"
    r"|(?:is|was) (?:now )?(?:just |only )?(?:an? )?(?:tombstone|transitional package"
    r"|redirect|forwarding package)\b"
)

_DAY = (
    r"(?:retires|sunsets|shuts down|will (?:close|end|sunset|retire))"
    r" (?:on |in )?(?:\d|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\w{0,6}\b)"
)
PREDICATE = (
    rf"(?:{AUXILIARY}{{1,2}}(?:also )?(?!not\b){ADVERBIAL}'?(?:{STATE}"
    rf"|{WEAK}(?= ?(?:[.,;:!)-]|$|and\b"
    rf"|in fav|from (?:pypi|npm|the reg)|as of|since|by|now|because|soon|in \d|on \d"
    rf"|shortly))|{ANY_MOVE})"
    rf"|(?:{AUXILIARY}){{0,2}}{ADVERBIAL}{NOT_KEPT}|(?:{AUXILIARY}){{1,2}}{NOW}"
    rf"|(?:{AUXILIARY})?{_GOES_ON}|{_END}|{_IS_A}"
    rf"|{MOVE}|moves to\b|lives (?:at|in) {ODD_NAME}|becomes? {ODD_NAME}"
    rf"|{_DAY}|goes (?:eol|away)\b|reached (?:its )?(?:end|eol)\b)"
)

# "This package", "This Python client for X", also with an aside: "this package (foo) is".
_ASIDE = r"(?:,? ?\([^()]{0,80}\),?)?"
_OF = (
    r"(?: (?:on|in|at|from|for|of|by) (?:the )?[\w./@'-]{1,40}"
    r"(?: (?!(?:which|that|who)\b)[\w./@'-]{1,40})?)?(?! (?:which|that|who)\b)"
)
THIS = (
    r"(?:this|these|our|said|the present) (?!(?:function|method|class|feature|option)\b)"
    # The first noun is the subject: in "this tool finds packages" it is the tool.
    rf"(?>(?:(?!{NOUN}|(?:is|was|are|has|will|an?"
    rf"|the)\b)[\w.'/@+-]{{1,40}} ){{0,4}}?(?:{NOUN} ){{0,3}}?{NOUN}(?! {NOUN}))"
    rf"{_OF}{_ASIDE}"
)
THE = (
    r"the (?:(?!v?\d|old|previous|original|legacy|upstream|former|first|official|other)"
    rf"[\w.'/@+-]{{1,40}} ){{0,3}}?{any_of(MAIN_NOUNS)}(?![-\w]){_OF}{_ASIDE}"
)

IS_DYING = pattern(rf"(?: {NOUN})?{_ASIDE} {PREDICATE}")
# The package's own name, then: "is now LastSearch. Install it".
IS_NOW = pattern(
    r" is now (?!(?:an?|the|in|on|at|as|also|more|stable|ready|public|free|open|async"
    r"|typed|\w{2,12}er)\b)"
    r"[\w-]{3,40} ?(?:\w{2,20} ?)?[-.;:,(] ?.{0,20}?\b(?:install|pip|npm|use|see|uuu"
    r"|forwards)"
)
SUBJECT_THIS = pattern(rf"\b{THIS} {PREDICATE}")
SUBJECT_START = pattern(
    rf"(?:note(?: that)? |notice |warning |important |attention |please note(?: that)? )?"
    rf"(?:{THE}|this|it|(?:all |the )?{any_of(MAIN_NOUNS)}|(?:every"
    rf"|all) versions? of this) {PREDICATE}"
    rf"|(?:it|this|project|package)'?s (?:been )?{ADVERBIAL}(?:{STATE}|{NOT_KEPT}|{MOVE}"
    rf"|{NOW})"
    rf"|{any_of(MAIN_NOUNS)} {ADVERBIAL}(?:{STATE}|{NOT_KEPT}|(?:deleted|removed"
    rf"|closed)\b)"
    r"(?= ?(?:$|[.,;:!()-]|in \d|on \d|since|and|as of|by|due|because|from (?:pypi|npm)"
    r"|for|use))"
)
_FOUND = r"(?:projects|packages|modules|libraries|repos\w*|dependencies|finder)"
ELIDED = pattern(
    rf"(?:(?:{AUXILIARY}){{1,2}}{ADVERBIAL})?"
    rf"(?:{NOT_KEPT}(?! (?:\w{{1,15}} )?{_FOUND})|{NOW}|{MOVE})"
    rf"|{AUXILIARY}{ADVERBIAL}{STATE}|{_DAY}|will be (?:soon )?(?:removed|deleted)\b"
    rf"|bec[ao]mes? part of|{_GOES_ON}|{_END}|{_INTO}"
    rf"|re-?named (?:as |to )?{ODD_NAME}(?! from)"
    r"|moved to (?:github|gitlab|codeberg|bitbucket)\b"
)
WORK_ENDED = pattern(
    r"(?:(?:all |active |further |future |our ){0,3}(?:development|maintenance|support"
    r"|work)"
    rf"(?: (?:of|for|on) (?:this|the|our"
    rf"|it)(?: [\w.'/-]{{1,40}}){{0,3}}?)? (?:{AUXILIARY})?{ADVERBIAL}"
    r"(?:moved|migrated|stopped|ceased|ended|ends|discontinued|transferred|halted"
    r"|suspended"
    r"|continues? (?:in|at|under|on)|happens? (?:in|at|under|on)|takes? place|abandoned"
    r"|over)\b"
    r"|no (?:further|new|more|future|longer any|active|ongoing) (?:[\w/-]{1,20} ){0,2}?"
    r"(?:updates?|development|releases?|versions?|maintenance|support|work|changes|fixes"
    r"|features)\b"
    r"|no maintenance\b(?! (?:needed|required|costs?|window))"
    r"|(?:i|we)(?: are|'re|'ve| have| am|'m)? (?:\w{1,12} )?(?:deprecat|retir|sunset"
    r"|archiv"
    r"|discontinu|abandon|renam)\w{1,4} (?:this|it|the (?:package|project|library))\b"
    r"|(?:(?:the|this|its|all) ){0,2}(?:functionality|code|features?|commands|contents?)"
    r" (?:[\w'-]{1,20} ){0,5}?(?:moved|(?:is|are|was|were|has|have)(?: been)? (?:moved"
    r"|merged"
    r"|integrated|migrated|now (?:moved|merged|available|included|part"
    r"|in))) (?:in)?(?:to|of|under|at|in)? ?"
    rf"{ODD_NAME}"
    r"|(?:this is )?(?:the |a )?(?:last|final) (?:release|version)(?= ?(?:$|[.,;:!()-]"
    r"|of (?:this|the)|under|here|published))"
    rf"|(?:we|i) (?:have )?renamed (?:[^ ]{{1,60}} )?to {ODD_NAME}"
    rf"|we(?:'ve| have|'re| are)? (?:re-?named|re-?branded|moved|moving)(?: to {ODD_NAME}"
    rf"| ?$)"
    r"|(?:i|we)(?: am|'m| are|'re|'ve| have)? (?:\w{1,12} )?(?:no longer|not|stopped"
    r"|don'?t)"
    r" (?:\w{1,12} )?(?:maintain|us|support|work|develop)\w{0,4}(?: on| with)?"
    r"(?: (?:this|it|the (?:project|package|library|module|plugin))\b| ?[.,;:]| ?$))"
)
