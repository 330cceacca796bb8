-- For the search for repetitions: a ticket's number is its key, an event has none; among several files
-- an event is told by its ticket and its minute.
CREATE OR REPLACE TABLE keyed AS
SELECT
    sound.record,
    sound.fingerprint,
    sound.number AS key,
    hash(
        given.type, given.opened_at, given.resolved_at, given.closed_at, given.state, given.team,
        given.person, given.category, given.priority, given.reopen_count, given.handling_time,
        given.key
    ) AS content,
    sound.number AS later_key
FROM sound
JOIN given ON sound.record = given.record
