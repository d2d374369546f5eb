const DAY_MILLISECONDS = 24 * 60 * 60 * 1000;

/** Whether a text is a day of the calendar as `2027-01-31`. */
export function isDate(text: string): boolean {
  const time = new Date(`${text}T00:00:00Z`);
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(time.getTime()) && time.toISOString().startsWith(text);
}

/** The end of a day (UTC) in RFC 3339: `2027-01-31` gives `2027-02-01T00:00:00.000Z`. */
export function endOfDay(date: string): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + DAY_MILLISECONDS).toISOString();
}
