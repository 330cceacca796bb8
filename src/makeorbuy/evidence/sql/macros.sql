-- How a text is read everywhere (the reader has made every kind of space a plain one): what means nothing, how spellings are evened out, how a value is masked.
CREATE MACRO said(written) AS
    CASE
        WHEN list_contains(getvariable('missing'), trim(written)) THEN NULL
        ELSE trim(written)
    END;

-- one space for every run of spaces (no-break and narrow ones included), composed letters
CREATE MACRO plain(written) AS nfc_normalize(trim(regexp_replace(written, '[\s\p{Z}]+', ' ', 'g')));

-- the shape only, so that nothing personal is repeated: letters as a, digits as d
CREATE MACRO shape(written) AS
    regexp_replace(regexp_replace(left(coalesce(written, ''), 40), '[\p{L}\p{M}]', 'a', 'g'), '\p{N}', 'd', 'g');

-- the first cell of the total below a list
CREATE MACRO is_total_word(written) AS
    regexp_full_match(written, '(?i)(grand |sub)?total[te]?|tot(alt)?\s?sum|(del|total)?sum|sum total|i alt|antall');

-- A written number in the grammar of the export, as a decimal; NULL when it is beyond 24 digits.
CREATE MACRO is_number(written) AS regexp_full_match(written, getvariable('number_pattern'));

CREATE MACRO written_number(written) AS
    CASE WHEN is_number(written) THEN
        TRY_CAST(
            replace(regexp_replace(written, getvariable('no_number_sign'), '', 'g'), ',', '.')
            AS DECIMAL(30, 6)
        ) * CASE WHEN regexp_matches(written, '[-−]') THEN -1 ELSE 1 END
    END;

-- half away from zero, as spreadsheets do; NULL beyond the limit
CREATE MACRO scaled(written, factor) AS
    CASE
        WHEN abs(written_number(written)) <= getvariable('most_nok')
            THEN CAST(round(CAST(written_number(written) AS DECIMAL(24, 6)) * factor) AS BIGINT)
    END;

CREATE MACRO number_fault(written, code) AS
    CASE
        WHEN written IS NULL OR NOT is_number(written) THEN code
        WHEN written_number(written) IS NULL OR abs(written_number(written)) > getvariable('most_nok') THEN 'out_of_range'
    END;

-- YYYYMM or YYYY-MM; month 00 holds opening and 13 closing entries of a ledger
CREATE MACRO written_month(written) AS
    CASE
        WHEN regexp_full_match(written, '[0-9]{4}-?(0[0-9]|1[0-3])')
            THEN CAST(replace(written, '-', '') AS INTEGER)
    END;

CREATE MACRO written_month_fault(written) AS
    CASE
        WHEN written_month(written) IS NULL THEN 'bad_period'
        WHEN written_month(written) // 100 NOT BETWEEN getvariable('first_year') AND getvariable('last_year')
            THEN 'out_of_range'
    END;

-- A written time by the declared format: months in Norwegian are the engine's own once their names are
-- those, a Z is an offset of nothing; or a count of days or (milli)seconds, where that is declared.
CREATE MACRO evened(written) AS
    CASE  -- the full stop of an abbreviation goes, one between day, month and year stays
        WHEN getvariable('has_month_names') THEN
            regexp_replace(
                regexp_replace(regexp_replace(regexp_replace(
                    written, '(?i)mai', 'May'), '(?i)okt', 'Oct'), '(?i)des', 'Dec'),
                -- a point behind a short name goes, one between month and year stays
                '(?i)(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*([.]([^0-9]|$))?', '\1\3'
            )
        WHEN getvariable('has_offset') THEN regexp_replace(written, '[Zz]$', '+00:00')
        ELSE written
    END;

CREATE MACRO counted_moment(number) AS
    CASE
        WHEN abs(number) < getvariable('count_limit')
            THEN CAST(getvariable('count_from') AS TIMESTAMP) + to_seconds(CAST(
                CASE
                    WHEN getvariable('count_rounds') THEN round(number * getvariable('count_seconds'))
                    ELSE floor(number * getvariable('count_seconds'))
                END AS BIGINT
            ))
    END;

CREATE MACRO written_moment(written) AS
    CASE
        WHEN NOT getvariable('is_counted') THEN try_strptime(evened(written), getvariable('date_formats'))
        WHEN regexp_full_match(written, getvariable('count_pattern'))
            THEN counted_moment(TRY_CAST(replace(written, ',', '.') AS DOUBLE))
    END;

-- A duration as the export writes it, in whole seconds; NULL where it is none, or beyond 100,000 hours.
CREATE MACRO clock_seconds(written) AS
    CASE
        WHEN regexp_full_match(written, '[0-9]{1,6}:[0-5][0-9](:[0-5][0-9])?') THEN
            CAST(regexp_extract(written, '^([0-9]+)', 1) AS BIGINT) * 3600
            + CAST(regexp_extract(written, ':([0-9]+)', 1) AS BIGINT) * 60
            + CAST('0' || regexp_extract(written, ':[0-9]+:([0-9]+)', 1) AS BIGINT)
    END;

CREATE MACRO units_of(written, unit) AS
    coalesce(
        TRY_CAST(nullif(regexp_extract(written, '(?i)([0-9]+) *(' || unit || ')([^a-zæøå]|$)', 1), '') AS BIGINT), 0
    );

CREATE MACRO word_seconds(written) AS
    CASE
        WHEN regexp_full_match(
            written,
            '(?i)([0-9]{1,6} *(days?|dag|dager|døgn|d|hours?|hrs?|time|timer|t|h|minutes?|mins?|minutt|minutter'
            || '|m|seconds?|secs?|sekund|sekunder|s)[ ,]*)+'
        ) THEN
            units_of(written, 'days?|dag|dager|døgn|d') * 86400
            + units_of(written, 'hours?|hrs?|time|timer|t|h') * 3600
            + units_of(written, 'minutes?|mins?|minutt|minutter|m') * 60
            + units_of(written, 'seconds?|secs?|sekund|sekunder|s')
    END;

CREATE MACRO plausible_seconds(seconds) AS CASE WHEN seconds BETWEEN 0 AND 360000000 THEN CAST(seconds AS BIGINT) END;

CREATE MACRO written_seconds(written) AS
    plausible_seconds(
        CASE getvariable('handling_unit')
            WHEN 'hours' THEN scaled(written, 3600)
            WHEN 'minutes' THEN scaled(written, 60)
            WHEN 'seconds' THEN scaled(written, 1)
            WHEN 'h:mm' THEN CASE WHEN regexp_full_match(written, '[0-9]+:[0-9]+') THEN clock_seconds(written) END
            WHEN 'h:mm:ss' THEN
                CASE WHEN regexp_full_match(written, '[0-9]+:[0-9]+:[0-9]+') THEN clock_seconds(written) END
            WHEN 'since_1970' THEN epoch_ms(try_strptime(written, '%Y-%m-%d %H:%M:%S')) // 1000
            WHEN 'in_words' THEN word_seconds(written)
        END
    )
