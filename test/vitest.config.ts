import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const root = fileURLToPath(new URL("..", import.meta.url));

// "graphql-api-keys/…" is src/ in every test but those of the built package.
const sources = [
  { find: /^graphql-api-keys$/, replacement: `${root}src/index.ts` },
  {
    find: /^graphql-api-keys\/(http|graphql|management|settings|testing)$/,
    replacement: `${root}src/$1/index.ts`,
  },
  { find: /^graphql-api-keys\/(.+)$/, replacement: `${root}src/$1.ts` },
];

// Vite would take graphql's "module" build while Node gives servers its "main": two copies, "another module or realm".
const graphql = (name: string) => ({
  find: /^graphql$/,
  replacement: fileURLToPath(import.meta.resolve(name)),
});

// Any key that a test lets out to the console or a stream fails it.
const setupFiles = ["test/support/canary-setup.ts"];

/** Every test on graphql 16 but those of the built package. */
export const unit = {
  resolve: { alias: [...sources, graphql("graphql")] },
  test: {
    name: "unit",
    root,
    include: ["test/**/*.test.ts"],
    exclude: ["test/package/**", "test/services/**", "test/browser/**", "test/peers/*/**"],
    setupFiles,
    testTimeout: 20_000,
    // Some start a server, beside seven other files that keep every processor busy.
    hookTimeout: 60_000,
  },
};

export default defineConfig({
  root,
  test: {
    projects: [
      unit,
      {
        resolve: { alias: [...sources, graphql("graphql-17")] },
        test: {
          name: "graphql-17",
          root,
          include: ["test/{graphql,adapters,management}/**/*.test.ts"],
          // Servers that take 16 only.
          exclude: ["test/adapters/{apollo,mercurius,nestjs}*.test.ts"],
          setupFiles,
          testTimeout: 20_000,
          // Some start a server, beside seven other files that keep every processor busy.
          hookTimeout: 60_000,
          // Inlined, so that the alias reaches their imports of graphql too.
          server: {
            deps: {
              inline: [
                /graphql-(yoga|http|ws)/,
                /@graphql-yoga\//,
                /@envelop\//,
                /@graphql-tools\//,
                /@graphql-typed-document-node\//,
              ],
            },
          },
        },
      },
      {
        test: {
          name: "package",
          root,
          include: ["test/package/**/*.test.ts"],
          globalSetup: ["test/package/install.ts"],
          testTimeout: 60_000,
          // After the others: it keeps every processor busy, and some of them measure time.
          sequence: { groupOrder: 1 },
        },
      },
    ],
    coverage: {
      provider: "v8",
      include: ["src/**/*.ts"],
      reporter: ["text-summary", "html"],
      reportsDirectory: "coverage",
      thresholds: {
        "src/core/**": { lines: 100, branches: 100 },
        "src/http/**": { lines: 100, branches: 100 },
        "src/graphql/**": { lines: 100, branches: 100 },
        "src/management/**": { lines: 100, branches: 100 },
      },
    },
  },
});
