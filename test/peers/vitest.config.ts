import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { defineConfig, type UserWorkspaceConfig } from "vitest/config";
import { unit } from "../vitest.config.js";
import { trees, type Tree } from "./trees.js";

const here = fileURLToPath(new URL(".", import.meta.url));

/** Tests find in the folder what is installed there; what that imports is found there by Node. */
function peersOf(folder: string): NonNullable<UserWorkspaceConfig["plugins"]>[number] {
  const from = `${here}${folder}/package.json`;
  const { dependencies } = JSON.parse(readFileSync(from, "utf8")) as { dependencies: object };
  const names = Object.keys(dependencies);
  if (names.includes("graphql-yoga")) names.push("@graphql-tools/executor"); // which it brings
  // As in the other projects, Node's "main" of graphql and not Vite's "module".
  const graphql = () => createRequire(from).resolve("graphql");
  return {
    name: "peers",
    enforce: "pre",
    async resolveId(source, _importer, options) {
      if (!names.some((name) => source === name || source.startsWith(`${name}/`))) return null;
      const found =
        source === "graphql"
          ? { id: graphql() }
          : await this.resolve(source, from, { ...options, skipSelf: true });
      // Else the newest would be tested twice.
      if (!found?.id.startsWith(`${here}${folder}/node_modules/`))
        throw new Error(`${folder} has no ${source}`);
      return found;
    },
  };
}

function projectOf({ folder, include, exclude }: Tree): UserWorkspaceConfig {
  return {
    ...unit,
    plugins: [peersOf(folder)],
    resolve: { alias: unit.resolve.alias.filter(({ find }) => !find.test("graphql")) },
    test: {
      ...unit.test,
      name: folder,
      include: [...include],
      exclude: [...exclude],
      // Modules are loaded once: half of the time would go into that.
      isolate: false,
      // Inlined, so that it finds the peers here as well.
      server: { deps: { inline: [/@as-integrations\//] } },
    },
  };
}

/** The tests of what servers do, on the first versions of each peer that package.json allows: `npm run test:peers`. */
export default defineConfig({
  test: { globalSetup: [`${here}install.ts`], projects: trees.map(projectOf) },
});
