-- Whole øre, half away from zero. What a row leaves of an øre is carried on to the next of its month,
-- account and cost centre, so that a bill of a million charges below an øre sums to what it says.
CREATE TABLE ledger AS
WITH summed AS (
    SELECT
        *,
        sum(parts) OVER (
            PARTITION BY period, account, cost_centre ORDER BY record ROWS UNBOUNDED PRECEDING
        ) AS so_far
    FROM used
), rounded AS (
    -- 10 to the 10th parts are an øre
    SELECT *, sign(so_far) * ((abs(so_far) + 5000000000) // 10000000000) AS ore_so_far FROM summed
)
SELECT
    period,
    account,
    cost_centre,
    CAST(
        ore_so_far - coalesce(
            lag(ore_so_far) OVER (PARTITION BY period, account, cost_centre ORDER BY record), 0
        ) AS BIGINT
    ) AS amount_ore,
    record
FROM rounded
