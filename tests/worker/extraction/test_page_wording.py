"""The wording of errors, consent walls, paywalls and login forms, in many languages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.extraction import page_wording, word_tables

ERRORS = (
    "Page not found", "Sorry, we couldn’t find that page", "Seite nicht gefunden",
    "Dieser Artikel ist nicht mehr verfügbar", "La página que buscas no existe", "Cette page n’existe plus",
    "Article introuvable", "Página não encontrada", "La pagina non esiste", "Pagina niet gevonden",
    "Sidan kunde inte hittas", "Siden finnes ikke", "Siden blev ikke fundet", "Sivua ei löytynyt",
    "Lehekülge ei leitud", "Lapa nav atrasta", "Puslapis nerastas", "Strona nie została znaleziona",
    "Stránka nebyla nalezena", "Stránka sa nenašla", "Az oldal nem található", "Pagina nu a fost găsită",
    "Страницата не е намерена", "Страница не найдена", "Сторінку не знайдено", "Страница није пронађена",
    "Stranica nije pronađena", "Strani ni bilo mogoče najti", "Η σελίδα δεν βρέθηκε", "Aradığınız sayfa bulunamadı",
    "الصفحة غير موجودة", "صفحه مورد نظر یافت نشد", "הדף לא נמצא", "पेज नहीं मिला", "Halaman tidak ditemukan",
    "Không tìm thấy trang", "ไม่พบหน้าที่คุณต้องการ", "页面不存在", "找不到網頁", "ページが見つかりません",
    "페이지를 찾을 수 없습니다", "Ошибка 404", "Erro 404", "エラー 404",
)  # fmt: skip

HEADLINES = (
    "Stranded hiker not found after three days", "404 jobs lost at the quarry",
    "Missing page of the charter returns to Brookmere", "Vermiste wandelaar nog niet gevonden",
    "UPS to build a depot at Stagg Hill", "Council finds no error in the count", "",
)  # fmt: skip

OFFERS = (
    "This story is exclusive to subscribers.", "Sie haben bereits ein Abonnement? Anmelden",
    "La suite est réservée aux abonnés", "Den här artikeln är för dig som är prenumerant.",
    "Artikkelen er kun for abonnenter", "Denne artikel er forbeholdt abonnenter",
    "Tämä artikkeli on vain tilaajille", "Artikli edasi lugemiseks telli päevaleht",
    "Dalsza część artykułu dostępna dla prenumeratorów", "Celý článek je dostupný pouze pro předplatitele",
    "Celý článok je len pre predplatiteľov", "A teljes cikk csak előfizetőink számára érhető el",
    "Articolul complet este doar pentru abonați", "Материал доступен только по подписке",
    "Стаття доступна лише для передплатників", "Само за абонати", "Samo za pretplatnike",
    "Η συνέχεια μόνο για συνδρομητές", "Bu içerik abonelere özel", "هذا المحتوى حصري للمشتركين اشترك الآن",
    "להמשך קריאה התחברו עם המנוי", "Artikel ini khusus untuk pelanggan",
    "Nội dung dành riêng cho thuê bao, mời đăng nhập", "この記事は有料会員限定です", "本文為會員專享內容，請登入",
    "本文为会员专享", "이 기사는 구독자 전용입니다",
)  # fmt: skip

REQUESTS = (
    "We and our 301 partners use cookies to store data on your device.",
    "Wir und unsere Partner speichern Cookies auf Ihrem Gerät.",
    "Vi och våra partner lagrar information på en enhet, såsom cookies.",
    "Klikając wyrażasz zgodę na przetwarzanie danych osobowych.",
    "Používáme cookies, abychom vám zobrazovali reklamy.",
    "A hozzájárulás a személyes adatok kezelésére vonatkozik.",
    "Мы используем файлы cookie. Вы соглашаетесь на обработку персональных данных.",
    "Çerezleri kullanarak reklamları kişiselleştiriyoruz.", "Συγκατάθεση για χρήση cookies και διαφημίσεις",
    "当サイトはCookieを使用し、広告を表示します。同意してください。", "我们和合作伙伴使用Cookie，请同意",
    "저희와 파트너는 쿠키를 사용하여 개인정보를 처리합니다", "אנו והשותפים שלנו משתמשים בעוגיות",
    "نستخدم ملفات تعريف الارتباط لعرض الإعلانات: إعلان مخصص",
)  # fmt: skip


@pytest.mark.parametrize("title", ERRORS)
def test_titles_of_errors(title: str) -> None:
    assert page_wording.reports_error(title)
    assert page_wording.reports_error(title.upper())


@pytest.mark.parametrize("title", HEADLINES)
def test_headlines_are_not_errors(title: str) -> None:
    assert not page_wording.reports_error(title)


@pytest.mark.parametrize("text", OFFERS)
def test_offers_of_the_rest_to_subscribers(text: str) -> None:
    assert page_wording.sells_subscription(text)


@pytest.mark.parametrize(
    "text", ["Subscribe to our newsletter", "Already 300 readers wrote to us.", "Only the bus may cross.", ""]
)
def test_other_texts_offer_nothing(text: str) -> None:
    assert not page_wording.sells_subscription(text)


@pytest.mark.parametrize("text", REQUESTS)
def test_requests_for_consent(text: str) -> None:
    assert page_wording.consent_ideas(text) > 1


@pytest.mark.parametrize("text", ["The council agreed to close the bridge.", "Our partners are the farms nearby.", ""])
def test_other_texts_ask_for_nothing(text: str) -> None:
    assert page_wording.consent_ideas(text) == 0


def test_one_request_is_enough_if_it_has_many_ideas() -> None:
    assert page_wording.asks_for_consent([REQUESTS[0]])
    assert not page_wording.asks_for_consent([REQUESTS[4]])
    assert page_wording.asks_for_consent([REQUESTS[4]] * 2)


@pytest.mark.parametrize("title", ["Log in", "Anmelden", "Se connecter", "Logga in", "Вход", "ログイン", "로그인"])
def test_titles_of_login_forms(title: str) -> None:
    assert page_wording.names_login(title)


def test_headlines_of_live_blogs() -> None:
    assert page_wording.names_live("Storm live: 90,000 homes dark")
    assert page_wording.names_live("EN DIRECT – La tempête")
    assert not page_wording.names_live("Nurse delivers a baby on the ferry")


def test_each_entry_of_the_table_matches_itself() -> None:
    for kind, ideas in word_tables.load("page_wording").items():
        for idea, entries in ideas.items():
            assert len(entries) == len(set(entries))
            for entry in entries:
                assert page_wording.expresses(page_wording.fold_accents(entry), kind, idea), entry


@given(st.text(max_size=80))
def test_any_text_is_accepted(text: str) -> None:
    page_wording.reports_error(text)
    page_wording.sells_subscription(text)
    assert page_wording.consent_ideas(text) >= 0
