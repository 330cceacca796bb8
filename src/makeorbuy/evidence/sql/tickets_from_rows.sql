-- Row per ticket: the row tells when it ended, the events (if there are any) what was known at the cut.
CREATE OR REPLACE TABLE unplaced AS
WITH ended AS (
    SELECT
        base.*,
        CASE
            WHEN base.state = 'cancelled' AND coalesce(base.closed_minute, base.resolved_minute) < getvariable('cut_minute')
                THEN 'cancelled'
            WHEN base.state IN ('resolved', 'closed') AND base.resolved_minute < getvariable('cut_minute')
                THEN 'resolved'
            ELSE 'open'
        END AS ending
    FROM base
)
SELECT
    ended.ticket,
    ended.number,
    ended.type,
    ended.opened_minute,
    ended.opened_local_minute,
    ended.ending,
    CASE ended.ending
        WHEN 'resolved' THEN ended.resolved_minute
        WHEN 'cancelled' THEN coalesce(ended.closed_minute, ended.resolved_minute)
        ELSE getvariable('cut_minute')
    END AS end_minute,
    CASE ended.ending
        WHEN 'resolved' THEN ended.resolved_local_minute
        WHEN 'cancelled' THEN coalesce(ended.closed_local_minute, ended.resolved_local_minute)
        ELSE getvariable('cut_local_minute')
    END AS end_local_minute,
    CASE WHEN ended.closed_minute < getvariable('cut_minute') THEN ended.closed_minute END AS closed_minute,
    coalesce(
        histories.state,
        CASE
            WHEN ended.ending = 'cancelled' THEN 'cancelled'
            WHEN ended.ending = 'resolved' AND ended.state = 'closed' AND coalesce(ended.closed_minute, 0) < getvariable('cut_minute')
                THEN 'closed'
            WHEN ended.ending = 'resolved' THEN 'resolved'
            WHEN ended.state = 'waiting' THEN 'waiting'
            ELSE 'open'
        END
    ) AS state,
    coalesce(histories.team, ended.team) AS team,
    ended.category,
    ended.priority,
    histories.handoff_count,
    coalesce(ended.reopen_count, CASE WHEN histories.has_states THEN histories.reopenings END) AS reopen_count,
    histories.waited,
    ended.record
FROM ended
LEFT JOIN histories ON ended.ticket = histories.ticket
