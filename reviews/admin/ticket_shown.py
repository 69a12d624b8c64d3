"""A flag's ticket, as its staff page shows it."""

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from reviews.queries.tickets import TicketRow


def ticket_shown(row: TicketRow | None) -> str | SafeString:
    """Return what its system says of a ticket, and what stands in the way."""
    if row is None:
        return "none"
    said = [_named(row)]
    if row.is_there:
        words = (row.standing, row.status, row.assignee and f"{row.assignee} has it")
        said.append(format_html("{}", ", ".join(filter(None, words)) or "not read yet"))
    for word, told in (("Problem", row.problem), ("Conflict", row.conflict)):
        if told:
            said.append(format_html("<strong>{}:</strong> {}", word, told))
    return format_html_join("\n", "<p>{}</p>", ((each,) for each in said))


def _named(row: TicketRow) -> SafeString:
    if not row.is_there:
        word = "refused by" if row.refused_at else "on its way to"
        return format_html("{} {}", word, row.connection_name)
    if not row.url:
        return format_html("{} in {}", row.key, row.connection_name)
    return format_html(
        '<a href="{}" rel="noopener noreferrer">{}</a> in {}',
        row.url,
        row.key,
        row.connection_name,
    )
