"""Charsets: declared, undeclared and declared wrongly."""

from __future__ import annotations

import codecs

import pytest

from worker.errors import Unreadable
from worker.extraction import word_tables
from worker.extraction.html.charset import decode

RUSSIAN = "Городской совет решил закрыть старую переправу для грузовых машин: водолазы нашли трещины в опорах."
JAPANESE = "町の議会は24日の夜、古い渡し船について大型車の利用を禁止する案を賛成多数で可決した。"
CHINESE = "市议会周二晚上决定，旧渡口禁止卡车通行，因为工人发现码头受损。这是去年的洪水造成的。"
TAIWANESE = "市議會週二晚上決定，舊渡口禁止卡車通行，因為工人發現碼頭受損。這是去年的洪水造成的。"
KOREAN = "시의회는 화요일 밤 낡은 나루터에 화물차 통행을 금지하기로 했다. 기둥이 손상된 것을 발견했기 때문이다."
GREEK = "Το δημοτικό συμβούλιο αποφάσισε την Τρίτη να κλείσει την παλιά αποβάθρα για τα φορτηγά."
HEBREW = "מועצת העיר החליטה ביום שלישי בערב לסגור את הרציף הישן למשאיות לאחר שנמצא בו נזק."
ARABIC = "قرر مجلس المدينة مساء الثلاثاء إغلاق المرسى القديم أمام الشاحنات بعد أن وجد العمال أضرارا."
THAI = "สภาเทศบาลมีมติเมื่อคืนวันอังคารให้ปิดท่าเรือเก่าสำหรับรถบรรทุก หลังช่างพบความเสียหาย"
POLISH = "Rada miejska zdecydowała we wtorek, że stara przystań będzie zamknięta dla ciężarówek, bo są uszkodzenia."
CZECH = "Městské zastupitelstvo v úterý večer rozhodlo, že starý přívoz bude uzavřen pro těžké nákladní vozy."
TURKISH = (
    "Belediye meclisi salı akşamı eski iskeleyi kamyonlara kapatmaya karar verdi; ayakların hasarlı olduğunu gördü."
)
LITHUANIAN = "Miesto taryba antradienio vakarą nusprendė uždaryti senąją prieplauką sunkvežimiams, nes rado pažeidimų."
GERMAN = "Der Stadtrat beschloss am Dienstag, die alte Fähre für Lastwagen zu sperren, „das wäre möglich“, hieß es."
FRENCH = "Le conseil a décidé mardi soir de fermer l’ancien quai : deux piles sont abîmées, a précisé l’ingénieur."

TEXTS = [
    *(("ru", RUSSIAN, c) for c in ("cp1251", "koi8-r", "iso8859-5", "cp866", "mac-cyrillic")),
    *(("ja", JAPANESE, c) for c in ("cp932", "euc_jp", "iso2022_jp")),
    *(("zh", CHINESE, c) for c in ("gb18030", "gb2312")),
    ("zh", TAIWANESE, "big5"),
    *(("ko", KOREAN, c) for c in ("cp949", "euc-kr")),
    *(("el", GREEK, c) for c in ("cp1253", "iso8859-7")),
    *(("he", HEBREW, c) for c in ("cp1255", "iso8859-8")),
    *(("ar", ARABIC, c) for c in ("cp1256", "iso8859-6")),
    *(("th", THAI, c) for c in ("cp874", "tis-620")),
    *(("pl", POLISH, c) for c in ("cp1250", "iso8859-2")),
    *(("cs", CZECH, c) for c in ("cp1250", "iso8859-2")),
    *(("tr", TURKISH, c) for c in ("cp1254", "iso8859-9")),
    *(("lt", LITHUANIAN, c) for c in ("cp1257", "iso8859-13")),
    *(("de", GERMAN, c) for c in ("cp1252", "mac-roman")),
    *(("fr", FRENCH, c) for c in ("cp1252", "mac-roman")),
]


def _page(text: str, charset: str, *, head: str = "", language: str = "") -> bytes:
    opening = f'<html lang="{language}">' if language else "<html>"
    return f"{opening}<head>{head}</head><body><p>".encode() + text.encode(charset) + b"</p></body></html>"


@pytest.mark.parametrize(("language", "text", "charset"), TEXTS)
def test_text_survives_with_any_declaration(language: str, text: str, charset: str) -> None:
    declarations = (f'<meta charset="{charset}">', '<meta charset="utf-8">', "", '<meta charset="iso-8859-1">')
    for head in declarations:
        assert text in decode(_page(text, charset, head=head, language=language)), head
    assert text in decode(_page(text, charset)) or language == "tr"  # Turkish alone looks like Czech


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_unicode_is_read_without_a_declaration(codec: str) -> None:
    assert GERMAN in decode(f"<html><body><p>{GERMAN}</p></body></html>".encode(codec))


def test_every_label_is_read_as_its_codec() -> None:
    for codec, labels in word_tables.load("charsets")["labels"].items():
        assert codecs.lookup(codec)
        for label in labels:
            if not codec.startswith("utf"):
                page = b"<html><meta charset='" + label.encode() + b"'><p>abc"
                assert "abc" in decode(page), label
                assert "abc" in decode(page, f"text/html; charset={label}"), label


@pytest.mark.parametrize(("label", "codec"), [("x-sjis", "cp932"), ("windows-31j", "cp932"), ("x-euc-jp", "euc_jp")])
def test_labels_that_python_does_not_know(label: str, codec: str) -> None:
    assert JAPANESE in decode(_page(JAPANESE, codec, head=f'<meta charset="{label}">'))


def test_the_declaration_may_be_far_from_the_start_of_the_head() -> None:
    head = "<style>" + "a {} " * 3000 + '</style><meta charset="koi8-r">'
    assert "Мост" in decode(_page("Мост", "koi8-r", head=head))


def test_a_declaration_in_a_comment_does_not_count() -> None:
    head = '<!-- <meta charset="big5"> --><meta charset="koi8-r">'
    assert "Мост" in decode(_page("Мост", "koi8-r", head=head))


def test_a_few_wrong_bytes_do_not_change_utf_8() -> None:
    page = f"<html><meta charset=iso-8859-1><p>{RUSSIAN * 3}".encode() + b"\xff\xfe</p>"
    assert RUSSIAN in decode(page)


def test_every_charset_that_can_be_recognised_knows_its_letters() -> None:
    for name, entry in word_tables.load("charsets")["sniffed"].items():
        assert codecs.lookup(name)
        encodable = sum(bool(c.encode(name, "ignore")) for c in entry["frequent"])
        assert encodable > 0.6 * len(entry["frequent"]), name


@pytest.mark.parametrize("body", [b"", b" \r\n\x00", b"\x01\x02\x03\x04" * 50])
def test_other_bytes_are_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        decode(body)
