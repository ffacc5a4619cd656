import { defineConfig, type Options } from "tsup";

// One entry per subpath of `exports`, import path = source path (test/package/exports.test.ts).
const entry = [
  "src/index.ts",
  "src/http/index.ts",
  "src/graphql/index.ts",
  "src/graphql/testing.ts",
  "src/stores/memory.ts",
  "src/stores/redis.ts",
  "src/stores/sql.ts",
  "src/adapters/apollo.ts",
  "src/adapters/execute.ts",
  "src/adapters/graphql-http.ts",
  "src/adapters/graphql-ws.ts",
  "src/adapters/mercurius.ts",
  "src/adapters/yoga.ts",
  "src/management/index.ts",
  "src/testing/index.ts",
];

const compilerOptions = {
  // tsup sets `baseUrl` for its declarations, which TypeScript 6 reports as deprecated.
  ignoreDeprecations: "6.0",
};

const all: Options = {
  entry,
  format: ["esm", "cjs"],
  target: "node20",
  // Without splitting every entry carries its own copy of core, error class and registries included.
  splitting: true,
  // Also keeps the build machine's paths out of the CommonJS source maps.
  treeshake: true,
  sourcemap: true,
  clean: ["!settings/**"],
  // Those of settings too: a build of declarations removes all others.
  dts: { entry: [...entry, "src/settings/index.ts"], compilerOptions },
};

/** One file for any page, Lit included. */
const settings: Options = {
  entry: ["src/settings/index.ts"],
  outDir: "dist/settings",
  format: ["esm", "cjs"],
  platform: "browser",
  target: "es2022",
  noExternal: [/^lit/],
  splitting: false,
  minify: true,
  clean: ["!*.d.{ts,cts}"],
  esbuildOptions(options) {
    options.inject = ["src/settings/server.ts"];
    options.legalComments = "eof"; // Lit's license asks for it
  },
};

export default defineConfig([all, settings]);
