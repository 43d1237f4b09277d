"""What the columns of a list of devices may be called, and what people call the kinds of device."""

from tracker.lists.headings import Headings

KINDS = ("desktop", "laptop", "tablet", "phone")

KIND_WORDS: dict[str, str] = {
    **dict.fromkeys(
        (
            "may tinh de ban",
            "may tinh ban",
            "may ban",
            "may bo",
            "may vi tinh",
            "may tinh pc",
            "pc",
            "desktop",
        )
        + ("case", "cay may tinh", "may tinh dong bo", "all in one", "aio", "may tinh"),
        "desktop",
    ),
    **dict.fromkeys(
        (
            "laptop",
            "may tinh xach tay",
            "may xach tay",
            "notebook",
            "may tinh laptop",
            "macbook",
            "chromebook",
        ),
        "laptop",
    ),
    **dict.fromkeys(("tablet", "may tinh bang", "may bang", "ipad", "mtb"), "tablet"),
    **dict.fromkeys(
        ("dien thoai", "dien thoai thong minh", "dien thoai di dong", "dtdd", "dt", "smartphone", "phone")
        + ("iphone", "smart phone", "dien thoai smartphone"),
        "phone",
    ),
}

HEADINGS: Headings = {
    **dict.fromkeys(("stt", "tt", "so tt", "so thu tu", "no"), "ordinal"),
    **dict.fromkeys(
        ("loai thiet bi", "loai", "ten thiet bi", "thiet bi", "loai may", "chung loai", "kind", "type"),
        "kind",
    ),
    **dict.fromkeys(
        ("hang", "hang san xuat", "hang sx", "nhan hieu", "thuong hieu", "make", "nha san xuat"), "make"
    ),
    **dict.fromkeys(("model", "ky hieu", "dong may", "ma hieu", "doi may", "kieu may"), "model"),
    **dict.fromkeys(
        ("so serial", "serial", "so seri", "seri", "s n", "sn", "serial number", "so may", "so serial may"),
        "serial",
    ),
    **dict.fromkeys(("imei", "imei 1", "imei1", "so imei", "so imei 1"), "imei1"),
    **dict.fromkeys(("imei 2", "imei2", "so imei 2"), "imei2"),
    **dict.fromkeys(("tinh trang", "hien trang", "chat luong", "tinh trang may"), "condition"),
    **dict.fromkeys(("sac", "bo sac", "cu sac", "charger", "phu kien sac"), "charger"),
    **dict.fromkeys(("cap", "day cap", "cap sac", "cable", "phu kien cap"), "cable"),
    **dict.fromkeys(("tui", "bao da", "op lung", "tui dung", "bag", "phu kien tui"), "bag"),
    **dict.fromkeys(
        ("don vi ung ho", "don vi tai tro", "nha tai tro", "nguoi ung ho", "don vi trao tang", "don vi tang")
        + ("to chuc ca nhan ung ho", "nguon ung ho", "donor", "nguoi tang", "don vi ca nhan ung ho"),
        "donor",
    ),
    **dict.fromkeys(("ghi chu", "note"), "note"),
}
