"""Blocks of a long run, kept in a folder: a run that was interrupted goes on where it was."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class KeptBlocks:
    """A folder of blocks that belong to one question.

    Attributes
    ----------
    folder : Path
        Safe to delete.
    question : str
        Digest of everything that the blocks follow from: input, options, seed, version. Blocks of another
        question are never found.
    """

    folder: Path
    question: str

    def load(self, name: str) -> NDArray[np.float64] | None:
        """Return a block; None if it was not kept, or if a byte of it is not what was written."""
        try:
            content = self._path(name).read_bytes()
        except OSError:
            return None
        digest, shape, body = content[:32], content[32:64], content[64:]
        if hashlib.sha256(shape + body).digest() != digest:
            return None
        sizes = [size for size in np.frombuffer(shape, np.int64).tolist() if size >= 0]
        try:
            return np.frombuffer(body, np.float64).reshape(sizes).copy()
        except ValueError:  # a digest that fits tells nothing about who wrote it
            return None

    def save(self, name: str, block: NDArray[np.float64]) -> None:
        """Write a block beside its place and move it there: whoever stops the run leaves no half of it."""
        path = self._path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        shape = np.array([*block.shape, *[-1] * (4 - block.ndim)], np.int64).tobytes()
        body = np.ascontiguousarray(block, np.float64).tobytes()
        handle, written = tempfile.mkstemp(dir=path.parent, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(hashlib.sha256(shape + body).digest() + shape + body)
            Path(written).replace(path)
        except BaseException:
            Path(written).unlink(missing_ok=True)
            raise

    @property
    def place(self) -> Path:
        """The folder of this question."""
        return self.folder / self.question[:16]

    def _path(self, name: str) -> Path:
        return self.place / f"{name}.block"


MOST_QUESTIONS = 32
"""Questions of earlier runs that are kept, so that going back to what was asked before costs nothing."""


@dataclass(frozen=True, slots=True)
class KeptFolder:
    """A folder of the blocks of many questions.

    Attributes
    ----------
    folder : Path
        Safe to delete.
    """

    folder: Path
    asked: set[str] = field(default_factory=set)

    def __call__(self, question: str) -> KeptBlocks:
        """Return where the blocks of a question are kept."""
        blocks = KeptBlocks(self.folder, question)
        self.asked.add(blocks.place.name)
        return blocks

    def tidy(self, most: int = MOST_QUESTIONS) -> None:
        """Remove the oldest questions that were not asked this time, until no more than `most` are left."""
        if not self.folder.is_dir():
            return
        others = [one for one in self.folder.iterdir() if one.is_dir() and one.name not in self.asked]
        others.sort(key=lambda one: (one.stat().st_mtime, one.name), reverse=True)
        for one in others[max(most - len(self.asked), 0) :]:
            shutil.rmtree(one, ignore_errors=True)
