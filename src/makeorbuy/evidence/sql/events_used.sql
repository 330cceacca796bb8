-- The events of tickets that are used, as far as they happened before the cut.
CREATE OR REPLACE TABLE event_rows AS
SELECT
    numbers.ticket,
    numbers.status = 'used' AND sound.at_minute < getvariable('cut_minute') AS is_used,
    sound.at_minute,
    sound.at_local_minute,
    sound.state,
    sound.team,
    sound.person,
    sound.record,
    sound.at_minute * 4294967296 + sound.record AS moment_key
FROM sound
JOIN numbers ON sound.number = numbers.number;

CREATE OR REPLACE VIEW events AS SELECT * EXCLUDE (is_used) FROM event_rows WHERE is_used;

CREATE OR REPLACE TABLE fate AS
SELECT count(*) FILTER (WHERE is_used) AS used, count(*) FILTER (WHERE NOT is_used) AS after_cut FROM event_rows
