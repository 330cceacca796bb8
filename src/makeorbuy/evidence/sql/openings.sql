-- A row per event, and no column tells when a ticket was opened: it was when the first thing happened to
-- it. An event that has another fault counts too, as long as its time can be read.
CREATE OR REPLACE TABLE openings AS
SELECT number, min(at_minute) AS minute, arg_min(at_local_minute, at_minute) AS local_minute
FROM ticket_rows
WHERE number IS NOT NULL AND at_minute IS NOT NULL
GROUP BY number;

UPDATE ticket_rows
SET opened_minute = openings.minute, opened_local_minute = openings.local_minute
FROM openings
WHERE ticket_rows.number = openings.number
