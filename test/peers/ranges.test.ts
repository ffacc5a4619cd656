/** The first version of every range of package.json is one that `npm run test:peers` runs on. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { manifest } from "../package/manifest.js";
import { trees } from "./trees.js";

/** `"^16.9 || ^17"` → `["16.9.0", "17.0.0"]`. */
function firstOf(range: string): readonly string[] {
  return range.split(" || ").map((part) => {
    const [, version] = /^\^(\d+(?:\.\d+){0,2})$/.exec(part) ?? [];
    if (version === undefined) throw new RangeError(`What is the first version of ${part}?`);
    return [...version.split("."), "0", "0"].slice(0, 3).join(".");
  });
}

const installed = trees.map(({ folder }) => {
  const file = new URL(`${folder}/package.json`, import.meta.url);
  return JSON.parse(readFileSync(file, "utf8")).dependencies as Readonly<Record<string, string>>;
});

it.each(Object.entries(manifest.peerDependencies))("%s %s", (name, range) => {
  const versions = installed.map((dependencies) => dependencies[name]);
  expect(versions).toEqual(expect.arrayContaining([...firstOf(range)]));
});
