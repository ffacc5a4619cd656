import { getOperationAST, GraphQLError, type DocumentNode, type ExecutionResult } from "graphql";
import type { MercuriusContext } from "mercurius";
import type { Caller } from "../core/caller.js";
import { guardInternalsOf, type Guard } from "../graphql/guard.js";
import { answerToCode } from "../http/answer.js";
import { failure } from "./mercurius-errors.js";
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

/** Thrown where Mercurius would execute what is not for it to execute. */
const STOP = new Error("This operation has its answer already, or goes to `subscribe`.");

/** Guards every operation of a Mercurius, and its schema against replacement. */
export function guardOperations(
  app: MercuriusInstance,
  guard: Guard,
  { callerOf }: Requests,
): RunOnSocket {
  const { check } = guardInternalsOf(guard);
  const names = new WeakMap<object, string | undefined>();
  const callers = new WeakMap<object, Caller>();
  const onSockets = new WeakMap<object, OnSocket>();
  const admit = async (context: MercuriusContext): Promise<Caller> => {
    const caller = callers.get(context) ?? (await callerOf(context));
    callers.set(context, caller);
    Object.assign(context, { caller });
    return caller;
  };

  /** Notes what is about to run, and stops what Mercurius must not run. */
  function note(context: object, document: DocumentNode, variables: Variables | undefined): void {
    const socket = onSockets.get(context);
    if (socket === undefined) return;
    socket.outcome = { document, variables: variables ?? null, result: null, refused: false };
    const type = getOperationAST(document, names.get(context))?.operation;
    if (type === "subscription") throw STOP;
    if (!socket.streamsOnly) return;
    throw failure([new GraphQLError("Only subscriptions are served over WebSocket.")], 400);
  }

  app.graphql.addHook("preParsing", async (_schema, _source, context) => {
    await admit(context);
  });
  // The last of all: what it checks is what runs.
  app.addHook("onReady", async () => {
    app.graphql.addHook("preExecution", async (schema, document, context, variables) => {
      if (schema !== guard.schema) throw new TypeError("Mercurius has lost guard.schema.");
      const caller = await admit(context); // documents that are no text were not announced
      note(context, document, variables);
      const operationName = names.get(context);
      const operation = { document, operationName, variableValues: variables, caller, context };
      const verdict = await check(operation);
      if (verdict.ok) return;
      const socket = onSockets.get(context);
      if (socket) {
        socket.outcome = { ...socket.outcome!, result: { errors: verdict.errors }, refused: true };
        throw STOP;
      }
      const answer = answerToCode(verdict.errors[0]!.extensions["code"]);
      const isBatch = context.operationsCount !== undefined; // whose answers share headers
      if (!isBatch) void context.reply.headers(answer?.headers ?? {});
      throw failure(verdict.errors, answer?.status ?? 400);
    });
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
      names.set(Object.assign(context, given), operationName);
      return Reflect.apply(run, self, [source, context, variables, operationName]) as unknown;
    },
  });

  return async ({ source, context, variables, operationName, caller, streamsOnly }) => {
    const socket: OnSocket = { streamsOnly, outcome: null };
    names.set(context, operationName);
    callers.set(context, caller);
    onSockets.set(context, socket);
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
