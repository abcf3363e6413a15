"""What reading needs to know of the configuration, in a form that crosses to a reading process."""

from pathlib import Path

from mailroom.config import OcrSettings
from mailroom.model.base import Value


class ReadingOptions(Value):
    """Limits and languages."""

    languages: str = "bul+eng"
    page_seconds: float = 60
    """Longest time for the OCR of one page."""
    page_pixels: int = 80_000_000
    """A larger picture is not decoded."""
    max_pages: int = 500
    legible_confidence: float = 0.55
    trusted: Path | None = None
    """Folder with the certificates of the issuers whose signatures are trusted; it may be missing."""

    @classmethod
    def from_settings(cls, settings: OcrSettings, trusted: Path | None = None) -> "ReadingOptions":
        """The options that a configuration asks for."""
        return cls(languages=settings.languages, page_seconds=settings.page_seconds,
                   page_pixels=settings.page_megapixels * 1_000_000, max_pages=settings.max_pages,
                   legible_confidence=settings.legible_confidence, trusted=trusted)
