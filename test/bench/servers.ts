/** Whole requests over HTTPS, keep-alive, from this process to a server with the package and one without: the server's CPU time. */
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { Agent, request } from "node:https";
import { fileURLToPath } from "node:url";
import { text } from "node:stream/consumers";
import { print } from "graphql";
import { comparisonOf, type Pair } from "./measure.js";
import { OPERATIONS } from "./operations.js";
import { answer, type Row } from "./rows.js";

const LAUNCHES = 3; // two processes of the same server differ by some percent
const PAIRS = 7; // of each launch
const REQUESTS = 300;
const WARM_UP = 10; // samples of each, until the code of both is compiled
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

/** Samples of one launch: CPU time of the server without and with the package, right after each other. */
async function pairsOf(id: string, bare: Server, guarded: Server): Promise<readonly Pair[]> {
  const { document, variableValues } = operationOf(id);
  const body = JSON.stringify({ query: print(document), variables: variableValues });
  for (let i = 0; i < WARM_UP; i++) for (const server of [bare, guarded]) await cost(server, body);
  const pairs: Pair[] = [];
  for (let pair = 0; pair < PAIRS; pair++) {
    let floor = pair % 2 === 0 ? await cost(bare, body) : 0;
    const measured = await cost(guarded, body);
    floor ||= await cost(bare, body);
    pairs.push({ floorNs: floor * 1000, ns: measured * 1000 });
  }
  return pairs;
}

function operationOf(id: string): (typeof OPERATIONS)[number] {
  return OPERATIONS.find((each) => each.id === id)!;
}

// A process that sleeps is woken by who writes to it, on the writer's time: the faster server would look faster still.
let isOver = false;
const stayAwake = (): void => void (isOver || setImmediate(stayAwake));
stayAwake();

const pairs = new Map(Object.keys(AIMS).map((id) => [id, [] as Pair[]]));
for (let launch = 0; launch < LAUNCHES; launch++) {
  const servers = [await start("bare"), await start("guarded")] as const;
  for (const [id, all] of pairs) all.push(...(await pairsOf(id, ...servers)));
  for (const { child, agent } of servers) {
    child.disconnect();
    agent.destroy();
  }
}
isOver = true;
answer(
  Object.entries(AIMS).map(([id, aim]): Row => {
    const { ratio, ns, floorNs } = comparisonOf(pairs.get(id)!);
    const what = `${name}, ${operationOf(id).what}, CPU of the server`;
    const figures = { ...ratio, aim, floor: floorNs, measured: ns };
    return { id: `servers.${name}.${id}`, what, unit: "×", ...figures };
  }),
);
