import { afterEach, describe, expect, it, vi } from "vitest";
import { dayOf, endOf } from "../../src/settings/days.js";

afterEach(() => void vi.unstubAllEnvs());

describe.each<[zone: string, day: string, end: string]>([
  ["UTC", "2027-01-31", "2027-01-31T23:59:59.000Z"],
  ["Europe/Madrid", "2027-01-31", "2027-01-31T22:59:59.000Z"],
  ["Europe/Madrid", "2027-03-28", "2027-03-28T21:59:59.000Z"], // the day has 23 hours
  ["America/New_York", "2026-12-31", "2027-01-01T04:59:59.000Z"],
  ["Pacific/Kiritimati", "2027-01-01", "2027-01-01T09:59:59.000Z"],
  ["UTC", "9999-12-31", "9999-12-31T23:59:59.000Z"],
  ["UTC", "0020-01-31", "0020-01-31T23:59:59.000Z"], // while a year is typed
])("in %s", (zone, day, end) => {
  it(`${day} ends at ${end}`, () => {
    vi.stubEnv("TZ", zone);
    expect(endOf(day)).toBe(end);
    expect(dayOf(new Date(end))).toBe(day);
    expect(dayOf(new Date(Date.parse(end) + 1000))).not.toBe(day);
  });
});

it.each(["", "31.1.2027", "2027-1-31", "+12027-01-31", "2027-01-31T12:00"])(
  "%j is no day",
  (day) => {
    expect(endOf(day)).toBe("");
  },
);
