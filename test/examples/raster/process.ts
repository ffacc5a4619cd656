/** The example as a process of its own, as `npm run example` starts it. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const children: ChildProcess[] = [];
const folders: string[] = [];

/** Ends what a test has left running, and removes its files. */
export function killAll(): void {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

/** A database file that is not there yet. */
export function newFile(): string {
  const folder = mkdtempSync(join(tmpdir(), "graphql-api-keys-"));
  folders.push(folder);
  return join(folder, "keys.db");
}

/** What it printed to be pasted. */
export function readGreeting(output: string): { readonly url: string; readonly key: string } {
  const url = /--url '(https:[^']*)'/.exec(output)![1]!;
  const key = /Bearer (pk_[0-9A-Za-z]{32})'/.exec(output)![1]!;
  return { url, key };
}

function launch(env: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, ["--import", "tsx", "examples/raster/main.ts"], {
    cwd: ROOT,
    env: { ...process.env, PORT: "0", HTTP_PORT: "0", DATABASE_FILE: newFile(), ...env },
  });
  children.push(child);
  const printed = { child, stdout: "", stderr: "" };
  child.stdout.on("data", (chunk: Buffer) => (printed.stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (printed.stderr += chunk.toString()));
  return printed;
}

/** Starts it and waits for what it prints. */
export async function start(env: Readonly<Record<string, string>>) {
  const printed = launch(env);
  await new Promise<void>((resolve, reject) => {
    printed.child.once("exit", () => reject(new Error(printed.stderr)));
    printed.child.stdout.on("data", () => {
      if ((printed.stdout.match(/}'$/gm) ?? []).length === 2) resolve();
    });
  });
  return { child: printed.child, output: printed.stdout };
}

/** Starts it and waits for its end. */
export async function fail(env: Readonly<Record<string, string>>) {
  const printed = launch(env);
  const [code] = await once(printed.child, "close");
  return { code, stdout: printed.stdout, stderr: printed.stderr };
}
