"""The address of a queue page: what it asks for, read from the query and written back into links and saved views."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlencode

from mailroom.model.arrival import Channel
from mailroom.model.base import ItemId, Value
from mailroom.model.findings import Kind
from mailroom.store.queue import BY_DUE, Sort, View
from mailroom.web.typed import is_key, plain, read_date

LONGEST_TEXT = 200
USUAL_SORT = {View.DUE_SOON: Sort.DUE, View.OVERDUE: Sort.DUE}
"""Views in which the nearest term comes first unless somebody wants it otherwise; elsewhere the newest."""

Choice = TypeVar("Choice", bound=StrEnum)


class Asked(Value):
    """What one page shows."""

    view: View = View.OPEN
    q: str = ""
    """What is searched for, as typed."""
    kind: Kind | None = None
    channel: Channel | None = None
    department: str = ""
    district: str = ""
    since: date | None = None
    until: date | None = None
    sort: Sort = Sort.NEWEST
    before: ItemId | None = None
    """The last item of the page before."""

    @property
    def is_filtered(self) -> bool:
        """Whether a filter besides view and text is set."""
        return bool(self.kind or self.channel or self.department or self.district or self.since or self.until)

    @property
    def query(self) -> str:
        """As it stands in an address; what is as usual is left out."""
        usual = Asked(sort=usual_sort(self.view))
        said = {name: value for name, value in self.model_dump(mode="json").items()
                if name == "view" or value != getattr(usual, name)}
        return urlencode(said)

    def but(self, **changed: Any) -> str:
        """The address of this page with something changed; from its first row on unless `before` is given."""
        return f"/queue?{Asked.model_validate(self.model_dump() | {'before': None} | changed).query}"

    def without(self, name: str) -> str:
        """The address of this page without one of its filters."""
        return self.but(**{name: Asked.model_fields[name].default})


def usual_sort(view: View) -> Sort:
    """In which order a view is shown when nobody says otherwise."""
    return USUAL_SORT.get(view, Sort.NEWEST)


def read_asked(said: Mapping[str, str]) -> Asked:
    """What a query asks for; what it says wrongly is as if it had not been said."""
    text = {name: plain(said.get(name, ""))[:LONGEST_TEXT] for name in Asked.model_fields}
    view = _one_of(View, text["view"]) or View.OPEN
    sort = _one_of(Sort, text["sort"]) or usual_sort(view)
    return Asked(
        view=view, q=text["q"], kind=_one_of(Kind, text["kind"]), channel=_one_of(Channel, text["channel"]),
        department=text["department"], district=text["district"], since=read_date(text["since"]),
        until=read_date(text["until"]), sort=Sort.NEWEST if sort is Sort.DUE and view not in BY_DUE else sort,
        before=int(text["before"]) if is_key(text["before"]) else None)


def read_query(query: str) -> Asked:
    """The same from an address's query, as it is kept."""
    return read_asked(dict(parse_qsl(query, max_num_fields=50)))


def _one_of(choices: type[Choice], name: str) -> Choice | None:
    return choices(name) if name in set(choices) else None
