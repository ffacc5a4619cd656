import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { TestProject } from "vitest/node";
import { manifest, root } from "./manifest.js";

declare module "vitest" {
  export interface ProvidedContext {
    /** A project folder outside the repository that has the packed package installed. */
    consumer: string;
  }
}

/**
 * Packs dist/ and installs the tarball into an empty project, once for all tests of this folder: what they see is what
 * `files`, `exports` and the declared dependencies give a user, not what the repository happens to hold.
 */
export default function install(project: TestProject): () => void {
  if (!existsSync(join(root, "dist/index.js"))) {
    throw new Error("dist/ is missing: run `npm run build` before the tests of the built package.");
  }
  const consumer = mkdtempSync(join(tmpdir(), "graphql-api-keys-"));
  const remove = () => rmSync(consumer, { recursive: true, force: true });
  try {
    const installed = join(consumer, "node_modules", manifest.name);
    mkdirSync(installed, { recursive: true });
    execFileSync("npm", ["pack", "--ignore-scripts", "--pack-destination", consumer], {
      cwd: root,
      stdio: "ignore",
    });
    const tarball = join(consumer, `${manifest.name}-${manifest.version}.tgz`);
    execFileSync("tar", ["-xzf", tarball, "-C", installed, "--strip-components=1"]);
    for (const name of Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })) {
      const link = join(consumer, "node_modules", name);
      mkdirSync(dirname(link), { recursive: true });
      symlinkSync(join(root, "node_modules", name), link, "dir");
    }
  } catch (error) {
    remove();
    throw error;
  }
  project.provide("consumer", consumer);
  return remove;
}
