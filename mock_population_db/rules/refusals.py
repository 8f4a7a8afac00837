"""Why an event is refused: every code, with what stands in the way and what to do.

The codes are stable and part of the interface; docs/events.md lists them by event. The
sentences name nobody. The last three are the store's, about annulments.
"""

from __future__ import annotations

REFUSALS: dict[str, tuple[str, str]] = {
    "EFFECTIVE_AFTER_REGISTRATION": (
        "the event holds only from after the day of registration; compare the two dates",
        "ngày có hiệu lực sau ngày đăng ký; hãy đối chiếu hai ngày",
    ),
    "REGISTERED_IN_FUTURE": (
        "the day of registration has not come yet on the register's calendar; compare the clocks",
        "ngày đăng ký chưa tới theo lịch của cơ sở dữ liệu; hãy so lại đồng hồ",
    ),
    "PERSON_UNKNOWN": (
        "nobody on file has this number; verify the person first",
        "không có người mang số này trong cơ sở dữ liệu; hãy xác thực công dân trước",
    ),
    "NUMBER_CANCELLED": (
        "this number was cancelled; look up the person's present number",
        "số định danh này đã bị hủy; hãy tra số hiện tại của công dân",
    ),
    "NUMBER_PENDING": (
        "the number is set up but not yet confirmed; wait for the confirmation",
        "số định danh đang chờ xác lập; hãy đợi xác lập xong",
    ),
    "NUMBER_UNDER_CORRECTION": (
        "the number is under correction; have the new number set up before the card is issued",
        "số định danh đang được hủy, xác lập lại; hãy xác lập số mới trước khi cấp thẻ",
    ),
    "NUMBER_DATA_MISSING": (
        "no number without sex, birth year and a province on file; report what is missing first",
        "thiếu giới tính, năm sinh hoặc tỉnh để xác lập số; hãy báo cải chính hoặc cư trú trước",
    ),
    "PERSON_DEAD": (
        "the person is dead on file; if that is wrong, have the death registration annulled",
        "công dân đã được đăng ký khai tử; nếu sai, hãy đề nghị hủy việc đăng ký khai tử",
    ),
    "PERSON_DECLARED": (
        "a court declared the person missing or dead; have the declaration annulled first",
        "tòa án đã tuyên bố công dân mất tích hoặc đã chết; hãy đề nghị hủy tuyên bố trước",
    ),
    "ALREADY_DEAD": (
        "the death is registered already; compare with it, and correct it by annulment",
        "việc khai tử đã được đăng ký; hãy đối chiếu, nếu sai thì đề nghị hủy",
    ),
    "ALREADY_DECLARED": (
        "a court's declaration is on file that this one adds nothing to; compare with it",
        "đã có tuyên bố của tòa án trong cơ sở dữ liệu; hãy đối chiếu",
    ),
    "DEATH_AFTER_REGISTRATION": (
        "the day of death lies after the day of registration; compare the two dates",
        "ngày chết sau ngày đăng ký; hãy đối chiếu hai ngày",
    ),
    "BEFORE_BIRTH": (
        "this lies before the person's birth; compare the date with the birth date on file",
        "thời điểm này trước ngày sinh của công dân; hãy đối chiếu với ngày sinh đã đăng ký",
    ),
    "PARENT_MISSING": (
        "a birth needs the mother, the father or both; name one of them",
        "đăng ký khai sinh cần có mẹ, cha hoặc cả hai; hãy ghi ít nhất một người",
    ),
    "SAME_PERSON": (
        "one person stands in both places; compare the two numbers",
        "một người được ghi ở cả hai vị trí; hãy đối chiếu hai số định danh",
    ),
    "SEX_MISSING": (
        "the number tells the child's sex; report male or female",
        "số định danh thể hiện giới tính; hãy ghi nam hoặc nữ",
    ),
    "SEX_DOES_NOT_FIT": (
        "the sex on file does not fit this place; compare the numbers, or report a correction",
        "giới tính trong cơ sở dữ liệu không phù hợp; hãy đối chiếu số hoặc báo cải chính",
    ),
    "PARENT_TOO_YOUNG": (
        "the parent was under 12 at the birth; compare number and birth date",
        "cha hoặc mẹ chưa đủ 12 tuổi khi sinh con; hãy đối chiếu số và ngày sinh",
    ),
    "PARENT_TOO_OLD": (
        "the mother was over 60 at the birth; compare number and birth date",
        "mẹ quá 60 tuổi khi sinh con; hãy đối chiếu số và ngày sinh",
    ),
    "BIRTH_AFTER_REGISTRATION": (
        "the birth lies after the day of registration; compare the two dates",
        "ngày sinh sau ngày đăng ký; hãy đối chiếu hai ngày",
    ),
    "BIRTH_ORDER": (
        "the child's place must be from 1 to the number of children of this birth",
        "thứ tự của trẻ phải từ 1 đến số con trong lần sinh",
    ),
    "POSSIBLE_DUPLICATE": (
        "a child of these parents is on file that this may be; check, then say not_a_duplicate",
        "đã có trẻ có thể là trẻ này trong cơ sở dữ liệu; hãy kiểm tra, rồi gửi not_a_duplicate",
    ),
    "COMMUNE_NOT_IN_FORCE": (
        "no commune has this code now; use the codes in force",
        "không có đơn vị hành chính cấp xã mang mã này hiện nay; hãy dùng mã đang có hiệu lực",
    ),
    "COMMUNE_UNKNOWN": (
        "no commune had this code before 2025-07-01; native places are told in those codes",
        "không có xã mang mã này trước 2025-07-01; quê quán được ghi theo mã cũ",
    ),
    "ETHNIC_CODE_UNKNOWN": (
        "no ethnic group has this code; use 2 digits of the official list",
        "không có dân tộc mang mã này; hãy dùng mã 2 chữ số theo danh mục",
    ),
    "TOO_YOUNG_TO_MARRY": (
        "a wife must be 18 and a husband 20 years old; compare the birth date on file",
        "nữ phải đủ 18 tuổi, nam phải đủ 20 tuổi; hãy đối chiếu ngày sinh đã đăng ký",
    ),
    "ALREADY_MARRIED": (
        "the person is married on file; report the divorce or the spouse's death first",
        "công dân đang có vợ hoặc chồng; hãy báo ly hôn hoặc khai tử trước",
    ),
    "NEAR_RELATIVES": (
        "the two are parent and child, or have a parent in common, on file",
        "hai người là cha mẹ và con, hoặc có chung cha hoặc mẹ, theo cơ sở dữ liệu",
    ),
    "NOT_MARRIED": (
        "no marriage is on file that could end; check the person, or report the marriage first",
        "không có hôn nhân trong cơ sở dữ liệu; hãy kiểm tra hoặc báo kết hôn trước",
    ),
    "HOUSEHOLD_OR_COMMUNE": (
        "name either a member of the household to join, or the commune of a new one",
        "hãy ghi thành viên của hộ cần nhập, hoặc xã nơi lập hộ mới, chỉ một trong hai",
    ),
    "STAY_TERM": (
        "temporary residence ends within two years of its first day; permanent has no last day",
        "tạm trú có thời hạn tối đa hai năm kể từ ngày đầu; thường trú không ghi thời hạn",
    ),
    "NO_HOUSEHOLD": (
        "the member is in no household of this kind; found one in the commune instead",
        "thành viên này không thuộc hộ nào cùng loại cư trú; hãy lập hộ mới tại xã",
    ),
    "HEAD_IN_PLACE": (
        "the household has a head; give another relation, or have the head leave first",
        "hộ đang có chủ hộ; hãy chọn quan hệ khác, hoặc để chủ hộ rời hộ trước",
    ),
    "HEAD_MUST_BE_REPLACED": (
        "the person heads a household that others live in; report a departure with new_head first",
        "người này là chủ hộ và hộ còn thành viên; hãy báo xóa đăng ký kèm chủ hộ mới trước",
    ),
    "NEW_HEAD_NOT_MEMBER": (
        "the new head must be another member of the same household; compare the members",
        "chủ hộ mới phải là thành viên khác của hộ; hãy đối chiếu danh sách thành viên",
    ),
    "ALREADY_THERE": (
        "the person is registered in this household just so; nothing would change",
        "công dân đã đăng ký cư trú trong hộ này; không có gì thay đổi",
    ),
    "SAME_COMMUNE": (
        "temporary residence is for another commune than that of permanent residence",
        "chỉ đăng ký tạm trú ở ngoài xã nơi đã đăng ký thường trú",
    ),
    "BEFORE_ARRIVAL": (
        "the residence that would end began after this day; compare the dates",
        "nơi cư trú sẽ bị xóa bắt đầu sau ngày này; hãy đối chiếu các ngày",
    ),
    "NO_RESIDENCE": (
        "no residence of this kind is on file; check which one ends",
        "không có đăng ký cư trú loại này trong cơ sở dữ liệu; hãy kiểm tra lại loại cư trú",
    ),
    "NOTHING_CHANGES": (
        "the record says so already; nothing would change",
        "thông tin trong cơ sở dữ liệu đã như vậy; không có gì thay đổi",
    ),
    "BIRTH_AFTER_CHILD": (
        "the birth would lie after that of the person's child; compare both birth dates",
        "ngày sinh mới sau ngày sinh của con; hãy đối chiếu hai ngày sinh",
    ),
    "BIRTH_AFTER_DEATH": (
        "the birth would lie after the person's death on file; compare the two dates",
        "ngày sinh mới sau ngày chết hoặc mất tích đã đăng ký; hãy đối chiếu hai ngày",
    ),
    "NOT_A_CITIZEN": (
        "identity cards are for citizens of Viet Nam; the nationality on file is another",
        "thẻ căn cước chỉ cấp cho công dân Việt Nam; quốc tịch đã đăng ký là quốc tịch khác",
    ),
    "CARD_TERM": (
        "a card runs to the next birthday of 14, 25, 40 or 60, and from 58 on without term",
        "thẻ có thời hạn đến ngày đủ 14, 25, 40 hoặc 60 tuổi kế tiếp; từ 58 tuổi không thời hạn",
    ),
    "NO_CARD": (
        "no valid card is on file; check the person, or issue one",
        "không có thẻ còn hiệu lực trong cơ sở dữ liệu; hãy kiểm tra hoặc cấp thẻ",
    ),
    "EVENT_ANNULLED": (
        "the event is annulled already; nothing is left to put back",
        "sự kiện đã bị hủy trước đó; không còn gì để khôi phục",
    ),
    "LATER_EVENT": (
        "a later event changed the same records; have that one annulled first",
        "đã có sự kiện sau thay đổi cùng thông tin; hãy hủy sự kiện đó trước",
    ),
    "NOT_ANNULLABLE": (
        "such an event cannot be put back; report what is right as a new event",
        "sự kiện loại này không thể hủy; hãy báo thông tin đúng bằng sự kiện mới",
    ),
}
"""By code: the sentence in English, and in Vietnamese."""
