import { defineConfig, type Plugin } from "vitest/config";
import base, { unit } from "./vitest.config.js";

/**
 * What stands up to a mutant of src/core and src/graphql: their own tests on graphql 16, a few seconds a run. The score
 * is a lower bound, for it leaves out
 * - graphql 17, the adapters and the built package, which run the same rules again, over sockets some of them;
 * - the property test and the proofs of `graphql/testing`: thousands of operations a mutant, and what they come upon
 *   by chance has to be a row of a table as well;
 * - the list of scenarios, which reads tests and no code.
 */
const LEFT_OUT = [
  "test/graphql/property.test.ts",
  "test/graphql/testing*.test.ts",
  "test/graphql/scenarios.test.ts",
];

/** Stryker names the tests to run in one pattern, and V8 compiles none of some thousand names. Files are chosen besides. */
const MAX_PATTERN_LENGTH = 20_000;

const shortPatterns: Plugin = {
  name: "short-patterns",
  configureVitest({ project }) {
    let pattern: RegExp | undefined;
    Object.defineProperty(project.config, "testNamePattern", {
      get: () => pattern,
      set(given: RegExp | undefined) {
        pattern = (given?.source.length ?? 0) > MAX_PATTERN_LENGTH ? undefined : given;
      },
    });
  },
};

export default defineConfig({
  ...base,
  test: {
    projects: [
      {
        ...unit,
        plugins: [shortPatterns],
        test: {
          ...unit.test,
          include: ["test/{core,graphql}/**/*.test.ts"],
          exclude: LEFT_OUT,
          // One worker a mutant, not one a file: most of the time would go into importing graphql again.
          isolate: false,
          testTimeout: 5_000,
        },
      },
    ],
  },
});
