"""The provider's accounts for the year: what every service costs, spread over cost centres and months.

The seconded are missing on purpose: the districts pay them, so the ledger alone understates the cost.
Amounts are whole øre until they are written.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from agency_world import agency
from agency_world.chance import stream

ACCOUNTS: Final = {
    "5010": "Lønn faste stillinger",
    "5040": "Overtid og tillegg",
    "5410": "Arbeidsgiveravgift",
    "5420": "Pensjon",
    "5910": "Andre personalkostnader",
    "6310": "Leie av lokaler",
    "6340": "Lys, varme, renhold",
    "6420": "Årlige lisenser datasystemer",
    "6430": "Leie av IKT-utstyr",
    "6520": "Programvare, kjøp",
    "6550": "IKT-utstyr, kjøp",
    "6620": "Vedlikehold av IKT-utstyr",
    "6710": "Konsulenter IKT",
    "6750": "Kjøp av drift av IKT",
    "6790": "Andre fremmede tjenester",
    "6860": "Kurs og møter",
    "6900": "Telefoni og datakommunikasjon",
    "7130": "Reisekostnader",
    "7790": "Andre kostnader",
}
"""Accounts by the groups of the state's chart: 50 wages, 54 contribution and pension, 59 other staff,
63 premises, 64 hire and licences, 65 equipment and software, 66 maintenance, 67 services, 69 telecom."""

# how a service's direct cost beside staff is made up, unless it says otherwise
_OTHER: Final = {
    "6420": 0.34, "6430": 0.06, "6520": 0.08, "6550": 0.16, "6620": 0.12, "6750": 0.12, "6790": 0.03,
    "6860": 0.02, "6900": 0.03, "7130": 0.04,
}  # fmt: skip
_OTHER_OF: Final[dict[str, dict[str, float]]] = {
    "network": {"6900": 0.45, "6430": 0.1, "6550": 0.15, "6620": 0.2, "6420": 0.1},
    "workplace": {"6550": 0.48, "6420": 0.3, "6620": 0.06, "6750": 0.08, "6900": 0.06, "7130": 0.02},
    "servers": {"6550": 0.25, "6420": 0.3, "6620": 0.2, "6310": 0.08, "6340": 0.12, "6750": 0.05},
    "field": {"7130": 0.55, "6550": 0.3, "6860": 0.15},
}  # fmt: skip
_WAGES: Final = {"5010": 0.70, "5040": 0.04, "5410": 0.115, "5420": 0.125, "5910": 0.02}


@dataclass(frozen=True, slots=True)
class Posting:
    """One row of the ledger.

    Attributes
    ----------
    voucher_no : int
        Several rows can share a voucher.
    date : date
        Date of the voucher.
    account, cost_centre : str
        Four digits each.
    amount_ore : int
        Positive is a cost. [øre]
    """

    voucher_no: int
    date: datetime.date
    account: str
    cost_centre: str
    amount_ore: int


def _split(rng: np.random.Generator, total_ore: int, parts: int, spread: float) -> NDArray[np.int64]:
    """Cut an amount into uneven whole øre that add up to it."""
    weights = np.exp(spread * rng.standard_normal(parts))
    cuts = np.floor(np.cumsum(weights) / weights.sum() * total_ore).astype(np.int64)
    cuts[-1] = total_ore
    return np.asarray(np.diff(cuts, prepend=0), dtype=np.int64)


def pool_amounts_nok() -> dict[str, int]:
    """Yearly cost of each shared pool. [NOK]

    Examples
    --------
    >>> pool_amounts_nok()["8010"]
    25300000
    """
    paid = sum(service.paid_person_years for service in agency.SERVICES)
    wages = sum(service.wages_nok for service in agency.SERVICES)
    return {
        "8010": paid * agency.PREMISES_NOK_PER_PERSON_YEAR,
        "8020": paid * agency.TOOLS_NOK_PER_PERSON_YEAR,
        "8090": round(wages * agency.OVERHEAD_SHARE_OF_WAGES),
    }


def direct_other_nok(service: agency.Service) -> int:
    """Cost beside staff that is booked on the service's own cost centre. [NOK]

    Parameters
    ----------
    service : Service
        One line of the table.

    Returns
    -------
    int
        The table's other cost without the service's share of the pools. [NOK]
    """
    return (
        service.other_nok
        - service.paid_person_years * (agency.PREMISES_NOK_PER_PERSON_YEAR + agency.TOOLS_NOK_PER_PERSON_YEAR)
        - round(service.wages_nok * agency.OVERHEAD_SHARE_OF_WAGES)
    )


def postings(seed: int) -> list[Posting]:
    """Book the year.

    Parameters
    ----------
    seed : int
        The seed of the world.

    Returns
    -------
    list of Posting
        In order of voucher date; allocated by the drivers of `agency.COST_CENTRES` they come to the
        table of the Agency, to the øre.
    """
    rng = stream(seed, "ledger")
    wanted: list[tuple[str, str, int, int]] = []  # cost centre, account, øre, rows a month
    for service in agency.SERVICES:
        centre = service.cost_centre
        shares = _WAGES
        wanted += _shared_out(centre, shares, service.wages_nok * 100, 2)
        if service.consultants:
            consultants_ore = service.consultants * agency.CONSULTANT_NOK * 100
            wanted.append((centre, "6710", consultants_ore, 2 + service.consultants // 2))
        wanted += _shared_out(centre, _OTHER_OF.get(service.id, _OTHER), direct_other_nok(service) * 100, 4)
    pools = pool_amounts_nok()
    wanted += _shared_out("8010", {"6310": 0.8, "6340": 0.2}, pools["8010"] * 100, 4)
    wanted += _shared_out("8020", {"6420": 0.8, "6520": 0.2}, pools["8020"] * 100, 5)
    wanted += _shared_out("8090", {"6790": 0.7, "6420": 0.2, "7790": 0.1}, pools["8090"] * 100, 5)
    out_of_scope_ore = agency.OUT_OF_SCOPE_NOK * 100
    wanted += _shared_out("9000", {"6420": 0.5, "6550": 0.2, "6750": 0.3}, out_of_scope_ore, 6)
    wanted += _shared_out("9999", {"7790": 0.6, "6790": 0.4}, agency.SUSPENSE_NOK * 100, 1)

    rows: list[tuple[datetime.date, str, str, int]] = []
    for centre, account, total_ore, monthly_rows in wanted:
        for month, month_ore in enumerate(_split(rng, total_ore, 12, 0.12).tolist(), start=1):
            amounts = _split(rng, month_ore, monthly_rows, 0.7).tolist()
            days = rng.integers(1, 29, len(amounts)).tolist()
            if account.startswith(("50", "54")):
                days = [12] * len(amounts)
            for amount, day in zip(amounts, days, strict=True):
                rows.append((datetime.date(agency.YEAR, month, day), account, centre, amount))
            if rng.random() < 0.12 and amounts[0] > 0:
                # booked wrongly, taken back later, booked again: three rows that add up to nothing new
                wrong = int(amounts[0] * rng.uniform(0.2, 1.0)) + 1
                later = min(month + int(rng.integers(0, 2)), 12)
                rows.append((datetime.date(agency.YEAR, month, days[0]), account, centre, wrong))
                rows.append((datetime.date(agency.YEAR, later, 28), account, centre, -wrong))
    rows.sort(key=lambda row: (row[0], row[2], row[1]))
    result: list[Posting] = []
    voucher = 240_000_000
    for position, (date, account, centre, amount) in enumerate(rows):
        if position == 0 or rng.random() < 0.7 or rows[position - 1][0] != date:
            voucher += int(rng.integers(1, 4))
        result.append(Posting(voucher, date, account, centre, amount))
    return result


def _shared_out(
    centre: str, shares: dict[str, float], total_ore: int, monthly_rows: int
) -> list[tuple[str, str, int, int]]:
    whole = sum(shares.values())
    parts: list[tuple[str, str, int, int]] = []
    left = total_ore
    for position, (account, share) in enumerate(shares.items()):
        ore = left if position == len(shares) - 1 else round(total_ore * share / whole)
        left -= ore
        parts.append((centre, account, ore, monthly_rows))
    return parts


def amount_text(amount_ore: int) -> str:
    """Write øre as a Norwegian ledger does.

    Examples
    --------
    >>> amount_text(-123456789)
    '-1234567,89'
    """
    sign = "-" if amount_ore < 0 else ""
    kroner, ore = divmod(abs(amount_ore), 100)
    return f"{sign}{kroner},{ore:02d}"
