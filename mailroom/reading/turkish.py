"""Which pages are in Turkish, the mother tongue of every tenth Bulgarian citizen: they are read again by its own model.

The models for Bulgarian and English have none of its letters „ğ“, „ı“ and „ş“, and half of its words have one.
"""

import re

MODEL = "tur"
"""Tesseract's model of the language; Debian's package `tesseract-ocr-tur`."""
_SMALL_WORDS = frozenset("""
    ve bir bu da de ile ben biz siz bana bize size beni bizi sizi var yok olan olarak oldu olur kadar gibi sonra ama
    daha hem her ne ki en iki gün yil yıl evin evim sokak mahalle belediye belediyesi sayin sayın saygilarimla
    saygılarımla tesekkür teşekkür rica ederim ederiz adim adım
""".split())  # noqa: SIM905 - a list of words is easier to read and to extend so
"""Also as they are read without their own letters."""
_ENGLISH = frozenset("the of and to in is that for with on not have from your are was will please my".split())  # noqa: SIM905
_WORD = re.compile(r"[^\W\d_]+")
_FEWEST, _SHARE = 4, 0.06


def is_turkish(text: str) -> bool:
    """Whether enough of the words are Turkish small words, and more than are English ones."""
    words = [word.lower() for word in _WORD.findall(text)]
    own = sum(word in _SMALL_WORDS for word in words)
    return own >= _FEWEST and own > _SHARE * len(words) and own > 2 * sum(word in _ENGLISH for word in words)
