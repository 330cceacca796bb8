-- Persons who on some day have more than a full position: positions that overlap, or one that was never ended.
WITH begun AS (
    SELECT
        positions.person,
        positions.record,
        sum(others.hundredths_of_percent) AS hundredths_of_percent
    FROM sound AS positions
    JOIN sound AS others ON
        positions.person = others.person
        AND others.from_day <= positions.from_day
        AND (others.to_day IS NULL OR others.to_day >= positions.from_day)
    WHERE positions.person <> ''
    GROUP BY positions.person, positions.record
)
SELECT 'more_than_full_time' AS code, count(DISTINCT person) AS persons
FROM begun
WHERE hundredths_of_percent > 10000
