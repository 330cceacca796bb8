-- Ledger rows of the twelve months by cost centre and account, in whole øre. Months beyond 12 hold
-- year-end corrections and belong to December, month 0 holds opening entries and belongs to January.
WITH dated AS (
    SELECT
        cost_centre,
        account,
        amount_ore,
        (period // 100) * 12 + least(greatest(period % 100, 1), 12) - 1 AS month_number
    FROM ledger
)
SELECT
    cost_centre,
    account,
    CAST(sum(amount_ore) AS BIGINT) AS amount_ore
FROM dated
WHERE month_number >= $first_month AND month_number < $end_month
GROUP BY cost_centre, account
ORDER BY cost_centre, account
