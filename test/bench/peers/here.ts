/** This package, as `createExecute` offers it. */
import { execute } from "graphql";
import { createExecute } from "../../../src/adapters/execute.js";
import { apiKeys, createGuarded, createKeyCaller, createSchema } from "../operations.js";
import { measurePeer } from "../peer.js";

const caller = await createKeyCaller();

await measurePeer({
  id: "here",
  what: "here",
  seesResults: true,
  create(assets, results) {
    const kind = results ? "marked" : "unmarked";
    const schema = createSchema(kind, assets);
    const guarded = createExecute({ apiKeys, guard: createGuarded(kind, assets) });
    return {
      bare: ({ document, variableValues }) =>
        execute({ schema, document, variableValues, contextValue: { caller } }),
      guarded: ({ document, variableValues }) =>
        guarded({ document, variableValues, caller }) as Promise<object>,
    };
  },
});
