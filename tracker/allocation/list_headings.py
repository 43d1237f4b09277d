"""What the columns of a list of pupils may be called, and what may stand in them."""

from tracker.lists.headings import Headings

#: In the order in which a row's policies are written.
POLICIES = ("ngheo", "can_ngheo", "mo_coi", "khuyet_tat")

POLICY_WORDS = {
    **dict.fromkeys(("ho ngheo", "ngheo", "hn"), "ngheo"),
    **dict.fromkeys(("can ngheo", "ho can ngheo", "hcn", "cn"), "can_ngheo"),
    **dict.fromkeys(("mo coi", "tre mo coi", "con mo coi"), "mo_coi"),
    **dict.fromkeys(("khuyet tat", "tre khuyet tat", "kt"), "khuyet_tat"),
}

_COMMUNE = ("xa phuong", "xa", "phuong xa", "xa phuong thi tran", "xa phuong tt", "dia chi xa phuong")
_DISTRICT = ("huyen tp", "huyen", "huyen thanh pho", "quan huyen", "dia chi huyen tp", "huyen thi")

HEADINGS: Headings = {
    **dict.fromkeys(("stt", "tt", "so tt", "so thu tu"), "ordinal"),
    **dict.fromkeys(
        (
            "ho va ten",
            "ho ten",
            "ho va ten hoc sinh",
            "ho ten hoc sinh",
            "ho ten hs",
            "ten hoc sinh",
            "hoc sinh",
        ),
        "name",
    ),
    **dict.fromkeys(("truong", "ten truong", "truong hoc", "don vi", "ma truong"), "school"),
    **dict.fromkeys(
        ("ngay sinh", "ngay thang nam sinh", "nam sinh", "sinh ngay", "ngay thang sinh", "ngay sinh hs"),
        "born",
    ),
    **dict.fromkeys(("ngay sinh nam", "ngay thang nam sinh nam", "nam sinh nam"), "born_boy"),
    **dict.fromkeys(("ngay sinh nu", "ngay thang nam sinh nu", "nam sinh nu"), "born_girl"),
    **dict.fromkeys(("gioi tinh", "nam nu", "gioi", "phai", "gt"), "sex"),
    **dict.fromkeys(("gioi tinh nam", "nam"), "boy"),
    **dict.fromkeys(("gioi tinh nu", "nu"), "girl"),
    **dict.fromkeys(("lop", "lop hoc", "ten lop"), "cls"),
    **dict.fromkeys(
        ("so dinh danh ca nhan", "ma dinh danh ca nhan", "ma dinh danh", "so dinh danh", "cccd", "so cccd")
        + ("cmnd cccd", "so cmnd cccd", "so cccd dinh danh", "ma dinh danh cccd"),
        "number",
    ),
    **dict.fromkeys(("dia chi", "noi o", "cho o", "noi thuong tru", "dia chi thuong tru"), "address"),
    **dict.fromkeys(_COMMUNE, "commune"),
    **dict.fromkeys(_DISTRICT, "district"),
    **dict.fromkeys(("doi tuong", "dien chinh sach", "dien", "hoan canh", "doi tuong chinh sach"), "policy"),
    **POLICY_WORDS,
    **dict.fromkeys(("chua co thiet bi", "khong co thiet bi", "thieu thiet bi"), "no_device"),
    **dict.fromkeys(
        ("chua co internet", "khong co internet", "chua co mang", "chua co song", "khong co mang"), "no_net"
    ),
    **dict.fromkeys(
        ("ho ten phu huynh", "phu huynh", "ho va ten phu huynh", "cha me", "ho ten cha me", "nguoi giam ho"),
        "parent",
    ),
    **dict.fromkeys(
        (
            "sdt phu huynh",
            "dien thoai",
            "so dien thoai",
            "sdt",
            "dien thoai phu huynh",
            "so dien thoai phu huynh",
        ),
        "phone",
    ),
}
