/** Scenarios that the cases of every adapter are about: they run on a server of `createExecute`, and on Yoga. */
import { runCase, type AdapterServer } from "../subject.js";
import { casesFor } from "../cases.js";
import { executeServer } from "../execute-server.js";
import { yogaServer } from "../yoga-server.js";
import type { PathName } from "./row.js";

/** Number → ids of cases. */
const CASES: readonly (readonly [number: number, ...ids: readonly string[]])[] = [
  [56, "OP60"],
  [73, "OP70"],
  [74, "OP71"],
  [82, "BO01", "OP80"],
  [83, "AU22"],
  [84, "AU02", "AU21", "AU23"],
  [86, "AU50"],
  [88, "AN01"],
  [90, "AU40", "AU41", "AU42", "AU43"],
  [94, "BO20", "BO30"],
  [95, "OP42"],
  [106, "OP40"],
];

const servers: readonly (readonly [PathName, AdapterServer])[] = [
  ["execute", executeServer],
  ["Yoga", yogaServer],
];

interface CaseRow {
  readonly number: number;
  readonly path: PathName;
  readonly title: string;
  readonly run: () => Promise<void>;
}

/** Those that each server can do. */
export const cases: readonly CaseRow[] = servers.flatMap(([path, server]) => {
  const known = casesFor(server.capabilities);
  return CASES.flatMap(([number, ...ids]) =>
    ids.flatMap((id) => {
      const test = known.find((each) => each.id === id);
      if (!test) return [];
      return [{ number, path, title: `${id} ${test.name}`, run: () => runCase(server, test) }];
    }),
  );
});
