"""How people say in their languages that they are away, until when, and when they are back: words, no logic.

All words are written as `str.casefold` leaves them (`ausser`, not `außer`), and are parts of regular expressions.
The names of months and days are not here: they come from the locale (CLDR, through Babel).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tongue:
    """The words of one language.

    `away` says that somebody is not there, `again` that they are back; only near to one of these an `until`, or a
    stretch of days `start` … `to`, means an absence. `since` introduces the day of the return. A group `including`
    or `after` moves a day by one; `including` may also stand behind the date. `small` words may stand between any
    of these and a date. `lone` introduces a day without its month ("den 16.").
    """

    locale: str
    away: str
    until: str
    again: str
    since: str
    small: str
    start: str
    to: str
    including: str
    lone: str
    tomorrow: str
    next_week: str
    end: str
    week: str
    month: str
    days: str = ""
    """Forms of the days of the week that the locale does not list, Monday first, divided by spaces."""
    month_first: bool = False
    """3/4 may also be the fourth of March."""


TONGUES = (
    Tongue(
        "en",
        away=r"out of (?:the )?office|out of town|ooo|away|leave|holidays?|vacation|absen\w+|travel\w*|unavailable|"
        r"not (?:be )?(?:available|reachable|in|at|working|checking|reading|able)|unable|out|off|pto|offline|limited|"
        r"no access|closed|sick|conference",
        until=r"(?P<including>through|thru|(?:up to|until|till) and including)|until|untill|till?|up to|before",
        again=r"back(?! to you)|returning|returns?|(?:available|reachable|online|office|work) again|resume",
        since=r"on|from|as of|starting|(?P<after>after)",
        small=r"the|on|from|in|to|my|at work|at my|at the|week|commencing|beginning|w/c|or|work|"
        r"office|desk|again|next|this|coming|online|available|be|will|"
        r"date|is|of|morning|by|around|about|approximately|full time|until|before|i|return|and including|including",
        start=r"from|between",
        to=r"to|until|till|through|thru|and",
        including=r"inclusive|included|incl",
        lone=r"(?P<lone>\d\d?)(?:st|nd|rd|th)",
        tomorrow=r"tomorrow",
        next_week=r"next week",
        end=r"(?:the )?end of(?: the| this)?",
        week="week",
        month="month",
        days="mon tues|tue weds|wed thurs|thur|thu fri sat sun",
        month_first=True,
    ),
    Tongue(
        "de",
        away=r"abwesen\w*|\w*urlaub\w*|ferien|nicht (?:im|erreichbar|da|am|verfügbar|persönlich|gelesen|bearbeitet)|"
        r"ausser haus\w*|ausserhalb|unterwegs|\w*reise|elternzeit|krank\w*|wieder|zurück|geschlossen|betriebsferien|"
        r"rückkehr",
        until=r"(?P<including>bis(?: zum)? (?:einschliesslich|einschl\.?|inklusive|inkl\.?|incl\.?)(?: zum)?)|"
        r"bis(?: zum)?",
        again=r"wieder|zurück|rückkehr",
        since=r"ab|am|seit|(?P<after>nach)",
        small=r"dem|den|der|zum|am|ab|nächste[nr]?|kommende[nr]?|diese[nr]?|im|büro|erreichbar|da|hause?|verfügbar|"
        r"persönlich|für|sie|bin|ich|voraussichtlich|anwesend|erst|tag|in|ins",
        start=r"vom|von|zwischen",
        to=r"bis(?: zum)?(?: einschliesslich| einschl\.?| inkl\.?)?|und",
        including=r"einschliesslich|einschl|inklusive|inkl|incl",
        lone=r"(?:am|zum|dem|den|bis) (?P<lone>\d\d?)\.",
        tomorrow=r"morgen",
        next_week=r"(?:nächste|kommende)[nr]? woche",
        end=r"ende(?: de[rs]| dieser| dieses)?",
        week="woche",
        month="monats?",
    ),
    Tongue(
        "fr",
        away=r"absen\w+|congés?|vacances|déplacement|ne (?:suis|serai|serons|sommes) pas|indisponible|fermée?s?|retour|"
        r"arrêt|hors du bureau|injoignable|rtt|revien\w*|rentr\w+",
        until=r"jusqu'(?:au|à|en)|avant(?: le)?",
        again=r"retour|reviens|reviendrai|reprends|reprendrai|reprise|rentre|rentrerai|(?:de|à) nouveau",
        since=r"le|dès(?: le)?|à partir d[ue]|à compter d[ue]|au|(?P<after>après(?: le)?)",
        small=r"le|la|au|du|de|ce|prochain|bureau|prévue?|mon|est|sera|serai|disponible|joignable|à|partir|compter|dès|"
        r"dans|travail|jour|matin",
        start=r"du|entre(?: le)?",
        to=r"au|et(?: le)?|jusqu'au",
        including=r"inclus|compris",
        lone=r"(?:le|au|du) (?P<lone>\d\d?)",
        tomorrow=r"demain",
        next_week=r"(?:la )?semaine prochaine",
        end=r"(?:la )?fin(?: de la| de cette| de| du)?",
        week="semaine",
        month="mois",
    ),
    Tongue(
        "es",
        away=r"ausen\w+|vacaciones|fuera de(?: la)? oficina|fuera|no (?:estaré|estoy|podré|estaremos)|de viaje|de baja|"
        r"permiso|cerrad\w+|vuelv\w+|volver\w*|regres\w+|vuelta|festivo",
        until=r"hasta",
        again=r"vuelv[oe]|volver\w*|vuelta|regres\w+|retorno|reincorpor\w+|incorpor\w+|de nuevo|nuevamente",
        since=r"el|desde(?: el)?|a partir del?|(?P<after>después del?|tras el)",
        small=r"el|la|del?|al?|día|oficina|próximo|este|mi|será|estaré|disponible|en|partir|trabajo|fecha|desde",
        start=r"del?(?:sde)?(?: el)?|entre(?: el)?",
        to=r"al?|hasta(?: el)?|y(?: el)?",
        including=r"(?:ambos )?inclusive|incluido",
        lone=r"(?:el|al|del)(?: día)? (?P<lone>\d\d?)",
        tomorrow=r"mañana",
        next_week=r"la semana que viene|la próxima semana|la semana próxima",
        end=r"(?:el )?(?:finales|final|fin)(?: de la| de esta| de)?",
        week="semana",
        month="mes",
    ),
    Tongue(
        "pt",
        away=r"ausen\w+|ausência|férias|fora d[oa]|não (?:estarei|estou|poderei|estaremos)|licença|viagem|fechad\w+|"
        r"encerrad\w+|regress\w+|retorn\w+|volt\w+|folga|indisponível",
        until=r"até",
        again=r"regress\w+|retorn\w+|volt\w+|novamente|de novo",
        since=r"em|no|a|dia|a partir d[eo]|(?P<after>após|depois d[eo])",
        small=r"o|ao?|à|d[eo]|dia|n[oa]|em|próxim[oa]|escritório|trabalho|partir|estarei|será|meu|previst[oa]|para",
        start=r"d[eo](?: dia)?|entre",
        to=r"ao?|até|e",
        including=r"inclusive|inclusivé",
        lone=r"dia (?P<lone>\d\d?)",
        tomorrow=r"amanhã",
        next_week=r"próxima semana|semana que vem",
        end=r"(?:o |ao )?(?:final|fim)(?: d[aeo]| desta)?",
        week="semana",
        month="mês",
        days="segunda terça quarta quinta sexta sábado domingo",
    ),
    Tongue(
        "it",
        away=r"assen\w+|ferie|fuori(?: sede| ufficio)?|non (?:sarò|sono|saremo|potrò)|vacanza|viaggio|trasferta|"
        r"chius\w+|rientr\w+|ritorn\w+|congedo|permesso|torn[oe]\w*",
        until=r"(?:fino|sino) (?:all'|alla|al|a)",
        again=r"rientr\w+|ritorn\w+|torner\w+|torno|(?:di nuovo|nuovamente)",
        since=r"il|l'|dal|dall'|a partire dall?'?|(?P<after>dopo il)",
        small=r"il|lo|la|al|dal|a|di|in|ufficio|prossimo|giorno|mio|previsto|sarò|disponibile|da|partire|per|lavoro",
        start=r"dal(?:l')?|tra(?: il)?",
        to=r"al(?:l')?|e(?: il)?|fino al",
        including=r"inclus[oa]|compres[oa]",
        lone=r"(?:il|al|dal) (?P<lone>\d\d?)",
        tomorrow=r"domani",
        next_week=r"(?:la )?prossima settimana|(?:la )?settimana prossima",
        end=r"(?:la )?fine(?: della| di| del)?",
        week="settimana",
        month="mese",
    ),
    Tongue(
        "nl",
        away=r"afwezig\w*|vakantie|verlof|niet (?:aanwezig|bereikbaar|op|beschikbaar|in)|vrij|gesloten|terug|weer|"
        r"buiten kantoor",
        until=r"(?P<including>tot en met|t/m|t\.e\.m\.?)|tot",
        again=r"terug|weer",
        since=r"op|vanaf|per|(?P<after>na)",
        small=r"op|de|het|kantoor|aanstaande|komende|volgende|vanaf|bereikbaar|aanwezig|beschikbaar|ben|ik|werk|aan|"
        r"weer|dag",
        start=r"van(?:af)?|tussen",
        to=r"tot(?: en met)?|t/m|en",
        including=r"inclusief",
        lone=r"(?P<lone>\d\d?)(?:e|de|ste)",
        tomorrow=r"morgen",
        next_week=r"(?:volgende|komende) week",
        end=r"(?:het )?einde?(?: van)?(?: de| deze)?",
        week="week",
        month="maand",
    ),
    Tongue(
        "sv",
        away=r"frånvar\w+|semester\w*|\w*ledig\w*|inte|borta|bortrest|stängt|tillbaka|åter|sjuk\w*|tjänsteresa",
        until=r"(?P<including>till och med|t\.?o\.?m\.?)|(?:fram )?till",
        again=r"tillbaka|åter|igen",
        since=r"den|på|från(?: och med)?|fr\.?o\.?m\.?|(?P<after>efter)",
        small=r"den|på|nästa|kommande|jobbet|kontoret|i|tjänst|från|och med|är|jag|igen|nu",
        start=r"från(?: och med)?|fr\.?o\.?m\.?|mellan",
        to=r"till(?: och med)?|t\.?o\.?m\.?|och",
        including="inklusive",
        lone=r"den (?P<lone>\d\d?)(?::?e)?",
        tomorrow=r"i ?morgon",
        next_week=r"nästa vecka",
        end=r"slutet (?:av|på)",
        week="veckan",
        month="månaden",
    ),
    Tongue(
        "da",
        away=r"fravær\w*|\w*ferie\w*|ikke|ude af kontoret|orlov|lukket|tilbage|væk|bortrejst|syg\w*|tjenesterejse",
        until=r"(?P<including>til og med|t\.?o\.?m\.?)|indtil|(?:frem )?til",
        again=r"tilbage|igen",
        since=r"den|på|fra(?: og med)?|d\.|(?P<after>efter)",
        small=r"den|d|på|næste|kommende|kontoret|arbejde|fra|igen|jeg|er|og med",
        start=r"fra(?: og med)?|mellem",
        to=r"til(?: og med)?|t\.?o\.?m\.?|og",
        including="inklusive|inkl",
        lone=r"(?:den|d\.) (?P<lone>\d\d?)\.?",
        tomorrow=r"i ?morgen",
        next_week=r"næste uge",
        end=r"(?:slutningen|udgangen) af",
        week="ugen",
        month="måneden",
    ),
    Tongue(
        "nb",
        away=r"fravær\w*|\w*ferie\w*|ikke|ute av kontoret|\w*permisjon\w*|stengt|tilbake|borte|bortreist|syk\w*|"
        r"tjenestereise",
        until=r"(?P<including>til og med|t\.?o\.?m\.?)|inntil|(?:fr[ae]m )?til",
        again=r"tilbake|igjen",
        since=r"den|på|fra(?: og med)?|(?P<after>etter)",
        small=r"den|på|neste|kommende|kontoret|jobb|fra|igjen|jeg|er|og med",
        start=r"fra(?: og med)?|mellom",
        to=r"til(?: og med)?|t\.?o\.?m\.?|og",
        including="inklusive|inkl",
        lone=r"den (?P<lone>\d\d?)\.?",
        tomorrow=r"i ?morgen",
        next_week=r"neste uke",
        end=r"(?:slutten|utgangen) av",
        week="uken",
        month="måneden",
    ),
    Tongue(
        "pl",
        away=r"nieobecn\w+|urlop\w*|poza (?:biurem|firmą)|nie będę|nie ma mnie|niedostępn\w+|zwolnieni\w+|nieczynne|"
        r"zamknięt\w+|wrac\w+|wróc\w+|powr\w+|delegacj\w+|wyjeździe|z powrotem",
        until=r"do(?: dnia)?",
        again=r"wrac\w+|wróc\w+|powr\w+|ponownie",
        since=r"od(?: dnia)?|we?|dnia|(?P<after>po)",
        small=r"dnia|dniu|od|we?|na|do|biura|biurze|pracy|najbliższy|najbliższego|przyszły|będę|dostępn[ya]",
        start=r"od(?: dnia)?|między",
        to=r"do(?: dnia)?|a",
        including=r"włącznie",
        lone=r"(?P<lone>\d\d?)-?(?:go|ego)",
        tomorrow=r"jutr[ao]",
        next_week=r"przyszłego tygodnia|przyszłym tygodniu|następnego tygodnia",
        end=r"koń(?:ca|cu|cem)|koniec",
        week="tygodnia",
        month="miesiąca",
        days="poniedziałku wtorku środy|środę czwartku piątku soboty|sobotę niedzieli|niedzielę",
    ),
)
