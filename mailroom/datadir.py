"""Makes the data directory: a commented mailroom.toml, folders that only the service may read, an empty register."""

import os
from pathlib import Path

from mailroom.charter.pack import charter_ids, load_pack
from mailroom.config import CONFIG_NAME, PACKAGE_ROOT, Settings, load_settings, packaged
from mailroom.errors import Misconfigured
from mailroom.store.store import Store

EXAMPLE = PACKAGE_ROOT / CONFIG_NAME
"""The commented configuration that `init` writes; every setting stands in it."""
PRIVATE_FOLDER = 0o700
PRIVATE_FILE = 0o600
LEFT_BY_OTHERS = frozenset({"lost+found"})


def make_data_dir(folder: Path, charter: str) -> Settings:
    """Write mailroom.toml, make the folders and the register; returns the settings as they load.

    Raises Misconfigured where there is a register already, and for a charter that does not exist.
    """
    if (folder / CONFIG_NAME).exists():
        raise Misconfigured(f"{folder / CONFIG_NAME} exists already: edit it, or name another folder")
    rules = packaged("rules")
    if charter not in charter_ids(rules):
        raise Misconfigured(f"there is no charter „{charter}“: choose one of {', '.join(charter_ids(rules))}, "
                            "or see docs/ADDING_A_TOWN.md")
    load_pack(rules, charter)
    private_folder(folder)
    write_config(folder, EXAMPLE.read_text("utf-8").replace("{charter}", charter))
    settings = load_settings(folder / CONFIG_NAME)
    private_folder(settings.originals_dir)
    store = Store(settings.url, settings.originals_dir)
    store.migrate()
    store.close()
    for file in folder.glob("register.db*"):
        file.chmod(PRIVATE_FILE)
    return settings


def private_folder(folder: Path) -> None:
    """Make a folder that only its owner may enter; one that exists keeps what is in it."""
    folder.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
    folder.chmod(PRIVATE_FOLDER)


def write_config(folder: Path, text: str) -> None:
    """Write mailroom.toml, readable by its owner alone."""
    descriptor = os.open(folder / CONFIG_NAME, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)


def is_empty(folder: Path) -> bool:
    """Whether nothing lies in the folder, or there is none."""
    return not folder.exists() or not ({path.name for path in folder.iterdir()} - LEFT_BY_OTHERS)
