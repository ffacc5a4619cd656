/** graphql-shield: a rule for every root field, and one for every field of an asset. */
import { execute } from "graphql";
import { applyMiddleware } from "graphql-middleware";
import { rule, shield } from "graphql-shield";
import { createSchema } from "../operations.ts";
import { key, measurePeer } from "../peer.ts";
import { maySee, POLICY } from "./policy.ts";

const rulesOf = (rules) =>
  Object.fromEntries(
    Object.entries(rules).map(([name, allows]) => [
      name,
      rule(name)((_parent, args, context) => allows(args, context.key)),
    ]),
  );

await measurePeer({
  id: "shield",
  what: "graphql-shield",
  seesResults: true,
  create(assets, results) {
    const open = createSchema("unmarked", assets);
    const rules = { Query: rulesOf(POLICY.Query), Mutation: rulesOf(POLICY.Mutation) };
    if (results)
      rules.Asset = rule("assetInReach")((asset, _args, context) => maySee(asset, context.key));
    const schema = applyMiddleware(createSchema("unmarked", assets), shield(rules));
    return {
      bare: async (operation) => execute({ schema: open, ...operation, contextValue: { key } }),
      guarded: async (operation) => execute({ schema, ...operation, contextValue: { key } }),
    };
  },
});
