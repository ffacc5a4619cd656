/** graphql-authz: a rule before execution for every root field, and one after it for every asset. */
import { execute } from "graphql";
import { postExecRule, preExecRule, wrapExecuteFn } from "@graphql-authz/core";
import { createSchema } from "../operations.ts";
import { key, measurePeer } from "../peer.ts";
import { maySee, POLICY } from "./policy.ts";

await measurePeer({
  id: "authz",
  what: "graphql-authz",
  seesResults: true,
  create(assets, results) {
    const schema = createSchema("unmarked", assets);
    const rules = {};
    const authSchema = {};
    for (const [typeName, fields] of Object.entries(POLICY)) {
      authSchema[typeName] = {};
      for (const [name, allows] of Object.entries(fields)) {
        rules[name] = preExecRule()((context, args) => allows(args, context.key));
        authSchema[typeName][name] = { __authz: { rules: [name] } };
      }
    }
    if (results) {
      rules.seen = postExecRule({ selectionSet: "{ organizationId libraryId }" })(
        (context, _args, asset) => maySee(asset, context.key),
      );
      authSchema.Asset = { __authz: { rules: ["seen"] } };
    }
    const guarded = wrapExecuteFn(execute, { rules, authSchema });
    return {
      bare: (operation) => execute({ schema, ...operation, contextValue: { key } }),
      guarded: (operation) => guarded({ schema, ...operation, contextValue: { key } }),
    };
  },
});
