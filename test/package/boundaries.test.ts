import { spawnSync } from "node:child_process";
import { appendFileSync, copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { root } from "./manifest.js";

/**
 * Who may import whom, asked of the linter itself: a pattern that oxlint reads otherwise than it looks allows everything
 * and says nothing. (It did: a regex with a lookahead matches nothing, and a negation in one pattern lifts all others.)
 */
type Case = readonly [file: string, statement: string, verdict: "allowed" | "refused"];

const cases: readonly Case[] = [
  ["core/x", 'import "./hash.js"', "allowed"],
  ["core/x", 'import "@noble/hashes/sha2.js"', "allowed"],
  ["core/x", 'import "../http/headers.js"', "refused"],
  ["core/x", 'import "../stores/memory.js"', "refused"],
  ["core/x", 'import "node:crypto"', "refused"],
  ["core/x", 'import "crypto"', "refused"],
  ["core/x", 'import "graphql"', "refused"],
  ["core/x", 'import type { T } from "graphql"', "refused"],
  ["core/x", 'export * from "../http/headers.js"', "refused"],
  ["core/x", 'import "./index.js"', "refused"],
  ["core/x", 'import ".."', "refused"],
  ["core/x", 'import "graphql-api-keys"', "refused"],
  ["core/x", 'import "lru-cache"', "refused"],
  ["core/lease", 'import "lru-cache"', "allowed"],
  ["http/x", 'import "./headers.js"', "allowed"],
  ["http/x", 'import "../core/hash.js"', "allowed"],
  ["http/x", 'import "proxy-addr"', "allowed"],
  ["http/x", 'import "../graphql/check.js"', "refused"],
  ["http/x", 'import "../core/index.js"', "refused"],
  ["http/x", 'import type { T } from "node:http"', "refused"],
  ["graphql/x", 'import "./plan.js"', "allowed"],
  ["graphql/x", 'import "../core/hash.js"', "allowed"],
  ["graphql/x", 'import "graphql"', "allowed"],
  ["graphql/x", 'import "../http/headers.js"', "refused"],
  ["graphql/x", 'import "graphql-yoga"', "refused"],
  ["stores/x", 'import "../core/store.js"', "allowed"],
  ["stores/x", 'import "./memory.js"', "refused"],
  ["stores/x", 'import "@noble/hashes/sha2.js"', "refused"],
  ["stores/x", 'import "redis"', "refused"],
  ["stores/redis", 'import "../core/store.js"', "allowed"],
  ["stores/redis", 'import "./redis-x.js"', "allowed"],
  ["stores/redis", 'import "./memory.js"', "refused"],
  ["stores/redis-x", 'import "./redis-y.js"', "allowed"],
  ["stores/redis-x", 'import type { T } from "ioredis"', "refused"],
  ["adapters/x", 'import "../core/hash.js"', "allowed"],
  ["adapters/x", 'import "../http/headers.js"', "allowed"],
  ["adapters/x", 'import "../graphql/check.js"', "allowed"],
  ["adapters/x", 'import type { T } from "graphql-yoga"', "allowed"],
  ["adapters/x", 'import { T } from "graphql"', "allowed"],
  ["adapters/x", 'import type { T } from "node:http"', "allowed"],
  ["adapters/x", 'import type { T } from "./yoga.js"', "refused"],
  ["adapters/x", 'import type { T } from "../stores/memory.js"', "refused"],
  ["adapters/x", 'import type { T } from "../http/index.js"', "refused"],
  ["adapters/x", 'import type { T } from "../index.js"', "refused"],
  ["adapters/x", 'import "../index.js"', "refused"],
  ["adapters/x", 'import type { T } from "../core/caller.js"', "allowed"],
  ["adapters/x", 'import { T } from "graphql-yoga"', "refused"],
  ["adapters/x", 'import "./yoga.js"', "refused"],
  ["adapters/x", 'import "../stores/memory.js"', "refused"],
  ["adapters/x", 'import "../http/index.js"', "refused"],
  ["adapters/graphql-ws", 'import "./graphql-ws-x.js"', "allowed"],
  ["adapters/graphql-ws", 'import "./graphql-http.js"', "refused"],
  ["adapters/graphql-ws", 'import type { T } from "./mercurius.js"', "refused"],
  ["adapters/mercurius", 'import "./mercurius-x.js"', "allowed"],
  ["adapters/mercurius", 'import "./yoga.js"', "refused"],
  ["adapters/mercurius", 'import "../core/hash.js"', "allowed"],
  ["adapters/mercurius", 'import type { T } from "mercurius"', "allowed"],
  ["adapters/mercurius", 'import type { T } from "./yoga.js"', "refused"],
  ["adapters/mercurius", 'import { T } from "mercurius"', "refused"],
  ["adapters/mercurius-x", 'import "./mercurius-y.js"', "allowed"],
  ["adapters/mercurius-x", 'import "../stores/memory.js"', "refused"],
  ["adapters/mercurius-x", 'import type { T } from "./graphql-ws.js"', "refused"],
  ["stores/sql", 'import "./sql-rows.js"', "allowed"],
  ["stores/sql", 'import "../core/store.js"', "allowed"],
  ["stores/sql", 'import "./memory.js"', "refused"],
  ["stores/sql", 'import type { T } from "pg"', "refused"],
  ["management/x", 'import "./schema.js"', "allowed"],
  ["management/x", 'import "../core/store.js"', "allowed"],
  ["management/x", 'import "../http/headers.js"', "allowed"],
  ["management/x", 'import "../graphql/rules.js"', "allowed"],
  ["management/x", 'import "graphql"', "allowed"],
  ["management/x", 'import "jose"', "allowed"],
  ["management/x", 'import "../graphql/index.js"', "refused"],
  ["management/x", 'import "../adapters/yoga.js"', "refused"],
  ["management/x", 'import "../stores/memory.js"', "refused"],
  ["management/x", 'import "node:crypto"', "refused"],
  ["settings/x", 'import "./state.js"', "allowed"],
  ["settings/x", 'import "lit"', "allowed"],
  ["settings/x", 'import "lit/directives/repeat.js"', "allowed"],
  ["settings/x", 'import "./index.js"', "refused"],
  ["settings/x", 'import "../core/store.js"', "refused"],
  ["settings/x", 'import "../management/schema.js"', "refused"],
  ["settings/x", 'import "graphql"', "refused"],
  ["settings/x", 'import "lit-html"', "refused"],
  ["testing/x", 'import "./case.js"', "allowed"],
  ["testing/x", 'import "../core/store.js"', "allowed"],
  ["testing/x", 'import "../stores/memory.js"', "refused"],
  ["testing/x", 'import "vitest"', "refused"],
  ["testing/x", 'import "node:assert"', "refused"],
  ["index", 'export * from "./core/hash.js"', "allowed"],
  ["index", 'export * from "./http/headers.js"', "refused"],
  ["elsewhere/x", 'import "../core/hash.js"', "refused"],
];

let folder: string;
let refused: ReadonlySet<string>;

/** Where a case stands in the linted folder: every statement on a line of its own. */
function placeOf([file, statement]: Case): string {
  const lines = cases.filter((other) => other[0] === file).map((other) => other[1]);
  return `src/${file}.ts:${lines.indexOf(statement) + 1}`;
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "graphql-api-keys-"));
  copyFileSync(join(root, ".oxlintrc.json"), join(folder, ".oxlintrc.json"));
  for (const [index, [file, statement]] of cases.entries()) {
    const name = join(folder, "src", `${file}.ts`);
    mkdirSync(dirname(name), { recursive: true });
    // One name twice in a file would be an error, after which nothing else is looked at.
    appendFileSync(name, `${statement.replace("{ T }", `{ T as T${index} }`)};\n`);
  }
  const oxlint = join(root, "node_modules/oxlint/bin/oxlint");
  const { stdout } = spawnSync(process.execPath, [oxlint, "--format=unix", "src"], {
    cwd: folder,
    encoding: "utf8",
  });
  const lines = stdout.split("\n").filter((line) => line.includes("(no-restricted-imports)"));
  refused = new Set(lines.map((line) => line.replace(/^(\S+?:\d+):.*/, "$1")));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

it.each(cases)("%s: %s is %s", (...row) => {
  expect(refused.has(placeOf(row)) ? "refused" : "allowed").toBe(row[2]);
});
