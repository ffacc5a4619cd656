/** Runs before every test file: fails the test that writes a key to the console, to stdout or to stderr. */
import { afterAll, afterEach } from "vitest";
import { hintsOf } from "./canary.js";
import { watchConsole, watchStream } from "./watch.js";

const written: string[] = [];
const report = (keys: readonly string[]) => written.push(...keys);

const restore = [
  watchConsole(console, report),
  watchStream(process.stdout, report),
  watchStream(process.stderr, report),
];

afterEach(check);

afterAll(() => {
  for (const undo of restore) undo();
  check();
});

function check(): void {
  const keys = written.splice(0);
  if (keys.length > 0) throw new Error(`A key was written to the output: ${hintsOf(keys)}`);
}
