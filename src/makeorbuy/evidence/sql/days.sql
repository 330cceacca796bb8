-- Every distinct written day, read once.
CREATE OR REPLACE TABLE days AS
WITH read AS (
    SELECT text, written_moment(text) AS moment
    FROM moment_texts
    WHERE text IS NOT NULL
), parsed AS (
    -- the engine reads the word infinity as a time, of which it knows no year
    SELECT
        text,
        moment,
        isfinite(moment)
        AND coalesce(year(moment) BETWEEN getvariable('first_year') AND getvariable('last_year'), FALSE)
        AS in_range
    FROM read
)
SELECT
    text,
    CASE
        WHEN moment IS NULL THEN 'invalid_date'
        WHEN NOT in_range THEN 'out_of_range'
    END AS fault,
    CASE
        WHEN in_range THEN CAST(moment AS DATE)
    END AS day
FROM parsed
