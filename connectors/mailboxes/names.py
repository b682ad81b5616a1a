"""The usual names of mail folders in the languages people read their mail in."""

from __future__ import annotations

import re
import unicodedata

DRAFTS = (
    "drafts", "draft", "entwürfe", "entwurf", "brouillons", "brouillon", "borradores", "borrador", "rascunhos",
    "rascunho", "bozze", "bozza", "concepten", "concept", "conceptberichten", "robocze", "kopie robocze",
    "wersje robocze", "szkice", "utkast", "kladder", "kladde", "luonnokset", "koncepty", "rozepsané", "konsepty",
    "piszkozatok", "ciorne", "schițe", "taslaklar", "черновики", "чернетки", "πρόχειρα", "esborranys", "zirriborroak",
    "osnutki", "skice", "草稿", "草稿箱", "草稿匣", "下書き", "임시 보관함", "임시보관함", "postponed",
)  # fmt: skip
"""Best first: where there are several, drafts are laid into the first of them."""

SENT = frozenset({
    "sent", "sent mail", "sent-mail", "sent items", "sent messages", "sent objects", "gesendet", "gesendete objekte",
    "gesendete elemente", "gesendete nachrichten", "envoyé", "envoyés", "messages envoyés", "éléments envoyés",
    "courrier envoyé", "objets envoyés", "enviado", "enviados", "enviadas", "elementos enviados", "mensajes enviados",
    "correo enviado", "itens enviados", "mensagens enviadas", "e-mails enviados", "inviati", "inviata",
    "posta inviata", "elementi inviati", "messaggi inviati", "verzonden", "verzonden items", "verzonden berichten",
    "verzonden objecten", "wysłane", "elementy wysłane", "skickat", "skickade", "skickade objekt",
    "skickade meddelanden", "sendt", "sendte", "sendte elementer", "lähetetyt", "lähetetyt viestit", "odeslané",
    "odeslaná pošta", "odoslané", "elküldött", "elküldött elemek", "trimise", "gönderilmiş", "gönderilenler",
    "gönderilmiş öğeler", "отправленные", "надіслані", "відправлені", "απεσταλμένα", "enviats", "poslano", "已发送",
    "已发送邮件", "已傳送", "寄件備份", "送信済み", "送信済みメール", "送信済みアイテム", "보낸편지함", "보낸 편지함",
})  # fmt: skip

TRASH = frozenset(name.casefold() for name in (
    "trash", "bin", "wastebasket", "deleted", "deleted items", "deleted messages", "papierkorb", "gelöscht",
    "gelöschte objekte", "gelöschte elemente", "gelöschte nachrichten", "corbeille", "éléments supprimés",
    "messages supprimés", "papelera", "papelera de reciclaje", "elementos eliminados", "mensajes eliminados",
    "lixeira", "lixo", "reciclagem", "itens excluídos", "itens eliminados", "mensagens eliminadas", "cestino",
    "eliminati", "posta eliminata", "elementi eliminati", "prullenbak", "prullenmand", "verwijderd",
    "verwijderde items", "verwijderde berichten", "kosz", "elementy usunięte", "usunięte", "papperskorgen",
    "papperskorg", "borttaget", "borttagna objekt", "papirkurv", "papirkurven", "slettet", "slettede elementer",
    "slettede", "roskakori", "poistetut", "koš", "odstraněná pošta", "odstraněné", "kôš", "kuka", "lomtár",
    "törölt elemek", "coș de gunoi", "coș", "çöp", "çöp kutusu", "silinmiş öğeler", "корзина", "удаленные",
    "удалённые", "кошик", "видалені", "κάδος", "κάδος απορριμμάτων", "paperera", "smetnjak", "已删除", "已删除邮件",
    "垃圾桶", "ゴミ箱", "ごみ箱", "削除済みアイテム", "휴지통",
))  # fmt: skip

APART = frozenset({
    # Spam: what lies there is forged as often as not, and no answer.
    "junk", "junk mail", "junk e-mail", "junk email", "spam", "bulk", "bulk mail", "quarantine", "spamverdacht",
    "werbung", "unerwünscht", "junk-e-mail", "courrier indésirable", "indésirables", "pourriel", "correo no deseado",
    "no deseado", "lixo eletrônico", "lixo eletrónico", "lixo electrónico", "posta indesiderata", "indesiderata",
    "ongewenst", "ongewenste e-mail", "ongewenste reclame", "niechciane", "wiadomości-śmieci", "skräppost",
    "søppelpost", "uønsket", "uønsket post", "roskaposti", "nevyžádaná pošta", "nevyžádané", "levélszemét", "спам",
    "нежелательная почта", "небажана пошта", "ανεπιθύμητα", "önemsiz", "önemsiz e-posta", "垃圾邮件", "垃圾郵件",
    "迷惑メール", "스팸", "스팸메일함",
    # On their way out, or patterns of mails: nobody has written or received them yet.
    "outbox", "postausgang", "boîte d'envoi", "bandeja de salida", "caixa de saída", "posta in uscita", "postvak uit",
    "skrzynka nadawcza", "utkorgen", "udbakke", "utboks", "queue", "templates", "vorlagen", "modèles", "plantillas",
    "modelos", "modelli", "sjablonen", "szablony", "mallar",
})  # fmt: skip

ORDINARY = frozenset({
    "inbox", "archive", "archives", "archiv", "archivo", "arquivo", "archivio", "archief", "archiwum", "arkiv",
    "all mail", "important", "starred", "flagged", "notes", "chats",
})  # fmt: skip
"""Names that are surely not somebody's word for Drafts."""

_PREFIXES = frozenset({"", "inbox", "[gmail]", "[google mail]", "inbox/[gmail]"})
_SHIFTED = re.compile("&([A-Za-z0-9+,]*)-")


def decoded(name: str) -> str:
    """A folder name from modified UTF-7 (RFC 3501 section 5.1.3); one that is not in it stays as it is."""

    def shifted(match: re.Match[str]) -> str:
        inside = match[1].replace(",", "/")
        return f"+{inside}-".encode().decode("utf-7") if inside else "&"

    try:
        return _SHIFTED.sub(shifted, name)
    except UnicodeDecodeError:
        return name


def plain(name: str) -> str:
    """The form in which two spellings of one folder name are equal."""
    return unicodedata.normalize("NFC", decoded(name)).casefold().strip()


def parts(path: str) -> tuple[str, ...]:
    """The levels of a folder's name, from its path below the Maildir: `.a.b`, `a/b`, `a/.b` and `INBOX.b`."""
    levels: list[str] = []
    for step in path.split("/"):
        hidden = step.startswith(".")
        prefix = step.partition(".")[0].casefold()
        pieces = step.lstrip(".").split(".") if hidden or prefix in _PREFIXES else [step]
        levels += [plain(piece) for piece in pieces if piece]
    return tuple(levels)


def usual(name: tuple[str, ...], beside: tuple[str, ...] = ()) -> str:
    """The last level of a folder's name where its place makes it one of the mailbox's own, else nothing.

    `Drafts`, `INBOX/Drafts` and `[Gmail]/Drafts` are the user's Drafts, `Clients/Drafts` is some folder. The
    place of a folder that was configured (`beside`) is as good as the top.
    """
    if not name or ("/".join(name[:-1]) not in _PREFIXES and name[:-1] != beside):
        return ""
    return name[-1]
