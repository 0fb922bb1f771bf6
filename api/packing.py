"""Folders as one file to download; the same folder gives the same bytes."""

import io
import zipfile
from pathlib import Path
from typing import Final

_DAY: Final = (1980, 1, 1, 0, 0, 0)


def pack_folder(folder: Path) -> bytes:
    """Pack the files of a folder."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            # The time of writing would make every download another one.
            archive.writestr(_describe(path.relative_to(folder).as_posix()), path.read_bytes())
    return buffer.getvalue()


def _describe(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _DAY)
    entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
    return entry
