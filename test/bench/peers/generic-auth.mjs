/** Envelop's generic-auth: one function that judges every field of the document before execution. */
import {
  execute,
  getArgumentValues,
  getOperationAST,
  getVariableValues,
  parse,
  subscribe,
  validate,
} from "graphql";
import { envelop, useEngine, useSchema } from "@envelop/core";
import { createUnauthenticatedError, useGenericAuth } from "@envelop/generic-auth";
import { createSchema } from "../operations.ts";
import { key, measurePeer } from "../peer.ts";
import { POLICY } from "./policy.ts";

function validateUser({ user, fieldNode, parentType, field, executionArgs }) {
  const allows = POLICY[parentType.name]?.[field.name];
  if (allows === undefined) return undefined;
  const { schema, document, operationName, variableValues } = executionArgs;
  const operation = getOperationAST(document, operationName);
  const { coerced } = getVariableValues(schema, operation.variableDefinitions, variableValues);
  const args = getArgumentValues(field, fieldNode, coerced);
  return allows(args, user) ? undefined : createUnauthenticatedError({ fieldNode });
}

function hostOf(schema, plugins) {
  const getEnveloped = envelop({
    plugins: [useEngine({ parse, validate, execute, subscribe }), useSchema(schema), ...plugins],
  });
  return async (operation) => {
    const enveloped = getEnveloped({ key });
    const contextValue = await enveloped.contextFactory();
    return enveloped.execute({ schema: enveloped.schema, ...operation, contextValue });
  };
}

await measurePeer({
  id: "generic-auth",
  what: "generic-auth (envelop)",
  seesResults: false,
  create(assets) {
    const schema = createSchema("unmarked", assets);
    const auth = useGenericAuth({
      mode: "protect-granular",
      resolveUserFn: (context) => context.key,
      validateUser,
    });
    return { bare: hostOf(schema, []), guarded: hostOf(schema, [auth]) };
  },
});
