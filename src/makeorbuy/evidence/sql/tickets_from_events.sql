-- Row per event: what was known at the cut. A ticket closed without a time of resolution has an
-- unknown ending: it was open when it was last seen open, and nothing more is known.
CREATE OR REPLACE TABLE unplaced AS
WITH ended AS (
    SELECT
        endings.*,
        histories.* EXCLUDE (ticket),
        CASE
            WHEN histories.state = 'cancelled' THEN 'cancelled'
            WHEN histories.state IN ('open', 'waiting') THEN 'open'
            WHEN endings.resolved_minute < getvariable('cut_minute') THEN 'resolved'
            WHEN endings.resolved_minute IS NOT NULL OR histories.state IS NULL THEN 'open'
            WHEN NOT getvariable('has_resolved') AND endings.resolved_event_minute IS NOT NULL
                THEN 'resolved'
            ELSE 'unknown'
        END AS ending,
        getvariable('has_resolved') AS by_column
    FROM endings
    JOIN histories ON endings.ticket = histories.ticket
), timed AS (
    SELECT
        *,
        CASE
            WHEN ending = 'open' THEN getvariable('cut_minute')
            WHEN ending = 'resolved' AND by_column THEN resolved_minute
            WHEN ending = 'resolved' THEN resolved_event_minute
            WHEN ending = 'cancelled' AND closed_minute < getvariable('cut_minute') THEN closed_minute
            WHEN ending = 'cancelled' THEN cancelled_event_minute
            ELSE last_open_minute
        END AS raw_end_minute,
        CASE
            WHEN ending = 'open' THEN getvariable('cut_local_minute')
            WHEN ending = 'resolved' AND by_column THEN resolved_local_minute
            WHEN ending = 'resolved' THEN resolved_event_local_minute
            WHEN ending = 'cancelled' AND closed_minute < getvariable('cut_minute') THEN closed_local_minute
            WHEN ending = 'cancelled' THEN cancelled_event_local_minute
            ELSE last_open_local_minute
        END AS raw_end_local_minute
    FROM ended
)
SELECT
    ticket,
    number,
    type,
    opened_minute,
    opened_local_minute,
    ending,
    -- an event may be stamped before the opening; nothing ends before it began
    CASE WHEN raw_end_minute > opened_minute THEN raw_end_minute ELSE opened_minute END AS end_minute,
    CASE
        WHEN raw_end_minute > opened_minute THEN raw_end_local_minute
        ELSE opened_local_minute
    END AS end_local_minute,
    CASE WHEN closed_minute < getvariable('cut_minute') THEN closed_minute END AS closed_minute,
    coalesce(state, 'open') AS state,
    team,
    category,
    priority,
    handoff_count,
    coalesce(reopen_count, CASE WHEN has_states THEN reopenings END) AS reopen_count,
    CASE WHEN ending <> 'open' THEN handling_seconds END AS handling_seconds,
    waited,
    CAST(NULL AS VARCHAR) AS history_end,
    record
FROM timed
