-- For the search for repetitions: a ticket's number is its key, an event has none.
CREATE OR REPLACE TABLE keyed AS
SELECT
    sound.record,
    sound.fingerprint,
    CASE WHEN getvariable('row_per_ticket') THEN sound.number END AS key,
    CASE
        WHEN getvariable('row_per_ticket') THEN hash(
            given.type, given.opened_at, given.resolved_at, given.closed_at, given.state, given.team,
            given.person, given.category, given.priority, given.reopen_count, given.key
        )
    END AS content
FROM sound
JOIN given ON sound.record = given.record
