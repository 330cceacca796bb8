"""The Agency as data: services, teams, categories, staff, cost and cost centres.

All of it is invented. The table adds up: 500 person-years, 1,246.4 million kroner a year, of which
62 % would fall away if every service left; the tests say so again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

YEAR: Final = 2024
"""The year that the records cover; they were exported at its end."""

USERS_COUNT: Final = 17_500
"""People who use the provider's services."""

REQUESTS_COUNT: Final = 70_000
"""Simple requests at the desk in a year; known as daily counts only."""

NO_SERVICE_TICKETS_COUNT: Final = 2_100
"""Tickets in a year that no service of the catalogue claims."""

EMPLOYEE_NOK: Final = 1_150_000
"""Cost of one employee's person-year; the table rounds each service to 0.1 million."""

SECONDED_NOK: Final = 1_100_000
"""Cost of one person-year seconded by a district, which pays it."""

CONSULTANT_NOK: Final = 2_200_000
"""Cost of one consultant's person-year."""

PREMISES_NOK_PER_PERSON_YEAR: Final = 55_000
"""Premises pool (cost centre 8010) for each person-year that the provider pays."""

TOOLS_NOK_PER_PERSON_YEAR: Final = 25_000
"""Shared licences and tools pool (cost centre 8020) for each person-year that the provider pays."""

OVERHEAD_SHARE_OF_WAGES: Final = 0.03
"""Internal overhead pool (cost centre 8090) for each krone in the account groups 50, 54 and 59."""

OUT_OF_SCOPE_NOK: Final = 27_500_000
"""Paid on behalf of others: in the ledger, but no cost of any service (cost centre 9000)."""

SUSPENSE_NOK: Final = 600_000
"""What nobody has explained yet (cost centre 9999)."""

DISTRICTS: Final = (
    "Ytre fjord", "Nordmark", "Vestvik", "Søndre dal", "Østlia", "Hauglandet",
    "Midtre elv", "Langnes", "Storåsen", "Sjøbygda", "Innlandet nord", "Hovedsete",
)  # fmt: skip
"""The twelve districts."""


@dataclass(frozen=True, slots=True)
class Service:
    """One ICT service of the Agency, one line of its table.

    Attributes
    ----------
    id : str
        Identifier used in every file.
    name_nb, name_en : str
        Its name in Bokmål and in English.
    tickets_count : int
        Tickets opened in a year; 0 for a service without tickets.
    employees, seconded, consultants : int
        Person-years on average over the year. [person-years]
    staff_nok : int
        Yearly cost of everybody who works in the service, whoever pays. [NOK]
    other_nok : int
        Yearly cost beside staff. [NOK]
    avoidable_share : float
        Share of the cost that falls away within 24 months if the service leaves.
    gate : str
        O open, C clearance needed, N must stay national or in-house.
    cost_centre : str
        Where its direct cost is booked.
    measure : str
        The type of ticket that its speed is told by.
    target_hours : int
        Target for the time from opened to resolved. [h]
    """

    id: str
    name_nb: str
    name_en: str
    tickets_count: int
    employees: int
    seconded: int
    consultants: int
    staff_nok: int
    other_nok: int
    avoidable_share: float
    gate: str
    cost_centre: str
    measure: str
    target_hours: int

    @property
    def total_nok(self) -> int:
        """Yearly cost of the service, whoever pays. [NOK]"""
        return self.staff_nok + self.other_nok

    @property
    def ledger_nok(self) -> int:
        """Yearly cost in the provider's own ledger: without the seconded, whom the districts pay. [NOK]"""
        return self.total_nok - self.seconded * SECONDED_NOK

    @property
    def wages_nok(self) -> int:
        """Yearly cost of the provider's own employees. [NOK]"""
        return self.staff_nok - self.seconded * SECONDED_NOK - self.consultants * CONSULTANT_NOK

    @property
    def paid_person_years(self) -> int:
        """Person-years that the provider pays: employees and consultants. [person-years]"""
        return self.employees + self.consultants


def _mnok(amount: float) -> int:
    return round(amount * 1_000_000)


# fmt: off
SERVICES: Final = (
    Service(
        "desk", "Brukerstøtte", "Service desk 24/7",
        43_000, 46, 4, 0, _mnok(57.3), _mnok(8), 0.85, "C",
        "1010", "incident", 4,
    ),
    Service(
        "workplace", "Arbeidsplass: PC, mobil, utskrift", "Workplace: PC, mobile, print",
        5_600, 24, 1, 5, _mnok(39.7), _mnok(92), 0.93, "O",
        "1020", "incident", 96,
    ),
    Service(
        "field", "Lokal støtte i distriktene", "Field support in districts",
        7_800, 34, 14, 0, _mnok(54.5), _mnok(7), 0.80, "C",
        "1030", "incident", 120,
    ),
    Service(
        "email", "E-post og samhandling", "E-mail and collaboration",
        3_200, 9, 0, 1, _mnok(12.6), _mnok(22), 0.90, "C",
        "1040", "incident", 72,
    ),
    Service(
        "identity", "Identitet og tilgang", "Identity and access",
        5_100, 13, 1, 2, _mnok(20.4), _mnok(12), 0.60, "C",
        "1050", "request", 96,
    ),
    Service(
        "network", "Nett", "Network",
        3_900, 22, 1, 3, _mnok(33), _mnok(80), 0.80, "C",
        "1060", "incident", 96,
    ),
    Service(
        "servers", "Datasenter og servere", "Data centre, servers",
        3_100, 34, 0, 6, _mnok(52.3), _mnok(78), 0.75, "C",
        "1070", "incident", 120,
    ),
    Service(
        "storage", "Lagring og sikkerhetskopi", "Storage and backup",
        2_300, 11, 0, 1, _mnok(14.8), _mnok(34), 0.70, "C",
        "1080", "incident", 120,
    ),
    Service(
        "database", "Database og integrasjon", "Database and integration",
        2_700, 16, 0, 4, _mnok(27.2), _mnok(30), 0.55, "C",
        "1090", "change", 240,
    ),
    Service(
        "case_system", "Sakssystem (etterforskning)", "Case system (investigations)",
        3_300, 30, 5, 7, _mnok(55.4), _mnok(34), 0.35, "N",
        "1100", "incident", 120,
    ),
    Service(
        "operations", "Operasjonssentral, kart, bil", "Operations centre, maps, in-car",
        2_800, 34, 7, 3, _mnok(53.4), _mnok(62), 0.30, "N",
        "1110", "incident", 72,
    ),
    Service(
        "intelligence", "Etterretning og analyse", "Intelligence and analysis",
        1_600, 15, 2, 1, _mnok(21.6), _mnok(18), 0.25, "N",
        "1120", "incident", 120,
    ),
    Service(
        "digital_evidence", "Digitale spor", "Digital evidence",
        1_800, 11, 2, 1, _mnok(17), _mnok(20), 0.35, "N",
        "1130", "incident", 168,
    ),
    Service(
        "passport", "Pass, id, grense, sivil", "Passport, ID, border, civil",
        4_200, 23, 1, 6, _mnok(40.8), _mnok(29), 0.50, "C",
        "1140", "change", 240,
    ),
    Service(
        "payroll", "Lønn, turnus, økonomi", "Payroll, rosters, finance",
        3_500, 8, 0, 0, _mnok(9.2), _mnok(16), 0.90, "O",
        "1150", "request", 168,
    ),
    Service(
        "security", "Sikkerhetsovervåking", "Security monitoring",
        700, 13, 0, 1, _mnok(17.1), _mnok(14), 0.50, "N",
        "1160", "incident", 72,
    ),
    Service(
        "development", "Utviklingsportefølje", "Development portfolio",
        0, 26, 2, 26, _mnok(89.3), _mnok(26), 0.60, "C",
        "1170", "incident", 0,
    ),
    Service(
        "management", "Ledelse, arkitektur, anskaffelse", "Management, architecture, procurement",
        0, 21, 0, 3, _mnok(30.8), _mnok(18), 0.10, "N",
        "1180", "incident", 0,
    ),
)
# fmt: on
"""The catalogue, in the order of the table."""

SERVICE_BY_ID: Final = {service.id: service for service in SERVICES}


@dataclass(frozen=True, slots=True)
class Team:
    """One assignment group.

    Attributes
    ----------
    name : str
        Its name as the provider writes it when it is careful.
    services : tuple of str
        Services that it works for; empty for a team outside the catalogue.
    """

    name: str
    services: tuple[str, ...]


TEAMS: Final = (
    Team("Brukerstøtte 1. linje", ("desk",)),
    Team("Brukerstøtte 2. linje", ("desk",)),
    Team("PC og mobil", ("workplace",)),
    Team("Utskrift og periferi", ("workplace",)),
    Team("Lokal støtte Nord", ("field",)),
    Team("Lokal støtte Sør", ("field",)),
    Team("Lokal støtte Øst", ("field",)),
    Team("Lokal støtte Vest", ("field",)),
    Team("E-post og samhandling", ("email",)),
    Team("Tilgang og identitet", ("identity",)),
    Team("Nett og telefoni", ("network",)),
    Team("Nettverk sambånd", ("network",)),
    Team("Serverdrift", ("servers",)),
    Team("Datasenter og lagring", ("servers", "storage")),
    Team("Database og integrasjon", ("database",)),
    Team("Sakssystem forvaltning", ("case_system",)),
    Team("Sakssystem drift", ("case_system",)),
    Team("Operasjonsstøtte", ("operations",)),
    Team("Kart og bilsystem", ("operations",)),
    Team("Analyse og innsikt", ("intelligence",)),
    Team("Digitale spor", ("digital_evidence",)),
    Team("Pass og id", ("passport",)),
    Team("Grense og sivil", ("passport",)),
    Team("Lønn og turnus", ("payroll",)),
    Team("Sikkerhetsovervåking", ("security",)),
    Team("Eiendom og vakt", ()),
    Team("Arkiv og post", ()),
)
"""Every assignment group that can hold a ticket."""

SHARED_TEAM: Final = "Datasenter og lagring"
"""Works for servers and for storage; the category tells which."""

CATEGORIES: Final = {
    "desk": ("Passord", "Veiledning", "Bestillingsspørsmål", "Feil i sluttbrukerprogram"),
    "workplace": ("PC", "Mobil", "Utskrift", "Programpakke"),
    "field": ("Utstyr på stedet", "Flytting", "Møterom", "Kabling"),
    "email": ("E-post", "Kalender", "Samhandlingsrom"),
    "identity": ("Brukerkonto", "Rettigheter", "Smartkort"),
    "network": ("Kablet nett", "Trådløst nett", "Fjernaksess", "Telefoni"),
    "servers": ("Server", "Virtualisering", "Datasenterrom"),
    "storage": ("Lagring", "Sikkerhetskopi", "Gjenoppretting"),
    "database": ("Database", "Integrasjon"),
    "case_system": ("Saksbehandling", "Dokumentmal", "Saksøk"),
    "operations": ("Operasjonslogg", "Kart", "Bilterminal"),
    "intelligence": ("Analyseverktøy", "Rapportuttrekk"),
    "digital_evidence": ("Sporsikring", "Spordeling"),
    "passport": ("Pass", "Id-kort", "Grensekontroll", "Sivile tillatelser"),
    "payroll": ("Lønn", "Turnus", "Økonomi"),
    "security": ("Sikkerhetshendelse", "Sårbarhet"),
    "": ("Adgangskort", "Renhold", "Postgang", "Ukjent"),
}
"""Categories that belong to each service; under the empty name those that no service claims."""

MATTER_KINDS: Final = ("Tyveri", "Bedrageri", "Vold", "Trafikk", "Narkotika", "Skadeverk")
"""Kinds of investigation in the matter log."""


def _bare(name: str) -> str:
    table = str.maketrans("ÆØÅæøå", "EOAeoa")
    return name.translate(table).replace(".", "").replace("-", " ").upper()


def spellings(name: str) -> tuple[str, str, str]:
    """The three ways in which a team's name is written in the raw records.

    Parameters
    ----------
    name : str
        The name as the provider writes it when it is careful.

    Returns
    -------
    tuple of str
        The careful one; capitals without Norwegian letters and points; a hasty one with a space too many.

    Examples
    --------
    >>> spellings("Brukerstøtte 1. linje")
    ('Brukerstøtte 1. linje', 'BRUKERSTOTTE 1 LINJE', 'Brukerstøtte 1.linje ')
    """
    if ". " in name:
        hasty = name.replace(". ", ".")
    elif " og " in name:
        hasty = name.replace(" og ", " & ")
    else:
        hasty = name.lower()
    return name, _bare(name), hasty + " "


TEAM_SPELLINGS: Final = {team.name: spellings(team.name) for team in TEAMS}
"""For each team the three spellings that occur, the careful one first."""


@dataclass(frozen=True, slots=True)
class CostCentre:
    """One cost centre of the ledger.

    Attributes
    ----------
    id : str
        Four digits.
    text : str
        Its name in the ledger.
    service : str
        The service whose direct cost it holds; empty for a pool or what is outside.
    driver : str
        How it is shared among the services: `direct` not at all, `paid_person_years` by person-years of
        employees and consultants, `wages` by the direct cost in account groups 50, 54 and 59,
        `out_of_scope` and `unexplained` by nobody.
    """

    id: str
    text: str
    service: str
    driver: str


COST_CENTRES: Final = (
    *(CostCentre(service.cost_centre, service.name_nb, service.id, "direct") for service in SERVICES),
    CostCentre("8010", "Lokaler, felles", "", "paid_person_years"),
    CostCentre("8020", "Lisenser og verktøy, felles", "", "paid_person_years"),
    CostCentre("8090", "Intern administrasjon (HR, økonomi)", "", "wages"),
    CostCentre("9000", "Betalt på vegne av andre", "", "out_of_scope"),
    CostCentre("9999", "Ikke plassert", "", "unexplained"),
)
"""Every cost centre of the ledger."""
