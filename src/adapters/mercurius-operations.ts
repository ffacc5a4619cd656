import { getOperationAST, GraphQLError, type DocumentNode, type ExecutionResult } from "graphql";
import type { MercuriusContext } from "mercurius";
import type { Caller } from "../core/caller.js";
import { andThen } from "../core/maybe-promise.js";
import { createTie } from "../core/tie.js";
import type { Cleaner } from "../graphql/clean-error.js";
import { guardInternalsOf, type Guard } from "../graphql/guard.js";
import { answerToCode } from "../http/answer.js";
import { cleanRejection, failure } from "./mercurius-errors.js";
import type { Requests } from "./mercurius-requests.js";
import type { MercuriusInstance, Variables } from "./mercurius-types.js";

type Operation = Parameters<MercuriusInstance["graphql"]>;

/** An operation that came over a socket, with a context of its own. */
export interface SocketOperation {
  readonly source: string;
  readonly context: object;
  readonly variables: Variables | undefined;
  readonly operationName: string | undefined;
  readonly caller: Caller;
  /** Queries and mutations are refused. */
  readonly streamsOnly: boolean;
}

/** What became of it. */
export interface Outcome {
  readonly document: DocumentNode;
  readonly variables: Variables | null;
  /** What was answered; null: it is a subscription, which is valid, and neither checked nor opened yet. */
  readonly result: ExecutionResult | null;
  /** Nothing ran: the errors are as the guard made them. */
  readonly refused: boolean;
}

/** Runs an operation of a socket through all that one over HTTP goes through. Rejects with what is wrong with it. */
export type RunOnSocket = (operation: SocketOperation) => Promise<Outcome>;

/** An operation of a socket on its way. */
interface OnSocket {
  readonly streamsOnly: boolean;
  outcome: Outcome | null;
}

/** What is known of an operation before Mercurius sees it. */
interface Admitted {
  readonly caller: Caller;
  readonly operationName: string | undefined;
  /** Null: it came over HTTP. */
  readonly socket: OnSocket | null;
}

/** Thrown where Mercurius would execute what is not for it to execute. */
const STOP = new Error("This operation has its answer already, or goes to `subscribe`.");

/** Guards every operation of a Mercurius, and its schema against replacement. */
export function guardOperations(
  app: MercuriusInstance,
  guard: Guard,
  { callerOf }: Requests,
  cleaner: Cleaner,
): RunOnSocket {
  const { check } = guardInternalsOf(guard);
  const admitted = createTie<Admitted>();

  /** Stops what Mercurius must not run. */
  function assertOnSocket(socket: OnSocket, document: DocumentNode, operationName?: string): void {
    const type = getOperationAST(document, operationName)?.operation;
    if (type === "subscription") throw STOP;
    if (!socket.streamsOnly) return;
    throw failure([new GraphQLError("Only subscriptions are served over WebSocket.")], 400);
  }

  /** Mercurius looks for GET alone, though Fastify serves HEAD wherever it does; and before the host's hooks. */
  function assertMethod(
    { reply }: MercuriusContext,
    document: DocumentNode,
    operationName?: string,
  ): void {
    const { method } = reply.request;
    if (method !== "GET" && method !== "HEAD") return;
    const { operation = "query" } = getOperationAST(document, operationName) ?? {};
    if (operation === "query") return;
    throw failure([new GraphQLError(`A ${operation} cannot be performed by ${method}.`)], 405);
  }

  function refuse(errors: readonly GraphQLError[], context: MercuriusContext): never {
    const answer = answerToCode(errors[0]!.extensions["code"]);
    const isBatch = context.operationsCount !== undefined; // whose answers share headers
    if (!isBatch) void context.reply.headers(answer?.headers ?? {});
    throw failure(errors, answer?.status ?? 400);
  }

  // The last of all: what it checks is what runs.
  app.addHook("onReady", async () => {
    app.graphql.addHook("preExecution", async (schema, document, context, variables) => {
      if (schema !== guard.schema) throw new TypeError("Mercurius has lost guard.schema.");
      const { caller, operationName, socket } = admitted.get(context)!;
      if (socket) {
        socket.outcome = { document, variables: variables ?? null, result: null, refused: false };
        assertOnSocket(socket, document, operationName);
      } else {
        assertMethod(context, document, operationName);
      }
      const operation = { document, operationName, variableValues: variables, caller, context };
      const verdict = await check(operation);
      if (verdict.ok) return;
      if (!socket) refuse(verdict.errors, context);
      socket.outcome = { ...socket.outcome!, result: { errors: verdict.errors }, refused: true };
      throw STOP;
    });
    const addHook = app.graphql.addHook.bind(app.graphql) as (name: string, hook: never) => void;
    const addOther: typeof addHook = (name, hook) => {
      if (name !== "preExecution") return addHook(name, hook);
      throw new TypeError(
        'Add "preExecution" hooks before the server is ready: the last is the guard\'s.',
      );
    };
    app.graphql.addHook = addOther as typeof app.graphql.addHook;
  });

  const { graphql } = app;
  const late = (): never => {
    throw new TypeError("Transform first, guard last: this schema is guarded.");
  };
  graphql.replaceSchema = graphql.extendSchema = graphql.transformSchema = late;
  graphql.defineResolvers = graphql.defineLoaders = late;
  app.graphql = new Proxy(graphql, {
    apply(run, self, [source, given, variables, operationName]: Operation) {
      // A context of its own for every operation, whatever a host shares among them.
      const context = Object.create(Object.getPrototypeOf(given ?? {}) as object) as object;
      Object.assign(context, given);
      const result = andThen(callerOf(context), (caller) => {
        Object.assign(context, { caller });
        admitted.set(context, { caller, operationName, socket: null });
        return Reflect.apply(run, self, [source, context, variables, operationName]);
      });
      return (result as Promise<ExecutionResult>).then(undefined, (error: unknown) => {
        throw cleanRejection(error, cleaner);
      });
    },
  });

  return async ({ source, context, variables, operationName, caller, streamsOnly }) => {
    const socket: OnSocket = { streamsOnly, outcome: null };
    admitted.set(context, { caller, operationName, socket });
    const args = [source, context, variables, operationName];
    try {
      const result = (await Reflect.apply(graphql, app, args)) as ExecutionResult;
      socket.outcome = { ...socket.outcome!, result };
    } catch (error) {
      if (error !== STOP) throw error;
    }
    return socket.outcome!;
  };
}
