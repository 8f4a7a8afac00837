"""Beside the error table: whose side a reason is on, which check it ends, what an officer is told.

The officer at the counter cannot mend a request; the sentence says what to do with the citizen
who waits. It depends on the reason alone, so it never tells more than the reason does.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from mock_population_db.rules.refusals import REFUSALS


class Side(StrEnum):
    """Who must mend it."""

    CALLER = "caller"
    GATEWAY = "gateway"
    REGISTER = "register"


class About(NamedTuple):
    """What is said of a reason besides its message."""

    side: Side
    check: str  # of ``core/trail.py``: the one that failed
    officer_vi: str


_SOFTWARE = "Phần mềm gửi yêu cầu chưa đúng quy cách; hãy báo bộ phận kỹ thuật."
_SYSTEM = (
    "Hệ thống của đơn vị chưa được xác thực với cơ sở dữ liệu dân cư; hãy báo bộ phận kỹ thuật."
)
_REVOKED = "Quyền kết nối của hệ thống đã bị thu hồi; hãy báo lãnh đạo đơn vị."
_RIGHTS = (
    "Đơn vị chưa được cấp quyền tra cứu cho thủ tục này; hãy đề nghị công dân xuất trình giấy tờ."
)
_QUOTA = "Đơn vị đã dùng hết hạn mức tra cứu; hãy báo quản trị hệ thống."
_LATER = "Hệ thống tạm thời chưa trả lời được; hãy thử lại sau ít phút."

ABOUT: dict[str, About] = {
    # the caller's request
    "MALFORMED_MESSAGE": About(Side.CALLER, "message", _SOFTWARE),
    "UNKNOWN_FIELDS": About(Side.CALLER, "message", _SOFTWARE),
    "INVALID_FIELD": About(
        Side.CALLER, "shape", "Thông tin nhập chưa đúng dạng; hãy kiểm tra lại từng ô được báo lỗi."
    ),
    "LEAF_OUT_OF_RANGE": About(Side.CALLER, "shape", _SOFTWARE),
    "REVISION_COMPACTED": About(Side.CALLER, "shape", _SOFTWARE),
    "REVISION_NOT_REACHED": About(Side.CALLER, "shape", _SOFTWARE),
    # who the caller is
    "CERTIFICATE_MISSING": About(Side.CALLER, "authenticated", _SYSTEM),
    "TOKEN_MISSING": About(Side.CALLER, "authenticated", _SYSTEM),
    "TOKEN_MALFORMED": About(Side.CALLER, "authenticated", _SYSTEM),
    "TOKEN_ALGORITHM": About(Side.CALLER, "authenticated", _SYSTEM),
    "TOKEN_TYPE": About(Side.CALLER, "authenticated", _SYSTEM),
    "TOKEN_HEADER": About(Side.CALLER, "authenticated", _SYSTEM),
    "CALLER_UNKNOWN": About(Side.CALLER, "authenticated", _SYSTEM),
    "TOKEN_SIGNATURE": About(Side.CALLER, "authenticated", _SYSTEM),
    "CALLER_REVOKED": About(Side.CALLER, "authenticated", _REVOKED),
    "TOKEN_AUDIENCE": About(Side.CALLER, "authenticated", _SYSTEM),
    "TOKEN_EXPIRED": About(
        Side.CALLER, "authenticated", "Phiên kết nối đã hết hạn; hãy đăng nhập lại rồi thử lại."
    ),
    "TOKEN_LIFETIME": About(Side.CALLER, "authenticated", _SYSTEM),
    "TOKEN_BINDING": About(Side.CALLER, "authenticated", _SYSTEM),
    # the caller's rights
    "UNIT_NOT_OF_CALLER": About(
        Side.CALLER, "unit", "Mã đơn vị chưa được đăng ký; hãy báo quản trị hệ thống."
    ),
    "OFFICER_UNKNOWN": About(
        Side.CALLER,
        "unit",
        "Tài khoản cán bộ chưa được đăng ký cho đơn vị này; hãy báo quản trị hệ thống.",
    ),
    "CALLER_NOT_GRANTED": About(Side.CALLER, "grant", _RIGHTS),
    "PROCEDURE_NOT_GRANTED": About(Side.CALLER, "grant", _RIGHTS),
    "RPC_NOT_GRANTED": About(Side.CALLER, "grant", _RIGHTS),
    "GRANT_NOT_YET_VALID": About(
        Side.CALLER, "grant", "Quyền tra cứu cho thủ tục này chưa có hiệu lực."
    ),
    "GRANT_EXPIRED": About(
        Side.CALLER,
        "grant",
        "Quyền tra cứu cho thủ tục này đã hết hạn; hãy báo lãnh đạo đơn vị đề nghị gia hạn.",
    ),
    "FIELD_NOT_GRANTED": About(
        Side.CALLER,
        "fields",
        "Đơn vị chưa được xem một số thông tin đã yêu cầu; hãy báo bộ phận kỹ thuật.",
    ),
    # the caller's quotas
    "QUOTA_RATE_EXCEEDED": About(
        Side.CALLER, "quota", "Đang có quá nhiều yêu cầu; hãy thử lại sau vài giây."
    ),
    "QUOTA_BATCH_TOO_LARGE": About(Side.CALLER, "quota", _SOFTWARE),
    "QUOTA_DAY_EXCEEDED": About(Side.CALLER, "quota", _QUOTA),
    "QUOTA_MISMATCHES_EXCEEDED": About(
        Side.CALLER,
        "guesses",
        "Số này đã được tra cứu không khớp quá nhiều lần hôm nay; hãy đối chiếu giấy tờ gốc.",
    ),
    "QUOTA_WATCHED_EXCEEDED": About(Side.CALLER, "quota", _SOFTWARE),
    # events, and what stands in their way
    "REQUEST_SIGNATURE_MISSING": About(Side.CALLER, "authenticated", _SYSTEM),
    "REQUEST_SIGNATURE_INVALID": About(Side.CALLER, "authenticated", _SYSTEM),
    "AUTHORITY_NOT_COMPETENT": About(
        Side.CALLER, "grant", "Sự kiện này không thuộc thẩm quyền báo của đơn vị."
    ),
    "REQUEST_ID_REUSED": About(Side.CALLER, "shape", _SOFTWARE),
    "EVENT_NOT_FOUND": About(
        Side.CALLER, "state", "Không tìm thấy sự kiện đã báo; hãy kiểm tra mã trên biên nhận."
    ),
    "PERSON_NOT_VERIFIED": About(
        Side.CALLER,
        "match",
        "Thông tin của một người trong hồ sơ chưa khớp; hãy đối chiếu giấy tờ.",
    ),
    "REVISION_MOVED": About(
        Side.CALLER, "state", "Thông tin vừa được thay đổi; hãy xem lại hồ sơ rồi gửi lại."
    ),
    **{
        code: About(Side.CALLER, "state", vi[0].upper() + vi[1:] + ".")
        for code, (_, vi) in REFUSALS.items()
    },
    # sessions of chunks
    "SESSION_CHANGED": About(Side.CALLER, "shape", _SOFTWARE),
    "CHUNK_CHANGED": About(Side.CALLER, "shape", _SOFTWARE),
    "CHUNK_OUT_OF_ORDER": About(Side.CALLER, "shape", _SOFTWARE),
    "SESSION_CLOSED": About(Side.CALLER, "shape", _SOFTWARE),
    "SESSION_TAKEN_OVER": About(Side.CALLER, "answer", _LATER),
    "CHUNK_EXPIRED": About(Side.CALLER, "answer", _SOFTWARE),
    "CHUNK_BEFORE_FAILED": About(Side.GATEWAY, "record", _LATER),
    # the gateway's limits
    "TOO_MANY_CALLS": About(Side.GATEWAY, "capacity", _LATER),
    "TOO_MANY_STREAMS": About(Side.GATEWAY, "capacity", _LATER),
    "STREAM_TOO_OLD": About(Side.GATEWAY, "answer", _LATER),
    "TOO_SLOW": About(Side.GATEWAY, "answer", _LATER),
    # the gateway's stores
    "CALLERS_UNAVAILABLE": About(Side.GATEWAY, "authenticated", _LATER),
    "REGISTER_UNAVAILABLE": About(Side.REGISTER, "register", _LATER),
    "ACCESS_LOG_UNAVAILABLE": About(Side.GATEWAY, "answer", _LATER),
    "ACCESS_INDEX_BUILDING": About(Side.GATEWAY, "answer", _LATER),
    "RECORD_STORE_UNAVAILABLE": About(Side.GATEWAY, "record", _LATER),
    "ANSWERED_MEANWHILE": About(Side.GATEWAY, "record", _LATER),
    "NO_ACTIVE_KEY": About(
        Side.GATEWAY, "record", "Hệ thống chưa ký được kết quả; hãy thử lại sau hoặc báo kỹ thuật."
    ),
    "STOPPING": About(Side.GATEWAY, "answer", _LATER),
    # the simulator's profiles and switches
    "SIMULATED_UNAVAILABLE": About(Side.GATEWAY, "answer", _LATER),
    "SIMULATED_INTERNAL": About(Side.GATEWAY, "answer", _LATER),
    "SIMULATED_UNKNOWN": About(Side.GATEWAY, "answer", _LATER),
    "SIMULATED_RESOURCE_EXHAUSTED": About(Side.GATEWAY, "capacity", _LATER),
    "SIMULATED_DEADLINE_EXCEEDED": About(Side.GATEWAY, "answer", _LATER),
    "SIMULATED_ABORTED": About(Side.GATEWAY, "answer", _LATER),
    "SIMULATED_OUTAGE": About(Side.GATEWAY, "answer", _LATER),
    "SIMULATED_THROTTLE": About(Side.GATEWAY, "capacity", _LATER),
    "SIMULATED_TIMEOUT": About(Side.GATEWAY, "answer", _LATER),
    "PROFILE_NOT_FOUND": About(Side.CALLER, "state", _SOFTWARE),
    "NO_RETIRED_KEY": About(Side.CALLER, "state", _SOFTWARE),
    "RESET_NOT_POSSIBLE": About(Side.CALLER, "state", _SOFTWARE),
    "RESET_RUNNING": About(Side.CALLER, "state", _SOFTWARE),
    "WORKER_SILENT": About(Side.GATEWAY, "answer", _LATER),
    # the gateway's defects
    "INTERNAL": About(
        Side.GATEWAY, "answer", "Hệ thống gặp lỗi; hãy báo bộ phận kỹ thuật kèm mã vết."
    ),
}
