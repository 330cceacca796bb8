-- What accounts are called.
CREATE OR REPLACE TABLE typed AS
SELECT
    record,
    fingerprint,
    account AS key,
    hash(name, chart_code) AS content,
    FALSE AS is_after_cut,
    account,
    plain(name) AS name,
    chart_code
FROM given;

INSERT INTO faults
SELECT getvariable('source'), record, code, field, ''
FROM (
    SELECT record, 'missing_account' AS code, 'account' AS field FROM given WHERE account IS NULL
    UNION ALL
    SELECT record, 'missing_name', 'name' FROM given WHERE name IS NULL
) AS checked
