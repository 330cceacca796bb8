-- Person-years by month, service and employment, in whole thousandths.
CREATE OR REPLACE TABLE typed AS
SELECT
    record,
    fingerprint,
    concat_ws(' / ', written_month(month), service, employment, paid_by) AS key,
    hash(person_years) AS content,
    written_month(month) >= getvariable('cut_month') AS is_after_cut,
    printf('%04d-%02d', written_month(month) // 100, written_month(month) % 100) AS month,
    service,
    employment,
    scaled(person_years, 1000) AS person_years_thousandths,
    paid_by
FROM given;

INSERT INTO faults
SELECT getvariable('source'), record, code, field, shape(found)
FROM (
    SELECT
        record,
        CASE WHEN written_month(month) % 100 NOT BETWEEN 1 AND 12 THEN 'bad_period' ELSE written_month_fault(month) END AS code,
        'month' AS field,
        month AS found
    FROM given
    UNION ALL
    SELECT record, 'unknown_service', 'service', service
    FROM given
    WHERE service IS NULL OR service NOT IN (SELECT id FROM service_ids)
    UNION ALL
    SELECT record, 'unknown_employment', 'employment', employment
    FROM given
    WHERE employment IS NULL OR employment NOT IN ('employee', 'seconded', 'consultant')
    UNION ALL
    SELECT record, number_fault(person_years, 'bad_number'), 'person_years', person_years FROM given
    UNION ALL
    SELECT record, 'negative', 'person_years', person_years FROM given WHERE written_number(person_years) < 0
) AS checked
WHERE code IS NOT NULL
