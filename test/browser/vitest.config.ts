import { defineConfig } from "vitest/config";
import { unit } from "../vitest.config.js";

/** Tests in a real Chromium, on the built element: `npm run test:browser`. They fail where there is none; none is skipped. */
export default defineConfig({
  ...unit,
  test: {
    ...unit.test,
    name: "browser",
    include: ["test/browser/**/*.test.ts"],
    exclude: [],
    testTimeout: 90_000,
    hookTimeout: 60_000,
    // One browser at a time: a second one only makes both slow.
    fileParallelism: false,
  },
});
