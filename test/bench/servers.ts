/** Whole requests over HTTPS, keep-alive, from this process to a server with the package and one without: the server's CPU time. */
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { Agent, request } from "node:https";
import { fileURLToPath } from "node:url";
import { text } from "node:stream/consumers";
import { print } from "graphql";
import { estimate } from "./measure.js";
import { OPERATIONS } from "./operations.js";
import { answer, type Row } from "./rows.js";

const PAIRS = 15;
const REQUESTS = 300;
const CONNECTIONS = 4;
const AIMS: Readonly<Record<string, number>> = { one: 1.07, list: 1.03 };

interface Server {
  readonly child: ChildProcess;
  readonly port: number;
  readonly key: string;
  readonly agent: Agent;
}

const name = process.argv[2]!;

async function start(kind: "bare" | "guarded"): Promise<Server> {
  const child = fork(fileURLToPath(new URL("serve.mjs", import.meta.url)), [name, kind]);
  const [{ port, key }] = (await once(child, "message")) as [{ port: number; key: string }];
  return { child, port, key, agent: new Agent({ keepAlive: true, maxSockets: CONNECTIONS }) };
}

async function send({ port, key, agent }: Server, body: string): Promise<void> {
  const headers = { "content-type": "application/json", authorization: `Bearer ${key}` };
  const options = { port, host: "127.0.0.1", path: "/graphql", method: "POST", agent, headers };
  const req = request({ ...options, rejectUnauthorized: false }).end(body);
  const [res] = await once(req, "response");
  const answered = await text(res);
  if (res.statusCode !== 200 || answered.includes('"errors"')) throw new Error(answered);
}

/** CPU time of the server, in µs a request. */
async function cost(server: Server, body: string): Promise<number> {
  const before = await cpuOf(server);
  let left = REQUESTS;
  const connection = async () => {
    while (left-- > 0) await send(server, body);
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, connection));
  return ((await cpuOf(server)) - before) / REQUESTS;
}

async function cpuOf({ child }: Server): Promise<number> {
  child.send("cpu");
  const [{ user, system }] = (await once(child, "message")) as [NodeJS.CpuUsage];
  return user + system;
}

const bare = await start("bare");
const guarded = await start("guarded");
const rows: Row[] = [];
for (const [id, aim] of Object.entries(AIMS)) {
  const { document, variableValues, what } = OPERATIONS.find((each) => each.id === id)!;
  const body = JSON.stringify({ query: print(document), variables: variableValues });
  for (let i = 0; i < 4; i++) for (const server of [bare, guarded]) await cost(server, body);
  const pairs: { floor: number; measured: number }[] = [];
  for (let pair = 0; pair < PAIRS; pair++) {
    let floor = pair % 2 === 0 ? await cost(bare, body) : 0;
    const measured = await cost(guarded, body);
    floor ||= await cost(bare, body);
    pairs.push({ floor, measured });
  }
  const ns = (values: readonly number[]) => estimate(values).median * 1000;
  rows.push({
    id: `servers.${name}.${id}`,
    what: `${name}, ${what}, CPU of the server`,
    unit: "×",
    ...estimate(pairs.map(({ floor, measured }) => measured / floor)),
    aim,
    floor: ns(pairs.map(({ floor }) => floor)),
    measured: ns(pairs.map(({ measured }) => measured)),
  });
}
bare.child.disconnect();
guarded.child.disconnect();
bare.agent.destroy();
guarded.agent.destroy();
answer(rows);
