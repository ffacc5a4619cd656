import type { MercuriusContext } from "mercurius";
import type { Caller } from "../core/caller.js";
import { guardInternalsOf, type Guard } from "../graphql/guard.js";
import { answerToCode } from "../http/answer.js";
import { failure } from "./mercurius-errors.js";
import type { Requests } from "./mercurius-requests.js";
import type { MercuriusInstance } from "./mercurius-types.js";

type Operation = Parameters<MercuriusInstance["graphql"]>;

/** Guards every operation of a Mercurius, and its schema against replacement. */
export function guardOperations(
  app: MercuriusInstance,
  guard: Guard,
  { callerOf }: Requests,
): void {
  const { check } = guardInternalsOf(guard);
  const names = new WeakMap<object, string | undefined>();
  const callers = new WeakMap<object, Caller>();
  const admit = async (context: MercuriusContext): Promise<Caller> => {
    const caller = callers.get(context) ?? (await callerOf(context));
    callers.set(context, caller);
    Object.assign(context, { caller });
    return caller;
  };

  app.graphql.addHook("preParsing", async (_schema, _source, context) => {
    await admit(context);
  });
  // The last of all: what it checks is what runs.
  app.addHook("onReady", async () => {
    app.graphql.addHook("preExecution", async (schema, document, context, variables) => {
      if (schema !== guard.schema) throw new TypeError("Mercurius has lost guard.schema.");
      const caller = await admit(context); // documents that are no text were not announced
      const operationName = names.get(context);
      const operation = { document, operationName, variableValues: variables, caller, context };
      const verdict = await check(operation);
      if (verdict.ok) return;
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
}
