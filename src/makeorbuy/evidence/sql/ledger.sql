-- Ledger rows. A row is a repetition only if every field of the file is the same. Amounts in whole
-- millionths, times the rate in millionths: exact whatever the rate, and rounded once, in ledger_ore.
CREATE OR REPLACE TABLE read_ledger AS
SELECT
    given.*,
    (given.period IS NULL OR is_total_word(given.period)) AND given.account IS NULL AND given.cost_centre IS NULL AND is_number(given.amount) AS is_total,
    CASE
        WHEN abs(written_number(given.amount)) <= getvariable('most_nok')
            THEN CAST(CAST(written_number(given.amount) AS DECIMAL(24, 6)) * 1000000 AS HUGEINT)
    END AS millionths,
    rates.millionths AS rate_millionths
FROM given
LEFT JOIN rates ON
    rates.currency = CASE WHEN getvariable('has_currency') THEN upper(given.currency) ELSE 'NOK' END;

CREATE OR REPLACE TABLE typed AS
SELECT
    record,
    fingerprint,
    CAST(NULL AS VARCHAR) AS key,
    0 AS content,
    written_month(period) // 100 * 100 + least(greatest(written_month(period) % 100, 1), 12) >= getvariable('cut_month')
    AS is_after_cut,
    written_month(period) AS period,
    account,
    coalesce(cost_centre, '') AS cost_centre,
    millionths * rate_millionths AS parts
FROM read_ledger;

INSERT INTO faults
SELECT getvariable('source'), record, code, field, shape(found)
FROM (
    SELECT record, written_month_fault(period) AS code, 'period' AS field, period AS found
    FROM read_ledger
    WHERE NOT is_total
    UNION ALL
    SELECT record, 'missing_account', 'account', '' FROM read_ledger WHERE account IS NULL AND NOT is_total
    UNION ALL
    SELECT record, number_fault(amount, 'bad_amount'), 'amount', amount FROM read_ledger
    UNION ALL
    SELECT record, 'unknown_currency', 'currency', currency FROM read_ledger WHERE rate_millionths IS NULL AND NOT is_total
    UNION ALL
    SELECT record, 'total_line', NULL, '' FROM read_ledger WHERE is_total
) AS checked
WHERE code IS NOT NULL
