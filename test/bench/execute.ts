/** Whole operations, with and without the guard. */
import { execute, type ExecutionResult } from "graphql";
import { createExecute } from "../../src/adapters/execute.js";
import { createRun } from "../../src/graphql/run.js";
import { compare, type Batch } from "./measure.js";
import {
  apiKeys,
  createGuarded,
  createKeyCaller,
  createSchema,
  OPERATIONS,
  type Kind,
} from "./operations.js";
import { answer, ratioRow, type Row } from "./rows.js";

const caller = await createKeyCaller();
let kept: unknown;

async function rowsOf(kind: Kind): Promise<Row[]> {
  const rows: Row[] = [];
  const plain = createSchema(kind);
  const guard = createGuarded(kind);
  const run = createRun(apiKeys, guard, { heartbeatMs: 10_000 });
  const guarded = createExecute({ apiKeys, guard });
  const { schema } = guard;

  for (const { id, what, document, variableValues } of OPERATIONS) {
    const without: Batch = (times) => {
      for (let i = 0; i < times; i++) {
        const contextValue = { caller };
        kept = ok(execute({ schema: plain, document, variableValues, contextValue }));
      }
      return kept;
    };
    const withGuard: Batch = (times) => {
      for (let i = 0; i < times; i++) {
        const contextValue = { caller };
        kept = ok(run(execute, { schema, document, variableValues, contextValue }, caller));
      }
      return kept;
    };
    rows.push(
      ratioRow(
        `execute.${kind}.${id}`,
        `execute, ${what}, ${kind}`,
        await compare(without, withGuard),
        1.05,
      ),
    );
    const awaited: Batch = async (times) => {
      for (let i = 0; i < times; i++) {
        kept = ok(await execute({ schema: plain, document, variableValues, contextValue: {} }));
      }
    };
    const awaitedWithGuard: Batch = async (times) => {
      for (let i = 0; i < times; i++)
        kept = ok(await guarded({ document, variableValues, caller }));
    };
    rows.push(
      ratioRow(
        `execute.${kind}.${id}.public`,
        "  await createExecute()()",
        await compare(awaited, awaitedWithGuard),
        1.05,
      ),
    );
  }
  return rows;
}

/** A refusal would be fast. */
function ok(result: unknown): unknown {
  const { data, errors } = result as ExecutionResult;
  if (errors !== undefined || !data) throw new Error("the bench's own operation failed");
  return result;
}

answer(await rowsOf(process.argv[2] as Kind));
