"""Keyed pseudonyms: tell that two rows mean the same person, without keeping who it is.

Figures need to tell persons apart, no more: in the snapshot a person is an ordinal, and neither figures nor
digests depend on any key. What an ordinal cannot do is to name the same person in two snapshots, such as
last year's export and this year's. For that alone the pseudonyms of a snapshot stand in a file of their own
beside it, which nothing else reads: HMAC-SHA256 of the name under a key of this installation and case,
which lies outside the case folder. Whoever has both the key and a list of names can link them, so that it
is still personal data; without the key, nobody can. A plain hash would be no protection: all identity
numbers that exist are hashed in minutes.

References
----------
.. [1] H. Krawczyk, M. Bellare and R. Canetti, "HMAC: keyed-hashing for message
   authentication", RFC 2104, 1997.
.. [2] Regulation (EU) 2016/679, article 4(5) and recital 26: pseudonymised data are personal data.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
import stat
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from makeorbuy.foundation.errors import InputError, Problem

KEY_FOLDER_VARIABLE = "MAKEORBUY_KEY_FOLDER"
"""Environment variable that says where keys lie; otherwise the data folder that the platform has for it."""

KEY_BYTES = 32
PREFIX = "pseudonyms-"
_PURPOSE = b"person/v1\0"


@dataclass(frozen=True, slots=True)
class Key:
    """The secret of one installation and case; its id tells keys apart and tells nothing else."""

    secret: bytes

    def __repr__(self) -> str:
        return f"Key({self.id})"

    @property
    def id(self) -> str:
        """Twelve digits of a hash of the key under a purpose of its own."""
        return hmac.new(self.secret, b"key-id/v1", hashlib.sha256).hexdigest()[:12]

    def pseudonym(self, name: str) -> str:
        """Return the pseudonym of a person: 26 letters and digits.

        Examples
        --------
        >>> key = Key(bytes(32))
        >>> key.pseudonym("Kari  Nordmann") == key.pseudonym(" Kari Nordmann")
        True
        >>> key.pseudonym("Kari Nordmann") == Key(bytes(31) + b"1").pseudonym("Kari Nordmann")
        False
        """
        plain = " ".join(unicodedata.normalize("NFC", name).split())
        digest = hmac.new(self.secret, _PURPOSE + plain.encode("utf-8", "surrogatepass"), hashlib.sha256)
        return base64.b32encode(digest.digest()[:16]).decode().rstrip("=")


def key_folder() -> Path:
    """Return the folder of the keys, whether or not it exists."""
    given = os.environ.get(KEY_FOLDER_VARIABLE)
    if given:
        return Path(given)
    from platformdirs import user_data_path

    return user_data_path("makeorbuy", appauthor=False) / "keys"


def key_file(case_folder: Path) -> Path:
    """Return where the key of a case lies: named by a hash of the case's path, so that no path is told.

    Raises
    ------
    InputError
        If that would be within the case folder, where backups and colleagues would find it.
    """
    folder, case = key_folder().absolute().resolve(), case_folder.absolute().resolve()
    if folder.is_relative_to(case):
        problem = Problem(
            "key_in_case_folder", KEY_FOLDER_VARIABLE, None, None, "a folder within the case folder",
            "a folder outside the case, which its backups leave out",
            "Give another folder, or leave the variable out.",
        )  # fmt: skip
        raise InputError(problems=[problem])
    return folder / f"{hashlib.sha256(str(case).encode()).hexdigest()[:24]}.key"


def key_of(case_folder: Path, *, create: bool = False) -> Key | None:
    """Return the key of a case; None where there is none and none can or may be made.

    Parameters
    ----------
    case_folder : Path
    create : bool
        Make it if it is missing. Where the folder cannot be written, there is none: figures do not need it.

    Raises
    ------
    InputError
        If the file is not a key that its owner alone can read.
    """
    file = key_file(case_folder)
    try:
        return _read(file)
    except FileNotFoundError:
        if not create:
            return None
    try:
        _write(file)
    except FileExistsError:  # another run was quicker
        pass
    except OSError:
        return None
    return _read(file)


def rotate(case_folder: Path, out_folder: Path) -> tuple[Key, int]:
    """Make a new key and forget the old one with all its pseudonyms; return it, and how many files went.

    The next assessment reads the persons of the present exports anew; older snapshots cannot be linked
    with later ones any more.
    """
    deleted = forget(case_folder, out_folder)
    file = key_file(case_folder)
    _write(file)
    return _read(file), deleted


def forget(case_folder: Path, out_folder: Path) -> int:
    """Delete the key of a case and every pseudonym made with it; return how many files of them there were."""
    file = key_file(case_folder)
    if file.is_file() and not file.is_symlink():
        with file.open("r+b") as handle:  # the bytes go, even where a copy of the folder's entry stays
            handle.write(secrets.token_bytes(KEY_BYTES))
            handle.flush()
            os.fsync(handle.fileno())
    file.unlink(missing_ok=True)
    kept = list(out_folder.glob(f"{PREFIX}*.json")) if out_folder.is_dir() else []
    for pseudonyms in kept:
        pseudonyms.unlink()
    return len(kept)


def pseudonym_file(out_folder: Path, digest: str) -> Path:
    """Return where the pseudonyms of a snapshot stand: beside it, so that they can go and it can stay."""
    return out_folder / f"{PREFIX}{digest[:16]}.json"


def keep(file: Path, key: Key, names: Iterable[str]) -> None:
    """Write the pseudonyms of a snapshot's persons, in the order of their ordinals from 1."""
    text = json.dumps({"key": key.id, "persons": [key.pseudonym(name) for name in names]})
    partial = file.with_suffix(".partial")
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as out:
        out.write(text + "\n")
    partial.replace(file)


def kept(file: Path, key: Key) -> list[str] | None:
    """Return the pseudonyms of a snapshot's persons; None where there are none of this key."""
    try:
        held = json.loads(file.read_text(encoding="utf-8"))
        persons = held["persons"] if held["key"] == key.id else None
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return persons if isinstance(persons, list) else None


def _write(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(secrets.token_bytes(KEY_BYTES))
        out.flush()
        os.fsync(out.fileno())


def _read(file: Path) -> Key:
    flags = (
        os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    )
    try:
        descriptor = os.open(file, flags)
    except FileNotFoundError:
        raise
    except OSError:
        raise _no_key(file, "something that is no key") from None
    with os.fdopen(descriptor, "rb") as handle:
        status = os.fstat(handle.fileno())
        secret = handle.read(KEY_BYTES + 1) if stat.S_ISREG(status.st_mode) else b""
    is_open = os.name == "posix" and status.st_mode & 0o077
    if len(secret) != KEY_BYTES or is_open:
        raise _no_key(file, "a file that others can read" if is_open else "something that is no key")
    return Key(secret)


def _no_key(file: Path, found: str) -> InputError:
    problem = Problem(
        "no_key", file.name, None, None, found, f"{KEY_BYTES} bytes that only their owner can read",
        "Run `makeorbuy pseudonyms rotate CASE` for a new key.",
    )  # fmt: skip
    return InputError(problems=[problem])
