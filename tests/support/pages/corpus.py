"""Forty invented articles in many languages, for the contract tests of searches."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from worker.model.records import Article, Document, Image, Kind, Provenance, document_version

FETCHED = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


def picture(caption: str, creator: str = "", agency: str = "") -> Image:
    credit = "/".join(part for part in (creator, agency) if part)
    return Image(
        url="https://img.example/1.jpg",
        caption=caption,
        credit_text=credit or None,
        creator=(creator,) if creator else (),
        agency=agency or None,
    )


def document(id: str, headline: str = "", body: str = "", *, version: int = 1, **fields: Any) -> Document:
    """Return a document with this text. `day` is its publication date; None makes it undated."""
    day = fields.pop("day", "2026-03-01T08:00")
    host, source = fields.pop("host", "https://ledger.example"), fields.pop("source", "feeds")
    article = Article(
        url=f"{host}/{id}?from=feed",
        kind=fields.pop("kind", Kind.ARTICLE),
        headline=headline or None,
        article_body=body,
        date_published=datetime.fromisoformat(day).replace(tzinfo=UTC) if day else None,
        **fields,
    )
    return Document(
        id=id,
        version=document_version(version, 1),
        article=article,
        url=f"{host}/{id}",
        host=host,
        source=source,
        fetched_at=FETCHED,
        first_seen_at=FETCHED,
    )


LEDGER: dict[str, Any] = {"publisher": "The Marnford Ledger", "host": "https://ledger.example", "language": "en"}
COAST: dict[str, Any] = {"publisher": "Coast Courier", "host": "https://coast.example:8443", "language": "en"}

CORPUS: tuple[Document, ...] = (
    document(
        "en-flood",
        "Floods cut off three villages along the Marn",
        "Heavy rain drove the river over its banks on Sunday night.\n"
        "Rescuers in rubber boats brought forty people to the sports hall of Lower Tarn, where volunteers had put up "
        "camp beds.\nThe mayor’s office said that the old stone bridge had been closed to all traffic.",
        description="Forty people were brought to safety after a night of heavy rain.",
        author=("Maria Rossi", "Tom Ashdown"),
        article_section="Regional",
        keywords=("floods", "weather"),
        dateline="LOWER TARN",
        day="2026-03-02T06:30",
        images=(
            picture("Firefighters pull a dinghy through the main street.", "Ines Okafor", "AP"),
            picture("The stone bridge before it was closed.", "Maria Rossi"),
        ),
        provenance={"headline": Provenance(source="json-ld", rule="headline", rivals=(("dom h1", "Floods"),))},
        **LEDGER,
    ),
    document(
        "en-storm",
        "Storm tears roof off harbour market",
        "The storm reached the coast shortly before noon. Gusts lifted the tin roof of the fish market and dropped it "
        "onto the empty car park.\nNobody was hurt, the harbour master said.",
        author=("Tom Ashdown",),
        article_section="Regional",
        keywords=("storm", "weather"),
        dateline="PORT ELLIS",
        day="2026-03-03T15:00",
        images=(picture("Twisted sheets of tin beside the quay.", "Kenji Watts", "Reuters"),),
        **COAST,
    ),
    document(
        "en-rebuild",
        "After the flood, a village argues about its bridge",
        "A month after the flood the people of Lower Tarn cannot agree whether the stone bridge should be rebuilt or "
        "replaced.\nEngineers favour a flat concrete span. Many residents want the arches back.",
        author=("Maria Rossi",),
        article_section="Regional",
        keywords=("floods", "heritage"),
        dateline="LOWER TARN",
        day="2026-04-04T09:00",
        images=(picture("Residents measure the broken arch.", "Ines Okafor", "AP"),),
        kind=Kind.ARTICLE,
        **LEDGER,
    ),
    document(
        "en-goal",
        "Late goal sends Marnford Rovers to the final",
        "A header in stoppage time was enough. Rovers beat Ellis Town by one to nil in front of eleven "
        "thousand people.\n"
        "The goalkeeper, who saved a penalty in the first half, was carried off the pitch on his team-mates’ "
        "shoulders.",
        author=("Priya Nair",),
        article_section="Sport",
        keywords=("football",),
        day="2026-03-15T21:45",
        images=(picture("The winning header, seen from behind the net.", "Kenji Watts", "Reuters"),),
        **LEDGER,
    ),
    document(
        "en-marathon",
        "Rain does not stop the Coast Marathon",
        "Four thousand runners set off in the rain on Saturday. The winner needed two hours and fourteen minutes.\n"
        "Organisers had moved the finish to the sports hall because the promenade was under water.",
        author=("Priya Nair",),
        article_section="Sport",
        day="2026-03-07T13:10",
        **COAST,
    ),
    document(
        "en-election",
        "Council election: recount ordered in two wards",
        "The returning officer ordered a recount on Friday after the margin in two wards came to fewer than "
        "ten votes.\n"
        "U.S. observers who happened to be in town praised the calm of the counters. A turnout of 3,500 was expected.",
        author=("Tom Ashdown",),
        article_section="Politics",
        keywords=("election",),
        agency="PA",
        day="2025-11-07T18:20",
        **LEDGER,
    ),
    document(
        "en-budget",
        "Council passes budget after all-night session",
        "Councillors passed the budget at dawn by a single vote. Libraries keep their opening hours; the "
        "pool does not.\n"
        "The opposition called the session a farce.",
        author=("Tom Ashdown",),
        article_section="Politics",
        keywords=("budget", "libraries"),
        day="2026-02-12T07:05",
        **LEDGER,
    ),
    document(
        "en-owl",
        "Barn owls return to the old observatory",
        "A pair of barn owls has moved into the dome of the disused observatory above Tarn. Ringers counted "
        "five chicks.\n"
        "The telescope, they report, makes a fine perch.",
        author=("Hal Merton",),
        article_section="Science",
        keywords=("birds",),
        dateline="TARN",
        day="2026-05-20T10:00",
        kind=Kind.GALLERY,
        images=(
            picture("An owl on the rim of the telescope.", "Ines Okafor", "AP"),
            picture("Five chicks in the dome.", "Ines Okafor", "AP"),
            picture("Feathers on the observatory floor.", "Hal Merton"),
        ),
        **LEDGER,
    ),
    document(
        "en-virus",
        "COVID-19 ward closes after six years",
        "The last COVID-19 ward in the county closed on Monday. Nurses planted a state-of-the-art rain "
        "garden outside.\n"
        "The hospital’s director doesn't expect it to reopen.",
        author=("Dana O’Connell",),
        article_section="Health",
        day="2026-01-19T11:30",
        **COAST,
    ),
    document(
        "en-opinion",
        "Why our libraries deserve the night",
        "Libraries that close at six serve those who do not work. Let them stay open until ten, and count who comes.",
        author=("Hal Merton",),
        article_section="Opinion",
        keywords=("libraries",),
        kind=Kind.OPINION,
        day="2026-02-14T05:00",
        **LEDGER,
    ),
    document(
        "en-undated",
        "How we correct our mistakes",
        "When we get something wrong we say so at the top of the story, with the time of the correction.",
        article_section="About",
        day=None,
        **LEDGER,
    ),
    document(
        "en-old",
        "From the archive: the night the mill burned",
        "The mill burned from midnight until four. Men passed buckets from hand to hand, and the bell of St. "
        "Olave rang "
        "until the rope caught fire.",
        article_section="Archive",
        day="1911-10-21T00:00",
        **LEDGER,
    ),
    document(
        "en-phrase-a",
        "Bridge opens to walkers",
        "The new foot bridge is open. Walkers may cross the river bank to bank, day and night.",
        article_section="Regional",
        day="2026-05-01T08:00",
        **COAST,
    ),
    document(
        "en-phrase-b",
        "Bank opens branch by the river",
        "The bank of the river is steep here, and so are the bank’s fees. A night safe is built into the wall.",
        article_section="Business",
        author=("Dana O’Connell",),
        day="2026-05-02T08:00",
        **COAST,
    ),
    document(
        "en-live",
        "Storm warning: updates through the day",
        "09:10 The ferry stays in port.\n08:40 The storm warning is raised to orange.",
        article_section="Regional",
        kind=Kind.LIVE,
        day="2026-03-03T09:10",
        **COAST,
    ),
    document(
        "en-wire-a",
        "Satellite maker to hire two hundred",
        "Orbitwerk, which builds small satellites, will hire two hundred engineers, its chief executive said "
        "on Tuesday.",
        article_section="Business",
        agency="dpa",
        dateline="HARLINGEN",
        day="2026-04-14T12:00",
        **LEDGER,
    ),
    document(
        "en-wire-b",
        "Satellite maker to hire two hundred",
        "Orbitwerk, which builds small satellites, will hire two hundred engineers, its chief executive said "
        "on Tuesday.",
        article_section="Economy",
        agency="dpa",
        dateline="HARLINGEN",
        day="2026-04-14T12:00",
        **COAST,
    ),
    document(
        "de-hochwasser",
        "Hochwasser: Häuser am Unterlauf geräumt",
        "Nach tagelangem Regen sind am Unterlauf der Marn elf Häuser geräumt worden. Die Feuerwehr pumpte Keller aus.\n"
        "Die Straße nach Tarnau bleibt bis Mittwoch gesperrt.",
        author=("Jürgen Weiß",),
        article_section="Regionales",
        dateline="TARNAU",
        publisher="Tarnauer Anzeiger",
        host="https://anzeiger.example",
        language="de",
        day="2026-03-02T07:15",
        images=(picture("Helfer stapeln Sandsäcke vor dem Rathaus.", "Jürgen Weiß", "dpa"),),
    ),
    document(
        "de-wahl",
        "Stadtrat wählt neue Bürgermeisterin",
        "Der Stadtrat hat am Abend eine neue Bürgermeisterin gewählt. Sie kündigte an, die Büchereien zu erhalten.",
        author=("Änne Übel",),
        article_section="Politik",
        publisher="Tarnauer Anzeiger",
        host="https://anzeiger.example",
        language="de",
        day="2026-02-20T20:00",
    ),
    document(
        "fr-inondation",
        "Inondations : l’école transformée en refuge",
        "Les pompiers ont évacué trente familles. L’école du village, épargnée par l’eau, sert de refuge.\n"
        "Des bénévoles distribuent des couvertures et des repas chauds.",
        author=("Hélène Garçon",),
        article_section="Régions",
        publisher="Le Courrier du Val",
        host="https://courrier.example",
        language="fr",
        day="2026-03-02T09:40",
        images=(picture("Des bénévoles devant l’école.", "Hélène Garçon", "AFP"),),
    ),
    document(
        "fr-musee",
        "Le musée rouvre ses portes",
        "Fermé depuis deux ans, le musée rouvre ses portes samedi. Les horloges anciennes ont été restaurées.",
        article_section="Culture",
        publisher="Le Courrier du Val",
        host="https://courrier.example",
        language="fr",
        day="2026-05-10T09:00",
    ),
    document(
        "es-sequia",
        "La sequía vacía los embalses del sur",
        "Los embalses del sur están al quince por ciento de su capacidad. Los agricultores piden ayudas urgentes.\n"
        "Las autoridades anunciaron restricciones de agua en doce municipios.",
        author=("Íñigo Nuñez",),
        article_section="Sociedad",
        publisher="Diario del Sur",
        host="https://diario.example",
        language="es",
        day="2026-04-20T08:00",
        images=(picture("Barcas varadas en el barro.", "Lucía Peña", "EFE"),),
    ),
    document(
        "it-treno",
        "Treni fermi per la neve sull’Appennino",
        "I treni regionali sono rimasti fermi per sei ore. L’amministrazione ha aperto le palestre ai viaggiatori.",
        author=("Maria Rossi",),
        article_section="Cronaca",
        publisher="La Voce",
        host="https://voce.example",
        language="it",
        day="2026-01-30T22:00",
        images=(picture("Passeggeri in attesa sul binario.", "Paolo Conti", "ANSA"),),
    ),
    document(
        "pt-praia",
        "Praias do norte recebem novas bandeiras",
        "As praias do norte receberam novas bandeiras azuis. Os salva-vidas começam o trabalho em junho.",
        article_section="Sociedade",
        publisher="Jornal da Costa",
        host="https://jornal.example",
        language="pt",
        day="2026-05-15T08:00",
    ),
    document(
        "nl-fiets",
        "Fietsers krijgen eigen brug over het kanaal",
        "De gemeente bouwt een brug voor fietsers over het kanaal. De huizen langs het water blijven staan.",
        article_section="Binnenland",
        publisher="De Kanaalbode",
        host="https://bode.example",
        language="nl",
        day="2026-05-11T08:00",
    ),
    document(
        "sv-skog",
        "Skogarna brinner för tredje dagen",
        "Skogarna norr om sjön brinner för tredje dagen. Brandmännen flyger in vatten med helikoptrar.",
        article_section="Inrikes",
        publisher="Sjöposten",
        host="https://sjoposten.example",
        language="sv",
        day="2026-05-25T08:00",
    ),
    document(
        "no-ferge",
        "Fergene står i ro etter stormen",
        "Fergene ligger ved kai etter stormen. Passasjerene fikk kaffe og vafler på bedehuset.",
        article_section="Nyheter",
        publisher="Fjordavisa",
        host="https://fjord.example",
        language="nb",
        day="2026-03-04T08:00",
    ),
    document(
        "da-cykel",
        "Cyklerne vender tilbage til havnen",
        "Cyklerne vender tilbage til havnen, når broerne åbner i maj. Børnene får en bane for sig selv.",
        article_section="Indland",
        publisher="Havnebladet",
        host="https://havn.example",
        language="da",
        day="2026-04-28T08:00",
    ),
    document(
        "fi-talo",
        "Vanhat talot saavat uudet asukkaat",
        "Kylän vanhat talot saavat uudet asukkaat keväällä. Taloissa on vielä puuuunit ja kaivot pihalla.",
        article_section="Kotimaa",
        publisher="Järven Sanomat",
        host="https://jarvi.example",
        language="fi",
        day="2026-04-02T08:00",
    ),
    document(
        "ru-zavod",
        "Завод выпустил тысячу новых тракторов",
        "Завод выпустил тысячу новых тракторов. Рабочие получили премии, а сёла ждут машины к посевной.",
        article_section="Экономика",
        publisher="Речной вестник",
        host="https://vestnik.example",
        language="ru",
        day="2026-03-20T08:00",
    ),
    document(
        "ar-kitab",
        "معرض الكتاب يستقبل الزوار في المدينة القديمة",
        "افتتح معرض الكتاب أبوابه صباح اليوم في المدينة القديمة. وقال المنظمون إن مئات الناشرين يشاركون هذا العام.",
        article_section="ثقافة",
        publisher="صحيفة النهر",
        host="https://nahr.example",
        language="ar",
        day="2026-05-05T08:00",
    ),
    document(
        "ja-kouzui",
        "東京で洪水、地下鉄が止まる",
        "東京で大雨による洪水が発生し、地下鉄の三路線が止まった。消防は二十人を救助した。",
        article_section="社会",
        publisher="川辺新聞",
        host="https://kawabe.example",
        language="ja",
        day="2026-03-05T01:00",
        images=(picture("水につかった駅の入り口。", "田中一郎", "共同"),),
    ),
    document(
        "zh-daxue",
        "北京大学发布新望远镜",
        "北京大学的研究人员发布了一台新望远镜。望远镜将于明年投入使用。",
        article_section="科学",
        publisher="河岸日报",
        host="https://hean.example",
        language="zh",
        day="2026-04-18T03:00",
    ),
    document(
        "ko-taepung",
        "태풍 피해 마을에 구조대 도착",
        "태풍 피해를 입은 마을에 구조대가 도착했다. 주민들은 학교에서 밤을 보냈다.",
        article_section="사회",
        publisher="강변일보",
        host="https://gangbyeon.example",
        language="ko",
        day="2026-03-06T02:00",
    ),
    document(
        "pl-lodz",
        "Łódź otwiera nowy dworzec",
        "Łódź otwiera nowy dworzec po czterech latach budowy. Pierwszy pociąg odjedzie o świcie.",
        article_section="Kraj",
        publisher="Głos Rzeki",
        host="https://glos.example",
        language="pl",
        day="2026-05-28T08:00",
    ),
    document(
        "tr-kopru",
        "Köprüler bayramda ücretsiz",
        "Köprüler bayram boyunca ücretsiz olacak. Sürücüler kuyruk beklemeden geçecek.",
        article_section="Gündem",
        publisher="Nehir Gazetesi",
        host="https://nehir.example",
        language="tr",
        day="2026-03-19T08:00",
    ),
    document(
        "xx-unknown",
        "Zorplak bintu naleria",
        "Zorplak bintu naleria vesh. Naleria quom.",
        day="2026-05-30T08:00",
    ),
    document(
        "en-caption-only",
        "In pictures: the week",
        "",
        article_section="Pictures",
        kind=Kind.GALLERY,
        day="2026-05-22T17:00",
        images=(
            picture("A kingfisher waits above the weir.", "Ines Okafor", "AP"),
            picture("Fireworks over the harbour.", "Kenji Watts", "Reuters"),
        ),
        **COAST,
    ),
    document(
        "en-paywall",
        "The quiet rise of the river barge",
        "Subscribers can read the whole story of how barges came back to the Marn.",
        article_section="Business",
        kind=Kind.PAYWALL,
        day="2026-05-18T06:00",
        **LEDGER,
    ),
    document(
        "en-html",
        "Readers ask: what does <b>bold</b> & \"quoted\" mean?",
        "We print <script>alert(1)</script> as it was sent to us, and the ampersand & all.",
        article_section="About",
        day="2026-01-02T08:00",
        source="letters",
        **LEDGER,
    ),
)  # fmt: skip

BY_ID = {d.id: d for d in CORPUS}
