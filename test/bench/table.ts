/** The table that people read. */
import type { Row } from "./rows.js";

const WIDTHS = [46, 11, 17, 9, 12, 12] as const;

export function headOf(): string {
  const head = columns(["", "measured", "95 % interval", "aim", "floor", "here"]);
  return `${head}\n${"-".repeat(head.length)}`;
}

export function lineOf(row: Row): string {
  const { what, unit, median, low, high, aim, floor, measured } = row;
  const number = (value: number): string => (unit === "B" ? value.toFixed(0) : value.toFixed(2));
  const interval = low === high ? "" : `${number(low)} – ${number(high)}`;
  const missed = aim !== null && median > aim ? " !" : "";
  return columns([
    what,
    `${number(median)} ${unit}${missed}`,
    interval,
    aim === null ? "" : `${aim} ${unit}`,
    size(floor, unit),
    size(measured, unit),
  ]);
}

function size(value: number | undefined, unit: Row["unit"]): string {
  if (value === undefined) return "";
  if (unit === "B") return `${value.toFixed(0)} B`;
  if (value < 1000) return `${value.toFixed(0)} ns`;
  return value < 1e6 ? `${(value / 1000).toFixed(2)} µs` : `${(value / 1e6).toFixed(2)} ms`;
}

function columns(cells: readonly string[]): string {
  return cells
    .map((cell, i) => (i === 0 ? cell.padEnd(WIDTHS[i]!) : cell.padStart(WIDTHS[i]!)))
    .join("")
    .trimEnd();
}
