import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { connect } from "node:tls";
import { promisify } from "node:util";
import { afterEach, describe, expect, it } from "vitest";
import { headOf, send } from "./client.js";
import { fail, killAll, start } from "./process.js";

const run = promisify(execFile);

afterEach(killAll);

describe("main.ts", { timeout: 30_000 }, () => {
  it("prints a key and two requests that do what it says", async () => {
    const { output } = await start({});
    const [paste, plainPaste] = output.match(/^curl [^]*?}'$/gm)!;
    const url = /--url '(https:[^']*)'/.exec(paste!)![1]!;
    const plainUrl = /--url '(http:[^']*)'/.exec(plainPaste!)![1]!;
    const key = /Bearer (pk_[0-9A-Za-z]{32})'/.exec(paste!)![1]!;
    const body = /--data '([^]*)'$/.exec(paste!)![1]!;
    const libraries = [
      { id: "barcelona", name: "Barcelona" },
      { id: "lisbon", name: "Lisbon" },
    ];
    expect(output).toContain(`  ${key}\n`);

    const answer = await send(url, undefined, { key, body, rejectUnauthorized: false });
    expect(answer.body).toEqual({ data: { libraries } });
    const refusal = await send(plainUrl, undefined, { key: "pk_any", body });
    expect([refusal.status, refusal.body!.errors![0]!.extensions!.code]).toEqual([
      403,
      "HTTPS_REQUIRED",
    ]);

    if (!(await hasCurl())) return;
    const { stdout } = await run("bash", ["-c", paste!]);
    expect(JSON.parse(stdout)).toEqual({ data: { libraries } });
    const { stdout: plain } = await run("bash", ["-c", plainPaste!]);
    expect(plain).toMatch(/^HTTP\/1\.1 403 /);
    expect(plain).toContain("HTTPS_REQUIRED");
    expect(plain.toLowerCase()).not.toContain("\nlocation:");
  });

  it.each(["SIGINT", "SIGTERM"] as const)(
    "ends cleanly on %s, also with a client connected",
    async (signal) => {
      const { child, output } = await start({});
      const port = Number(/localhost:(\d+)/.exec(output)![1]);
      const socket = connect({ port, host: "localhost", rejectUnauthorized: false });
      socket.on("error", () => {}); // the server may reset it
      socket.write(headOf({ "content-length": "0" }));
      await once(socket, "data");
      child.kill(signal);
      const [code, killedBy] = await once(child, "exit");
      expect([code, killedBy]).toEqual([0, null]);
      socket.destroy();
    },
  );

  it.each([
    ["PORT", "abc"],
    ["PORT", "70000"],
    ["HTTP_PORT", "-1"],
  ])("says in one line that %s=%s is no port", async (name, value) => {
    const { code, stdout, stderr } = await fail({ [name]: value });
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toBe(`${name} expected a port from 0 to 65535, got "${value}".\n`);
  });

  it.each(["PORT", "HTTP_PORT"])("says in one line that %s is taken", async (name) => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, resolve));
    const { port } = other.address() as AddressInfo;
    const { code, stdout, stderr } = await fail({ [name]: String(port) });
    other.close();
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toBe(
      `Cannot listen on port ${port}: it is taken. Set ${name} to another one.\n`,
    );
  });
});

async function hasCurl(): Promise<boolean> {
  return run("curl", ["--version"]).then(
    () => true,
    () => false,
  );
}
