import { defineConfig } from "vitest/config";
import { unit } from "../vitest.config.js";

/** Tests on servers that npm cannot bring: `npm run test:services`. They fail where a server is absent; none is skipped. */
export default defineConfig({
  ...unit,
  test: { ...unit.test, name: "services", include: ["test/services/**/*.test.ts"], exclude: [] },
});
