-- Each position in each of its months before the cut: its share of full time on an average day of the month.
CREATE TABLE staffing AS
WITH lasting AS (
    SELECT *, least(coalesce(to_day, getvariable('cut_day') - 1), getvariable('cut_day') - 1) AS last_day FROM used
), monthly AS (
    SELECT
        *,
        unnest(
            generate_series(CAST(date_trunc('month', from_day) AS TIMESTAMP), CAST(last_day AS TIMESTAMP), INTERVAL 1 MONTH)
        ) AS begins
    FROM lasting
), counted AS (
    SELECT
        *,
        CAST(begins AS DATE) AS first_of_month,
        least(last_day(CAST(begins AS DATE)), getvariable('cut_day') - 1) AS last_of_month
    FROM monthly
), placed AS (
    SELECT
        *,
        last_of_month - first_of_month + 1 AS days_of_month,
        least(last_day, last_of_month) - greatest(from_day, first_of_month) + 1 AS days_held
    FROM counted
)
SELECT
    strftime(first_of_month, '%Y-%m') AS month,
    service,
    employment,
    -- hundredths of a percent are ten to a thousandth; half up
    CAST((2 * hundredths_of_percent * days_held + 10 * days_of_month) // (20 * days_of_month) AS BIGINT)
    AS person_years_thousandths,
    paid_by,
    record
FROM placed
