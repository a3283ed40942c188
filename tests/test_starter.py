"""The starter set of code tables."""

import pytest

from crmkit.entities import ENTITIES, CodeValue, Registry, Stage
from crmkit.entities.facts import FilledOnSave, OneOf
from crmkit.errors import Invalid
from crmkit.rules.moves import MOVES
from crmkit.starter import starter_codes

REGISTRY = Registry(ENTITIES)
CODE_TABLES = [spec for spec in REGISTRY.specs if spec.about.family == "code"]
CODED = [field for spec in REGISTRY.specs for field in spec.fields if field.code_of]
REQUIRED_TABLES = sorted({field.code_of for field in CODED if field.fact(FilledOnSave)})


def values_of(table: str, language: str = "en") -> list[CodeValue]:
    return [value for value in starter_codes(language) if value.spec.about.table == table]


def category_of(value: CodeValue) -> str:
    return str(getattr(value, "category", ""))


def test_there_are_sixteen_code_tables_and_each_has_values():
    """Every code table of the domain starts with at least two values to choose from."""
    assert len(CODE_TABLES) == 16
    assert {spec.about.table for spec in CODE_TABLES if len(values_of(spec.about.table)) >= 2} == {
        spec.about.table for spec in CODE_TABLES
    }


def test_codes_agree_across_languages():
    """All but the label is the same in English and in Spanish: codes, order, categories, defaults."""
    english, spanish = starter_codes("en"), starter_codes("es")
    assert len(english) == len(spanish)
    for one, other in zip(english, spanish, strict=True):
        differing = {name for name in one.spec.content if getattr(one, name) != getattr(other, name)}
        assert (type(one), differing) == (type(other), {"label"})


@pytest.mark.parametrize("table", [spec.about.table for spec in CODE_TABLES])
def test_codes_and_places_of_a_table_are_distinct(table):
    """No two values of a table have one code, one label or one place, and they come in order of place."""
    values = values_of(table)
    assert len({value.code for value in values}) == len(values)
    assert len({value.label for value in values}) == len(values)
    places = [value.position for value in values]
    assert places == sorted(set(places))


def test_a_required_status_has_exactly_one_default():
    """The tables that a required status is from, and no others, have a default, and only one."""
    defaults = {spec.about.table: [v.code for v in values_of(spec.about.table) if v.default] for spec in CODE_TABLES}
    assert {table for table, codes in defaults.items() if codes} == set(REQUIRED_TABLES)
    assert all(len(defaults[table]) == 1 for table in REQUIRED_TABLES)


@pytest.mark.parametrize(
    ("table", "default"),
    [
        ("lead_status", "new"),
        ("opportunity_status", "open"),
        ("task_status", "open"),
        ("campaign_status", "planned"),
        ("campaign_member_status", "sent"),
        ("estimate_status", "open"),
        ("order_status", "open"),
    ],
)
def test_a_new_record_starts_where_one_begins(table, default):
    """The default of a status is the state of something that was just recorded."""
    assert [value.code for value in values_of(table) if value.default] == [default]


@pytest.mark.parametrize("spec", [spec for spec in CODE_TABLES if "category" in spec.by_name], ids=str)
def test_every_category_has_a_value(spec):
    """Each fixed category of a table, so each that a rule may ask for, is that of at least one value."""
    fixed = spec.by_name["category"].fact(OneOf)
    assert {category_of(value) for value in values_of(spec.about.table)} == set(fixed.values)


@pytest.mark.parametrize("table", sorted(MOVES))
def test_every_guarded_move_has_a_value_on_both_ends(table):
    """The categories that the rule of moves names are categories of the starter set."""
    named = {category for move in MOVES[table] for category in move}
    assert named <= {category_of(value) for value in values_of(table)}


def test_stages_grow_likelier():
    """From one stage to the next the probability rises, from 10 % to 90 %, and pipeline becomes commit."""
    stages = [value for value in starter_codes("en") if isinstance(value, Stage)]
    assert [str(stage.probability) for stage in stages] == ["10 %", "20 %", "50 %", "75 %", "90 %"]
    assert [stage.forecast_category for stage in stages] == ["pipeline", "pipeline", "best_case", "commit", "commit"]


def test_another_language_is_refused():
    """A language without labels is an error that says which there are."""
    with pytest.raises(Invalid, match="comes in en and es, not in 'fr'"):
        starter_codes("fr")
