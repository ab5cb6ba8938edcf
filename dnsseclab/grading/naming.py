"""A file's name for any identifier: no path, nothing that a system forbids, no two alike.

It knows: what file names may hold.
It must not know: what the file is for.
"""

import hashlib
import re

RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)  # devices, on Windows
LONGEST = 120  # bytes; a file system takes 255, and something is put behind it


def file_name(identifier: str) -> str:
    """Return the identifier with everything doubtful in it as %XX; letters of any script stay."""
    ends = len(identifier) - 1
    name = "".join(
        each if re.fullmatch(r"[\w@+-]", each) or each in ". " and 0 < place < ends else _coded(each)
        for place, each in enumerate(identifier)
    )
    if RESERVED.fullmatch(name):
        name = _coded(name[0]) + name[1:]
    if len(name.encode("utf-8", "surrogatepass")) <= LONGEST:
        return name
    return name[: LONGEST // 8] + "%" + hashlib.sha256(identifier.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _coded(character: str) -> str:
    return "".join(f"%{byte:02X}" for byte in character.encode("utf-8", "surrogatepass"))
