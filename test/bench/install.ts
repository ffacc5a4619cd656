/** The peers: installed under test/bench when somebody compares with them, for nobody else. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const here = fileURLToPath(new URL(".", import.meta.url));

/**
 * Installs what package-lock.json says, unless it is there already.
 *
 * @returns Whether the peers are there; if not, `say` was told why.
 */
export async function installPeers(say: (line: string) => void): Promise<boolean> {
  if (arePresent()) return true;
  say("Installing the peers to compare with, under test/bench (npm ci), once.");
  try {
    await promisify(execFile)(
      "npm",
      ["ci", "--prefix", here, "--no-audit", "--no-fund", "--fetch-retries=1"],
      {
        cwd: here,
        timeout: 120_000,
      },
    );
  } catch (error) {
    const { stderr = String(error) } = error as { stderr?: string };
    say(`The peers are missing and could not be installed:\n${stderr.trim()}`);
  }
  return arePresent();
}

/** Whether every peer is there in the version that is asked for. */
function arePresent(): boolean {
  const { dependencies } = manifestOf(here) as { dependencies: Record<string, string> };
  return Object.entries(dependencies).every(
    ([name, version]) => manifestOf(`${here}node_modules/${name}/`)?.version === version,
  );
}

function manifestOf(directory: string): { readonly version?: string } | null {
  try {
    return JSON.parse(readFileSync(`${directory}package.json`, "utf8")) as { version?: string };
  } catch {
    return null;
  }
}
