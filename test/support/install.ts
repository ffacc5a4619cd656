/** Folders with a package.json of their own: what few need is installed when somebody does. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";

/**
 * Installs what package-lock.json of a folder says, unless it is there already.
 *
 * @param folder - with a slash at the end.
 * @param why - who wants it, for people who wait.
 * @returns Whether all is there; if not, `say` was told why.
 */
export async function installFolder(
  folder: string,
  why: string,
  say: (line: string) => void,
): Promise<boolean> {
  if (isInstalled(folder)) return true;
  say(`Installing ${why} (npm ci), once.`);
  try {
    await promisify(execFile)(
      "npm",
      ["ci", "--prefix", folder, "--no-audit", "--no-fund", "--fetch-retries=1"],
      {
        cwd: folder,
        timeout: 120_000,
      },
    );
  } catch (error) {
    const { stderr = String(error) } = error as { stderr?: string };
    say(`It could not be installed:\n${stderr.trim()}`);
  }
  return isInstalled(folder);
}

/** Whether every dependency is there in the version that is asked for. */
function isInstalled(folder: string): boolean {
  const { dependencies = {} } = manifestOf(folder) ?? {};
  return Object.entries(dependencies).every(
    ([name, version]) => manifestOf(`${folder}node_modules/${name}/`)?.version === version,
  );
}

interface Manifest {
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

function manifestOf(folder: string): Manifest | null {
  try {
    return JSON.parse(readFileSync(`${folder}package.json`, "utf8")) as Manifest;
  } catch {
    return null;
  }
}
