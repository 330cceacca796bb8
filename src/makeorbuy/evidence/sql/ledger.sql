-- Ledger rows: whole øre. A row is a repetition only if every field of the file is the same.
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
    scaled(amount, 100) AS amount_ore
FROM given;

INSERT INTO faults
SELECT getvariable('source'), record, code, field, shape(found)
FROM (
    SELECT record, written_month_fault(period) AS code, 'period' AS field, period AS found FROM given
    UNION ALL
    SELECT record, 'missing_account', 'account', '' FROM given WHERE account IS NULL
    UNION ALL
    SELECT record, number_fault(amount, 'bad_amount'), 'amount', amount FROM given
) AS checked
WHERE code IS NOT NULL
