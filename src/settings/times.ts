const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Says times in a language. */
export interface Times {
  /** "23 Nov 2026" */
  date(iso: string): string;
  /** "23 Nov 2026, 05:46:12 UTC" */
  exact(iso: string): string;
  /** "5 minutes ago"; after a month, the date. */
  ago(iso: string): string;
  /** The time zone of all these, such as "Europe/Madrid". */
  readonly zone: string;
}

/**
 * @param language - as in `lang="…"`; what the browser does not know is its own.
 * @param justNow - What is said within the first minute.
 * @param now - Unix milliseconds.
 */
export function createTimes(
  language: string | undefined,
  justNow: string,
  now: () => number,
): Times {
  const locale = isLanguage(language) ? language : undefined;
  const dates = new Intl.DateTimeFormat(locale, { dateStyle: "medium" });
  const moments = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "long" });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  return {
    zone: dates.resolvedOptions().timeZone,
    date: (iso) => dates.format(new Date(iso)),
    exact: (iso) => moments.format(new Date(iso)),
    ago(iso) {
      const ageMs = Math.max(0, now() - Date.parse(iso));
      if (ageMs < MINUTE_MS) return justNow;
      if (ageMs < HOUR_MS) return relative.format(-Math.floor(ageMs / MINUTE_MS), "minute");
      if (ageMs < DAY_MS) return relative.format(-Math.floor(ageMs / HOUR_MS), "hour");
      if (ageMs < 30 * DAY_MS) return relative.format(-Math.floor(ageMs / DAY_MS), "day");
      return dates.format(new Date(iso));
    },
  };
}

function isLanguage(language: string | undefined): boolean {
  try {
    return Intl.getCanonicalLocales(language).length > 0;
  } catch {
    return false;
  }
}
