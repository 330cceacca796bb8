-- Each matter as its last change before the cut left it: an end that stands beside an open state was
-- overtaken by the reopening, and a matter that was transferred has not ended.
CREATE TABLE matters AS
WITH ordered AS (
    SELECT
        *,
        changed < getvariable('cut_day') AS is_known,
        min(coalesce(opened, changed)) OVER (PARTITION BY matter) AS first_day,
        row_number() OVER (
            PARTITION BY matter
            ORDER BY changed < getvariable('cut_day') DESC, changed DESC, record DESC
        ) AS place
    FROM used
)
SELECT
    matter,
    first_day AS opened,
    CASE
        WHEN is_known AND state IN ('resolved', 'closed', 'cancelled') AND coalesce(closed, changed) < getvariable('cut_day')
            THEN coalesce(closed, changed)
    END AS closed,
    CASE WHEN is_known AND state = 'transferred' THEN changed END AS transferred,
    kind,
    record
FROM ordered
WHERE place = 1
