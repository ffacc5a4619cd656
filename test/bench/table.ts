/** The table that people read. */
import type { Row } from "./rows.js";

const WIDTHS = [46, 14, 17, 9, 12, 12] as const;

export function headOf(): string {
  const head = columns(["", "measured", "95 % interval", "aim", "floor", "here"]);
  return `${head}\n${"-".repeat(head.length)}`;
}

export function lineOf(row: Row): string {
  const { what, unit, median, low, high, aim, floor, measured } = row;
  const isWhole = unit === "B" || unit === "reads" || unit === "statements";
  const number = (value: number): string => value.toFixed(isWhole ? 0 : 2);
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

/** Peers side by side: a line each, a column an operation, ratios with their intervals. */
export function matrixOf(rows: readonly Row[]): string {
  const operations = distinct(rows.map(({ what }) => what));
  const peers = distinct(rows.map(({ peer }) => peer!.name)).map((name) =>
    rows.filter(({ peer }) => peer!.name === name),
  );
  const head = ["times execution without it", ...operations];
  const lines = peers.map((own) => [
    own[0]!.peer!.name,
    ...operations.map((what) => ratioOf(own.find((row) => row.what === what))),
  ]);
  const widths = head.map((_, i) => Math.max(...[head, ...lines].map((cells) => cells[i]!.length)));
  const table = [head, ...lines].map((cells) =>
    cells
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[i]! + 2)))
      .join(""),
  );
  const notes = peers.map(([first]) => `${first!.peer!.name}: ${first!.peer!.note}.`);
  return [...table, "", ...notes].join("\n");
}

function distinct(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}

function ratioOf(row: Row | undefined): string {
  if (row === undefined) return "–";
  const digits = row.median < 10 ? 2 : 1;
  const [median, low, high] = [row.median, row.low, row.high].map((value) => value.toFixed(digits));
  return `${median} (${low}–${high})`;
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
