/** Random operations of random callers: what runs is exactly what a plain reading of the rules lets run. */
import fc from "fast-check";
import {
  NoUnusedFragmentsRule,
  NoUnusedVariablesRule,
  parse,
  specifiedRules,
  validate,
} from "graphql";
import { describe, expect, it } from "vitest";
import { callerOf, executeWith, fixtureOf, type Call } from "./fixtures.js";
import { generateCase, type Case } from "./property/generate.js";
import { mayRun, visibleAssets } from "./property/oracle.js";
import { printOperation } from "./property/print.js";
import { ASSETS, SDL, TYPES } from "./property/world.js";

const runs = Number(process.env["PROPERTY_RUNS"] ?? 400);
// Choices of fc.gen() do not shrink in useful time: the seed tells more.
const parameters = { numRuns: runs, endOnFailure: true };

const asList = [
  () => ASSETS,
  async () => ASSETS,
  () => ASSETS.map(async (asset) => asset),
  () => new Set(ASSETS),
  function* () {
    yield* ASSETS;
  },
];
let turn = 0;
const assets = () => asList[turn++ % asList.length]!();
const asset = () => ASSETS[turn++ % ASSETS.length];

const received: Call[] = [];
const searched = (_source: unknown, args: Record<string, unknown>) => {
  received.push({ field: "Query.search", args });
  return assets();
};

const { guard, calls, send } = fixtureOf(SDL, {
  resolvers: {
    Query: { assets, asset, search: searched },
    Hall: { assets },
    Payload: { asset },
  },
});

const rules = specifiedRules.filter(
  (rule) => rule !== NoUnusedFragmentsRule && rule !== NoUnusedVariablesRule,
);

/** All that resolvers received. */
const all = (): readonly Call[] => [...calls, ...received];

/** Every text within a value. */
function textsIn(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [String(value)];
  return Object.values(value).flatMap(textsIn);
}

function expectOnlyReachable({ organizationId, access }: Case): void {
  for (const { field, args } of all()) {
    for (const [name, value] of Object.entries(args)) {
      for (const id of textsIn(value)) {
        if (name === "o") expect([field, id]).toEqual([field, organizationId]);
        else if (/change|card/.test(field))
          expect([field, id, access[id]]).toEqual([field, id, "write"]);
        else expect([field, id, id in access]).toEqual([field, id, true]);
      }
    }
  }
}

/** Everything in the data that has the key of an asset. */
function keysIn(data: unknown): string[] {
  return [
    ...JSON.stringify(data ?? null).matchAll(/"((?:monogram-labs|acme-co|nowhere)\/[^"]*)"/g),
  ].map(([, key]) => key!);
}

function variablesOf({ operation }: Case): Record<string, unknown> {
  const sent = Object.entries(operation.variables).filter(
    ([, variable]) => variable.sent !== undefined,
  );
  return Object.fromEntries(sent.map(([name, variable]) => [name, variable.sent]));
}

describe("random operations", () => {
  it("run if every target is within reach, and only then", async () => {
    const seen = { ran: 0, refused: 0, assets: 0 };
    await fc.assert(
      fc.asyncProperty(fc.gen(), async (g) => {
        const given = generateCase(g);
        const query = printOperation(given.operation);
        expect(validate(guard.schema, parse(query), rules)).toEqual([]);
        received.length = 0;
        const caller = callerOf(given.access, { organizationId: given.organizationId });
        const { outcome, data, errors } = await send(query, {
          caller,
          variables: variablesOf(given),
        });

        const expected = mayRun(given);
        expect([query, outcome === "runs"]).toEqual([query, expected]);
        expect(
          errors?.every(({ extensions }) => extensions["code"] === "UNAUTHORIZED") ?? true,
        ).toBe(true);
        if (!expected) expect([outcome === "errors", all()]).toEqual([false, []]);
        else expect(errors).toBe(undefined);
        expectOnlyReachable(given);

        const visible = visibleAssets(given);
        const keys = keysIn(data);
        for (const key of keys) expect(visible).toContain(key);
        for (const list of listsIn(data)) expect(list).toEqual(visible);
        seen.ran += Number(expected);
        seen.refused += Number(!expected);
        seen.assets += keys.length;
      }),
      parameters,
    );
    // A generator that makes only one kind of operation would prove nothing.
    expect(seen.ran).toBeGreaterThan(runs / 5);
    expect(seen.refused).toBeGreaterThan(runs / 5);
    expect(seen.assets).toBeGreaterThan(runs / 10);
  }, 600_000);

  it("show no resolver a target out of reach, whatever is executed instead of what was checked", async () => {
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(fc.gen(), fc.boolean(), async (g, isUnlocked) => {
        const given = generateCase(g);
        received.length = calls.length = 0;
        const caller = callerOf(given.access, { organizationId: given.organizationId });
        const context = {};
        if (isUnlocked) await guard.check({ document: parse("{ __typename }"), caller, context });
        const { data, errors } = await executeWith(guard.schema, {
          document: parse(printOperation(given.operation)),
          variableValues: variablesOf(given),
          contextValue: context,
        });
        if (!isUnlocked) expect(all().filter(({ field }) => isGuarded(field))).toEqual([]);
        expectOnlyReachable(given);
        for (const key of keysIn(data)) expect(visibleAssets(given)).toContain(key);
        if (isUnlocked && !mayRun(given)) refused += Number(errors !== undefined);
      }),
      parameters,
    );
    expect(refused).toBeGreaterThan(runs / 20);
  }, 600_000);
});

/** Fields that ask something, by themselves or as fields of the mutation root. */
function isGuarded(coordinate: string): boolean {
  const [type, name] = coordinate.split(".") as [string, string];
  const { args, key } = TYPES[type]![name]!;
  return type === "Mutation" || args !== undefined || key !== undefined;
}

/** Every list of assets' keys, where keys alone were asked for. */
function listsIn(data: unknown): string[][] {
  if (Array.isArray(data)) {
    const keys = data.map(
      (item: Record<string, unknown> | null) =>
        item &&
        Object.values(item).find((value) => typeof value === "string" && value.includes("/")),
    );
    const complete = keys.every((key) => typeof key === "string");
    return [...(complete && keys.length > 0 ? [keys as string[]] : []), ...data.flatMap(listsIn)];
  }
  return typeof data === "object" && data !== null ? Object.values(data).flatMap(listsIn) : [];
}
