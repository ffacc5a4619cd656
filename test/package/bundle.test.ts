import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { describe, expect, inject, it } from "vitest";
import { manifest, subpaths } from "./manifest.js";

/** Digests, and the bound of what is kept under leases. */
const core = ["@noble/hashes", "lru-cache"];
const proxies = ["forwarded", "ipaddr.js", "proxy-addr"];

/**
 * What importing a subpath may bring along, and how large the package's own part of it may be.
 * `maxBytes` is minified and gzipped, other packages not counted; raise it on purpose, never in passing.
 */
const budgets: Readonly<Record<string, { packages: readonly string[]; maxBytes: number }>> = {
  ".": { packages: core, maxBytes: 9500 },
  "./http": { packages: [...core, ...proxies], maxBytes: 3500 },
  "./graphql": { packages: ["graphql"], maxBytes: 20000 },
  "./graphql/testing": { packages: [...core, "graphql"], maxBytes: 31000 },
  "./stores/memory": { packages: [], maxBytes: 1300 },
  "./stores/redis": { packages: [], maxBytes: 4000 },
  "./stores/sql": { packages: [], maxBytes: 4000 },
  "./adapters/apollo": { packages: [...core, "graphql", ...proxies], maxBytes: 6200 },
  "./adapters/execute": { packages: [...core, "graphql"], maxBytes: 6000 },
  "./adapters/graphql-http": { packages: [...core, "graphql", ...proxies], maxBytes: 8000 },
  "./adapters/graphql-ws": { packages: [...core, "graphql", ...proxies], maxBytes: 8000 },
  "./adapters/mercurius": { packages: [...core, "graphql", ...proxies], maxBytes: 9900 },
  "./adapters/yoga": { packages: [...core, "graphql", ...proxies], maxBytes: 8000 },
  "./management": { packages: [...core, "graphql", "jose", ...proxies], maxBytes: 9500 },
  // With Lit in it: nothing is imported.
  "./settings": { packages: [], maxBytes: 25000 },
  "./testing": { packages: core, maxBytes: 18000 },
};

/** Bundles everything a subpath exports, with or without the packages it imports. */
async function bundle(subpath: string, packages: "bundle" | "external") {
  const consumer = inject("consumer");
  const conditions = manifest.exports[subpath];
  if (typeof conditions !== "object") throw new TypeError(`"${subpath}" has no conditions`);
  const { metafile, outputFiles } = await build({
    absWorkingDir: consumer,
    entryPoints: [join(consumer, "node_modules", manifest.name, conditions.import.default)],
    outfile: "bundle.js",
    bundle: true,
    packages,
    format: "esm",
    // Packages with something of Node's own for Node have to do without it elsewhere.
    platform: "browser",
    target: "node20",
    minify: true,
    metafile: true,
    write: false,
    logLevel: "silent",
  });
  const inputs = Object.keys(metafile.inputs).map(packageOf);
  return {
    bytes: gzipSync(outputFiles[0]?.contents ?? "").length,
    packages: [...new Set(inputs)].filter((name) => name !== manifest.name).toSorted(),
    external: (metafile.outputs["bundle.js"]?.imports ?? []).map(({ path }) => path),
  };
}

/** "…/node_modules/@noble/hashes/sha2.js" → "@noble/hashes". */
function packageOf(file: string): string {
  const [, name] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file) ?? [];
  return name ?? file;
}

it("every subpath has a budget", () => {
  expect(Object.keys(budgets).toSorted()).toEqual(subpaths.toSorted());
});

describe.each(Object.entries(budgets))("%s", (subpath, { packages, maxBytes }) => {
  it("brings along no other package and no module of Node", async () => {
    const bundled = await bundle(subpath, "bundle");
    expect(bundled.packages.filter((name) => !packages.includes(name))).toEqual([]);
    expect(bundled.external).toEqual([]);
  });

  it(`is at most ${maxBytes} bytes`, async () => {
    const bundled = await bundle(subpath, "external");
    expect(bundled.bytes).toBeGreaterThan(0);
    expect(bundled.bytes).toBeLessThanOrEqual(maxBytes);
  });
});
