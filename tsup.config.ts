import { defineConfig } from "tsup";

export default defineConfig({
  // One entry per subpath of `exports`, import path = source path (test/package/exports.test.ts).
  entry: [
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
    "src/testing/index.ts",
  ],
  format: ["esm", "cjs"],
  target: "node20",
  // Without splitting every entry carries its own copy of core, error class and registries included.
  splitting: true,
  // Also keeps the build machine's paths out of the CommonJS source maps.
  treeshake: true,
  sourcemap: true,
  clean: true,
  // tsup sets `baseUrl` for its declarations, which TypeScript 6 reports as deprecated.
  dts: { compilerOptions: { ignoreDeprecations: "6.0" } },
});
