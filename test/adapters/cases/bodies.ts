/** Bodies that are large, slow, cut off or never come, and what the connection is good for afterwards. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { Agent } from "node:https";
import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import {
  assertData,
  assertRefused,
  headOf,
  receive,
  unknownKey,
  type AdapterCase,
  type Answer,
  type Subject,
} from "../subject.js";
import { ASSETS, BARCELONA, RENAME, VIEWER } from "./documents.js";

const FIFTY_MB = 50_000_000;

const LARGE: readonly (readonly string[])[] = [
  ["content-type: multipart/form-data; boundary=b", `content-length: ${FIFTY_MB}`],
  ["content-type: Multipart/Form-Data; boundary=b", "content-length: 200"],
  ["content-type: multipart/form-data; boundary=b", "transfer-encoding: chunked"],
  ["content-type: application/json", `content-length: ${FIFTY_MB}`],
  ["content-type: application/json", "content-length: 65537"],
  ["content-type: application/json", "transfer-encoding: chunked"],
  ["content-type: text/plain", "transfer-encoding: chunked"],
];

/** What the answer is when nothing but the head of a request is sent. */
async function answerToHead(subject: Subject, lines: readonly string[]): Promise<Answer> {
  const socket = await subject.connect();
  socket.write(headOf(lines));
  try {
    return await receive(socket);
  } finally {
    socket.destroy();
  }
}

/** Sends a request of which half arrives, then something happens, then the rest. */
async function interrupted(
  subject: Subject,
  request: { readonly lines: readonly string[]; readonly body: string },
  happens: (socket: Socket) => unknown,
): Promise<Answer> {
  const { lines, body } = request;
  const socket = await subject.connect();
  const half = Math.floor(body.length / 2);
  socket.write(headOf(lines) + body.slice(0, half));
  await sleep(30);
  await happens(socket);
  socket.write(body.slice(half));
  try {
    return await receive(socket);
  } finally {
    socket.destroy();
  }
}

/** A request whose body is of a kind. */
function requestOf(kind: "small" | "large" | "chunked" | "multipart", key: string) {
  const authorization = `authorization: Bearer ${key}`;
  const padding = kind === "large" ? " ".repeat(70_000) : "";
  const json = JSON.stringify({ query: RENAME + padding, variables: { library: "barcelona" } });
  if (kind === "chunked") {
    const body = `${json.length.toString(16)}\r\n${json}\r\n0\r\n\r\n`;
    return {
      lines: [authorization, "content-type: application/json", "transfer-encoding: chunked"],
      body,
    };
  }
  if (kind === "multipart") {
    const part = (name: string, value: string) =>
      `--b\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
    const body = `${part("operations", json)}${part("map", "{}")}--b--\r\n`;
    const type = "content-type: multipart/form-data; boundary=b";
    return { lines: [authorization, type, `content-length: ${body.length}`], body };
  }
  const type = "content-type: application/json";
  return { lines: [authorization, type, `content-length: ${json.length}`], body: json };
}

const CHANGES: readonly {
  readonly what: string;
  readonly status: number;
  readonly code: string;
  change(subject: Subject): unknown;
}[] = [
  {
    what: "was deleted",
    status: 401,
    code: "UNAUTHENTICATED",
    change: ({ apiKeys, ref }) => apiKeys.delete(ref),
  },
  {
    what: "was regenerated",
    status: 401,
    code: "UNAUTHENTICATED",
    change: ({ apiKeys, ref }) => apiKeys.regenerate(ref),
  },
  {
    what: "was narrowed",
    status: 403,
    code: "UNAUTHORIZED",
    change: ({ apiKeys, ref }) => apiKeys.setAccess(ref, { barcelona: "read" }),
  },
];

export const bodyCases: readonly AdapterCase[] = [
  {
    id: "BO01",
    name: "MUST answer 401 before a large body is sent, whatever is wrong with the key",
    async run(subject) {
      for (const lines of LARGE) {
        for (const key of [undefined, "pk_0", unknownKey()]) {
          const all = key === undefined ? lines : [...lines, `authorization: Bearer ${key}`];
          const answer = await answerToHead(subject, all);
          assertRefused(answer, 401, "UNAUTHENTICATED");
        }
      }
    },
  },
  {
    id: "BO02",
    name: "MUST answer 400, 403 HTTPS_REQUIRED and 503 before a large body is sent",
    async run(subject) {
      const good = `authorization: Bearer ${subject.key}`;
      const [multipart] = LARGE;
      assertRefused(
        await answerToHead(subject, [...multipart!, good, good]),
        400,
        "UNAUTHENTICATED",
      );

      const socket = await subject.connectPlain();
      socket.write(headOf([...multipart!, good]));
      assertRefused(await receive(socket), 403, "HTTPS_REQUIRED");
      socket.destroy();

      subject.setMood("hangs");
      assertRefused(await answerToHead(subject, [...multipart!, good]), 503, "UNAVAILABLE");
    },
  },
  {
    id: "BO03",
    name: "MUST answer what is wrong with a request before its small body is sent, as far as that takes no store",
    async run(subject) {
      const small = ["content-type: application/json", "content-length: 100"];
      for (const lines of [small, [...small, "authorization: Bearer pk_0"]]) {
        assertRefused(await answerToHead(subject, lines), 401, "UNAUTHENTICATED");
      }
      const socket = await subject.connectPlain();
      socket.write(headOf([...small, `authorization: Bearer ${subject.key}`]));
      assertRefused(await receive(socket), 403, "HTTPS_REQUIRED");
      socket.destroy();
    },
  },
  {
    id: "BO04",
    name: "MUST give every client the answer that sends a large body anyway",
    async run(subject) {
      const body = Buffer.alloc(20_000_000, " ");
      for (const key of [undefined, unknownKey()]) {
        const answer = await subject.send({ body, ...(key !== undefined && { key }) });
        assertRefused(answer, 401, "UNAUTHENTICATED");
      }
    },
  },
  ...(["small", "large", "chunked"] as const).map((kind, i): AdapterCase => ({
    id: `BO1${i}`,
    name: `MUST take a ${kind} body that comes in pieces`,
    async run(subject) {
      const answer = await interrupted(subject, requestOf(kind, subject.key), () => {});
      assertData(answer, { renameAsset: { name: "renamed" } });
    },
  })),
  ...(["small", "large", "chunked", "multipart"] as const).flatMap((kind, i) =>
    CHANGES.map(({ what, status, code, change }, j): AdapterCase => ({
      id: `BO${2 + i}${j}`,
      name: `MUST refuse a ${kind} body whose key ${what} before its end`,
      ...(kind === "multipart" && { needs: ["uploads"] }),
      async run(subject) {
        const request = requestOf(kind, subject.key);
        const answer = await interrupted(subject, request, () => change(subject));
        assertRefused(answer, status, code);
        assert.deepEqual(subject.service.ran, []);
      },
    })),
  ),
  {
    id: "BO60",
    name: "MUST go on serving a connection after it refused a request on it, body sent or not",
    async run(subject) {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      const { key } = subject;
      const variables = { library: "barcelona" };
      const good = { key, query: ASSETS, variables, agent };
      try {
        for (const bad of [
          { query: VIEWER },
          { key: unknownKey(), query: VIEWER },
          { key, query: ASSETS, variables: { library: "porto" } },
          { key: unknownKey(), body: Buffer.alloc(200_000, " ") },
          { key, body: "{" },
        ]) {
          const answer = await subject.send({ ...bad, agent });
          assert.ok(answer.status >= 400);
          assertData(await subject.send(good), BARCELONA);
        }
      } finally {
        agent.destroy();
      }
    },
  },
  {
    id: "BO61",
    name: "MUST authenticate every request of a connection anew",
    async run(subject) {
      const body = JSON.stringify({ query: VIEWER });
      const rest = ["content-type: application/json", `content-length: ${body.length}`];
      const socket = await subject.connect();
      const ask = async (...lines: readonly string[]) => {
        socket.write(headOf([...lines, ...rest]) + body);
        return receive(socket);
      };
      const authorization = `authorization: Bearer ${subject.key}`;
      assert.equal((await ask(authorization)).status, 200);
      assertRefused(await ask(), 401, "UNAUTHENTICATED");
      assert.equal((await ask(authorization)).status, 200);
      await subject.apiKeys.delete(subject.ref);
      assertRefused(await ask(authorization), 401, "UNAUTHENTICATED");
      socket.destroy();
    },
  },
  {
    id: "BO62",
    name: "MUST run nothing of a request that was cut off, and go on",
    async run(subject) {
      const { key } = subject;
      for (const kind of ["small", "large", "chunked"] as const) {
        const { lines, body } = requestOf(kind, key);
        const socket = await subject.connect();
        socket.on("error", () => {});
        socket.write(headOf(lines) + body.slice(0, body.length - 10));
        await sleep(20);
        socket.destroy();
      }
      await sleep(20);
      assert.deepEqual(subject.service.ran, []);
      const variables = { library: "barcelona" };
      assertData(await subject.send({ key, query: ASSETS, variables }), BARCELONA);
    },
  },
  {
    id: "BO63",
    name: "MUST survive a client that goes away while its operation runs",
    async run(subject) {
      const { key, service } = subject;
      const query = `mutation { slowly(organizationId: "monogram-labs", libraryId: "barcelona") }`;
      const body = JSON.stringify({ query });
      const socket = await subject.connect();
      socket.write(
        headOf([
          `authorization: Bearer ${key}`,
          "content-type: application/json",
          `content-length: ${body.length}`,
        ]) + body,
      );
      await service.slowBegan;
      socket.destroy();
      await once(socket, "close");
      service.release();
      const variables = { library: "barcelona" };
      assertData(await subject.send({ key, query: ASSETS, variables }), BARCELONA);
    },
  },
];
