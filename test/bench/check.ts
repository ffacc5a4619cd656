/** What the two locks add, apart from execution, in µs a root field. */
import type { GraphQLResolveInfo } from "graphql";
import { guardInternalsOf, type Guard } from "../../src/graphql/guard.js";
import { compare, type Batch } from "./measure.js";
import {
  createGuarded,
  createKeyCaller,
  createSchema,
  OPERATIONS,
  type Kind,
} from "./operations.js";
import { addedRow, answer, type Row } from "./rows.js";

const caller = await createKeyCaller();
let kept: unknown;

/** What a host does anyway: a context for every operation. */
const nothing: Batch = (times) => {
  for (let i = 0; i < times; i++) kept = { request: i };
  return kept;
};

async function checkRows(guard: Guard): Promise<Row[]> {
  const rows: Row[] = [];
  const { check } = guardInternalsOf(guard);
  for (const { id, what, fields, document, variableValues } of OPERATIONS) {
    const synchronous: Batch = (times) => {
      for (let i = 0; i < times; i++) {
        const verdict = check({ document, variableValues, caller, context: { request: i } });
        if (!("ok" in verdict && verdict.ok))
          throw new Error("the bench's own operation was refused");
        kept = verdict;
      }
      return kept;
    };
    rows.push(
      addedRow(`check.${id}`, `check, ${what}`, await compare(nothing, synchronous), 0.1, fields),
    );
    const asynchronous: Batch = async (times) => {
      for (let i = 0; i < times; i++) {
        kept = await guard.check({ document, variableValues, caller, context: { request: i } });
      }
    };
    const asyncNothing: Batch = async (times) => {
      for (let i = 0; i < times; i++) kept = await answerLater({ request: i });
    };
    rows.push(
      addedRow(
        `check.${id}.public`,
        "  await guard.check()",
        await compare(asyncNothing, asynchronous),
        null,
        fields,
      ),
    );
  }
  return rows;
}

async function answerLater(context: object): Promise<object> {
  return context;
}

/** Check and resolvers, against resolvers alone; the executor around them is in another suite. */
async function lockRows(guard: Guard, kind: Kind): Promise<Row[]> {
  const rows: Row[] = [];
  const { check } = guardInternalsOf(guard);
  for (const { id, what, fields, document, variableValues } of OPERATIONS) {
    const name = id === "list" ? "assets" : "asset";
    const open = createSchema(kind).getQueryType()!.getFields()[name]!.resolve!;
    const locked = guard.schema.getQueryType()!.getFields()[name]!.resolve!;
    const info = {
      fieldName: name,
      parentType: guard.schema.getQueryType(),
      path: { key: name, prev: undefined, typename: "Query" },
      operation: document.definitions[0],
      variableValues,
    } as unknown as GraphQLResolveInfo;
    // The executor makes an object of arguments for every field, with or without a guard.
    const alone: Batch = (times) => {
      for (let i = 0; i < times; i++) {
        const context = { request: i };
        for (let j = 0; j < fields; j++)
          kept = open(undefined, { ...variableValues }, context, info);
      }
      return kept;
    };
    const both: Batch = (times) => {
      for (let i = 0; i < times; i++) {
        const context = { request: i };
        const verdict = check({ document, variableValues, caller, context });
        if (!("ok" in verdict && verdict.ok)) throw new Error("refused");
        for (let j = 0; j < fields; j++)
          kept = locked(undefined, { ...variableValues }, context, info);
      }
      return kept;
    };
    // 100 objects are judged in the list of marked ones: no figure of a root field.
    const aim = kind === "marked" && id === "list" ? null : 0.3;
    rows.push(
      addedRow(
        `locks.${kind}.${id}`,
        `both locks, ${what}, ${kind}`,
        await compare(alone, both),
        aim,
        fields,
      ),
    );
  }
  return rows;
}

const kind = process.argv[2] as Kind;
const guard = createGuarded(kind);
// The check does not see what a schema says of results: one kind is enough.
const checks = kind === "unmarked" ? await checkRows(guard) : [];
answer([...checks, ...(await lockRows(guard, kind))]);
