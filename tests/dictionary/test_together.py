"""Several questions asked as one statement."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, event, select, union_all

from ci_steps.dictionary.statements.together import Together
from ci_steps.dictionary.tables import alias, service
from tests.parts.verdicts import call_before, run_in

if TYPE_CHECKING:
    from ci_steps.dictionary.store import Dictionary

NAMED = select(service.c.name).where(service.c.name == bindparam("service"))
OLD = select(alias.c.service_id, alias.c.name).where(alias.c.name == bindparam("old"))


def test_each_question_gets_its_own_rows_from_one_statement(dictionary: Dictionary) -> None:
    run_in(dictionary, "auth 1.1.0", "gis 3.0: auth-1.1")
    call_before(dictionary, "login", "auth")
    asked: list[str] = []
    event.listen(dictionary.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    with dictionary.reading() as connection:
        begun = len(asked)
        named, old = Together(NAMED, OLD).ask(connection, {"service": "gis", "old": "login"})
        assert len(asked) - begun == 1
        number = connection.execute(select(service.c.id).where(service.c.name == "auth")).scalar()
    assert (named, old) == ([("gis",)], [(number, "login")])


def test_a_question_without_an_answer_has_no_rows(dictionary: Dictionary) -> None:
    run_in(dictionary, "auth 1.1.0")
    with dictionary.reading() as connection:
        named, old = Together(NAMED, OLD).ask(connection, {"service": "gis", "old": "login"})
    assert (named, old) == ([], [])


def test_a_question_may_be_a_union_and_have_two_columns_of_one_name(
    dictionary: Dictionary,
) -> None:
    run_in(dictionary, "auth 1.1.0")
    call_before(dictionary, "login", "auth")
    names = select(service.c.name, alias.c.name).join_from(service, alias)
    both = Together(union_all(names, names), select(service.c.name))
    with dictionary.reading() as connection:
        assert both.ask(connection) == [[("auth", "login")] * 2, [("auth",)]]
