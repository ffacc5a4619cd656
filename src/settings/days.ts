const DAY = /^(\d{4})-(\d\d)-(\d\d)$/;

/** The last second of a day such as "2027-01-31" where the browser is, in ISO 8601; empty where the text is no day. */
export function endOf(day: string): string {
  const [, year, month, date] = DAY.exec(day) ?? [];
  if (date === undefined) return "";
  const end = new Date(0);
  end.setFullYear(Number(year), Number(month) - 1, Number(date));
  end.setHours(23, 59, 59, 0);
  return end.toISOString();
}

/** The day of a time where the browser is. */
export function dayOf(time: Date): string {
  const pad = (value: number, length: number) => String(value).padStart(length, "0");
  return [pad(time.getFullYear(), 4), pad(time.getMonth() + 1, 2), pad(time.getDate(), 2)].join(
    "-",
  );
}
