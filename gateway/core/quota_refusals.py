"""What a caller is told that asks for more than its quota."""

from __future__ import annotations

from gateway.core.errors import QuotaExceeded


def day_used_up(caller: str, limit: int, left: int, wait: float | None) -> QuotaExceeded:
    """The day has no room for so many records; ``wait`` in seconds, None where it does not help."""
    return QuotaExceeded(
        "QUOTA_DAY_EXCEEDED",
        f"the quota is {limit} records a day, {left} are left, and this call has more; a new day "
        "begins at 00:00+07:00",
        f"hạn mức {limit} bản ghi một ngày, còn {left}, yêu cầu này vượt quá; ngày mới bắt đầu "
        "lúc 00:00+07:00",
        caller,
        wait,
    )


def never_fits(caller: str, burst: int) -> QuotaExceeded:
    """No waiting makes room for so many at once."""
    return QuotaExceeded(
        "QUOTA_BATCH_TOO_LARGE",
        f"the rate limit lets at most {burst} records through at once; send smaller batches",
        f"giới hạn tốc độ cho tối đa {burst} bản ghi mỗi lần; hãy gửi lô nhỏ hơn",
        caller,
    )


def too_fast(caller: str, per_second: float, wait: float) -> QuotaExceeded:
    """The bucket has too few; ``wait`` in seconds."""
    return QuotaExceeded(
        "QUOTA_RATE_EXCEEDED",
        f"the quota is {per_second:g} records a second; try again after the delay given",
        f"hạn mức {per_second:g} bản ghi một giây; hãy thử lại sau thời gian đã nêu",
        caller,
        wait,
    )


def too_many_mismatches(caller: str, cap: int, wait: float) -> QuotaExceeded:
    """Too many claims about one number were wrong; ``wait`` in seconds."""
    return QuotaExceeded(
        "QUOTA_MISMATCHES_EXCEEDED",
        f"at most {cap} claims a day about one number may fail to verify, and this call could "
        "exceed that; check the data at its source, and do not guess",
        f"mỗi ngày tối đa {cap} yêu cầu về một số được phép không khớp, yêu cầu này có thể vượt "
        "quá; hãy đối chiếu dữ liệu gốc, không thử dò",
        caller,
        wait,
    )
