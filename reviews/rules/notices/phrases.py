"""
The words in which packages say that they are dying, as tables to read and extend.

Fragments of patterns only, each with a bounded number of repetitions: what they are
put together to, and where in a text they may stand, is decided in `notice_grammar`.
"""

# What a package may call itself.
NOUNS = (
    "packages?|project|library|lib|modules?|repo(?:sitory)?|plug-?in|extension"
    "|tool(?:kit|box|chain)?|distribution|distro|sdk|client|crate|gem"
    "|app(?:lication)?|add-?on|software|program|name|release|version|components?"
    "|integration|provider|wrapper|fork|framework|adapt[eo]r|connector|bindings?"
    "|driver|middleware|service|cli|script|code(?: ?base)?|api|server|bot|theme"
    "|template|implementation|utility|shim|stubs?|alias|interface|backend|loader"
    "|preset|polyfill|parser|generator|bundle|collection|(?:back)?port|bridge"
    "|exporter|agent|runtime|mirror|product|engine|platform|solution|operator"
    "|helpers?|location|namespace|config(?:uration)?|formatter|linter|builder"
    "|compiler|functionality"
)

# States that say it alone: "deprecated". The misspellings are common ones.
STATES = (
    "depr[ei]c[ai]?i?ated|depre?c[ie]?ated|depracated|deprec?rated|obsol(?:e|s)ted?"
    "|obsoleted|(?:un|non-|un-)maintained|discontinued|abandoned|abandonware|retired"
    "|archived|super[sc]eded|sunset(?:t?ed|ting)?|defunct|decommissioned|withdrawn"
    "|orphaned|outdated"
    "|(?:at |in )?end[- ]of[- ](?:life|support|service|maintenance)(?:'?d)?"
    "|end-?of-?lifed|eol(?:'?e?d)?|mothballed|unsupported|phased out"
    "|shut(?:ting)? down|shuttered|yanked|unpublished|(?:un|non-?)supported|stopped"
    "|ceased|terminated|cancelled|delisted|ended"
    "|dead(?! ?-?(?:simple|easy|code|letter|lock|line|link))"
)

# States only of a whole sentence about the package, or in brackets.
WEAK_STATES = (
    "legacy|inactive|removed|deleted|disabled|closed(?! source)|frozen|gone|dropped"
    "|out of date|read-?only|on hiatus|dormant|stale|redundant|irrelevant|broken"
    "|useless|unnecessary|pointless"
)

# Participles of a package that goes on elsewhere.
MOVES = (
    "re-?named|moved|merged|migrated|transferred|relocated|re-?branded|replaced"
    "|transitioned|absorbed|folded|subsumed|consolidated|continued|succeeded"
    "|swallowed|re-?homed"
)

# The same, of words that need the package for their subject: "integrated into your
# editor" is praise.
WEAK_MOVES = (
    "integrated|incorporated|unified|included|rolled|split|taken over|upstreamed"
    "|re-?published|re-?released|re-?written as|donated|evolved|converted|promoted"
)

# What "the" may stand before: "the site is no longer available" is about something else.
MAIN_NOUNS = (
    "package|project|library|module|repo(?:sitory)?|plug-?in|extension|sdk|client"
    "|tool|functionality|code|wrapper|name|product|service"
)

# What a dying package no longer is.
CARES = (
    "maintained|supported|developed|needed|necessary|required"
    "|in (?:use|development|active)|updated|used|useful|relevant|active|available"
    "|published|distributed|recommended|functional|working|works?|exists?"
    "|under (?:active )?(?:development|maintenance)"
    "|being (?:actively )?(?:maintained|developed|supported|updated|worked on)"
    "|receiv(?:e|es|ing)"
    "|be (?:actively )?(?:maintained|supported|developed|updated|published|available|used|receiving|necessary|required|needed|distributed)"
    "|an? (?:active|separate|standalone|supported|maintained)|gets?|get|provided"
    "|viable|valid|worked on|offered|operational|actual"
)

# Little words between "is" and the state.
ADVERBS = (
    "now|currently|officially|already|fully|completely|hereby|therefore|effectively"
    "|also|soon|recently|permanently|formally|just|actively|be|being|been|long"
    "|considered|marked|as|to be|mostly|largely|entirely|totally|in the process of"
    "|about|scheduled|planned|going|since|basically|essentially|both|hence|thus|sadly"
    "|unfortunately|and|quite|very|pretty much|more or less|declared|reached|reaching"
    "|at|its|an|a|slowly|in|listed|kept|only|here|hard|is|are"
)

AUXILIARIES = (
    "is|are|was|were|has|have|had|will|should|must|gets?|got|became|went|isn'?t|can|may"
)

# Nouns that are never a package: "deprecated methods" speaks of code.
THINGS = (
    "functions?|methods?|class(?:es)?|features?|fields?|dependenc(?:y|ies)|apis"
    "|warnings?|notices?|symbols?|imports?|attributes?|parameters?|params?|arguments?"
    "|args?|propert(?:y|ies)|props?|endpoints?|settings|options?|views?|tags?|types?"
    "|decorators?|annotations?|markers?|checkers?|finders?|detectors?|scanners?"
    "|trackers?|linters?|models?|things?|items?|elements?|packages|libraries|modules"
    "|versions|users?|files?|calls?|usages?|syntax|hardware|devices?|protocols?"
    "|formats?|code|behaviou?rs?|patterns?|rules?|routes?|pages?|urls?|links?"
    "|data(?:sets?|bases?)?|carts?|objects?|records?|branch(?:es)?|resources?|images?"
    "|terms?|words?|names|crypto(?:graphy)?|ciphers?|algorithms?|events?|columns?"
    "|variables?|constants?|players?|people|workers?|aware"
    "|detection|removal|handling|management|and|or"
)

# What shows that a deprecated thing is a package after all.
PACKAGE_WORDS = (
    "package|wrapper|client|sdk|library|module|plug-?in|adapt[eo]r|interface"
    "|implementation|shim|stub|alias|name|version|release|tombstone|bindings?|fork"
    "|project|distribution|extension|backport|cli|connector|integration|provider"
    "|repo(?:sitory)?|placeholder|redirect|tool|app(?:lication)?|software|service"
    "|framework|driver"
)
