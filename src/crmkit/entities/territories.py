"""Territories, salespersons and sales teams: who sells where, and with whom."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

import attrs

from crmkit.entities.facts import About, Fixed, Label, Numbered, Parts, References, Searchable
from crmkit.entities.fields import Name, NumberText, ShortText, Text, User
from crmkit.entities.record import NIL, Record, record
from crmkit.errors import Fault

__all__ = ["SalesTeam", "SalesTeamMember", "Salesperson", "TeamAssignment", "Territory"]


@record(kw_only=True)
class Territory(Record):
    """A label for tracking and reports; it never hides anything from anyone. `parent` is empty at the top."""

    about: ClassVar[About] = About(
        table="territory", plural="territories", es="Territorio", unique=(("code",),), shown_by="code"
    )

    code: Annotated[NumberText, Numbered("T", 4), Fixed(), Label("Código")] = ""
    description: Annotated[Text, Searchable(), Label("Descripción")] = ""
    parent: Annotated[UUID | None, References("territory"), Label("Territorio superior")] = None


@record(kw_only=True)
class Salesperson(Record):
    """Someone who sells. `manager` is empty at the top; `user` is the host's own key for the person, if any."""

    about: ClassVar[About] = About(
        table="salesperson", plural="salespersons", es="Vendedor", unique=(("number",),), shown_by="name"
    )

    number: Annotated[NumberText, Numbered("S", 4), Fixed(), Label("Número")] = ""
    name: Annotated[Name, Label("Nombre")]
    manager: Annotated[UUID | None, References("salesperson"), Label("Responsable")] = None
    territory: Annotated[UUID | None, References("territory"), Label("Territorio")] = None
    user: Annotated[User, Label("Usuario")] = ""


@record(kw_only=True)
class SalesTeamMember(Record):
    """A salesperson's place in a team, in one role; `starts_on` and `ends_on` are empty where it has no bounds."""

    about: ClassVar[About] = About(
        table="sales_team_member",
        plural="sales_team_members",
        es="Miembro del equipo de ventas",
        belongs_to="team",
        unique=(("team", "salesperson", "role"),),
        index=(("salesperson",),),
        family="part",
    )

    team: Annotated[UUID, References("sales_team"), Fixed(), Label("Equipo")] = NIL
    salesperson: Annotated[UUID, References("salesperson"), Label("Vendedor")]
    role: Annotated[ShortText, Label("Función")] = ""
    starts_on: Annotated[date | None, Label("Desde", "From")] = None
    ends_on: Annotated[date | None, Label("Hasta", "To")] = None

    def _faults(self) -> Iterator[Fault]:
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            yield Fault("ends_on", "must not be before the start")


def _members(values: Iterable[SalesTeamMember]) -> tuple[SalesTeamMember, ...]:
    return tuple(values)


@record(kw_only=True)
class SalesTeam(Record):
    """Salespersons who work together for accounts, leads and opportunities. `leader` may be empty."""

    about: ClassVar[About] = About(
        table="sales_team", plural="sales_teams", es="Equipo de ventas", unique=(("code",),), shown_by="name"
    )

    code: Annotated[NumberText, Numbered("E", 4), Fixed(), Label("Código")] = ""
    name: Annotated[Name, Label("Nombre")]
    leader: Annotated[UUID | None, References("salesperson"), Label("Jefe")] = None
    members: Annotated[tuple[SalesTeamMember, ...], Parts(SalesTeamMember, "team"), Label("Miembros")] = attrs.field(
        default=(), converter=_members
    )


@record(kw_only=True)
class TeamAssignment(Record):
    """A team or a salesperson at work for an account, a lead or an opportunity, in one role.

    `primary` marks the one whose figures the target counts in. Once per target, holder and role.
    """

    about: ClassVar[About] = About(
        table="team_assignment",
        plural="team_assignments",
        es="Asignación de equipo",
        belongs_to="target",
        unique=(("target", "holder", "role"),),
        index=(("holder",),),
    )

    target: Annotated[UUID, References("account", "lead", "opportunity"), Fixed(), Label("Asignado a")]
    holder: Annotated[UUID, References("sales_team", "salesperson"), Label("Equipo o vendedor", "Team or salesperson")]
    role: Annotated[ShortText, Label("Función")] = ""
    primary: Annotated[bool, Label("Principal")] = False
