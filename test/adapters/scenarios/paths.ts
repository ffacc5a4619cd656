/** The two ways in that every row takes. */
import { Agent } from "node:https";
import { execute as toolsExecute } from "@graphql-tools/executor";
import { useDeferStream } from "@graphql-yoga/plugin-defer-stream";
import {
  execute as graphqlExecute,
  parse,
  type DocumentNode,
  type ExecutionArgs,
  type ParseOptions,
} from "graphql";
import type { Plugin } from "graphql-yoga";
import { createExecute, createSubscribe } from "../../../src/adapters/execute.js";
import { createApiKeys, type AccessTable } from "../../../src/index.js";
import { createMemoryStore } from "../../../src/stores/memory.js";
import { openEvents } from "../event-stream.js";
import { withSubject } from "../subject.js";
import { createGuardedYoga } from "../yoga-server.js";
import type { Asked, Outcome, Parts, PathName, Scene, Stage, Verdict } from "./row.js";
import { buildScene } from "./scene.js";

type Open = (scene: Scene, use: (stage: Stage) => Promise<void>) => Promise<void>;

const ACCESS: AccessTable = { barcelona: "write", lisbon: "read" };
const HEARTBEAT_MS = 1000;
/** The type in which statuses say what happened. */
const ACCEPT = { accept: "application/graphql-response+json" };
const STATUS: Readonly<Record<Verdict, number>> = {
  runs: 200,
  partly: 200,
  refused: 403,
  wrong: 400,
  stranger: 401,
};

/** One document for one text, as servers cache them: also between guards. */
const documents = new Map<string, DocumentNode>();

function documentOf(query: string, options: ParseOptions | undefined): DocumentNode {
  const document = documents.get(query) ?? parse(query, options);
  documents.set(query, document);
  return document;
}

/** What a client sees of an answer. */
function outcomeOf(text: string): Outcome {
  const { data, errors = [] } = JSON.parse(text);
  const codes = Object.fromEntries(
    errors.map(({ path, extensions }: any) => [(path ?? []).join("."), extensions?.code]),
  );
  return { verdict: verdictOf(data, errors), data, codes, text };
}

function verdictOf(data: unknown, errors: readonly any[]): Verdict {
  if (data !== undefined) return errors.length === 0 ? "runs" : "partly";
  const areAll = (code: string) => errors.every(({ extensions }) => extensions?.code === code);
  if (areAll("UNAUTHORIZED")) return "refused";
  return areAll("UNAUTHENTICATED") ? "stranger" : "wrong";
}

const openExecute: Open = async (scene, use) => {
  const { guard, ran } = buildScene(scene);
  const apiKeys = createApiKeys({ store: createMemoryStore() });
  const inner = (scene.defers ? toolsExecute : graphqlExecute) as typeof graphqlExecute;
  const execute = createExecute({
    apiKeys,
    guard,
    execute: (args: ExecutionArgs) => inner({ ...args, ...scene.swap?.(args) }) as never,
  });
  const subscribe = createSubscribe({ apiKeys, guard, heartbeatMs: HEARTBEAT_MS });

  async function argsOf(key: string, { query, variables, operationName }: Asked) {
    const who = await apiKeys.authenticate(key);
    return {
      document: documentOf(query, scene.parse),
      ...(scene.context && { contextValue: scene.context }),
      caller: who.ok ? who.caller : null,
      ...(variables && { variableValues: { ...variables } }),
      ...(operationName !== undefined && { operationName }),
    };
  }

  await use({
    path: "execute",
    apiKeys,
    ran,
    createKey: (access = ACCESS, organizationId = "monogram-labs") =>
      apiKeys.create({ organizationId, name: "Test", access }),
    async ask(key, asked) {
      return outcomeOf(JSON.stringify(await execute(await argsOf(key, asked))));
    },
    async open(key, asked) {
      const args = await argsOf(key, asked);
      return partsOf(await (scene.defers ? execute(args) : subscribe(args)));
    },
    send: () => Promise.reject(new Error("createExecute takes no HTTP requests")),
    beside: openExecute,
  });
};

/** Results as they come, whatever an executor calls them. */
function partsOf(result: any): Parts {
  const first: unknown[] = Symbol.asyncIterator in result ? [] : [result.initialResult ?? result];
  const rest = result.subsequentResults ?? (first.length === 0 ? result : undefined);
  const results = rest?.[Symbol.asyncIterator]();
  return {
    async next() {
      if (first.length > 0) return JSON.parse(JSON.stringify(first.shift()));
      const { done, value } = (await results?.next()) ?? { done: true };
      return done ? "end" : JSON.parse(JSON.stringify(value));
    },
    leave: () => void results?.return(),
  };
}

function pluginsOf({ unvalidated, swap, parse: options }: Scene): readonly Plugin<any>[] {
  const trusting: Plugin = { onValidate: ({ setResult }) => setResult([]) };
  const swapping: Plugin = {
    onExecute({ executeFn, setExecuteFn }) {
      setExecuteFn((args: ExecutionArgs) => executeFn({ ...args, ...swap!(args) }));
    },
  };
  const parsing: Plugin = {
    onParse({ params, setParsedDocument }) {
      setParsedDocument(parse(`${params.source as string}`, options));
    },
  };
  const wanted = [unvalidated && trusting, swap && swapping, options && parsing];
  return wanted.filter((plugin) => plugin !== undefined);
}

const openYoga: Open = async (scene, use) => {
  const { guard, ran } = buildScene(scene);
  const { before = [], options = {}, ...yoga } = scene.yoga ?? {};
  const settings = {
    ...yoga,
    ...(scene.context && { context: () => scene.context! }),
    // Before useApiKeys a plugin's executor is the inner one.
    before: [...pluginsOf(scene), ...(scene.defers ? [useDeferStream()] : []), ...before],
    options: { heartbeatMs: HEARTBEAT_MS, ...options },
  };
  const agent = new Agent({ keepAlive: true });
  await withSubject(
    ({ apiKeys }) => createGuardedYoga({ apiKeys, guard }, settings),
    (subject) =>
      use({
        path: "Yoga",
        apiKeys: subject.apiKeys,
        ran,
        createKey: (access = ACCESS, organizationId) => subject.createKey(access, organizationId),
        async ask(key, asked) {
          const { status, text } = await subject.send({ key, ...asked, headers: ACCEPT, agent });
          const outcome = outcomeOf(text);
          if (status !== STATUS[outcome.verdict]) throw new Error(`status ${status} of ${text}`);
          return outcome;
        },
        open: async (key, asked) => eventsOf(await openEvents(subject, { key, ...asked })),
        send: subject.send,
        beside: openYoga,
      }),
  );
};

function eventsOf({ next, leave }: Awaited<ReturnType<typeof openEvents>>): Parts {
  return {
    async next() {
      const event = await next();
      return event === "complete"
        ? "end"
        : typeof event === "string" && event !== "end"
          ? JSON.parse(event)
          : event;
    },
    leave,
  };
}

/** A stage that stays open until it is closed. */
export async function holdOpen(path: PathName, scene: Scene): Promise<Held> {
  let close = (): void => {};
  const closing = new Promise<void>((resolve) => (close = resolve));
  let closed: Promise<void>;
  const stage = await new Promise<Stage>((resolve, reject) => {
    closed = paths[path](scene, (opened) => (resolve(opened), closing));
    closed.catch(reject);
  });
  return { stage, close: () => (close(), closed) };
}

interface Held {
  readonly stage: Stage;
  close(): Promise<void>;
}

export const paths: Readonly<Record<PathName, Open>> = { execute: openExecute, Yoga: openYoga };
