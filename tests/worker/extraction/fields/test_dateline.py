"""The dateline at the beginning of an article: place, agency, and the text after it."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.extraction.fields import dateline

DATELINES = [
    ("WASHINGTON (AP) — The Senate voted", "WASHINGTON", "AP", "The Senate voted"),
    ("SEOUL – The envoy said", "SEOUL", None, "The envoy said"),
    ("BERLIN (dpa) - Der Rat hat", "BERLIN", "dpa", "Der Rat hat"),
    ("DÜSSELDORF (dpa/lni) - Der Rat hat", "DÜSSELDORF", "dpa", "Der Rat hat"),
    ("LIMA, 23 jun (EFE).- El pleno aprobó", "LIMA", "EFE", "El pleno aprobó"),
    ("SANTA LUCINDA, Calif. (AP) -- About 637 nurses", "SANTA LUCINDA, Calif.", "AP", "About 637 nurses"),
    ("GILROY JUNCTION, N.C. – Officials began", "GILROY JUNCTION, N.C.", None, "Officials began"),
    ("ST. LOUIS (AP) — A man waits", "ST. LOUIS", "AP", "A man waits"),
    ("MÜNCHEN. Der Betrieb will", "MÜNCHEN", None, "Der Betrieb will"),
    ("Rennes (AFP) – La montée", "Rennes", "AFP", "La montée"),
    ("Rennes – Le conseil", "Rennes", None, "Le conseil"),
    ("KATHMANDU, April 25 (Reuters) - Nepal's", "KATHMANDU", "Reuters", "Nepal's"),
    ("BEIRUT/THE HAGUE, March 7 (Reuters) - An army", "BEIRUT/THE HAGUE", "Reuters", "An army"),
    ("QUARRY BEND, Tenn. (WKHL) — A storm", "QUARRY BEND, Tenn.", None, "A storm"),
    ("NEW DELHI: Their dream", "NEW DELHI", None, "Their dream"),
    ("(Reuters) - The bank said", None, "Reuters", "The bank said"),
    ("BERLIN dpa | Der Rat hat", "BERLIN", "dpa", "Der Rat hat"),
    ("HAMBURG taz | Der Rat hat", "HAMBURG", None, "Der Rat hat"),
    ("HELSINKI AFP – The council", "HELSINKI", "AFP", "The council"),
    ("Oslo (NTB): Regjeringen vil", "Oslo", "NTB", "Regjeringen vil"),
    ("МОСКВА, 24 ноября. /ТАСС/. Совет решил", "МОСКВА", "TASS", "Совет решил"),
    ("(ANSA) - ROMA, 24 NOV - Il consiglio", "ROMA", "ANSA", "Il consiglio"),
    ("القاهرة (رويترز) - قال المجلس", "القاهرة", "Reuters", "قال المجلس"),
    ("【東京=山田太郎】政府は", "東京", None, "政府は"),
    ("(서울=연합뉴스) 김철수 기자 = 정부는", "서울", "Yonhap", "정부는"),
    ("新华社北京11月24日电 国家", "北京", "Xinhua", "国家"),
]

#: The usage of other agencies, languages and scripts, with the place.
MORE_DATELINES = [
    ("LONDON, Nov 24 (Reuters) - Shares fell", "LONDON"),
    ("New Delhi, Nov 24 (PTI) The court said", "New Delhi"),
    ("ISLAMABAD: The court said", "ISLAMABAD"),
    ("Lagos, Nigeria — The court said", "Lagos, Nigeria"),
    ("WASHINGTON, D.C. - The Senate voted", "WASHINGTON, D.C."),
    ("TOKYO -- The firm said", "TOKYO"),
    ("BEIJING, Nov. 24 (Xinhua) -- The firm said", "BEIJING"),
    ("SEOUL, Nov. 24 (Yonhap) -- The firm said", "SEOUL"),
    ("MANILA, Philippines — The firm said", "MANILA, Philippines"),
    ("KUALA LUMPUR, Nov 24 (Bernama) -- The firm said", "KUALA LUMPUR"),
    ("Accra, Nov. 24, GNA – The firm said", "Accra"),
    ("NAIROBI, Kenya (AP) — The firm said", "NAIROBI, Kenya"),
    ("LONDON | The firm said", "LONDON"),
    ("Berlin (dpa) - Der Rat", "Berlin"),
    ("Berlin/Paris – Der Rat", "Berlin/Paris"),
    ("Wien (APA) – Der Rat", "Wien"),
    ("Frankfurt/Main (dpa) - Der Rat", "Frankfurt/Main"),
    ("Zürich (sda) Der Rat", "Zürich"),
    ("BERLIN taz | Der Rat", "BERLIN"),
    ("PARIS, 24 nov 2026 (AFP) – Le conseil", "PARIS"),
    ("ALGER - Le conseil", "ALGER"),
    ("Saint-Étienne (AFP) – Le conseil", "Saint-Étienne"),
    ("Le Havre (AFP) - Le conseil", "Le Havre"),
    ("Madrid, 24 nov (EFE).- El pleno", "Madrid"),
    ("MADRID, 24 Nov. (EUROPA PRESS) - El pleno", "MADRID"),
    ("Buenos Aires, 24 de noviembre (EFE).- El pleno", "Buenos Aires"),
    ("BUENOS AIRES.- El pleno", "BUENOS AIRES"),
    ("CIUDAD DE MÉXICO (apro).- El pleno", "CIUDAD DE MÉXICO"),
    ("LIMA.— El pleno", "LIMA"),
    ("San José, 24 nov (EFE) – El pleno", "San José"),
    ("La Habana, 24 nov (Prensa Latina) El pleno", "La Habana"),
    ("LISBOA, 24 nov (Lusa) — O governo", "LISBOA"),
    ("BRASÍLIA, 24 Nov (Reuters) - O governo", "BRASÍLIA"),
    ("São Paulo – O governo", "São Paulo"),
    ("RIO DE JANEIRO (AFP) — O governo", "RIO DE JANEIRO"),
    ("ROMA - Il consiglio", "ROMA"),
    ("Roma, 24 nov. (askanews) - Il consiglio", "Roma"),
    ("Roma, 24 nov. (Adnkronos) - Il consiglio", "Roma"),
    ("MILANO (Reuters) - Il", "MILANO"),
    ("DEN HAAG (ANP) - De raad", "DEN HAAG"),
    ("AMSTERDAM - De raad", "AMSTERDAM"),
    ("'s-Hertogenbosch - De raad", "'s-Hertogenbosch"),
    ("STOCKHOLM. Regeringen vill", "STOCKHOLM"),
    ("OSLO (NTB): Regjeringen", "OSLO"),
    ("BERGEN: Regjeringen", "BERGEN"),
    ("KØBENHAVN (Ritzau): Regeringen", "KØBENHAVN"),
    ("Helsinki (STT) Hallitus", "Helsinki"),
    ("Warszawa (PAP) – Rada", "Warszawa"),
    ("Kraków, 24.11.2026 (PAP) - Rada", "Kraków"),
    ("Praha - Vláda", "Praha"),
    ("PRAHA (ČTK) - Vláda", "PRAHA"),
    ("Praha 24. listopadu (ČTK) - Vláda", "Praha"),
    ("Bratislava 24. novembra (TASR) - Vláda", "Bratislava"),
    ("Budapest, 2026. november 24., kedd (MTI) – A tanács", "Budapest"),
    ("Budapest, november 24. (MTI) - A tanács", "Budapest"),
    ("București, 24 nov /Agerpres/ - Consiliul", "București"),
    ("София, 24 ноември /БТА/ Съветът", "София"),
    ("Zagreb, 24. studenoga (Hina) - Vlada", "Zagreb"),
    ("BEOGRAD – Vlada", "BEOGRAD"),
    ("БЕОГРАД – Влада", "БЕОГРАД"),
    ("Ljubljana, 24. novembra (STA) - Vlada", "Ljubljana"),
    ("ANKARA (AA) - Meclis", "ANKARA"),
    ("İSTANBUL (DHA) - Meclis", "İSTANBUL"),
    ("İstanbul – Meclis", "İstanbul"),
    ("ΑΘΗΝΑ – Το συμβούλιο", "ΑΘΗΝΑ"),
    ("МОСКВА, 24 ноября. /ТАСС/. Совет", "МОСКВА"),
    ("МОСКВА, 24 ноя — РИА Новости. Совет", "МОСКВА"),
    ("Москва. 24 ноября. INTERFAX.RU - Совет", "Москва"),
    ("КИЇВ. 24 листопада. УНН. Рада", "КИЇВ"),
    ("САНКТ-ПЕТЕРБУРГ, 24 ноября. /ТАСС/. Совет", "САНКТ-ПЕТЕРБУРГ"),
    ("القاهرة (رويترز) - قال", "القاهرة"),
    ("بيروت - قال المجلس", "بيروت"),
    ("القاهرة – رويترز: قال المجلس", "القاهرة"),
    ("الرياض: قال المجلس", "الرياض"),
    ("تهران (ایرنا) - شورا", "تهران"),
    ("नई दिल्ली: परिषद ने", "नई दिल्ली"),
    ("मुंबई, 24 नवंबर (भाषा) परिषद", "मुंबई"),
    ("اسلام آباد: کونسل نے", "اسلام آباد"),
    ("Jakarta - Dewan", "Jakarta"),
    ("JAKARTA, KOMPAS.com - Dewan", "JAKARTA"),
    ("Jakarta (ANTARA) - Dewan", "Jakarta"),
    ("TEMPO.CO, Jakarta - Dewan", "Jakarta"),
    ("REPUBLIKA.CO.ID, JAKARTA -- Dewan", "JAKARTA"),
    ("Liputan6.com, Jakarta Dewan", "Jakarta"),
    ("Jakarta, CNN Indonesia -- Dewan", "Jakarta"),
    ("KUALA LUMPUR: Dewan", "KUALA LUMPUR"),
    ("（新华社北京11月24日电）国家", "北京"),
    ("中新社北京11月24日电 国家", "北京"),
    ("（中央社記者王小明台北24日電）行政院", "台北"),
    ("本报北京11月24日电 国家", "北京"),
    ("新华社北京11月24日电（记者张三、李四）国家", "北京"),
    ("新华社联合国11月24日电 国家", "联合国"),
    ("（中央社台北24日電）行政院", "台北"),
    ("【本報台北訊】行政院", "台北"),
    ("路透北京11月24日 - 国家", "北京"),
    ("[東京 24日 ロイター] - 政府は", "東京"),
    ("【ワシントン共同】政府は", "ワシントン"),
    ("【ロンドン時事】政府は", "ロンドン"),
    ("【北京＝共同】政府は", "北京"),
    ("【ニューヨーク＝山田太郎】政府は", "ニューヨーク"),
    ("[서울=뉴시스] 김철수 기자 = 정부는", "서울"),
    ("【서울=뉴시스】김철수 기자 = 정부는", "서울"),
    ("(서울=뉴스1) 김철수 기자 = 정부는", "서울"),
    ("(세종=연합뉴스) 정부는", "세종"),
    ("CAPE VARDEN, Norrland (NPS) — A storm", "CAPE VARDEN, Norrland"),
    ("CAPE VARDEN (NPS) A storm that", "CAPE VARDEN"),
    ("COLUMBUS, Ohio (WCMH) – A man", "COLUMBUS, Ohio"),
    ("GREAT FALLS – A man", "GREAT FALLS"),
    ("NEW YORK (CNNMoney) – A man", "NEW YORK"),
    ("ST. PAUL, Minn. — A man", "ST. PAUL, Minn."),
    ("Coeur d'Alene, Idaho — A man", "Coeur d'Alene, Idaho"),
    ("VATICAN CITY (CNS) -- Pope", "VATICAN CITY"),
    ("UNITED NATIONS — The", "UNITED NATIONS"),
    ("Gaza Strip — The", "Gaza Strip"),
    ("KYIV, Ukraine (AP) — The", "KYIV, Ukraine"),
    ("ABOARD AIR FORCE ONE (AP) — The", "ABOARD AIR FORCE ONE"),
]

OTHER_PARAGRAPHS = [
    "Vidéo – Le conseil a voté",
    "EN DIRECT - Le conseil a voté",
    "ЭКСКЛЮЗИВ: Совет решил",
    "عاجل: قال المجلس",
    "حصري - قال المجلس",
    "【写真】政府は",
    "(사진=연합뉴스) 정부는",
    "【大公报讯】国家",
    "The Beatles – The band",
    "MENINGSMÅLING FRA I DAG | Rådet har",
    "Politik | Der Rat hat",
    "Smith (CDU) Der Rat",
    "",
    "The Senate voted on Monday — and lost.",
    "Monday — The council met.",
    "However — The council met.",
    "US envoy — A man said",
    "A - The first letter",
    "FACT CHECK: The claim is false",
    "By Jane Roe, AP",
    "Bielefeld. Der Mann",
    "BREAKING: The claim",
    "WASHINGTON (AP) —",
    "“WE WON,” he said — The crowd",
]


@pytest.mark.parametrize(("paragraph", "place"), MORE_DATELINES)
def test_reads_places_of_many_languages(paragraph: str, place: str) -> None:
    found = dateline.parse(paragraph)
    assert found is not None
    assert found.place == place


@pytest.mark.parametrize(("paragraph", "place", "agency", "rest"), DATELINES)
def test_reads_place_and_agency(paragraph: str, place: str | None, agency: str | None, rest: str) -> None:
    assert dateline.parse(paragraph) == dateline.Dateline(place, agency, rest)


@pytest.mark.parametrize("paragraph", OTHER_PARAGRAPHS)
def test_other_paragraphs_have_no_dateline(paragraph: str) -> None:
    assert dateline.parse(paragraph) is None


PLACES = st.sampled_from(["LIMA", "HANOI, Vietnam", "HARLOW SPRINGS, Texas", "SÃO PAULO", "KÖLN"])
AGENCIES = st.sampled_from(["AP", "AFP", "Reuters", "dpa", "EFE", "ANSA"])
DASHES = st.sampled_from([" — ", " – ", " -- ", " - "])


@given(place=PLACES, agency=AGENCIES, dash=DASHES)
def test_reads_all_places_with_all_agencies_and_dashes(place: str, agency: str, dash: str) -> None:
    found = dateline.parse(f"{place} ({agency}){dash}Something happened on Monday.")
    assert found == dateline.Dateline(place, agency, "Something happened on Monday.")


@given(st.text(max_size=300))
def test_any_paragraph_is_read_without_an_error(paragraph: str) -> None:
    found = dateline.parse(paragraph)
    assert found is None or found.rest in " ".join(paragraph.split())


def test_many_hyphens_are_read_in_time() -> None:
    started = time.process_time()
    assert dateline.parse("A-" * 60) is None
    assert time.process_time() - started < 2
