"""The search index: SQLite's FTS5 or PostgreSQL's full text behind one door.

Both are given ready tokens (searchwords.py) and take nothing apart themselves, so that they find the same. The row of
an item is written in the transaction that writes what it is found by, and goes with the item: by a trigger in SQLite,
by the foreign key in PostgreSQL.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Integer, Select, cast, literal_column, select, table, text, true
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlmodel import Session, col

from mailroom.model.base import ItemId
from mailroom.searchwords import Term
from mailroom.store.tables import ItemTable

SQLITE_TABLE = """CREATE VIRTUAL TABLE item_search USING fts5(
    words, tokenize = "ascii tokenchars '@.-_/+'", detail = none, columnsize = 0)"""
SQLITE_TRIGGER = """CREATE TRIGGER item_search_gone AFTER DELETE ON item BEGIN
    DELETE FROM item_search WHERE rowid = old.id; END"""
POSTGRESQL_TABLE = """CREATE TABLE item_search (
    item_id INTEGER PRIMARY KEY REFERENCES item (id) ON DELETE CASCADE, words TSVECTOR NOT NULL)"""
POSTGRESQL_INDEX = "CREATE INDEX ix_item_search_words ON item_search USING gin (words) WITH (fastupdate = off)"
"""Without the list of pending words, through which every reader would have to go."""
NEWEST = 5_000
"""Letters in which PostgreSQL looks one by one before it asks the index."""
SQLITE_ROWS = "SELECT rowid, words FROM item_search"
POSTGRESQL_ROWS = "SELECT item_id, tsvector_to_array(words) FROM item_search"
"""Every item with what it is found by."""


_PUT = {
    True: text("INSERT OR REPLACE INTO item_search (rowid, words) VALUES (:id, :words)"),
    False: text("INSERT INTO item_search (item_id, words) VALUES (:id, array_to_tsvector(CAST(:words AS text[]))) "
                "ON CONFLICT (item_id) DO UPDATE SET words = excluded.words")}
_ADD = {
    True: text("UPDATE item_search SET words = words || ' ' || :words WHERE rowid = :id"),
    False: text("UPDATE item_search SET words = words || array_to_tsvector(CAST(:words AS text[])) "
                "WHERE item_id = :id")}
"""Whether it is SQLite → the statement."""
_TO_WRITE = "words"
"""Where a session keeps what it is yet to write."""


class Search:
    """The index inside one transaction."""

    table = table("item_search")

    def __init__(self, session: Session) -> None:
        self._session = session
        self._is_sqlite = session.get_bind().dialect.name == "sqlite"
        self.key = literal_column("item_search.rowid" if self._is_sqlite else "item_search.item_id", Integer)

    def put(self, item_id: ItemId, tokens: Iterable[str]) -> None:
        """By these the item is found from now on, and by nothing else."""
        self._session.info.setdefault(_TO_WRITE, {})[item_id] = set(tokens)

    def add(self, item_id: ItemId, tokens: Iterable[str]) -> None:
        """By these the item is found too."""
        put = self._session.info.get(_TO_WRITE, {}).get(item_id)
        if put is not None:
            put.update(tokens)
            return
        self._session.connection().execute(_ADD[self._is_sqlite],
                                           {"id": item_id, "words": self._written(set(tokens))})

    def write(self) -> None:
        """Write what was put: at the end of the transaction, since a letter gets its words and its number in one."""
        to_write: dict[ItemId, set[str]] = self._session.info.pop(_TO_WRITE, {})
        if to_write:
            self._session.flush()
            self._session.connection().execute(_PUT[self._is_sqlite], [
                {"id": item_id, "words": self._written(tokens)} for item_id, tokens in to_write.items()])

    def _written(self, tokens: set[str]) -> str | list[str]:
        return " ".join(sorted(tokens)) if self._is_sqlite else sorted(tokens)

    def newest_first(self, items: Select[Any], terms: tuple[Term, ...], before: ItemId | None,
                     limit: int) -> Iterator[Select[Any]]:
        """The question for items, with its own conditions, asked of those that hold all terms: whoever gets too few
        from one takes the next, which leaves nothing out. With `before`, only what came earlier than that item.

        SQLite's index gives them newest first by itself. PostgreSQL's gives all of them at once, good for rare words;
        for a common word a look backwards through the newest letters is quicker. Which a word is, its statistics know
        only of the thousand commonest: left to choose, it looked through a million letters for a rare name.
        """
        found = select(self.key.label("item_id")).select_from(self.table).where(self._holds(terms))
        if before is not None:
            found = found.where(self.key < before)
        if self._is_sqlite:
            yield _joined(items, found.subquery("found"), limit)
            return
        newest = before or self._session.execute(text("SELECT coalesce(max(item_id), 0) FROM item_search")).scalar_one()
        yield _joined(items, found.where(self.key > newest - NEWEST).subquery("found"), limit)
        yield _one_by_one(items, found.cte("found").prefix_with("MATERIALIZED"), limit)

    def _holds(self, terms: tuple[Term, ...]) -> ColumnElement[bool]:
        if self._is_sqlite:
            return literal_column("item_search").bool_op("MATCH")(_all(terms, _Fts5))
        return literal_column("item_search.words").bool_op("@@")(cast(_all(terms, _Tsquery), TSQUERY))


def _joined(items: Select[Any], found: FromClause, limit: int) -> Select[Any]:
    return items.join(found, found.c.item_id == col(ItemTable.id)).order_by(found.c.item_id.desc()).limit(limit)


def _one_by_one(items: Select[Any], found: FromClause, limit: int) -> Select[Any]:
    """Each by its key, until there are enough: PostgreSQL must not think of reading all items beside those found."""
    item = items.where(found.c.item_id == col(ItemTable.id)).limit(1).lateral("one")
    return select(item).select_from(found.join(item, true())).order_by(found.c.item_id.desc()).limit(limit)


def as_tsvector(tokens: Iterable[str]) -> str:
    """The tokens as PostgreSQL reads a tsvector, none of them twice."""
    return " ".join("'" + token.replace("\\", "\\\\").replace("'", "''") + "'" for token in sorted(set(tokens)))


class _Fts5:
    """How FTS5 writes a query."""

    AND, OR = " AND ", " OR "

    @staticmethod
    def token(token: str) -> str:
        """One token, in quotation marks."""
        quoted = '"' + token.rstrip("*").replace('"', '""') + '"'
        return f"{quoted} *" if token.endswith("*") else quoted


class _Tsquery:
    """How PostgreSQL writes one."""

    AND, OR = " & ", " | "

    @staticmethod
    def token(token: str) -> str:
        """One lexeme, in quotation marks."""
        quoted = "'" + token.rstrip("*").replace("\\", "\\\\").replace("'", "''") + "'"
        return f"{quoted}:*" if token.endswith("*") else quoted


def _all(terms: tuple[Term, ...], language: type[_Fts5] | type[_Tsquery]) -> str:
    return language.AND.join(f"({_any(term, language)})" for term in terms)


def _any(term: Term, language: type[_Fts5] | type[_Tsquery]) -> str:
    return language.OR.join(
        "(" + language.AND.join(map(language.token, alternative)) + ")" for alternative in term.any_of)
