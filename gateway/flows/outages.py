"""Why nothing was answered: errors that leave no record."""

from __future__ import annotations

from gateway.core.errors import Internal, Unavailable


class AnsweredMeanwhile(Unavailable):
    """Another gateway answered the same request while this one decided it."""


def answered_meanwhile() -> AnsweredMeanwhile:
    """The error for a request that another gateway answered while this one decided it."""
    return AnsweredMeanwhile(
        "ANSWERED_MEANWHILE",
        "the same request was answered by another gateway just now; send it again for that answer",
        "yêu cầu này vừa được một cổng khác trả lời; hãy gửi lại để nhận kết quả đó",
    )


def register_unavailable() -> Unavailable:
    """The error for a register that cannot be read."""
    return Unavailable(
        "REGISTER_UNAVAILABLE",
        "the population register cannot be read now; nothing was answered, try again",
        "hiện không đọc được cơ sở dữ liệu dân cư; chưa có kết quả, hãy thử lại",
    )


def stopping() -> Unavailable:
    """The error for whoever still waits when the gateway stops."""
    return Unavailable(
        "STOPPING",
        "the gateway is stopping; nothing was answered, try again",
        "hệ thống đang dừng; chưa có kết quả, hãy thử lại",
    )


def defect() -> Internal:
    """The error for what should not happen; it says nothing of the inside."""
    return Internal(
        "INTERNAL",
        "a defect of the gateway; its log has the details",
        "lỗi nội bộ của hệ thống; chi tiết nằm trong nhật ký",
    )
