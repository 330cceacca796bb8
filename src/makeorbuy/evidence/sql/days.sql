-- Every distinct written day, read once.
CREATE OR REPLACE TABLE days AS
WITH parsed AS (
    SELECT text, try_strptime(text, getvariable('date_format')) AS moment
    FROM moment_texts
    WHERE text IS NOT NULL
)
SELECT
    text,
    CASE
        WHEN moment IS NULL THEN 'invalid_date'
        WHEN year(moment) NOT BETWEEN getvariable('first_year') AND getvariable('last_year')
            THEN 'out_of_range'
    END AS fault,
    CASE
        WHEN year(moment) BETWEEN getvariable('first_year') AND getvariable('last_year')
            THEN CAST(moment AS DATE)
    END AS day
FROM parsed
