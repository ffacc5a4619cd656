import { GraphQLError, parse } from "graphql";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import {
  createServerOptions,
  type GraphQLWsOptions,
  type GraphQLWsSocket,
  type Prepare,
} from "../../src/adapters/graphql-ws.js";
import { createCaller, everyLibrary } from "../../src/index.js";
import { keysIn } from "../support/canary.js";
import { casesFor } from "./cases.js";
import { ASSETS, VIEWER } from "./cases/documents.js";
import { enter } from "./cases/sockets.js";
import { createGuardedSockets, graphqlWsServer, type Sockets } from "./graphql-ws-server.js";
import { misspell, runCase, withSubject, type Subject } from "./subject.js";
import { openSocket, type Message } from "./web-socket.js";

const closed = (code: number): Message => ({ type: "closed", code });
const bearer = (key: string) => ({ Authorization: `Bearer ${key}` });

interface Serving extends Subject {
  readonly sockets: Sockets;
}

/** A server of graphql-ws on real sockets. */
function withServer(
  use: (subject: Serving) => Promise<void>,
  options: Partial<GraphQLWsOptions> = {},
): Promise<void> {
  const sockets: Sockets = [];
  return withSubject(
    (parts) => createGuardedSockets(parts, options, sockets),
    (subject) => use({ ...subject, sockets }),
  );
}

// It answers nothing over HTTP.
const cases = casesFor(graphqlWsServer.capabilities).filter(({ needs }) => needs);

describe("graphql-ws", () => {
  it.each(cases)("$id: $name", (test) => runCase(graphqlWsServer, test));
});

describe("scenario 76: a socket", () => {
  it.each<[string, (subject: Subject) => Parameters<typeof openSocket>[1]]>([
    ["let in by its first message", ({ key }) => ({ params: bearer(key) })],
    ["let in by its upgrade", ({ key }) => ({ headers: bearer(key) })],
    ["turned away", ({ key }) => ({ params: bearer(misspell(key)), headers: bearer(key) })],
  ])("that was %s keeps no key", (_, opening) =>
    withServer(async (subject) => {
      const client = await openSocket(subject, opening(subject));
      await client.next();
      expect(subject.sockets).toHaveLength(1);
      expect(keysIn(subject.sockets)).toEqual([]);
      await client.close();
    }),
  );
});

describe("scenario 77: operations on an open socket", () => {
  it("obey the host's own rules of documents", () =>
    withServer(
      async (subject) => {
        const client = await enter(subject);
        expect(await client.run(VIEWER)).toMatchObject([{ type: "error" }]);
        await client.close();
      },
      {
        validationRules: [
          (context) => ({
            Field(node) {
              context.reportError(new GraphQLError("No fields.", { nodes: [node] }));
            },
          }),
        ],
      },
    ));

  it("get a context of their own, with the caller in it", () => {
    const contexts: object[] = [];
    return withServer(
      async (subject) => {
        const client = await enter(subject);
        await client.run(VIEWER);
        await client.run(VIEWER);
        expect(subject.service.callers).toMatchObject([
          { id: subject.ref.id },
          { id: subject.ref.id },
        ]);
        expect(new Set(contexts)).toHaveProperty("size", 2);
        await client.close();
      },
      {
        context() {
          const context = { mine: true };
          contexts.push(context);
          return context;
        },
      },
    );
  });

  it("need a context that is no other caller's", () => {
    const error = vi.spyOn(console, "error").mockImplementation(() => {});
    onTestFinished(() => error.mockRestore());
    const shared = {};
    let release = (): void => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    return withServer(
      async (subject) => {
        const strong = await subject.createKey({ porto: "read" });
        const client = await enter(subject);
        const running = client.run(ASSETS, { library: "porto" });
        const other = await enter(subject, strong.key);
        expect(await other.run(VIEWER)).toEqual([closed(4500)]);
        release();
        const [refused] = await running;
        expect(refused!.payload.errors[0].extensions).toEqual({ code: "UNAUTHORIZED" });
        await client.close();
      },
      {
        context: () => shared,
        async prepare({ payload }) {
          await held;
          return { document: parse(payload.query) };
        },
      },
    );
  });

  it("need a context that is of this adapter", () => {
    return withSubject(
      ({ apiKeys, guard }) => {
        const { execute } = createServerOptions({ apiKeys, guard });
        expect(() => execute({ contextValue: {} } as never)).toThrow(TypeError);
        return (_req, res) => void res.end();
      },
      async () => {},
    );
  });
});

describe("scenario 54: documents that the host prepares", () => {
  const PORTO = `{ assets(organizationId: "monogram-labs", libraryId: "porto") { id } }`;
  const known = new Map([
    ["viewer", VIEWER],
    ["assets", ASSETS],
    ["porto", PORTO],
    ["invalid", "{ nothing }"],
  ]);
  const prepare: Prepare = ({ payload: { query, variables } }) => {
    const text = known.get(query);
    if (text === undefined) throw new GraphQLError(`${query} is not persisted.`);
    return { document: parse(text), ...(variables?.["library"] === "swap" && { variables: {} }) };
  };

  it("are run, and what is wrong with them is told without keys", () =>
    withServer(
      async (subject) => {
        const client = await enter(subject);
        const [viewer] = await client.run("viewer");
        expect(viewer!.payload).toEqual({ data: { viewer: `monogram-labs ${subject.ref.id}` } });
        const [allowed] = await client.run("assets", { library: "barcelona" });
        expect(allowed!.payload.data.assets).toHaveLength(2);
        expect(await client.run(subject.key)).toMatchObject([{ type: "error" }]);
        expect(await client.run("viewer")).toHaveLength(2);
        await client.close();
      },
      { prepare },
    ));

  it("are checked, whatever the client sent", () =>
    withServer(
      async (subject) => {
        const client = await enter(subject);
        for (const [query, variables] of [
          ["porto", { library: "barcelona" }],
          ["assets", { library: "porto" }],
        ] as const) {
          const [refused] = await client.run(query, variables);
          expect(refused!.payload.errors[0].extensions).toEqual({ code: "UNAUTHORIZED" });
        }
        const [wrong] = await client.run("assets", { library: "swap" });
        expect(Object.keys(wrong!.payload)).toEqual(["errors"]);
        expect(subject.service.ran).toEqual([]);
        await client.close();
      },
      { prepare },
    ));

  it("may be refused by the host, who gets the caller of now", () => {
    const versions: number[] = [];
    return withServer(
      async (subject) => {
        const client = await enter(subject);
        await client.run("viewer");
        await subject.apiKeys.grant(subject.ref, { libraryId: "porto", level: "read" });
        expect(await client.run("viewer")).toEqual([
          { id: "2", type: "error", payload: [{ message: "Not today." }] },
        ]);
        expect(versions).toEqual([1, 2]);
        expect(subject.service.ran).toEqual([]);
        await client.close();
      },
      {
        prepare({ caller, context, id, socket }) {
          expect(context).toMatchObject({ caller });
          expect([socket.acknowledged, id]).toEqual([true, `${versions.length + 1}`]);
          versions.push(caller.version);
          return [new GraphQLError("Not today.")];
        },
      },
    );
  });

  it("close the socket when they cannot be had, and the reason has no key", () => {
    const error = vi.spyOn(console, "error").mockImplementation(() => {});
    onTestFinished(() => error.mockRestore());
    return withServer(
      async (subject) => {
        const client = await enter(subject);
        expect(await client.run(subject.key)).toEqual([closed(4500)]);
        expect(keysIn(error.mock.calls)).toEqual([]);
      },
      {
        prepare: ({ payload }) => {
          throw new Error(`no cache for ${payload.query}`);
        },
      },
    );
  });
});

describe("scenario 105: sockets without an API key", () => {
  const user = createCaller({
    id: "user-7",
    version: 1,
    organizationId: "monogram-labs",
    access: everyLibrary("read"),
  });

  it("are the host's to know, for each operation anew", () => {
    const asked: GraphQLWsSocket[] = [];
    return withServer(
      async (subject) => {
        const client = await openSocket(subject);
        await client.next();
        const [allowed] = await client.run(VIEWER);
        expect(allowed!.payload.data).toEqual({ viewer: "monogram-labs user-7" });
        await client.run(VIEWER);
        expect(await client.run(VIEWER)).toEqual([closed(4401)]);
        expect(asked).toHaveLength(4);
        expect(new Set(asked)).toHaveProperty("size", 1);
      },
      { otherCallers: (socket) => (asked.push(socket) < 4 ? user : null) },
    );
  });

  it("are not asked about when they have a key, or a page of another site", () => {
    let asked = 0;
    return withServer(
      async (subject) => {
        for (const opening of [
          { params: bearer(misspell(subject.key)) },
          { headers: { origin: "https://evil.example" } },
        ]) {
          const client = await openSocket(subject, opening);
          expect(await client.next()).toEqual(closed(4401));
        }
        expect(asked).toBe(0);
      },
      { otherCallers: () => (asked++, user) },
    );
  });
});
