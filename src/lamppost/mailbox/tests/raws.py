"""Mails as they arrive: odd charsets, broken parts, whatever programs send. Bytes, by hand."""
# ruff: noqa: E501 - the lines of a mail are as long as programs make them

from __future__ import annotations

import base64
from collections.abc import Mapping

HEAD = b"From: Ana <ana@people.example>\nTo: 311@city.example\nMessage-ID: <m1@people.example>\n"
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def raw(body: bytes, *, head: bytes = b"Subject: Hole\n", **headers: str) -> bytes:
    """A mail of one part; header names are written with _ for -."""
    lines = b"".join(
        f"{key.replace('_', '-')}: {value}\n".encode() for key, value in headers.items()
    )
    return HEAD + head + lines + b"\n" + body


def parts(*children: tuple[str, bytes], kind: str = "mixed", **params: str) -> bytes:
    """A multipart mail of (headers, body) pairs."""
    more = "".join(f'; {key}="{value}"' for key, value in params.items())
    out = (
        HEAD
        + f"Subject: Hole\nMIME-Version: 1.0\nContent-Type: multipart/{kind}; boundary=B{more}\n\n".encode()
    )
    for headers, body in children:
        out += b"--B\n" + headers.encode() + b"\n\n" + body + b"\n"
    return out + b"--B--\n"


def text(content: str, charset: str, **more: str) -> bytes:
    """Plain text in a charset, eight bits as they are."""
    kind = f"text/plain; charset={charset}" + "".join(f"; {k}={v}" for k, v in more.items())
    return raw(content.encode(charset), MIME_Version="1.0", Content_Type=kind,
               Content_Transfer_Encoding="8bit")  # fmt: skip


def crlf(content: bytes) -> bytes:
    """The same with the line ends of a mail on the wire."""
    return content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


_QP = {"MIME_Version": "1.0", "Content_Transfer_Encoding": "quoted-printable"}
_B64 = {"MIME_Version": "1.0", "Content_Transfer_Encoding": "base64"}

# name: (mail, what it says). Each sentence is what a person reads in it.
SAYS: Mapping[str, tuple[bytes, str]] = {
    "plain ASCII": (raw(b"A hole at 12 Main St."), "A hole at 12 Main St."),
    "line ends of the wire": (crlf(raw(b"One\nTwo")), "One\nTwo"),
    "UTF-8 that says so": (text("Hay un hoyo en la calle Ñ", "utf-8"), "Hay un hoyo en la calle Ñ"),
    "UTF-8 that says nothing": (raw("Un hoyo, señor".encode()), "Un hoyo, señor"),
    "UTF-8 with a mark at the beginning": (raw(b"\xef\xbb\xbfHello"), "Hello"),
    "UTF-8 that calls itself ASCII": (
        raw("año".encode(), MIME_Version="1.0", Content_Type="text/plain; charset=us-ascii"),
        "año",
    ),
    "UTF-8 that calls itself Latin-1": (
        raw("año nuevo".encode(), Content_Type="text/plain; charset=iso-8859-1"),
        "año nuevo",
    ),
    "Russian in KOI8-R": (text("Яма на дороге", "koi8-r"), "Яма на дороге"),
    "Russian in windows-1251": (text("Яма на дороге", "windows-1251"), "Яма на дороге"),
    "Arabic in windows-1256": (text("حفرة في الشارع", "windows-1256"), "حفرة في الشارع"),
    "Japanese in ISO-2022-JP": (text("道路に穴があります", "iso-2022-jp"), "道路に穴があります"),
    "Japanese in Shift JIS": (text("道路に穴", "shift_jis"), "道路に穴"),
    "Chinese in GB2312, which means GB18030": (
        raw("路上有个坑，镕".encode("gb18030"), Content_Type="text/plain; charset=gb2312"),
        "路上有个坑，镕",
    ),
    "Chinese in Big5": (text("路上有坑洞", "big5"), "路上有坑洞"),
    "Korean under its old name": (
        raw("도로에 구멍".encode("cp949"), Content_Type="text/plain; charset=ks_c_5601-1987"),
        "도로에 구멍",
    ),
    "Hebrew in logical order": (
        raw("בור בכביש".encode("iso-8859-8"), Content_Type="text/plain; charset=iso-8859-8-i"),
        "בור בכביש",
    ),
    "Windows quotes in Latin-1": (
        raw(b"\x93Hole\x94 \x96 deep", Content_Type="text/plain; charset=iso-8859-1"),
        "“Hole” – deep",
    ),
    "a charset nobody knows": (
        raw("señor".encode(), Content_Type="text/plain; charset=x-martian"),
        "señor",
    ),
    "a charset that is no charset": (
        raw(b"hello", Content_Type="text/plain; charset=base64"),
        "hello",
    ),
    "quoted-printable": (
        raw(b"Ca=C3=B1er=C3=ADa rota =\nen casa", Content_Type="text/plain; charset=utf-8", **_QP),
        "Cañería rota en casa",
    ),
    "quoted-printable that is broken": (
        raw(b"100=% sure =ZZ ok", Content_Type="text/plain; charset=utf-8", **_QP),
        "100=% sure =ZZ ok",
    ),
    "base64": (
        raw(base64.b64encode(b"Hoyo"), Content_Type="text/plain", **_B64),
        "Hoyo",
    ),
    "base64 cut off in the middle": (
        raw(base64.b64encode(b"A hole at Main Street")[:-3], Content_Type="text/plain", **_B64),
        "A hole at Main Str",
    ),
    "base64 with a footer of a list below": (
        raw(base64.b64encode(b"A hole") + b"\n", Content_Type="text/plain", **_B64),
        "A hole",
    ),
    "NUL and control characters": (raw(b"A\x00 hole\x07 here"), "A hole here"),
    "flowed text": (
        raw(b"One long \nline.\n\nTwo", Content_Type="text/plain; format=flowed"),
        "One long line.\n\nTwo",
    ),
    "flowed text without its blanks": (
        raw(
            "道路 \nに".encode(), Content_Type="text/plain; charset=utf-8; format=flowed; delsp=yes"
        ),
        "道路に",
    ),
    "HTML only": (
        raw(
            b"<html><head><style>p{}</style></head><body><p>A <b>hole</b></p><p>here</p></body>",
            Content_Type="text/html",
        ),
        "A hole\n\nhere",
    ),
    "HTML with a script": (
        raw(b"<p>Hole</p><script>alert(1)</script>", Content_Type="text/html"),
        "Hole",
    ),
    "HTML that says what encoding it is, as XML": (
        raw(
            "<?xml version='1.0' encoding='utf-8'?><p>señor</p>".encode(),
            Content_Type="text/html; charset=utf-8",
        ),
        "señor",
    ),
    "both versions: the plain one": (
        parts(
            ("Content-Type: text/plain", b"Plain"),
            ("Content-Type: text/html", b"<p>Hyper</p>"),
            kind="alternative",
        ),
        "Plain",
    ),
    "both versions, the plain one empty": (
        parts(
            ("Content-Type: text/plain", b" \n"),
            ("Content-Type: text/html", b"<p>Hyper</p>"),
            kind="alternative",
        ),
        "Hyper",
    ),
    "text, a picture, text": (
        parts(
            ("Content-Type: text/plain", b"Before"),
            ("Content-Type: image/png\nContent-Disposition: inline", PNG),
            ("Content-Type: text/plain", b"After"),
        ),
        "Before\n\nAfter",
    ),
    "nothing but a mail that is attached": (
        parts(("Content-Type: message/rfc822", raw(b"The old mail"))),
        "The old mail",
    ),
    "no blank line, no body": (HEAD + b"Subject: Hole\n", ""),
    "no boundary where one is named": (
        HEAD + b"Content-Type: multipart/mixed; boundary=X\n\nJust words",
        "",
    ),
    "headers after a line that is none": (
        b"From: ana@people.example\nthis is no header\nSubject: x\n\nwords",
        "this is no header\nSubject: x\n\nwords",
    ),
    "an answer on top": (
        raw(
            b"Still there.\n\nOn Tue, Mar 3, 2026 at 4:05 PM City 311 <311@city.example> wrote:\n> Closed.\n"
        ),
        "Still there.",
    ),
    "an answer on top, wrapped": (
        raw(
            b"Still there.\n\nOn Tue, Mar 3, 2026 at 4:05 PM City of Springfield 311\n<311@city.example> wrote:\n\n> Closed.\n"
        ),
        "Still there.",
    ),
    "an answer below": (
        raw(b"On Tuesday City 311 wrote:\n> Is it fixed?\n\nNo, it is not."),
        "No, it is not.",
    ),
    "answers between": (raw(b"> Fixed?\nNo.\n> Which lane?\nThe left."), "No.\nThe left."),
    "Spanish: escribió": (
        raw(
            "Gracias.\n\nEl mar, 3 mar 2026 a las 16:05, Ciudad (<311@city.example>) escribió:\n> Listo".encode()
        ),
        "Gracias.",
    ),
    "Portuguese: escreveu": (
        raw(
            "Obrigado.\n\nEm ter., 3 de mar. de 2026 às 16:05, Cidade <311@city.example> escreveu:\n> Pronto".encode()
        ),
        "Obrigado.",
    ),
    "Arabic: كتب": (
        raw("شكرا\n\nفي الثلاثاء، 3 مارس 2026 كتب 311 <311@city.example>:\n> تم".encode()),
        "شكرا",
    ),
    "Chinese: 写道": (
        raw("谢谢\n\n311 <311@city.example> 于2026年3月3日周二 16:05写道：\n> 完成".encode()),
        "谢谢",
    ),
    "Russian: пишет": (
        raw(
            "Спасибо\n\nвт, 3 мар. 2026 г. в 16:05, Город <311@city.example> пишет:\n> Готово".encode()
        ),
        "Спасибо",
    ),
    "Vietnamese: đã viết": (
        raw(
            "Cảm ơn\n\nVào Th 3, 3 thg 3, 2026 vào lúc 16:05 311 <311@city.example> đã viết:\n> Xong".encode()
        ),
        "Cảm ơn",
    ),
    "any language: an address and a quote": (
        raw(b"Grazas\n\nO mar. 3/3 City <311@city.example> dixo:\n> Feito"),
        "Grazas",
    ),
    "Outlook's block of headers": (
        raw(
            b"Not fixed.\n\nFrom: City 311\nSent: Tuesday, March 3, 2026\nTo: Ana\nSubject: Closed\n\nWe closed it."
        ),
        "Not fixed.",
    ),
    "Outlook in Spanish, with a rule": (
        raw(
            b"No.\n________________________________\nDe: 311\nEnviado: martes\nPara: Ana\nAsunto: x\n\nCerrado"
        ),
        "No.",
    ),
    "the original message, announced": (
        raw(b"Sigue igual\n\n-----Mensaje original-----\nDe: 311\n\nCerrado"),
        "Sigue igual",
    ),
    "a signature": (raw(b"Fix it.\n-- \nAna\n555-0100"), "Fix it."),
    "what a phone adds": (raw(b"Fix it.\n\nSent from my iPhone"), "Fix it."),
    "what a phone adds in Spanish": (raw(b"Ya.\n\nEnviado desde mi iPhone"), "Ya."),
    "nothing but a quote is not emptied": (raw(b"> all of it\n> quoted"), "> all of it\n> quoted"),
    "HTML with Gmail's quote": (
        raw(
            b'<div>No.</div><div class="gmail_quote">On x wrote:<blockquote>Closed</blockquote></div>',
            Content_Type="text/html",
        ),
        "No.",
    ),
    "HTML with Outlook's mark": (
        raw(
            b'<div>No.</div><div id="divRplyFwdMsg"><b>From:</b> 311</div><div>We closed it</div>',
            Content_Type="text/html",
        ),
        "No.",
    ),
    "somebody wrote: is no quote when nothing is quoted below and no address stands there": (
        raw(b"The sign says:\nno parking"),
        "The sign says:\nno parking",
    ),
}
