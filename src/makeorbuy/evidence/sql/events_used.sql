-- The events of tickets that are used, as far as they happened before the cut.
CREATE OR REPLACE TABLE kept AS
SELECT numbers.ticket, numbers.status, sound.*, sound.at_minute * 4294967296 + sound.record AS moment_key
FROM sound
ANTI JOIN (SELECT record FROM faults WHERE source = getvariable('source')) AS set_aside USING (record)
JOIN numbers ON sound.number = numbers.number;

CREATE OR REPLACE TABLE events AS
SELECT * FROM kept WHERE status = 'used' AND at_minute < getvariable('cut_minute');

CREATE OR REPLACE TABLE fate AS
SELECT
    (SELECT count(*) FROM events) AS used,
    count(*) FILTER (WHERE status = 'after_cut' OR at_minute >= getvariable('cut_minute')) AS after_cut
FROM kept
