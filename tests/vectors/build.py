"""Write the test vectors: ``python -m tests.vectors.build [DIRECTORY]``.

For each vector NAME.json, which holds the inputs and the answer, and NAME.binpb, the bytes of
the statement; key sets are shared, in ``keysets/``. The keys and salts are fixed and known to
everybody, and the same bytes come out every time.
"""

from __future__ import annotations

import base64
import hashlib
import json
import sys
from collections.abc import Iterable
from pathlib import Path

from tests.vectors import bad_contents, bad_envelopes, bad_keys, good
from tests.vectors.scene import MAIN_KEY_SET, Vector

HERE = Path(__file__).parent


def build(directory: Path) -> None:
    """Write all vectors into `directory`."""
    write(directory, "good", good.vectors())
    for part in (bad_envelopes, bad_keys, bad_contents):
        write(directory, "bad", part.vectors())


def write(directory: Path, folder: str, vectors: Iterable[Vector]) -> None:
    """Write some vectors into one folder."""
    (directory / folder).mkdir(parents=True, exist_ok=True)
    (directory / "keysets").mkdir(exist_ok=True)
    for vector in vectors:
        key_set = f"keysets/{key_set_name(vector.key_set)}.binpb"
        (directory / key_set).write_bytes(vector.key_set)
        path = directory / folder / f"{vector.name}.json"
        path.with_suffix(".binpb").write_bytes(vector.data)
        text = json.dumps(describe(vector, key_set), ensure_ascii=False, indent=2)
        path.write_text(text + "\n", encoding="utf-8")


def describe(vector: Vector, key_set: str) -> dict[str, object]:
    """The JSON beside a vector: inputs and answer. Bytes are in standard base64."""
    return {
        "about": vector.about,
        "kind": vector.kind,
        "key_set": key_set,
        "at": vector.at if "T" in vector.at else vector.at + "T00:00:00",
        "trust": {
            "roots": list(vector.roots),
            "lowest_version": vector.lowest_version,
            "witnesses": [
                {"name": name, "public_key": _text(key)} for name, key in vector.witnesses
            ],
            "quorum": vector.quorum,
        },
        "expected": {name: _text(value) for name, value in vector.expected.items()},
        "result": vector.result,
        "refusal": vector.refusal,
        "time_attested": vector.attested,
    }


def key_set_name(key_set: bytes) -> str:
    """A file name for a key set."""
    if key_set == MAIN_KEY_SET:
        return "main"
    return hashlib.sha256(key_set).hexdigest()[:16]


def _text(value: object) -> object:
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


if __name__ == "__main__":
    build(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
