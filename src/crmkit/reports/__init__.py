"""What people look at: tables for a notebook and a terminal, data frames, charts, how records relate."""

from crmkit.frames import data_frame
from crmkit.reports import charts
from crmkit.reports.chart import relationship_chart
from crmkit.reports.records import records_html, records_text
from crmkit.tables import html_table, rich_table, shown, text_table

__all__ = [
    "charts",
    "data_frame",
    "html_table",
    "records_html",
    "records_text",
    "relationship_chart",
    "rich_table",
    "shown",
    "text_table",
]
