"""The text of an old Word document (.doc, 1989 to 2003) by catdoc, Debian's package of that name."""

import subprocess
import tempfile

_SECONDS = 3
"""It takes milliseconds; on some damaged files it never ends."""
_ARGUMENTS = ("catdoc", "-d", "utf-8", "-s", "cp1251", "-w")
"""UTF-8 out; documents from before Unicode are in the Windows code page of Bulgaria; a line for each paragraph."""
_LARGEST_TEXT = 2_000_000


def text_of_doc(content: bytes) -> str | None:
    """The words in their order; null when the document cannot be read or catdoc is not installed."""
    with tempfile.NamedTemporaryFile(suffix=".doc") as file:
        file.write(content)
        file.flush()
        try:
            done = subprocess.run([*_ARGUMENTS, file.name], capture_output=True, timeout=_SECONDS, check=True)
        except (OSError, subprocess.SubprocessError):
            return None
    return done.stdout[:_LARGEST_TEXT].decode("utf-8", "replace")
