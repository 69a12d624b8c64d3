"""
The patterns of single clauses: marks, headlines, imperatives, old names and aliases.

They are tried where a clause begins. The sentences about a package, and the fragments
from which both are built, are in `notice_grammar`; what counts where, in `notice`.
"""

import re

from reviews.rules.notices.grammar import (
    ADVERBIAL,
    MOVED,
    NAME,
    NOT_KEPT,
    NOUN,
    ODD_NAME,
    STATE,
    any_of,
    pattern,
)
from reviews.rules.notices.phrases import PACKAGE_WORDS, THINGS

# One word that says it all, alone in a clause or in brackets.
_MARK = (
    rf"(?:{STATE}|legacy|inactive|removed|deleted|dropped|disabled|dead"
    r"|(?:officially )?(?:no longer (?:actively )?(?:maintained|supported|developed"
    r"|updated"
    r"|needed)|not (?:actively )?(?:maintained|developed|updated)(?! by))"
    r"|tombstone|deprecation notice|deprecates?|deprecating|retir(?:ement"
    r"|ing)(?: notice)?|eol|end of life)"
)
_LEAD = (
    r"(?:(?:warning|note|notice|important|attention|caution|status|now|officially|soon"
    r"|fully|completely|is|was|permanently|already|currently|effectively|this is) ){0,3}"
)
# Not "renamed and merged branches", whose states are those of branches.
_ENDS = r"(?= ?(?:$|[.,;:!)'-]|(?:to|into|see|use|in|by|as|since|please|and|from)\b))"
_TAIL = (
    rf"(?: ?(?:and|or|/|&) ?(?:(?:{STATE}|{MOVED}){_ENDS}|not?\b|un(?:maint|sup)\w|will\b|is\b|has\b"
    rf"|should\b|use\b)"
    r"|(?: ?[!.:'-])*$"
    rf"| {NOUN}$"
    r"|,? ?(?:since|as of|in fav\w{1,3}r|for|by|use|please|from|on|in|to|due|because|but"
    r"|see"
    r"|after|with|at|now|v?\d|soon|install|replaced|renamed|moved|merged|superseded"
    r"|migrate|switch|as|into|under|until|unless|do|try|instead|upstream|only|any ?more"
    r"|if|when|this|the|notice|warning|anymore)\b)"
)
_MOVE_TAIL = (
    rf"(?: ?(?:and|or|/|&) ?(?:(?:{STATE}|{MOVED}){_ENDS}|no longer)|(?: ?[!.:'-])*$| {NOUN}$"
    r"|,? ?(?:please|see|use|install|with|since|upstream|elsewhere)\b)"
)
MARK = pattern(rf"{_LEAD}(?:{_MARK}{_TAIL}|{MOVED}(?! from){_MOVE_TAIL})")
MARK_ALONE = pattern(
    rf"{_LEAD}(?:{_MARK}|{MOVED}|deprecation(?: warning)?)(?: ?[!.:'-])*$"
)
DO_NOT_USE = pattern(
    rf"{_LEAD}(?:please )?(?:do not|don'?t|stop|avoid) (?:use|using|install"
    rf"|installing)(?:$| ?!|(?: this| it| the)"
    r"(?: package| library| module| project| plugin)?(?! (?:directly|in|yet|if|unless|for"
    r"|without|as|with|to)\b)| any ?more)"
)
LOUD = re.compile(
    r"(?:THIS (?:\w+ ){1,3}IS )?(?:NOW )?(?:DEPR[EI]CI?ATED|OBSOLETE|UNMAINTAINED"
    r"|DISCONTINUED"
    r"|ABANDONED|RETIRED|ARCHIVED|SUPERSEDED|RENAMED|MOVED|DEFUNCT|END[- ]OF[- ]LIFE"
    r"|SUNSET|UNSUPPORTED)(?![-\w])"
)
LOUD_END = re.compile(rf"(?<![\w-]){LOUD.pattern} ?[!.>]*$")

# "Deprecated backport of X": the state stands before what the package is.
HEADLINE = pattern(
    r"(?:an? |the )?(?:now[- ]|old and )?(?:depr[ei]c[ai]?i?ated|unmaintained|defunct)"
    rf"(?: (?:in fav|by|since|as of|for|and|due|because|use|see|from|on|version|with)\b"
    rf"|(?: (?!{any_of(THINGS)}\b)[\w.'/@+&-]{{1,40}}){{1,5}}?"
    rf"(?:$| (?:for|of|to|from|in|on|with|that|which|around|by|and|using|into|please|as"
    rf"|see|use)\b))"
)
HEADLINE_PACKAGE = pattern(
    r"(?:an? |the )?(?:old and )?(?:obsolete|abandoned|retired|archived|outdated|renamed"
    r"|discontinued|unsupported|superseded)"
    r"(?: (?:in fav|and (?:unmaint|unsup|no longer|not|deprec|replaced|supersed)|by"
    r"|since|as of|due|because|use)\b"
    rf"|(?: (?!(?:for|of|to|in|with"
    rf"|from)\b)[\w.'/@+&-]{{1,40}}){{0,4}}? {any_of(PACKAGE_WORDS)}"
    r"(?= (?:for|of|to|in|on|with|that|which|from|by|around|as|using|and|please|use|see"
    r"|now)\b"
    r"|,? ?\w{2,12}ed\b| ?$))"
)

HEADLINE_LEGACY = pattern(
    r"(?:an? |the )?(?:old|former|previous|legacy|transitional|transition"
    r"|historic(?:al)?)"
    r"(?: (?!(?:for|of|to|in|with|from|api|apis|systems?|support|browsers?|protocols?|formats?"
    r"|data"
    r"|python|code|web|database|file)\b)[\w.'/@+&-]{1,40}){0,2}?"
    r" (?:package|version|release|alias|name|client|sdk|wrapper|cli|library|module"
    r"|plug-?in"
    r"|distribution|stub|redirect|placeholder|tombstone|integration)"
    r"(?= (?:for|of|to|on|that|which|by|please|use|see|now)\b| ?$)"
)

_PLEASE = (
    r"(?:(?:please|pls|plz|kindly|instead,?|just|simply|now|so|and|but|or|you (?:should"
    r"|can|may"
    r"|must|could)|users? (?:should|must|are \w{1,12} to)|we (?:\w{1,12} )?(?:recommend"
    r"|suggest|"
    r"advise)(?: (?:you |that you |to |users )+)?|consider|prefer|directly|new (?:users"
    r"|projects"
    r"|code) should|for new \w{1,12}|everyone should|better|always|it is recommended to"
    r"|go(?: and)?"
    r"|to get \w{1,12}|then|uninstall (?:it |this |[\w.-]{1,40} )?and|download and"
    r"|for [\w. +>=<-]{1,30}),? ){0,4}"
)
_VERB = (
    r"(?:us(?:e|ing)|install(?:ing)?|try|prefer|get|import|see|check ?out|check|visit"
    r"|go (?:to|for|with)|refer to|look at|depend(?:ing)? on|require|choose|follow|find"
    r"|add"
    r"|consider(?: using)?|download|(?:have|take) a look at|pip install|run|adopt"
    r"|you (?:(?:probably|likely|might|may|almost certainly) )?(?:want|need"
    r"|meant)(?: to use)?)"
)
_CHANGE = (
    r"(?:(?:switch|migrat|mov|transition|upgrad|updat|port|chang|convert)(?:e|ing)?"
    r"(?: [\w'-]{1,20}){0,3}? (?:to|over to|onto)|replace (?:it|this|with))"
)
_NOT_ASKED = (
    r"(?! (?:\w{1,20} ){0,3}?(?:caution|risk|responsib\w*|care|carefully|wisely|issues?"
    r"|the issue"
    r"|docs?|documentation|readme|website|homepage|wiki|below|above|following)\b)"
)
INSTEAD = pattern(
    rf"{_PLEASE}{_VERB} (?!(?:it|them"
    rf"|me)\b)(?:[^\s]{{0,119}}[^\s.!?;] ){{1,12}}?(?:package "
    rf"|library )?instead\b(?! of\b)"
)
INSTEAD_OF = pattern(
    rf"{_PLEASE}{_VERB} (?:[^\s]{{1,120}} ){{1,8}}?(?:instead of|rather than"
    rf"|in place of) "
)
INSTEAD_OF_THIS = pattern(r"(?:this|it|the old|the deprecated)\b")
NEW_WORK = pattern(
    rf"{_PLEASE}{_VERB} (?:the )?{ODD_NAME}(?: package| library)? for (?:all "
    rf"|any )?(?:new|future)\b"
)
BARE_CHANGE = pattern(
    r"(?:migrate|switch|upgrade|move) (?:over )?to (?:the )?"
    rf"{ODD_NAME}(?= ?$| or | package| library| instead)"
)
INSTEAD_FIRST = pattern(
    rf"instead,? (?:please |you should |just )?(?:{_VERB}|{_CHANGE}) {NAME}"
)
# "Please upgrade to the latest version" tells of a version, not of the package.
_NO_VERSION = (
    r"(?!(?:the )?(?:latest|newest|current|most recent|newer|version|v?\d|python|node"
    r"|chrome))"
)
_ASKING = (
    r"[\w, ]{0,60}?(?:please|should|must|recommend|consider|advise|suggest|kindly"
    r"|encouraged"
    r"|urged|asked)"
)
PLEASE_CHANGE = pattern(rf"(?={_ASKING}){_PLEASE}{_CHANGE} {_NO_VERSION}{NAME}")
_NOT_A_REPLACEMENT = (
    r"(?! (?:to|for) (?:\w{1,12} )?(?:report|fil|ask|submit|issue|bug|question|support"
    r"|discuss"
    r"|contribut|help|communicat|more|further|detail|info|doc|usage|install)"
    r"|(?:,? (?:first|before|beforehand|if|with|separately|manually|as well|too))\b)"
)
PLEASE_USE = pattern(
    rf"(?={_ASKING}){_PLEASE}(?:us(?:e|ing)|install(?:ing)?|try|prefer|get|import|adopt"
    rf"|choose"
    rf"|consider(?: using)?|depend on|download|go (?:to|for|with)){_NOT_ASKED} (?:(?:our"
    rf"|new"
    r"|official|the|package|library|successor|module|project|repo) ){0,4}"
    rf"{_NO_VERSION}"
    rf"(?:{ODD_NAME}|[\w.-]{{1,40}} (?:{NOUN}|from now|going f)){_NOT_A_REPLACEMENT}"
    r"|please (?:\w{1,10} )?(?:use|install|try) (?!(?:it|this|them|me|us|\w+ly|caution"
    r"|python\d?)\b)"
    r"[\w.-]{2,40}(?: ?!?$| for new )"
)

# What the thing is, when the name is all there is.
OLD_NAME = pattern(
    r"(?:this is )?(?:an? |the )?(?:(?:old|former|previous|legacy|deprecated"
    r"|historic(?:al)?"
    r"|original|obsolete|retired|renamed|outdated|transitional"
    r"|prior)(?:,? (?:and )?[\w-]{1,15}){0,2}? "
    r"(?:(?:package|project|distribution|pypi|npm|import|module|library|cli"
    r"|command)[- ]?)?"
    r"(?:name|alias|shim|redirect|stub|placeholder|wrapper|pointer|home|location)\b"
    r"|tombstone(?: (?:package|release|for|of|with|only|stub)\b| ?$)"
    r"|transition(?:al)? (?:meta-?|dummy |stub )?(?:package|release|shim|stub|module)"
    r"|(?:re-?naming|rename|migration|forwarding|deprecation|redirect(?:ion)?"
    r"|redirecting) "
    r"(?:shim|stub|package|release|notice|placeholder|meta-?package|wrapper|module)"
    r"|deprecation shim"
    r"|compat\w{0,9} (?:package|shim|release|wrapper|layer|alias) (?:renamed"
    r"|for (?:the )?(?:re-?named|old (?:name|package)|deprecated))"
    r"|empty (?:\w{1,15} )?(?:package|release|shim)\b.{0,40}(?:renam|moved|replac"
    r"|supersed|migrat))"
)
SUCCESSOR = pattern(
    r"(?:(?:the |its |our )?(?:successor|replacement|new (?:package )?(?:name|home"
    r"|location|package|repo\w*|"
    r"project|version|address))(?: package| project| library)?"
    r"(?: (?:is|at|can be found|lives)\b| ?:| -|$)"
    r"|(?:please )?(?:[\w./@'-]{1,60}) is (?:the |its |a )?(?:\w{1,15} )?(?:successor"
    r"|replacement|new (?:name|package"
    r"|home))\b(?! (?:to|of|for)\b)"
    rf"|(?:you can )?(?:find|get) (?:the |a )?(?:new"
    rf"|maintained) (?:[\w-]{{1,20}} ){{1,3}}?(?:at|in|on)"
    rf" {ODD_NAME}"
    r"|(?:superseded|succeeded|obsoleted|replaced) by\b|in fav(?:ou?)r of\b"
    r"|formerly here\b"
    r"|(?:package |project )?name (?:has |was )?(?:been )?changed(?: to\b| ?$)"
    r"|(?:the )?(?:[\w.'-]{1,30} ){1,4}?now (?:lives|resides|ships) (?:in|inside|at"
    r"|under) (?:the )?"
    rf"{ODD_NAME}"
    r"|(?:which |\w[\w./@-]{0,60} )?provides its own types? definitions?\b|(?:types?"
    r"|typings?) (?:definitions? )?are now"
    r"|(?:this|it) (?:only |just |merely |now )?(?:package |release |version )?(?:only "
    r"|just |merely |now )?"
    r"(?:forwards|redirects|points|exists only)\b)"
)
_STANDS_FOR = (
    r"(?:for|of|pointing|(?:that|which) (?:only |just )?(?:installs?|redirects?|points?"
    r"|depends))"
)
ALIAS = pattern(
    r"(?:this is )?(?:an? |the |official |short |short-name |shorter |convenience |cli "
    r"|compat\w{0,9} "
    r"|install and import |name |package |pypi |npm |shortcut |simple |import ){0,4}"
    r"(?:alias(?: (?:package|distribution|name|module))? (?:for|of|to)"
    r"(?! (?:the )?[\w-]{1,30} (?:or|and)\b)|alias package\b|typo of\b"
    rf"|(?:dummy|pointer|place ?holder|redirect) ?(?:package|module|release"
    rf"|shim)? {_STANDS_FOR}"
    r"|(?:empty|compat\w{0,9}|proxy|virtual) (?:package|distribution|release|installer) "
    rf"{_STANDS_FOR}|redirects? to [\w.-]+[-_.]|place ?holder(?: package| release| name"
    rf"| ?$)"
    r"|(?:mirror|pointer|redirect) (?:package|release)\b"
    r"|(?:this|the|installing this) (?:package |release |alias )?(?:only|just|merely"
    r"|simply) "
    r"(?:installs|re-?exports|depends on|pulls in|forwards)\b|(?:this )?(?:package "
    r"|project )?name (?:is |has been )?"
    r"reserved)|alias(?: package)?$"
)
ALIAS_WITHIN = pattern(
    r"\b(?:alias|dummy|redirect|pointer|typo|placeholder) (?:package|distribution)"
    r" (?:for|of|to|that)\b|\b(?:shim|stub|wrapper|package) - (?:just |only )?installs \w"
)
RESERVED = pattern(
    r"(?:\w{1,20} ){0,3}?(?:typo(?:squat\w{0,4})?[- ](?:guard|protection|package)"
    r"|reserved name\b"
    r"|name[- ](?:guard|squat\w{1,4}|placeholder|reserv\w{1,5}(?! (?:systems?|apis?"
    r"|tools?)))"
    r"|reserv(?:ed|ing) (?:for \w|by|the name|this name)"
    r"|to (?:prevent|avoid) (?:\w{1,15} ){0,2}(?:squat|typo))|reserved ?$"
)

COMPATIBLE = pattern(r"(?:[\w-]{1,20} ){0,2}(?:compat\w{0,9}|legacy|alias|old name)\b")
OLD_DEPRECATED = pattern(
    r"(?:an? |the |this )?(?:\w{1,15}, ?){1,3}(?:and )?(?:\w{1,15} ){0,4}?"
    rf"{any_of(PACKAGE_WORDS)}(?![-\w])"
)
OLD_WORD = pattern(rf"\b(?:{STATE}|legacy)")
FORMERLY = pattern(
    r"\b(?:formerly|previously|was|once|used to be|earlier|originally)"
    r"(?: (?:known|called|named|published|released|distributed))?(?: as)? '?"
)

# What makes the state that of another package: "fork of X (unmaintained)".
OTHERS = pattern(
    r"\b(?:fork (?:of|from)|forked from|alternative (?:to|for)|replacement (?:for|of)"
    r"|replaces"
    r"|successor (?:to|of|for)|(?:back)?port of|continuation|continues|clone of|based on"
    r"|inspired by|instead of|reviv\w{1,4}|resurrect\w{0,4}|drop-?in|compatible with"
    r"|which|that|who|whose|reimplement\w{1,6}|re-?write of|rewritten"
    r"|remak\w{1,3}|when|whether|if|detects?|finds?|checks?|lists?|identif\w{1,5}|warns?"
    r"|maintained fork|mark\w{0,3}|migrat\w{1,4} from|converts?|formerly|unlike"
    r"|from the)\b"
)

STATE_WORD = pattern(rf"\b{STATE}|\bmaintained\b|\bdeprecation\b")

# "Instead, use fizz-baz", across the comma at which clauses end.
INSTEAD_COMMA = pattern(
    rf"(?:^|[.;:!] )instead, (?:please |just )?(?:{_VERB}|{_CHANGE}) {NAME}"
)
# A shim that keeps an old name alive: "so existing imports keep working".
KEEPS_OLD = pattern(
    r"\b(?:existing|old|legacy|previous) (?:imports?|installs?|installations?|names?"
    r"|code|scripts?"
    r"|import paths?|users|dependen\w{2,6})(?: \w{1,15}){0,2}? (?:keeps?|continues?"
    r"|still)"
    r"(?: to)? (?:work|resolv)\w{0,3}\b|\bkeeps (?:the )?(?:old|former|previous) "
    r"(?:[\w-]{1,20} ){0,2}?(?:imports?|names?|commands?|cli|package"
    r"|paths?) (?:[\w-]{1,20} )?"
    r"(?:working|alive)\b"
)
KEEPS = pattern(r"\bkeep(?:s|ing)? (?:the |old )?(?:'?import )?'?")
# Nothing but where to go: "Use fizz-baz".
POINTER = pattern(
    rf"(?:(?:attention|warning|important|note|notice)[:!. -]{{1,3}})?"
    rf"(?:just |go |better )?(?:use|prefer|install|(?:switch|migrate|upgrade"
    rf"|move) to) (?:the )?"
    rf"{ODD_NAME}(?: (?:package|library|module)\b[^.]{{0,80}})? ?[.!]*$"
)
NEW_NAME_OF = pattern(r"\bnew (?:name|home) (?:of|for) '?")
THIS_REPLACED = pattern(
    r"\bnew (?:name|home) (?:of|for) this\b"
    r"|\b(?:replaces|supersedes|replacing) this (?:package|library|module|project|plug-?in)\b"
)
# "A client that is no longer maintained", but not "for an API that is".
RELATIVE = pattern(
    r"(?:an?|the) (?:(?!(?:for|of|to|in|with|on|from|by|fork)\b)[\w.'/@+-]{1,40} ){1,6}?"
    rf"(?:that|which) (?:is|has|was) {ADVERBIAL}(?:{STATE}|{NOT_KEPT})(?= ?(?:$|[.,;]))"
    rf"|(?:an?|the) \((?:now |officially )?{STATE}\)"
)
CONDITION = pattern(r"\b(?:if|when|whether|once|until|unless|where|in case) ?$")
CONDITIONAL = pattern(r"\b(?:if|when|unless|in case|should you)\b")
CLOSING = re.compile(r"[)\]}\u3011][)\]}\u3011 ']*")
# After a state: "obsolete, unused and dead code" lists what a tool looks for.
LISTED = pattern(
    r" ?,? (?:(?:and|or) (?!use|see|will|no|un|please|has|is|was|not)"
    rf"|(?:{STATE}|\w{{2,10}}ed),? (?:and|or) |unused)"
)
