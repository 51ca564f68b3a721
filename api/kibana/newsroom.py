"""The dashboard for editors: who wrote and photographed how much, where and for whom."""

from __future__ import annotations

from api.kibana import charts
from api.kibana.aggregations import count, metric, over_time, terms
from api.kibana.objects import Charts, Dashboard, DataView, Listing, Placed


def newsroom(prefix: str) -> Dashboard:
    """Over the articles by their date of publication; undated ones stand in the operations dashboard."""
    view = DataView(
        id=f"{prefix}-articles",
        name="Copydesk articles, by publication",
        index=f"{prefix}-articles-read",
        time_field="date_published",
    )
    chart = Charts(f"{prefix}-newsroom", view).chart
    articles, latest = count("articles"), metric("max", "date_published", "latest")
    publisher, section = terms("publisher", "publisher", 10), terms("article_section", "section", 12)
    published = over_time("date_published", "published")
    different = {"publisher": "publishers", "author": "authors", "photographer": "photographers", "dateline": "places"}
    totals = [articles, *(metric("cardinality", field, label) for field, label in different.items())]

    figures = chart("figures", "In short", charts.numbers(), totals)
    volume = chart("volume", "Volume by publisher", charts.columns(), [articles], [published, publisher])
    languages = chart("languages", "Languages", charts.ring(), [articles], [terms("language", "language")])
    matrix = chart("matrix", "Publishers and their sections", charts.table(), [articles], [publisher, section])
    sections = chart("sections", "Sections", charts.bars(), [articles], [section])
    authors = chart("authors", "Top authors", charts.table(), [articles, latest], [terms("author", "author", 50)])
    photographers = chart(
        "photographers",
        "Top photographers",
        charts.table(),
        [articles, latest],
        [terms("photographer", "photographer", 50)],
    )
    photo_agencies = chart(
        "photo-agencies", "Photo agencies", charts.ring(), [articles], [terms("photo_agency", "agency")]
    )
    agencies = chart("agencies", "News agencies", charts.bars(), [articles], [terms("agency", "agency")])
    places = chart("places", "Places, by dateline", charts.bars(), [articles], [terms("dateline", "place", 15)])
    kinds = chart("kinds", "Kinds", charts.ring(), [articles], [terms("kind", "kind")])
    captions = Listing(
        id=f"{prefix}-newsroom-captions",
        title="Latest captions",
        view=view,
        columns=("headline", "caption_text", "photographer", "photo_agency", "publisher"),
        query="_exists_:caption_text",
    )
    return Dashboard(
        id=f"{prefix}-newsroom",
        title="Copydesk: newsroom",
        description="Volume by publisher and section, authors, photographers, agencies, places, languages, captions.",
        since="now-30d",
        rows=[
            [Placed(figures, 48, 7)],
            [Placed(volume, 32, 14), Placed(languages, 16, 14)],
            [Placed(matrix, 24, 15), Placed(sections, 24, 15)],
            [Placed(authors, 24, 15), Placed(photographers, 24, 15)],
            [Placed(photo_agencies, 16, 14), Placed(agencies, 16, 14), Placed(places, 16, 14)],
            [Placed(kinds, 16, 18), Placed(captions, 32, 18)],
        ],
    )
