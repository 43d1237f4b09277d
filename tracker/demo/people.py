"""Invented people and companies. Any likeness is chance; the telephone numbers are held by no operator."""

import random
from datetime import date

FAMILY = "Nguyễn Trần Lê Phạm Hoàng Vũ Phan Đặng Bùi Đỗ Hồ Ngô Dương Lý Đào Kim Tạ Trương Lưu Chu".split()
MIDDLE_M = "Văn Đức Minh Quốc Hữu Công Xuân Mạnh Thành Trung Gia Bảo".split()
MIDDLE_F = "Thị Thu Ngọc Phương Thanh Minh Khánh Hải Bảo Diệu".split()
GIVEN_M = "An Anh Bình Cường Dũng Đạt Hải Hiếu Hùng Huy Khánh Kiên Lâm Long Nam Phúc Quân Sơn Thắng Tùng Việt".split()
GIVEN_F = "Anh Chi Dung Giang Hà Hạnh Hiền Hoa Hương Huệ Lan Linh Mai Nga Ngân Oanh Phượng Quỳnh Thảo Trang Uyên".split()

DONORS: tuple[tuple[str, str], ...] = (
    ("agency", "Sở Thông tin và Truyền thông tỉnh"),
    ("agency", "Liên đoàn Lao động tỉnh"),
    ("agency", "Hội Doanh nhân trẻ Sông Lô"),
    ("company", "Công ty TNHH Điện tử Hồng Phát Việt"),
    ("company", "Công ty CP May Tam Đảo Xanh"),
    ("company", "Công ty TNHH Cơ khí Bình Xuyên Mới"),
    ("company", "Ngân hàng Hợp tác Đất Việt, chi nhánh tỉnh"),
    ("company", "Công ty CP Gạch men Phúc Lộc"),
    ("company", "Công ty TNHH Phần mềm Lá Cọ"),
    ("person", "Ông Đặng Quốc Khải"),
    ("person", "Gia đình bà Lưu Thị Mận"),
    ("person", "Bà Chu Thanh Oanh"),
)

#: Category, make, model, and how often it comes; and whether it has IMEIs.
MODELS: tuple[tuple[str, str, str, int], ...] = (
    ("desktop", "Dell", "OptiPlex 7040", 5),
    ("desktop", "HP", "ProDesk 400 G3", 5),
    ("desktop", "Lenovo", "ThinkCentre M710s", 4),
    ("laptop", "Dell", "Latitude E5520", 8),
    ("laptop", "HP", "ProBook 4545s", 8),
    ("laptop", "Lenovo", "ThinkPad T480", 7),
    ("laptop", "Acer", "Aspire A515", 6),
    ("laptop", "Asus", "X55VD", 5),
    ("tablet", "Samsung", "Galaxy Tab A (SM-T585)", 8),
    ("tablet", "Lenovo", "MIIX 310-10ICR", 5),
    ("tablet", "Apple", "iPad Air (A1475)", 4),
    ("phone", "Samsung", "Galaxy A10 (SM-A105F)", 10),
    ("phone", "Xiaomi", "Redmi Note 4X", 8),
    ("phone", "Oppo", "A37 (A37fw)", 6),
)


def name(chance: random.Random, sex: str) -> str:
    """Return an invented full name."""
    middle, given = (MIDDLE_M, GIVEN_M) if sex == "M" else (MIDDLE_F, GIVEN_F)
    return f"{chance.choice(FAMILY)} {chance.choice(middle)} {chance.choice(given)}"


def phone(chance: random.Random) -> str:
    """Return a telephone number that begins with 030, which no operator holds."""
    return f"030{chance.randrange(10_000_000):07d}"


def citizen_id(chance: random.Random, sex: str, born: date) -> str:
    """Return a citizen number too high to be issued: its last six digits begin with 9."""
    return f"026{2 if sex == 'M' else 3}{born:%y}9{chance.randrange(100_000):05d}"


def imei(chance: random.Random) -> str:
    """Return an IMEI with a right check digit."""
    body = f"35{chance.randrange(10**12):012d}"
    total = 0
    for i, digit in enumerate(body):
        value = int(digit) * (2 if i % 2 else 1)
        total += value - 9 if value > 9 else value
    return body + str(-total % 10)
