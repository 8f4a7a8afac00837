"""A registry of the real shape: 15 ministries and 63 provinces, down to one-stop counters.

The provinces, districts and communes are those before 2025-07-01, when the real link had these
callers. Codes are built like those of QĐ 20/2020/QĐ-TTg (``000.00.00.H26`` an agency,
``000.00.NN.H26`` its districts and departments, ``000.NN.NN.H26`` their communes); which number
stands for whom is dancu's own, and so are the officers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from gateway.core.caller import Caller, Unit

# the 15 that come first by name, numbered as in the alphabet of all 22
MINISTRIES = (
    ("G01", "Bộ Công an"),
    ("G02", "Bộ Công Thương"),
    ("G03", "Bộ Giáo dục và Đào tạo"),
    ("G04", "Bộ Giao thông vận tải"),
    ("G05", "Bộ Kế hoạch và Đầu tư"),
    ("G06", "Bộ Khoa học và Công nghệ"),
    ("G07", "Bộ Lao động - Thương binh và Xã hội"),
    ("G08", "Bộ Ngoại giao"),
    ("G09", "Bộ Nội vụ"),
    ("G10", "Bộ Nông nghiệp và Phát triển nông thôn"),
    ("G11", "Bộ Quốc phòng"),
    ("G12", "Bộ Tài chính"),
    ("G13", "Bộ Tài nguyên và Môi trường"),
    ("G14", "Bộ Thông tin và Truyền thông"),
    ("G15", "Bộ Tư pháp"),
)
DEPARTMENTS = ("Cục Hộ tịch", "Cục Quản lý dữ liệu", "Văn phòng")
OFFICES = ("Sở Tư pháp", "Sở Y tế", "Trung tâm Phục vụ hành chính công")
COUNTER = "Bộ phận một cửa"
OFFICERS = 2  # at each counter
_FIRST_DISTRICT = 10  # departments come before

_Places = dict[str, dict[str, list[str]]]
"""Province code -> district -> communes, by name."""


def demo_callers() -> Iterator[Caller]:
    """The 78 callers, without keys and certificates."""
    for agency, name in MINISTRIES:
        yield Caller(agency, name, dict(_ministry(agency, name)))
    # only here: the tables come with the generator's libraries, and serving needs neither
    from mock_population_db.generate import tables  # noqa: PLC0415

    places = _places(tables.read("communes_legacy"))
    provinces = sorted(tables.read("provinces_legacy"), key=lambda row: int(row["id_code"]))
    for number, row in enumerate(provinces, 1):
        agency = f"H{number:02}"
        units = dict(_province(agency, row["name"], places[row["id_code"][1:]]))
        yield Caller(agency, f"UBND {row['name']}", units)


def _ministry(agency: str, name: str) -> Iterator[tuple[str, Unit]]:
    yield _unit(agency, name)
    for number, department in enumerate(DEPARTMENTS, 1):
        yield _unit(agency, department, number)
        yield _unit(agency, f"{COUNTER}, {department}", number, 1)


def _province(
    agency: str, name: str, districts: dict[str, list[str]]
) -> Iterator[tuple[str, Unit]]:
    yield _unit(agency, f"UBND {name}")
    for number, office in enumerate(OFFICES, 1):
        yield _unit(agency, office, number)
    for number, (district, communes) in enumerate(districts.items(), _FIRST_DISTRICT):
        yield _unit(agency, f"{COUNTER}, {district}", number)
        for below, commune in enumerate(communes, 1):
            yield _unit(agency, f"{COUNTER}, {commune}, {district}", number, below)


def _unit(agency: str, name: str, second: int = 0, third: int = 0) -> tuple[str, Unit]:
    place = f"{second:02}.{third:02}"
    officers = (f"CB-{agency}-{place}-{number}" for number in range(1, OFFICERS + 1))
    return f"000.{third:02}.{second:02}.{agency}", Unit(name, frozenset(officers))


def _places(rows: Iterator[dict[str, str]]) -> _Places:
    found: _Places = defaultdict(lambda: defaultdict(list))
    for row in rows:
        communes = found[row["province_code"]][row["district"]]
        if row["name"]:  # five island districts have none
            communes.append(f"{row['type']} {row['name']}")
    return found
