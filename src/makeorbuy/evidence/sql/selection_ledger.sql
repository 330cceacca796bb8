-- Sum of each period of the ledger, in øre.
SELECT period, CAST(sum(amount_ore) AS BIGINT) AS ore, count(*) AS rows
FROM ledger
GROUP BY period
ORDER BY period
