"""What a scanner or copier writes into the mail with which it sends a scan: nobody's words, the file is the letter."""

import re

_FIELD = re.compile(
    r"(?i)\W{0,3}(?:(?P<device>device(?: name| model| location| id)?|(?:machine|model|printer|scanner)(?: name| id)?|"
    r"file (?:format|type|size)|attachment file type|resolution|number of (?:images|pages|originals|scans)|"
    r"page count|scan (?:date|time|mode|size|type)|(?:original|paper) size|colou?r(?: mode)?|multifunction \w+ \w+|"
    r"име на устройство\w*|устройство|модел|скенер|брой (?:страници|изображения|листове)|формат(?: на файла)?|"
    r"(?:разделителна способност|резолюция)|тип на файла)|"
    r"pages?|file(?: name)?|format|serial (?:number|no\.?)|date(?: and time)?|time|location|user(?: name)?|sender|from|"
    r"job (?:name|id|number)|(?:ip|mac) address|host(?: name)?|страници|файл|сериен номер|дата(?: и час)?|час|"
    r"местоположение|потребител|подател|размер)\s?[:=].{0,120}"
)
_PHRASE = re.compile(
    r"(?i).{0,80}(?:\bscan(?:ned|ner)?\b|multi-?function|\b(?:xerox|kyocera|ricoh|canon|konica|taskalfa|workcentre|bizhub|"
    r"image ?runner|aficio|laserjet|lexmark|sharp mx|epson|brother|toshiba|develop ineo)\b|\bmfp\b|"
    r"please open the attached|attached (?:file|image|document)|do not reply|не отговаряйте|"
    r"изпратено от (?:скенер|копир|многофункц|устройство)|"
    r"сканиран\w* (?:документ|изображение|файл)|многофункционал).{0,120}"
)
_ENOUGH = 2
"""Fields of which only a device speaks."""


def written_by_device(text: str) -> bool:
    """Whether a body is nothing but the device's own fields and stock sentences.

    Every line must be one: a citizen who scanned the letter says something besides.
    """
    lines = [line.strip() for line in text.splitlines() if re.search(r"\w", line)]
    fields = [_FIELD.fullmatch(line) for line in lines]
    told = sum(bool(field and field["device"]) for field in fields)
    return told >= _ENOUGH and all(field or _PHRASE.fullmatch(line) for field, line in zip(fields, lines, strict=True))
