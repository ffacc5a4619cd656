/** Watches what is written, and reports the keys in it. */
import { findKeys, keysIn } from "./canary.js";

type Report = (keys: readonly string[]) => unknown;
type Write = (chunk: string | Uint8Array, ...rest: unknown[]) => boolean;

// A key is at most 64 characters: this much of what was written before can be the beginning of one.
const TAIL_LENGTH = 63;

/** Reports every key written to a stream, also when it comes in pieces. Returns what undoes it. */
export function watchStream(stream: { write: unknown }, report: Report): () => void {
  const write = stream.write as Write;
  let tail = "";
  stream.write = function (this: unknown, chunk: string | Uint8Array, ...rest: unknown[]) {
    const text = typeof chunk === "string" ? chunk : Buffer.from(chunk).toString("latin1");
    const before = findKeys(tail);
    report(findKeys(tail + text).filter((key) => !before.includes(key)));
    tail = (tail + text).slice(-TAIL_LENGTH);
    return write.call(this, chunk, ...rest);
  };
  return () => {
    stream.write = write;
  };
}

/** Reports every key given to a method of a console, formatted or within an object. Returns what undoes it. */
export function watchConsole(target: object, report: Report): () => void {
  const methods = target as Record<string, unknown>;
  const originals = Object.entries(methods).filter(([, method]) => typeof method === "function");
  for (const [name, method] of originals) {
    methods[name] = (...values: unknown[]) => {
      report(keysIn(values));
      return (method as (...values: unknown[]) => unknown).apply(target, values);
    };
  }
  return () => Object.assign(methods, Object.fromEntries(originals));
}
