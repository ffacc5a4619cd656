import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** One condition of a subpath: its module and its declarations. */
export interface Target {
  readonly types: string;
  readonly default: string;
}

/** What these tests read of package.json. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string | { import: Target; require: Target }>>;
}

/** The repository, with a slash at the end. */
export const root = fileURLToPath(new URL("../..", import.meta.url));

export const manifest = JSON.parse(readFileSync(`${root}package.json`, "utf8")) as Manifest;

/** Every subpath that is code: `[".", "./http", …]`. */
export const subpaths = Object.keys(manifest.exports).filter((path) => path !== "./package.json");

/** `"./http"` as an import: `"graphql-api-keys/http"`. */
export function specifierOf(subpath: string): string {
  return manifest.name + subpath.slice(1);
}
