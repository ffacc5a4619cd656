/** A guard written by hand at the top of every resolver. */
import { execute, GraphQLError, type GraphQLObjectType } from "graphql";
import { createSchema, type Asset } from "../operations.js";
import { key, measurePeer } from "../peer.js";
import { maySee, POLICY } from "./policy.js";

type Context = { readonly key: typeof key };

await measurePeer({
  id: "by-hand",
  what: "a guard in each resolver",
  seesResults: true,
  create(assets, results) {
    const open = createSchema("unmarked", assets);
    const schema = createSchema("unmarked", assets);
    for (const [typeName, rules] of Object.entries(POLICY)) {
      const fields = (schema.getType(typeName) as GraphQLObjectType).getFields();
      for (const [name, allows] of Object.entries(rules)) {
        const resolve = fields[name]!.resolve!;
        fields[name]!.resolve = (source, args, context: Context, info) => {
          if (!allows(args, context.key)) throw new GraphQLError("Unauthorized");
          return resolve(source, args, context, info);
        };
      }
    }
    if (results) {
      const { assets: list } = schema.getQueryType()!.getFields();
      const resolve = list!.resolve!;
      list!.resolve = (source, args, context: Context, info) =>
        (resolve(source, args, context, info) as Asset[]).filter((asset) =>
          maySee(asset, context.key),
        );
    }
    return {
      bare: (operation) => execute({ schema: open, ...operation, contextValue: { key } }),
      guarded: (operation) => execute({ schema, ...operation, contextValue: { key } }),
    };
  },
});
