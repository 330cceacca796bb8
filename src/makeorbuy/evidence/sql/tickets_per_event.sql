-- A row per event: what must be the same on every row of a ticket is taken from its first record; rows
-- that say otherwise are set aside.
INSERT INTO faults
WITH first AS (
    SELECT number, arg_min(opened_minute, record) AS opened_minute, arg_min(type, record) AS type
    FROM sound
    GROUP BY number
)
SELECT getvariable('source'), sound.record, 'conflicting_value', conflict.field, ''
FROM sound
JOIN first ON sound.number = first.number
JOIN (VALUES ('opened_at'), ('type')) AS conflict (field) ON
    (conflict.field = 'opened_at' AND sound.opened_minute <> first.opened_minute)
    OR (conflict.field = 'type' AND sound.type <> first.type);

CREATE OR REPLACE TABLE event_rows AS
SELECT * FROM sound;

CREATE OR REPLACE TABLE base AS
SELECT
    number,
    min(opened_minute) AS opened_minute,
    min(record) AS record,
    row_number() OVER (ORDER BY min(opened_minute), min(record)) AS ticket
FROM event_rows
WHERE opened_minute < getvariable('cut_minute') AND at_minute < getvariable('cut_minute')
GROUP BY number;

CREATE OR REPLACE VIEW events AS
SELECT base.ticket, event_rows.*, event_rows.at_minute * 4294967296 + event_rows.record AS moment_key
FROM event_rows
JOIN base ON event_rows.number = base.number
WHERE event_rows.at_minute < getvariable('cut_minute');

CREATE OR REPLACE TABLE fate AS
SELECT
    (SELECT count(*) FROM events) AS used,
    count(*) FILTER (
        WHERE at_minute >= getvariable('cut_minute') OR opened_minute >= getvariable('cut_minute')
    ) AS after_cut
FROM event_rows
