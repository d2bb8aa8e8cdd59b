"""What somebody wrote now, apart from what they quote and how they sign.

Kept libraries know few languages: mail-parser-reply has no Arabic, Portuguese, Vietnamese or
Russian and calls its Spanish and Chinese untested; email-reply-parser has English only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# "On such a day somebody wrote:" One line per language; a name or address may stand anywhere.
_WROTE = (
    r"on\b.{6,}\bwrote\s?:",
    r"el\b.{6,}\bescribi[óo]\s?:",
    r".{6,}\bescribi[óo]\s?:",
    r"(em|no dia|a)\b.{6,}\bescreveu\s?:",
    r"le\b.{6,}\ba écrit\s?:",
    r"am\b.{6,}\bschrieb\b.{0,200}:",
    r"il\b.{6,}\bha scritto\s?:",
    r"(في|بتاريخ|يوم|بتأريخ).{6,}كتب.{0,200}[:：]",
    r".{3,}(كتب|كتبت)\s?[:：]",
    r"(في|بتاريخ).{6,}[،,].{0,200}<[^<>@\s]+@[^<>\s]+>\s?كتب.{0,20}[:：]",
    r".{3,}(于|於|在).{4,}(写道|寫道)\s?[:：]",
    r"(在|于).{4,}(写道|寫道)\s?[:：]",
    r".{6,}(пишет|написал|написала|написал\(а\))\s?:",
    r"(vào|ngày)\b.{6,}\bđã viết\s?:",
    r".{6,}님이 (작성|씀)\s?:",
    r".{6,}(のメール|が書きました|書きました)\s?[:：]",
    r"(nan|le|sou)\b.{6,}\bekri\s?:",
    r"op\b.{6,}\bschreef\b.{0,200}:",
    r".{6,}\bnapisał\(?a?\)?\s?:",
)
# Any language: it ends with a colon, holds an address, and a quote follows.
_ADDRESSED = re.compile(r"<?[^\s<>@]+@[^\s<>@]+>?.{0,60}[:：]\s*$")
_ATTRIBUTION = re.compile(rf"^\s*(?:{'|'.join(_WROTE)})\s*$", re.IGNORECASE | re.DOTALL)
_ORIGINAL = re.compile(
    r"^\s*[-_*—]{2,}\s*(?:original message|original appointment|forwarded message|reply message|"
    r"mensaje original|mensaje reenviado|mensagem original|mensagem encaminhada|"
    r"message d'origine|message transféré|ursprüngliche nachricht|messaggio originale|"
    r"الرسالة الأصلية|رسالة أصلية|رسالة معاد توجيهها|原始邮件|原始郵件|转发邮件|исходное сообщение|"
    r"пересылаемое сообщение|tin nhắn gốc|thư gốc|"
    r"원본 메시지|원본 메일|元のメッセージ|mesaj orijinal)"
    r"\s*[-_*—]{2,}\s*$",
    re.IGNORECASE,
)
# The block of headers Outlook and others put over what they quote: "From:" and, soon, another.
_FROM = re.compile(
    r"^\s*\*?(?:from|de|von|da|van|od|من|发件人|寄件者|寄件人|от|từ|보낸 사람|差出人|soti nan)"
    r"\s?\*?\s?[:：]\*?\s*\S",
    re.IGNORECASE,
)
_SENT = re.compile(
    r"^\s*\*?(?:sent|date|to|subject|enviado(?: el| em)?|fecha|para|asunto|data|assunto|envoyé|à|"
    r"objet|gesendet|datum|an|betreff|inviato|a|oggetto|تم الإرسال|التاريخ|تاريخ الإرسال|إلى|"
    r"الموضوع|发送时间|日期|收件人|主题|寄件日期|傳送時間|主旨|отправлено|дата|кому|тема|đã gửi|"
    r"ngày|tới|đến|chủ đề|보낸 날짜|받는 사람|제목|送信日時|宛先|件名|voye|pou|sijè)"
    r"\s?\*?\s?[:：]",
    re.IGNORECASE,
)
_RULE = re.compile(r"^\s*(?:_{8,}|-{8,}|={8,}|—{4,})\s*$")
_DEVICE = re.compile(
    r"^\s*(?:sent from my\b.{1,60}|sent from (?:outlook|mail|yahoo|proton).{0,60}|"
    r"get outlook for\b.*|"
    r"enviado (?:desde|de|do) (?:mi|meu|o|outlook)\b.{1,60}|"
    r"obtener outlook para\b.*|envoyé de (?:mon|ma)\b.{1,60}|von meinem\b.{1,60} gesendet|"
    r"تم الإرسال من\b.{1,60}|مرسل من\b.{1,60}|أرسلت من\b.{1,60}|从我的.{1,30}发送|发自我的.{1,30}|"
    r"отправлено с\b.{1,60}|được gửi từ\b.{1,60}|나의 .{1,30}에서 보냄|"
    r"iphone(?:から|より)送信|(?:inviato|enviado) da[l]?\b.{1,60})\.?\s*$",
    re.IGNORECASE,
)
_MOST_WRAPPED = 4
_HEADERS_WITHIN = 5
_LONGEST = 400


@dataclass(frozen=True, slots=True)
class Cut:
    """What was said now, and the rest: quotes and signature."""

    said: str
    rest: str


def cut(text: str) -> Cut:
    """Return what is new in ``text`` apart from quotes and signatures.

    Answers written between or below quoted lines are kept. When nothing would be left, all of
    it is what was said: a mail is never emptied.
    """
    lines = text.splitlines()
    begin = _begin(lines)
    said, rest = lines[: begin.index], lines[begin.index :]
    after = rest[begin.intro :]
    if begin.is_marked:
        # Quoted line by line: what is not quoted is an answer to it.
        said += [line for line in after if not _is_quoted(line)]
        rest = [*rest[: begin.intro], *(line for line in after if _is_quoted(line))]
    said, signature = _signed(said)
    words = _tidy(said)
    if not words:
        return Cut(text.strip(), "")
    return Cut(words, _tidy([*signature, *rest]))


@dataclass(frozen=True, slots=True)
class _Begin:
    """Where the quote begins, how many lines introduce it, whether its lines are marked (>)."""

    index: int
    intro: int = 0
    is_marked: bool = False


def _begin(lines: list[str]) -> _Begin:
    for index, line in enumerate(lines):
        if not line.strip():
            continue
        if _ORIGINAL.match(line) or _is_header_block(lines, index):
            return _Begin(index)
        if _RULE.match(line) and _is_header_block(lines, _next(lines, index + 1)):
            return _Begin(index)
        if _is_quoted(line):
            return _Begin(index, 0, True)
        intro = _attribution(lines, index)
        if intro:
            after = _next(lines, index + intro)
            is_marked = after < len(lines) and _is_quoted(lines[after])
            return _Begin(index, intro, is_marked)
    return _Begin(len(lines))


def _attribution(lines: list[str], index: int) -> int:
    """How many lines from ``index`` say who wrote what follows; 0 when they do not."""
    wrapped = ""
    for count in range(1, _MOST_WRAPPED + 1):
        if index + count > len(lines):
            return 0
        line = lines[index + count - 1].strip()
        if not line:
            return 0
        wrapped = f"{wrapped} {line}".strip()
        if len(wrapped) > _LONGEST or not line.endswith((":", "：")):
            continue
        if _ATTRIBUTION.match(wrapped):
            return count
        after = _next(lines, index + count)
        follows = after < len(lines) and _is_quoted(lines[after])
        if follows and _ADDRESSED.search(wrapped):
            return count
        return 0
    return 0


def _is_header_block(lines: list[str], index: int) -> bool:
    if index >= len(lines) or not _FROM.match(lines[index]):
        return False
    near = lines[index + 1 : index + 1 + _HEADERS_WITHIN]
    return sum(bool(_SENT.match(line)) for line in near) >= 2


def _is_quoted(line: str) -> bool:
    return line.lstrip().startswith((">", "＞"))


def _next(lines: list[str], index: int) -> int:
    while index < len(lines) and not lines[index].strip():
        index += 1
    return index


def _signed(lines: list[str]) -> tuple[list[str], list[str]]:
    """Cut at the signature (RFC 3676, 4.3) and take what devices add at the end."""
    signature: list[str] = []
    for index, line in enumerate(lines):
        if line.rstrip("\r") in {"-- ", "--"}:
            lines, signature = lines[:index], lines[index:]
            break
    end = len(lines)
    while end and (not lines[end - 1].strip() or _DEVICE.match(lines[end - 1])):
        end -= 1
    return lines[:end], [*lines[end:], *signature]


def _tidy(lines: list[str]) -> str:
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in lines)).strip()
