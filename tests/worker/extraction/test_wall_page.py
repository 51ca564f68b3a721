"""Pages instead of a story, and brief stories that only resemble them."""

from __future__ import annotations

import pytest

from worker import extraction
from worker.model.records import Kind

_MENU = "<nav><a href=/>Start</a><a href=/sport>Sport</a></nav>"
_BRIEF = "<p>Two climbers did not return from Stagg Hill on Sunday. Police and forty volunteers search the gorge.</p>"
_BANNER = (
    "<div class=x1><p>We and our 301 partners store and/or access information on a device.</p>"
    "<p>We use cookies to show you ads that fit.</p><button>Accept all</button><button>Reject all</button></div>"
)


def kind(body: str, *, title: str, head: str = "", url: str = "https://www.valley.example/n/4bQ8") -> Kind:
    page = f"<html><head><title>{title}</title>{head}</head><body>{_MENU}{body}</body></html>"
    return extraction.read(page.encode(), url).kind


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Страница не найдена | Долина", "Проверьте адрес или вернитесь на главную страницу сайта."),
        ("Strona nie istnieje - Dolina", "Sprawdź adres albo wróć na stronę główną naszego serwisu."),
        ("Sidan hittades inte – Dalbladet", "Kontrollera adressen eller gå till startsidan, där finns dagens nyheter."),
        (
            "ページが見つかりません｜谷川新報",
            "お探しのページは移動または削除された可能性があります。トップページへお戻りください。",
        ),
        ("الصفحة غير موجودة - الوادي", "ربما تم نقل الصفحة أو حذفها. يمكنك العودة إلى الصفحة الرئيسية."),
        ("Sayfa bulunamadı | Vadi", "Adresi kontrol edin ya da ana sayfaya dönün, orada günün haberleri var."),
    ],
)
def test_soft_errors(title: str, text: str) -> None:
    assert kind(f"<main><h1>{title}</h1><p>{text}</p></main>", title=title) is Kind.ERROR


@pytest.mark.parametrize(
    "title", ["Two climbers not found on Stagg Hill", "Oops: councillor votes twice", "404 jobs lost at the quarry"]
)
def test_brief_stories_are_not_errors(title: str) -> None:
    body = f"<main><h1>{title}</h1>{_BRIEF}</main>"
    slug = title.lower().replace(" ", "-").replace(":", "")
    assert kind(body, title=title, url=f"https://www.valley.example/news/{slug}") is Kind.ARTICLE


def test_message_of_a_player_is_not_an_error() -> None:
    body = f"<main><h1>Search for two climbers goes on</h1>{_BRIEF}<div><h2>This content is not available</h2></div>"
    assert kind(body, title="Search for two climbers goes on") is Kind.ARTICLE


@pytest.mark.parametrize(
    "sentences",
    [
        (
            "Klikając „Dalej” wyrażasz zgodę na przetwarzanie danych osobowych przez naszych 812 partnerów.",
            "Możesz ją wycofać, zmieniając ustawienia plików cookies w swojej przeglądarce.",
        ),
        (
            "Vi och våra 812 partner lagrar och får åtkomst till information på en enhet, till exempel cookies.",
            "Ditt samtycke gäller personuppgifter, och du kan ändra det när du vill.",
        ),
        (
            "Мы и наши партнёры используем файлы cookie и персональные данные для показа рекламы.",
            "Нажимая кнопку, вы даёте согласие на обработку персональных данных.",
        ),
        (
            "当社とパートナーは、端末にCookieを保存し、広告を表示します。",
            "同意いただくと、個人情報の取り扱いに関する設定が保存されます。いつでも変更できます。",
        ),
    ],
)
def test_consent_walls(sentences: tuple[str, ...]) -> None:
    text = "".join(f"<p>{s}</p>" for s in sentences)
    assert kind(f"<div class=w><h2>…</h2>{text}<button>OK</button></div>", title="Dolina") is Kind.CONSENT


def test_consent_wall_with_a_list_of_purposes() -> None:
    text = "<p>We and our 214 partners store cookies on your device, to process personal data and to show you ads.</p>"
    items = "<li>Use precise geolocation data</li><li>Advertising and content measurement, audience research</li>" * 2
    assert (
        kind(f"<main><h1>Welcome</h1>{text}<ul>{items}</ul><button>OK</button></main>", title="Valley") is Kind.CONSENT
    )


def test_long_consent_wall() -> None:
    sentence = "<p>Wyrażenie zgody na przetwarzanie danych osobowych przez partnerów jest dobrowolne, numer {}.</p>"
    text = "".join(sentence.format(i) for i in range(30))
    assert kind(f"<div class=w>{text}<button>OK</button></div>", title="Dolina") is Kind.CONSENT


@pytest.mark.parametrize("head", ["", '<meta property="og:type" content="article">'])
def test_brief_story_with_a_banner_is_an_article(head: str) -> None:
    body = f"{_BANNER}<main><h1>Two climbers missing</h1>{_BRIEF}{_BRIEF.replace('forty', 'fifty')}</main>"
    assert kind(body, title="Two climbers missing", head=head) is Kind.ARTICLE


def test_story_about_consent_is_an_article() -> None:
    text = (
        "<p>The data office fined a shop on Monday for cookies that it set without consent of its customers.</p>"
        "<p>The shop in Brookmere said that a firm in the capital had built the site and chosen the settings.</p>"
        "<p>It has two weeks to pay the fine of 40,000 or to take the case to the court in Castle Orrin.</p>"
    )
    assert kind(
        f"<main><h1>Shop fined over its cookies</h1>{text}</main>", title="Shop fined over its cookies"
    ).is_article


def test_login_form() -> None:
    form = "<form><label>E-mail<input></label><label>Password<input type=password></label><button>Go</button></form>"
    assert kind(f"<main><h1>Sign in</h1>{form}</main>", title="Sign in | Valley") is Kind.OTHER
    body = f"<header>{form}</header><main><h1>Two climbers missing since Sunday</h1>{_BRIEF}</main>"
    assert kind(body, title="Two climbers missing since Sunday") is Kind.ARTICLE


@pytest.mark.parametrize(
    "title", ["Error 404: the town that left the map", "Oops! A councillor votes twice in one night"]
)
def test_a_story_may_be_named_like_an_error(title: str) -> None:
    story = "".join(
        f"<p>Village number {i} has been looking for its name on the maps of the county since May.</p>"
        for i in range(4)
    )
    assert kind(f"<main><h1>{title}</h1>{story}</main>", title=f"{title} | The Valley") is Kind.ARTICLE


@pytest.mark.parametrize(
    ("heading", "text"),
    [
        (
            "Vi respekterer dit privatliv",
            "Vi og vores 301 partnere gemmer oplysninger på din enhed, f.eks. cookies, for at vise annoncer. "
            "Du kan trække dit samtykke tilbage.",
        ),
        (
            "Az Ön adatainak védelme fontos nekünk",
            "Mi és partnereink sütiket használunk a személyre szabott hirdetésekhez. Hozzájárulását visszavonhatja.",
        ),
    ],
)
def test_consent_wall_with_the_sites_teasers(heading: str, text: str) -> None:
    teasers = "".join(f"<li><a href=/{i}>Village number {i} looks for its own name</a></li>" for i in range(5))
    body = f"<main><h1>{heading}</h1><p>{text}</p><p>OK</p></main><aside><ul>{teasers}</ul></aside>"
    assert kind(body, title=heading) is Kind.CONSENT
