-- Every distinct written time, read once: which minute on the wall clock of the export's zone, whether
-- that minute exists once, twice or never, and which minute it is in UTC and on the agency's wall clock.
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
        moment,
        in_range,
        CASE
            WHEN in_range THEN epoch_ms(moment) // 60000
            ELSE 0
        END AS wall_minute
    FROM parsed
), zoned AS (
    SELECT
        placed.text,
        CASE
            WHEN placed.moment IS NULL THEN 'invalid_date'
            WHEN NOT placed.in_range THEN 'out_of_range'
            WHEN segment.kind = 'gap' THEN 'daylight_saving_gap'
            WHEN segment.kind = 'fold' AND getvariable('fold') = 'quarantine' THEN 'daylight_saving_fold'
        END AS fault,
        placed.wall_minute,
        segment.kind = 'fold' AS is_fold,
        placed.wall_minute
        - CASE WHEN getvariable('fold') = 'later' THEN segment.later_offset ELSE segment.earlier_offset END
        AS utc_minute,
        placed.wall_minute
        - CASE WHEN getvariable('fold') = 'later' THEN segment.earlier_offset ELSE segment.later_offset END
        AS other_minute
    FROM placed
    ASOF LEFT JOIN wall_segments AS segment ON placed.wall_minute >= segment.from_minute
)
SELECT
    zoned.text,
    zoned.fault,
    try_strptime(evened(zoned.text), getvariable('day_formats')) IS NOT NULL AS is_day,
    zoned.is_fold,
    CASE WHEN zoned.fault IS NULL AND zoned.is_fold THEN zoned.other_minute END AS other_minute,
    CASE WHEN zoned.fault IS NULL THEN zoned.wall_minute END AS wall_minute,
    CASE WHEN zoned.fault IS NULL THEN zoned.utc_minute END AS utc_minute,
    CASE
        WHEN zoned.fault IS NOT NULL THEN NULL
        WHEN getvariable('same_zone') THEN zoned.wall_minute
        ELSE zoned.utc_minute + agency.offset_minutes
    END AS local_minute
FROM zoned
ASOF LEFT JOIN agency_offsets AS agency ON zoned.utc_minute >= agency.from_minute
