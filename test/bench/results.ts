/** A list of 100 objects, each of which is judged on its way out, against the same answer from a resolver that nobody guards. */
import { execute, type ExecutionResult } from "graphql";
import { createRun } from "../../src/graphql/run.js";
import { compare, type Batch } from "./measure.js";
import {
  apiKeys,
  createAssets,
  createGuarded,
  createKeyCaller,
  createSchema,
  LIST,
  type Asset,
} from "./operations.js";
import { answer, ratioRow, type Row } from "./rows.js";

const caller = await createKeyCaller();
const { document, variableValues } = LIST;
let kept: unknown;

/** `assets`: what the resolver answers; `reachable`: what leaves of it. */
async function rowsOf(
  id: string,
  what: string,
  assets: readonly Asset[],
  reachable: readonly Asset[],
): Promise<readonly Row[]> {
  const guard = createGuarded("marked", assets);
  const run = createRun(apiKeys, guard, { heartbeatMs: 10_000 });
  const plain = createSchema("marked", reachable);
  const byHand = createSchema("marked", assets);
  byHand.getQueryType()!.getFields().assets!.resolve = (_source, _args, context) =>
    assets.filter((asset) => context.caller.can("read", asset));

  const executing =
    (schema: typeof plain): Batch =>
    (times) => {
      for (let i = 0; i < times; i++) {
        const contextValue = { caller };
        kept = ok(execute({ schema, document, variableValues, contextValue }), reachable);
      }
      return kept;
    };
  const guarded: Batch = (times) => {
    for (let i = 0; i < times; i++) {
      const contextValue = { caller };
      const { schema } = guard;
      kept = ok(
        run(execute, { schema, document, variableValues, contextValue }, caller),
        reachable,
      );
    }
    return kept;
  };
  return [
    ratioRow(`results.${id}`, what, await compare(executing(plain), guarded), 1.05),
    ratioRow(
      `results.${id}.by-hand`,
      "  to a resolver that asks caller.can()",
      await compare(executing(byHand), guarded),
      null,
    ),
  ];
}

/** Whatever else it answers would be fast or slow for another reason. */
function ok(result: unknown, { length }: readonly Asset[]): unknown {
  const { data, errors } = result as ExecutionResult<{ assets: readonly unknown[] }>;
  if (errors !== undefined || data?.assets.length !== length) {
    throw new Error("the bench's own list is not what it should be");
  }
  return result;
}

const all = createAssets();
const half = createAssets("berlin");
answer([
  ...(await rowsOf("all", "100 objects, all within reach", all, all)),
  ...(await rowsOf(
    "half",
    "100 objects, half of them out of reach",
    half,
    half.filter(({ libraryId }) => libraryId !== "berlin"),
  )),
]);
