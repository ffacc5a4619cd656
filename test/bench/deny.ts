/** What a refused operation costs, from the check to the errors that are answered. */
import { getVariableValues, parse, type DocumentNode, type OperationDefinitionNode } from "graphql";
import { guardInternalsOf, type Guard } from "../../src/graphql/guard.js";
import { compare, type Batch } from "./measure.js";
import {
  createGuarded,
  createKeyCaller,
  FIELD_OPERATIONS,
  LAST_FORBIDDEN,
  type FieldOperation,
} from "./operations.js";
import { addedRow, answer, type Row } from "./rows.js";

const caller = await createKeyCaller();
const guard = createGuarded("unmarked");
let kept: unknown;

type Denied = Pick<FieldOperation, "document" | "variableValues">;

/** As many fields as a document of 100 kB has. */
function bigDocument(lastLibraryId: string): DocumentNode {
  const field = (i: number, libraryId: string): string =>
    `a${i}: asset(organizationId: "monogram-labs", libraryId: "${libraryId}", assetId: "asset-${i}") { id name }`;
  const fields = Array.from({ length: 1000 }, (_, i) =>
    field(i, i === 999 ? lastLibraryId : "barcelona"),
  );
  return parse(`{ ${fields.join("\n")} }`);
}

/** Checks an operation again and again, of which so many fields have to be refused. */
function checking(
  { check }: ReturnType<typeof guardInternalsOf>,
  { document, variableValues }: Denied,
  errors: number,
): Batch {
  return (times) => {
    for (let i = 0; i < times; i++) {
      const verdict = check({ document, variableValues, caller, context: { request: i } });
      if (!("ok" in verdict) || (verdict.ok ? 0 : verdict.errors.length) !== errors) {
        throw new Error("the bench's own operation was not judged as it should be");
      }
      kept = verdict;
    }
    return kept;
  };
}

/** What a host does anyway. */
const nothing: Batch = (times) => {
  for (let i = 0; i < times; i++) kept = { request: i };
  return kept;
};

/** What a refusal takes; of an operation that is refused in many fields, each of them. */
async function rowOf(id: string, what: string, denied: Denied, errors = 1): Promise<Row> {
  const batch = checking(guardInternalsOf(guard), denied, errors);
  return addedRow(`deny.${id}`, what, await compare(nothing, batch), 8, errors);
}

/** As servers do that parse every request: to parsing alone. */
async function freshRow(guarded: Guard): Promise<Row> {
  const { document, forbidden } = FIELD_OPERATIONS[0]!;
  const text = document.loc!.source.body;
  const { check } = guardInternalsOf(guarded);
  const parsing: Batch = (times) => {
    for (let i = 0; i < times; i++) kept = parse(text);
    return kept;
  };
  const both: Batch = (times) => {
    for (let i = 0; i < times; i++) {
      const context = { request: i };
      const verdict = check({ document: parse(text), variableValues: forbidden, caller, context });
      if (!("ok" in verdict) || verdict.ok) throw new Error("let through");
      kept = verdict;
    }
    return kept;
  };
  return addedRow(
    "deny.fresh",
    "refused, a document not seen before",
    await compare(parsing, both),
    8,
  );
}

/** What a refusal takes longer than letting 999 of the same 1,000 fields through, and one more. */
async function bigRow(): Promise<Row> {
  const variableValues = {};
  const allowed = { document: bigDocument("barcelona"), variableValues };
  const denied = { document: bigDocument("berlin"), variableValues };
  const internals = guardInternalsOf(guard);
  const result = await compare(checking(internals, allowed, 0), checking(internals, denied, 1));
  return addedRow("deny.big", "refused, 1 of 1,000 root fields, added", result, 8);
}

/** What graphql-js takes to coerce nested input, before which nothing of it can be judged, is no part of refusing it. */
async function inputRow(): Promise<Row> {
  const input = FIELD_OPERATIONS.find(({ id }) => id === "input")!;
  const { document, forbidden: variableValues } = input;
  const { variableDefinitions = [] } = document.definitions[0] as OperationDefinitionNode;
  const coercing: Batch = (times) => {
    for (let i = 0; i < times; i++) {
      kept = getVariableValues(guard.schema, variableDefinitions, variableValues);
    }
    return kept;
  };
  const batch = checking(guardInternalsOf(guard), { document, variableValues }, 1);
  return addedRow(
    "deny.input.added",
    "  to coercing its variables",
    await compare(coercing, batch),
    8,
  );
}

const rows: Row[] = [];
for (const { id, what, document, forbidden: variableValues } of FIELD_OPERATIONS) {
  const isMany = id === "aliases";
  const title = `refused, ${what}${isMany ? ", each" : ""}`;
  rows.push(await rowOf(id, title, { document, variableValues }, isMany ? 20 : 1));
}
rows.push(await inputRow());
rows.push(await rowOf("last", "refused, 1 of 20 root fields", LAST_FORBIDDEN));
rows.push(await bigRow());
rows.push(await freshRow(guard));
answer(rows);
