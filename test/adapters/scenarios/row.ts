/** What a row of the scenarios says: what is asked of which schema with which key, and what becomes of it. */
import type { ExecutionArgs, GraphQLSchema, ParseOptions } from "graphql";
import type { AccessTable, ApiKeys, IssuedKey } from "../../../src/index.js";
import type { GuardOptions } from "../../../src/graphql/index.js";
import type { Answer, Sent } from "../subject.js";
import type { createGuardedYoga } from "../yoga-server.js";

/** The two ways in: `createExecute` and `createSubscribe`, and a Yoga on a TLS socket. */
export type PathName = "execute" | "Yoga";

/** A schema with resolvers, and how it is served. */
export interface Scene {
  readonly sdl: string;
  /** Type → field → resolver; `subscribe` of a field is in `Subscription`. */
  readonly resolvers?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Scalars and values of enums, which SDL cannot say. */
  readonly prepare?: (schema: GraphQLSchema) => void;
  readonly guard?: Omit<GuardOptions, "rules"> & {
    readonly rules?: Readonly<Record<string, unknown>>;
  };
  /** Documents run as they are parsed. */
  readonly unvalidated?: true;
  /** Changes what was checked before it runs, as a plugin or a wrapped executor may. */
  readonly swap?: (args: ExecutionArgs) => Partial<ExecutionArgs>;
  /** Answers `@defer`. */
  readonly defers?: true;
  /** How documents are parsed, which servers may choose. */
  readonly parse?: ParseOptions;
  /** One context object, or server context, for all operations. */
  readonly context?: object;
  readonly yoga?: Parameters<typeof createGuardedYoga>[1];
}

/** A request. */
export interface Asked {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly operationName?: string;
}

/** `runs`: data. `refused`: UNAUTHORIZED, nothing ran. `wrong`: any other error, nothing ran. `stranger`: no valid key. */
export type Verdict = "runs" | "partly" | "refused" | "wrong" | "stranger";

/** What came back. */
export interface Outcome {
  readonly verdict: Verdict;
  readonly data: any;
  /** The codes of errors by their paths. */
  readonly codes: Readonly<Record<string, unknown>>;
  readonly text: string;
}

/** A request with a key of its own, and what must become of it. */
export interface Ask extends Asked {
  /** Default: write on barcelona, read on lisbon. */
  readonly access?: AccessTable;
  /** Instead of a key that is made for it. */
  readonly key?: string;
  /** More than one where executors differ. */
  readonly verdict: readonly Verdict[];
  readonly data?: unknown;
  readonly codes?: Readonly<Record<string, unknown>>;
}

/** What a subscription, or an operation with parts that come later, answers. */
export interface Parts {
  /** The next result, `"end"` after the last. */
  next(): Promise<any>;
  leave(): void;
}

/** A scene on one path. */
export interface Stage {
  readonly path: PathName;
  readonly apiKeys: ApiKeys;
  /** `Type.field arguments` of every resolver of the scene that ran. */
  readonly ran: string[];
  createKey(access?: AccessTable, organizationId?: string): Promise<IssuedKey>;
  ask(key: string, asked: Asked): Promise<Outcome>;
  open(key: string, asked: Asked): Promise<Parts>;
  /** Any HTTP request; Yoga only. */
  readonly send: (sent: Sent) => Promise<Answer>;
  /** Another scene on the same path. */
  beside(scene: Scene, use: (stage: Stage) => Promise<void>): Promise<void>;
}

/** A row: requests, or steps where requests do not say it. */
export interface Row {
  readonly number: number;
  readonly title: string;
  /** Default: the service of the scenarios. */
  readonly scene?: () => Scene;
  /** Default: both. */
  readonly paths?: readonly PathName[];
  readonly asks?: readonly Ask[];
  readonly run?: (stage: Stage) => Promise<void>;
}

type More = Omit<Partial<Ask>, "query" | "verdict" | "data">;

/** Runs, and answers this and nothing else. */
export function runs(query: string, data: unknown, more: More = {}): Ask {
  return { query, verdict: ["runs"], data, ...more };
}

/** Runs, and has errors with these codes at these paths. */
export function partly(
  query: string,
  data: unknown,
  codes: Ask["codes"] & object,
  more: More = {},
): Ask {
  return { query, verdict: ["partly"], data, codes, ...more };
}

/** Is refused before anything runs. */
export function refused(query: string, more: More = {}): Ask {
  return { query, verdict: ["refused"], ...more };
}

/** Is wrong in itself: nothing runs, and nothing of permissions is said. */
export function wrong(query: string, more: More = {}): Ask {
  return { query, verdict: ["wrong"], ...more };
}

/** Runs nothing: whether it is refused, or wrong in itself, depends on the executor. */
export function stopped(query: string, more: More = {}): Ask {
  return { query, verdict: ["refused", "wrong"], ...more };
}
