"""Bytes of a mail as text, whatever charset it says or does not say."""

from __future__ import annotations

import codecs
import re

# What programs write, and what they mean by it (https://encoding.spec.whatwg.org/#names-and-labels).
_MEANT = {
    "ascii": "utf-8",
    "us-ascii": "utf-8",
    "ansi_x3.4-1968": "utf-8",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "iso-8859-9": "cp1254",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-8-e": "iso-8859-8",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "x-sjis": "cp932",
    "windows-874": "cp874",
    "tis-620": "cp874",
    "unicode-1-1-utf-7": "utf-7",
    "x-mac-roman": "mac-roman",
    "macintosh": "mac-roman",
    "utf8": "utf-8",
    "cp-850": "cp850",
    "iso-2022-jp": "iso2022_jp_ext",
}
_UNSAID = frozenset({"", "us-ascii", "ascii", "unknown-8bit", "x-unknown", "unknown", "binary"})
# Python's own, which no mail is written in: names of hosts and of letters, and slow or worse.
_NO_CHARSETS = frozenset({"idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape"})
_NAME = re.compile(r"[^a-z0-9_.:-]")
# Detecting reads this much; the rest is decoded as the same.
_LOOKED_AT = 20_000


def decoded(raw: bytes, charset: str) -> str:
    """Return ``raw`` as text; what cannot be decoded becomes U+FFFD, nothing is lost silently.

    ``charset`` is what the mail says ('' for nothing). A label that is plainly wrong, because
    the bytes are valid UTF-8 with letters beyond ASCII, is not believed.
    """
    label = _NAME.sub("", charset.strip().lower())
    if raw.startswith(codecs.BOM_UTF8):
        raw = raw[len(codecs.BOM_UTF8) :]
    if label in _UNSAID or _codec(label) is None:
        return _guessed(raw)
    codec = _codec(label) or "utf-8"
    try:
        text = raw.decode(codec)
    except UnicodeDecodeError:
        return _guessed(raw, codec)
    if codec == "cp1252" and _is_utf8(raw):
        return raw.decode("utf-8")
    return text


def _codec(label: str) -> str | None:
    name = _MEANT.get(label, label)
    try:
        info = codecs.lookup(name)
    except LookupError:
        return None
    # Python also lists codecs that make no text (base64, zip).
    is_text = getattr(info, "_is_text_encoding", True)
    return info.name if is_text and info.name.replace("_", "-") not in _NO_CHARSETS else None


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return not raw.isascii()


def _guessed(raw: bytes, said: str = "") -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        pass
    if said and said != "utf-8":
        return raw.decode(said, errors="replace")
    # Only here: nearly every mail says its charset.
    from charset_normalizer import from_bytes

    found = from_bytes(raw[:_LOOKED_AT]).best()
    codec = found.encoding if found is not None else "cp1252"
    return raw.decode(codec, errors="replace")
