import { createServer as createHttpServer, type Server } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { createApp } from "./app.js";
import { createCertificate } from "./certificate.js";
import { openStore } from "./store.js";

const GRACE_MS = 5000;

try {
  await start();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}

async function start(): Promise<void> {
  const port = readPort("PORT", 4443);
  const httpPort = readPort("HTTP_PORT", 4080);
  const secure = createHttpsServer(await createCertificate());
  const plain = createHttpServer();
  await listen(secure, port, "PORT");
  await listen(plain, httpPort, "HTTP_PORT");

  const url = `https://localhost:${portOf(secure)}/`;
  const { store, isShared, close } = await openStore(process.env);
  // One process reads its own file; several share a server, and need not ask it for every request.
  const { yoga, apiKeys } = createApp({ url, store, leaseMs: isShared ? 1000 : 0 });
  secure.on("request", yoga);
  plain.on("request", yoga); // refuses everything: its socket is not TLS
  stopOnSignal([secure, plain], async () => {
    await apiKeys.close();
    await close();
  });

  const { key } = await apiKeys.create({
    organizationId: "monogram-labs",
    name: "Printed at start",
    access: { barcelona: "write", lisbon: "read" },
  });
  console.log(greeting(key, url, `http://localhost:${portOf(plain)}/`));
}

/** Port 0 takes any that is free. */
function readPort(name: string, fallback: number): number {
  const value = process.env[name] || String(fallback);
  if (!/^\d{1,5}$/.test(value) || Number(value) > 65535) {
    throw new RangeError(`${name} expected a port from 0 to 65535, got ${JSON.stringify(value)}.`);
  }
  return Number(value);
}

function listen(server: Server, port: number, name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const why = error.code === "EADDRINUSE" ? "it is taken" : error.message;
      reject(new Error(`Cannot listen on port ${port}: ${why}. Set ${name} to another one.`));
    });
    server.listen(port, resolve);
  });
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

function stopOnSignal(servers: readonly Server[], close: () => Promise<void>): void {
  const stop = () => {
    // No new requests; those that run come to an end, and then what is behind them.
    const closed = servers.map((server) => new Promise((resolve) => server.close(resolve)));
    void Promise.all(closed).then(close);
    setTimeout(() => servers.forEach((server) => server.closeAllConnections()), GRACE_MS).unref();
  };
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
}

function greeting(key: string, url: string, plainUrl: string): string {
  return `Listening on ${url}

A key of monogram-labs with Write on barcelona and Read on lisbon:

  ${key}

Try it. --insecure, because nobody vouches for a certificate that was made just now:

${curl(`--insecure --request POST`, key, url)}

The settings page, where people make keys and choose what they reach, with a sign-in for development:

  ${url}settings

Over plain HTTP every key gets the same refusal, so send none that is real:

${curl(`--include --request POST`, "<API_KEY>", plainUrl)}
`;
}

function curl(options: string, key: string, url: string): string {
  const query = `query { libraries(organizationId: \\"monogram-labs\\") { id name } }`;
  return `curl ${options} \\
  --header 'Content-Type: application/json' \\
  --header 'Authorization: Bearer ${key}' \\
  --url '${url}' \\
  --data '{"query": "${query}"}'`;
}
