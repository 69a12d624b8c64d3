"""
The commonest notices in other languages than English.

Only phrases that leave no doubt: a word alone is too little where the grammar is not
known.
"""

import re

_PHRASES = (
    # Chinese
    "(?:已|已经|已經|现已|現已)(?:被)?(?:弃用|棄用|废弃|廢棄|过时|過時|停止维护|停止維護|停止更新|下架|归档|歸檔)",
    "(?:不再|停止)(?:提供)?(?:维护|維護|更新|支持|支援|开发|開發)(?! ?[A-Za-z])",
    "(?:请|請)(?:改用|使用新|迁移|遷移|移步)",
    "(?:已|已经|已經)(?:更名|改名|迁移|遷移|重命名|合并|合併|移至)",
    "(?:本|此|该|該)(?:包|项目|項目|库|庫|插件|套件|模块)(?:已)?(?:弃用|棄用|废弃|廢棄|不再|改名)",
    r"^\W{0,3}(?:弃用|棄用|废弃|廢棄|已弃用)",
    # Japanese
    "(?:非推奨|廃止)(?:です|になりました|となりました|されました|予定|$|\\W)",
    "(?:メンテナンス|開発|サポート|更新)(?:を|は|が)?(?:終了|停止|され(?:て)?い?ません|していません|しません)",
    "(?:移行|改名|統合|移動|名称変更)(?:しました|されました|してください)",
    "(?:代わりに|かわりに).{1,60}(?:使用|利用|使って|お使い|ご利用)",
    # Korean
    "더 ?이상 (?:유지|지원|개발|사용|관리)",
    "(?:지원|개발|유지보수)(?:이|가)? ?(?:중단|종료)",
    # Russian, Ukrainian
    r"\b(?:больше не|более не) (?:поддерж|разв|обновля|использ|нуж)\w+",
    r"\b(?:пакет|проект|библиотека|модуль) (?:\w+ )?(?:устар|заброш|переимен|перен|перем|заменен)\w+",
    r"^\W{0,3}(?:устарел|устаревш|заброшен|не поддерживается|переименован)\w*",
    r"\b(?:используйте|пожалуйста,? используйте) .{1,60} вместо (?:него|нее|этого)",
    r"\b(?:пакет|проект) більше не \w+|^\W{0,3}(?:застарі|переймен)\w+",
    # German
    r"\b(?:wird|werden|wurde|ist) (?:\w{1,20} ){0,3}?(?:nicht (?:mehr|länger)"
    r"|eingestellt|veraltet"
    r"|umbenannt|abgekündigt|ersetzt durch|aufgegeben|verschoben nach|umgezogen)",
    r"\b(?:nicht mehr|nicht länger) (?:\w{1,15} )?(?:gepflegt|unterstützt|gewartet"
    r"|weiterentwickelt"
    r"|entwickelt|verwendet|benötigt|verfügbar)",
    r"\b(?:bitte|stattdessen) (?:[\w.'-]{1,40} ){0,4}?(?:verwenden|benutzen|nutzen|installieren|umsteigen|stattdessen)",
    r"^\W{0,3}(?:veraltet|eingestellt|abgekündigt|umbenannt in)\b",
    # Spanish
    r"\b(?:est[eao] )?(?:paquete|proyecto|librería|biblioteca|módulo|repositorio"
    r"|plugin) (?:ya no|está"
    r" (?:obsolet|descontinuad|abandonad|deprecad)|ha sido|fue|se ha|quedó)",
    r"\bya no (?:se |es |está |tiene |recibe |recibirá )(?:\w{1,15} )?(?:manten|actualiz|soport|desarroll|necesari|mantenimiento|soporte)\w*",
    r"^\W{0,3}(?:obsolet[oa]|descontinuad[oa]|deprecad[oa]|abandonad[oa]|renombrad[oa] (?:a|como))\b",
    r"\b(?:use|usa|utilice|utiliza|instale|instala|usar) [\w.'@/-]{1,60} en su lugar",
    # French
    r"\b(?:n'est|n'est|ne sera|n'étant) plus (?:\w{1,15} )?(?:mainten|support|développ|utilis|nécessaire|à jour)\w*",
    r"\b(?:ce|cette) (?:paquet|projet|module|bibliothèque|dépôt|extension"
    r"|package) (?:est|a été) (?:\w{1,15} )?"
    r"(?:obsol|dépréci|abandonn|renomm|déplac|remplac|archiv|fusionn)\w*",
    r"^\W{0,3}(?:obsolète|déprécié|abandonné|renommé en|remplacé par)\w*\b",
    r"\b(?:utilisez|veuillez utiliser|installez) (?:plutôt )?[\w.'@/-]{1,60} (?:à la place|plutôt)",
    # Portuguese
    r"\b(?:este|esta) (?:pacote|projeto|biblioteca|módulo"
    r"|repositório) (?:\w{1,10} )?(?:está|foi|não)"
    r" (?:mais |é )?(?:\w{1,10} )?(?:obsolet|descontinuad|abandonad|depreciad|renomead|substitu|mov|mantid|migrad)\w*",
    r"\bnão (?:é|está|será|recebe) mais (?:\w{1,15} )?(?:mantid|suportad|atualiza|desenvolv|necess)\w*",
    r"^\W{0,3}(?:descontinuad[oa]|depreciad[oa]|renomeado para|substituído por)\b",
    r"\b(?:use|utilize|instale) [\w.'@/-]{1,60} em vez (?:disso|deste|desta)",
    # Italian, Polish, Dutch
    r"\bnon (?:è )?più (?:\w{1,15} )?(?:mantenut|supportat|svilupp|aggiorn)\w*|^\W{0,3}(?:deprecato|obsoleto)\b",
    r"\b(?:nie jest już|już nie jest) (?:\w{1,15} )?(?:rozwijan|wspieran|utrzymywan)\w*",
    r"\bwordt niet (?:meer|langer) (?:\w{1,15} )?(?:onderhouden|ondersteund|ontwikkeld)",
)
_NOTICE = re.compile("|".join(f"(?:{phrase})" for phrase in _PHRASES), re.IGNORECASE)


def foreign_notice(text: str) -> tuple[int, int] | None:
    """Return where a text says in another language that its package is dying."""
    found = _NOTICE.search(text)
    return None if found is None else found.span()
