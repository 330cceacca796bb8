-- What is worth a remark in a source of tickets or events, as counts.
WITH fold AS (
    SELECT text FROM moments WHERE is_fold AND fault IS NULL
), unmapped AS (
    SELECT DISTINCT words.plain
    FROM given
    JOIN words ON given.team = words.written
    WHERE words.plain NOT IN (SELECT spelling FROM spellings WHERE field = 'team')
)
SELECT
    (SELECT count(*) FROM unmapped) AS teams_not_mapped,
    (
        SELECT count(*)
        FROM given
        WHERE opened_at IN (FROM fold)
            OR resolved_at IN (FROM fold)
            OR closed_at IN (FROM fold)
            OR updated_at IN (FROM fold)
    ) AS autumn_hour_as_declared,
    (SELECT count(*) FROM ticket_rows WHERE at_minute < opened_minute) AS updated_before_opened,
    -- on a row that says the ticket is open: an end later than the row itself
    (
        SELECT count(*)
        FROM ticket_rows
        WHERE NOT getvariable('row_per_ticket') AND state IN ('open', 'waiting') AND resolved_minute > at_minute
    ) AS end_known_too_early,
    (
        SELECT count(*)
        FROM ticket_rows
        WHERE getvariable('row_per_ticket') AND state IN ('open', 'waiting') AND resolved_minute IS NOT NULL
    ) AS open_with_an_end,
    -- of a state that nobody has explained, and without an end: perhaps still open
    (
        SELECT count(*)
        FROM given
        JOIN words ON given.state = words.written
        WHERE getvariable('row_per_ticket') AND getvariable('has_resolved')
            AND words.state IS NULL AND given.resolved_at IS NULL
    ) AS unknown_and_without_end,
    -- UTF-8 that was read as Windows-1252 shows as pairs such as "Ã¸"
    (
        SELECT count(*) FROM words WHERE regexp_matches(words.plain, '[ÃÂ][\x{80}-\x{BF}\x{2018}-\x{2026}]')
    ) AS looks_twice_encoded
