/** Smaller samples: what fast-check tries after a failure, until nothing can be left out. */
import type { Asked } from "./generate-document.js";
import type { Document, Request, Selection } from "./operation.js";
import type { Sample } from "./sample.js";
import type { Composite, World } from "./schema.js";

export function* smallerSamples({ world, asked }: Sample): Generator<Sample> {
  if (asked.length > 1) for (const one of asked) yield { world, asked: [one] };
  for (const [i, one] of asked.entries()) {
    for (const smaller of smallerAsked(one)) yield { world, asked: asked.with(i, smaller) };
  }
  for (const smaller of smallerWorlds(world)) yield { world: smaller, asked };
}

function* smallerAsked({ document, requests }: Asked): Generator<Asked> {
  if (requests.length > 1) for (const request of requests) yield { document, requests: [request] };
  for (const smaller of smallerDocuments(document)) yield { document: smaller, requests };
  for (const [i, request] of requests.entries()) {
    for (const smaller of smallerRequests(request))
      yield { document, requests: requests.with(i, smaller) };
  }
}

function* smallerDocuments(document: Document): Generator<Document> {
  const { operations, fragments, variables } = document;
  if (operations.length > 1)
    for (const operation of operations) yield { ...document, operations: [operation] };
  for (const [i, operation] of operations.entries()) {
    for (const selections of smallerSelections(operation.selections)) {
      yield { ...document, operations: operations.with(i, { ...operation, selections }) };
    }
  }
  for (const [name, fragment] of Object.entries(fragments)) {
    yield { ...document, fragments: without(fragments, name) };
    for (const selections of smallerSelections(fragment.selections)) {
      yield { ...document, fragments: { ...fragments, [name]: { ...fragment, selections } } };
    }
  }
  for (const name of Object.keys(variables))
    yield { ...document, variables: without(variables, name) };
}

function* smallerSelections(selections: readonly Selection[]): Generator<readonly Selection[]> {
  for (const [i, selection] of selections.entries()) {
    if (selections.length > 1) yield selections.toSpliced(i, 1);
    if (selection.conditions.length > 0) yield selections.with(i, { ...selection, conditions: [] });
    if (selection.kind === "spread") continue;
    if (selection.kind === "inline" && selection.on === null)
      yield selections.toSpliced(i, 1, ...selection.selections);
    if (selection.kind === "field") {
      for (const name of Object.keys(selection.args))
        yield selections.with(i, { ...selection, args: without(selection.args, name) });
    }
    for (const inner of smallerSelections(selection.selections))
      yield selections.with(i, { ...selection, selections: inner });
  }
}

function* smallerRequests(request: Request): Generator<Request> {
  if (request.unlocked !== null) yield { ...request, unlocked: null };
  for (const name of Object.keys(request.variables))
    yield { ...request, variables: without(request.variables, name) };
  for (const name of Object.keys(request.access))
    yield { ...request, access: without(request.access as never, name) };
}

function* smallerWorlds(world: World): Generator<World> {
  const { types, inputs } = world;
  for (const type of types) yield { ...world, types: withoutType(types, type.name) };
  for (const [i, type] of types.entries()) {
    for (const j of type.fields.keys()) {
      yield { ...world, types: types.with(i, { ...type, fields: type.fields.toSpliced(j, 1) }) };
    }
    for (const [j, field] of type.fields.entries()) {
      if (!Array.isArray(field.answer)) continue;
      for (const k of field.answer.keys()) {
        const smaller = { ...field, answer: field.answer.toSpliced(k, 1) };
        yield { ...world, types: types.with(i, { ...type, fields: type.fields.with(j, smaller) }) };
      }
    }
  }
  for (const i of inputs.keys()) yield { ...world, inputs: inputs.toSpliced(i, 1) };
}

function withoutType(types: readonly Composite[], name: string): readonly Composite[] {
  return types
    .filter((type) => type.name !== name)
    .map((type) => ({
      ...type,
      implements: type.implements.filter((above) => above !== name),
      members: type.members.filter((member) => member !== name),
    }));
}

function without<T>(record: Readonly<Record<string, T>>, name: string): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([other]) => other !== name));
}
