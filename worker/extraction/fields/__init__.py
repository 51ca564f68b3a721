"""Headline, byline, dates, section, dateline and publisher."""
