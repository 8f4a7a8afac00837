"""README.md's program does what it says."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from pathlib import Path

from tests.architecture.pages import DOCS
from tests.rpc.gateways import Running

README = DOCS.parent / "README.md"


async def test_the_program_of_the_readme(running: Running, tmp_path: Path) -> None:
    """Run as it stands, beside a gateway: it prints the verdict and keeps a receipt."""
    (program,) = re.findall(
        r"^```python\n(.*?)^```$", README.read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    (tmp_path / ".dancu").symlink_to(running.data_dir)
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", program.replace("127.0.0.1:50051", running.grpc)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "True ALIVE\n"
    assert (tmp_path / "answer.binpb").stat().st_size > 0
