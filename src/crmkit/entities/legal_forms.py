"""How companies write what they are in law, in many countries; as it stands once blanks, dots and accents are gone."""

from typing import Final

__all__ = ["ATTACHED", "BEFORE", "BEHIND", "ENDINGS", "PHRASES"]

_WRITTEN: Final = """
ab abp ad ae ag akcionersko amba anonim ao as asa aps aktiengesellschaft aktiebolag aksjeselskap aktieselskab
bhd bt bv bvba ca cia cie co comp company corp corporation cv cvba cvoa
dac dba dd doo dooel dno eg eeig egmbh eirl eireli eood epe eurl ev ewiv
gbr gesmbh gie gmbh gmbhcokg gmbhcokgaa hb hf ehf igmbh inc incorporated ik ika ivs
kb kd kda kft kg kgaa kk komandit kom ks
lc lda limited limitada limitee llc lllp llp lp ltd ltda ltee
haftungsbeschrankt kommanditgesellschaft osakeyhtio unternehmergesellschaft
mbh mchj mei nl nv nyrt ood ohg oeg oao ooo oy oyj ou
pao pcl pj pjsc plc pllc pte ptc pt pty pvt
rl sa sab sac saci saoc saog sal sapa saps saeci sarl sarlu sas sasu sca scci scea sci scop scp scpa scrl
scs se selarl sencrl sha shpk sia sicav sl slne sll slu slp snc sni sociedad sp spa spj spk spka spolka
spolsro spzoo spzook spzoosk srl srls sro ss sti sucursal tbk too tov tzov
uab ug unlimited uc ulc ultd vof vos vzw wll xk zao zrt zat
""".split()

_LONG: Final = """
besloten vennootschap
company limited
de cv
de responsabilidad limitada
gesellschaft mit beschrankter haftung
gesellschaft burgerlichen rechts
kommanditgesellschaft auf aktien
limited liability company
limited liability partnership
limited partnership
naamloze vennootschap
offene handelsgesellschaft
private limited
private limited company
proprietary limited
public limited company
s a de c v
s de r l de c v
sociedad anonima
sociedad anonima unipersonal
sociedad de responsabilidad limitada
sociedad limitada
sociedad limitada unipersonal
sociedade anonima
sociedade por quotas
societa a responsabilita limitata
societa per azioni
societe a responsabilite limitee
societe anonyme
societe par actions simplifiee
spolka akcyjna
spolka z ograniczona odpowiedzialnoscia
spolecnost s rucenim omezenym
sp z o o sp k
unternehmergesellschaft haftungsbeschrankt
""".strip().splitlines()

BEHIND: Final = frozenset(
    {*_WRITTEN, "ао", "оао", "ооо", "зао", "пао", "тов", "ип", "ае", "επε", "ικε", "株", "有", "合"}
)
"""Written behind the name, in one word or letter by letter."""

BEFORE: Final = frozenset(
    """
eurl gmbh ooo oao ou pao pt sarl sas sasu sci selarl sia snc srl too tov uab zao ооо оао зао пао тов ип ао 株 有
""".split()
)
"""Also written before the name. Short ones that begin names as often (AB, AS, SA) are not among them."""

PHRASES: Final = frozenset(phrase.replace(" ", "") for phrase in _LONG)
"""Written out, in several words."""

ENDINGS: Final = frozenset(phrase.rpartition(" ")[2] for phrase in _LONG)
"""The last words of these."""

ATTACHED: Final = (
    "股份有限公司",
    "有限责任公司",
    "有限責任公司",
    "有限公司",
    "株式会社",
    "有限会社",
    "合同会社",
    "合資会社",
    "合名会社",
    "주식회사",
    "유한회사",
)
"""Written before or behind the name without a blank; longer ones first."""
