-- As moments, for exports that write the offset behind each time (%z): nothing is left to interpret.
CREATE OR REPLACE TABLE moments AS
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
), placed AS (
    SELECT
        text,
        CASE
            WHEN moment IS NULL THEN 'invalid_date'
            WHEN NOT in_range THEN 'out_of_range'
        END AS fault,
        CASE
            WHEN in_range THEN epoch_ms(moment) // 60000
            ELSE 0
        END AS utc_minute
    FROM parsed
)
SELECT
    placed.text,
    placed.fault,
    FALSE AS is_day,
    FALSE AS is_fold,
    CAST(NULL AS BIGINT) AS other_minute,
    CASE WHEN placed.fault IS NULL THEN placed.utc_minute + agency.offset_minutes END AS wall_minute,
    CASE WHEN placed.fault IS NULL THEN placed.utc_minute END AS utc_minute,
    CASE WHEN placed.fault IS NULL THEN placed.utc_minute + agency.offset_minutes END AS local_minute
FROM placed
ASOF LEFT JOIN agency_offsets AS agency ON placed.utc_minute >= agency.from_minute
