-- As flow_elapsed, on the working clock: working minutes before the end less working minutes before
-- the opening. Working minutes before a moment are those of the days before it, and of its own day
-- what lies between the opening of the day and the moment, never less than none or more than the day.
WITH measured AS (
    SELECT
        unnest($positions::BIGINT[]) AS position,
        unnest($services::VARCHAR[]) AS service,
        unnest($types::VARCHAR[]) AS type
)
SELECT
    measured.position AS position,
    (
        ended.worked_before
        + greatest(0, least(tickets.end_local_minute, ended.close_minute) - ended.open_minute)
    ) - (
        opened.worked_before
        + greatest(0, least(tickets.opened_local_minute, opened.close_minute) - opened.open_minute)
    ) AS minutes,
    (tickets.opened_local_minute // 1440 + 3) // 7 AS week,
    -- from the start of the entry's day
    greatest(
        0,
        entered.worked_before - (
            opened.worked_before
            + greatest(0, least(tickets.opened_local_minute, opened.close_minute) - opened.open_minute)
        )
    ) AS entry_minutes,
    count(*) FILTER (WHERE tickets.ending = 'resolved') AS resolved_count,
    count(*) FILTER (WHERE tickets.ending <> 'resolved') AS censored_count
FROM tickets
JOIN measured ON tickets.service = measured.service AND tickets.type = measured.type
JOIN calendar AS opened ON opened.day_number = tickets.opened_local_minute // 1440
JOIN calendar AS ended ON ended.day_number = tickets.end_local_minute // 1440
LEFT JOIN calendar AS entered ON entered.day_number = $entry_day
WHERE tickets.opened_minute >= $start_minute AND tickets.opened_minute < $end_minute
    AND NOT (tickets.opened_minute < $entry_minute AND tickets.end_minute < $entry_minute)
GROUP BY 1, 2, 3, 4
ORDER BY 1, 2, 3, 4
