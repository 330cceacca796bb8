-- Which months the ledger has rows in; the same reading of months 0 and 13 as in ledger.
SELECT DISTINCT
    (period // 100) * 12 + least(greatest(period % 100, 1), 12) - 1 AS month_number
FROM ledger
ORDER BY month_number
