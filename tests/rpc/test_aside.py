"""What the gateway says beside its answers reaches the caller of the SDK."""

from __future__ import annotations

from pathlib import Path

from tests.rpc.gateways import serving

NAME, BIRTH_DATE = "Trần Minh Khôi", "1988-03-14"


async def test_quota(data_dir: Path) -> None:
    """Each answer tells how many records are left of the day, and when a new one begins."""
    async with serving(data_dir, "limited") as running, running.connect(audience="limited") as sdk:
        answers = [
            await sdk.verify_identity(
                personal_id="079088000001", full_name=NAME, birth_date=BIRTH_DATE
            )
            for _ in range(2)
        ]
    asides = [answer.evidence.aside for answer in answers]
    assert [aside.quota_remaining for aside in asides] == [99, 98]
    assert asides[0].quota_reset.endswith("T00:00:00+07:00")
    assert asides[0].trace == ""


async def test_trace(data_dir: Path) -> None:
    """An answer that is not verified is explained to those who may know, by its trace."""
    async with serving(data_dir, "explain") as running, running.connect(audience="explain") as sdk:
        answer = await sdk.verify_identity(
            personal_id="079088000001", full_name=NAME, birth_date="1988-03-15"
        )
    assert not answer.verified
    assert len(answer.evidence.aside.trace) == 32
    assert answer.evidence.aside.quota_remaining is None
