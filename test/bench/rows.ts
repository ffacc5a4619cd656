/** One figure of the bench, and how suites hand them over. */
import type { Comparison, Estimate } from "./measure.js";

export interface Row extends Estimate {
  /** Name in the JSON. */
  readonly id: string;
  /** Name in the table. */
  readonly what: string;
  /** `×`: times the floor of the same run. */
  readonly unit: "×" | "B" | "µs" | "MB" | "reads" | "statements";
  /** The most that it should be; null: none was set. */
  readonly aim: number | null;
  /** Nanoseconds, or bytes, of the floor and of what is measured; absent where there is no floor. */
  readonly floor?: number;
  readonly measured?: number;
  /** Whose figure it is, and what they do with it, where others are compared. */
  readonly peer?: { readonly name: string; readonly note: string };
}

export function ratioRow(id: string, what: string, result: Comparison, aim: number | null): Row {
  const { ratio, floorNs: floor, ns: measured } = result;
  return { id, what, unit: "×", ...ratio, aim, floor, measured };
}

/** What a thing adds to its floor, in µs for each of `parts`. */
export function addedRow(
  id: string,
  what: string,
  { addedNs, floorNs: floor, ns: measured }: Comparison,
  aim: number | null,
  parts = 1,
): Row {
  const inUs = (ns: number): number => ns / 1000 / parts;
  const { median, low, high } = addedNs;
  const estimate = { median: inUs(median), low: inUs(low), high: inUs(high) };
  return { id, what, unit: "µs", ...estimate, aim, floor, measured };
}

export function bytesRow(
  id: string,
  what: string,
  bytes: number,
  aim: number | null,
  floor: number,
): Row {
  const measured = Math.round(bytes);
  const exact = { median: measured, low: measured, high: measured };
  return { id, what, unit: "B", ...exact, aim, floor: Math.round(floor), measured };
}

/** What was counted, or weighed: it has no interval. */
export function exactRow(
  id: string,
  what: string,
  value: number,
  unit: Row["unit"],
  aim: number | null,
): Row {
  return { id, what, unit, median: value, low: value, high: value, aim };
}

/** Hands rows to the process that started this one. */
export function answer(rows: readonly Row[]): void {
  process.stdout.write(JSON.stringify(rows));
}
