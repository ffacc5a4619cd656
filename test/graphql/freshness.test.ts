/** Decisions by a caller that was read a while ago: its lease is a deadline, looked at anew right before each. */
import { parse } from "graphql";
import { describe, expect, it } from "vitest";
import { ApiCaller } from "../../src/core/caller.js";
import { ApiKeyError } from "../../src/core/errors.js";
import { targets } from "../../src/graphql/index.js";
import type { AccessTable, Caller } from "../../src/index.js";
import { executeWith, fixtureOf, OWN, plain, TABLE } from "./fixtures.js";

const SDL = /* GraphQL */ `
  interface Thing {
    id: Int
  }
  type Query {
    named(library: ID! @library): Int
    loaded(id: ID!): Int
    asset: Asset
    later: Asset
    must: Asset!
    list: [Asset]
    thing: Thing!
  }
  type Asset implements Thing @inLibrary(id: "lib") {
    id: Int
  }
`;

const lisbon = { id: 1, lib: "lisbon" };

/** Where the lease of the caller ends. */
type Moment = "check" | "load" | "lock" | "reload" | "resolve" | "item" | "type" | "never";

/** Checks and executes an operation of a caller whose lease ends at a moment. */
async function run(query: string, moment: Moment, current: () => Caller | null) {
  let fresh = true;
  let asked = 0;
  let ran = 0;
  let loads = 0;
  const reach = (at: Moment) => {
    if (at === moment) fresh = false;
  };
  const renew = () => {
    asked++;
    return current();
  };
  const caller = callerOf(TABLE, 1, { isFresh: () => fresh }, renew);
  const resolver = (answer: () => unknown) => () => (ran++, reach("resolve"), answer());
  const { guard } = fixtureOf(SDL, {
    organization: "callers",
    rules: {
      "Query.loaded": targets(async () => {
        await Promise.resolve();
        reach(loads++ === 0 ? "load" : "reload");
        return { organizationId: OWN, libraryId: "lisbon" };
      }),
    },
    typeResolver: async () => {
      await Promise.resolve();
      reach("type");
      return "Asset";
    },
    resolvers: {
      Query: {
        named: resolver(() => 1),
        loaded: resolver(() => 1),
        asset: resolver(() => lisbon),
        later: resolver(async () => lisbon),
        must: resolver(async () => lisbon),
        list: resolver(() => [Promise.resolve().then(() => (reach("item"), lisbon))]),
        thing: resolver(() => lisbon),
      },
    },
  });

  reach("check");
  const document = parse(query);
  const contextValue = {};
  const verdict = await guard.check({ document, caller, context: contextValue });
  if (!verdict.ok) {
    const [outcome] = verdict.errors.map(({ extensions }) => extensions["code"]);
    return { outcome: verdict.refusals[0]?.reason ?? outcome, asked, ran };
  }
  reach("lock");
  const { data, errors = [] } = await executeWith(guard.schema, {
    document,
    contextValue,
    variableValues: { id: "2" },
  });
  const codes = errors.map(({ extensions }) => extensions["code"]);
  const [value] = Object.values(plain(data ?? { none: null }) as Record<string, unknown>);
  const isNothing = [value].flat().every((item) => item === null);
  return { outcome: isNothing ? "nothing" : "data", asked, ran, value, codes };
}

function callerOf(
  access: AccessTable,
  version: number,
  lease: { isFresh(): boolean },
  renew: () => Caller | null,
): Caller {
  return new ApiCaller("website", version, OWN, access, "a".repeat(64), [], lease as never, renew);
}

const NAMED = '{ named(library: "lisbon") }';
const LOADED = '{ loaded(id: "1") }';
/** Another object is loaded when it is executed than when it was checked. */
const RELOADED = 'query ($id: ID! = "1") { loaded(id: $id) }';

const moments: readonly (readonly [moment: Moment, query: string])[] = [
  ["check", NAMED],
  ["check", LOADED],
  ["check", "{ asset { id } }"],
  ["load", LOADED],
  ["lock", NAMED],
  ["lock", LOADED],
  ["reload", RELOADED],
  ["lock", "{ asset { id } }"],
  ["resolve", "{ asset { id } }"],
  ["resolve", "{ later { id } }"],
  ["resolve", "{ must { id } }"],
  ["item", "{ list { id } }"],
  ["type", "{ thing { id } }"],
];
const isBefore = (moment: Moment) => moment === "check" || moment === "load";
const isLocked = (moment: Moment) => moment === "lock" || moment === "reload";
const fresh = { isFresh: () => true };

describe.each(moments)("a lease that ends at the %s of %s", (moment, query) => {
  const now = (access: AccessTable, version: number) => () =>
    callerOf(access, version, fresh, () => null);

  it("is asked for once, and nothing else changes", async () => {
    const { outcome, asked, ran } = await run(query, moment, now(TABLE, 1));
    expect([outcome, asked, ran]).toEqual(["data", 1, 1]);
  });

  it("of a key that was narrowed reaches no more than that", async () => {
    const { outcome, asked, ran } = await run(query, moment, now({ porto: "write" }, 2));
    const isFiltered = query.includes("asset");
    expect(asked).toBe(1);
    if (isFiltered || !isBefore(moment)) expect(outcome).toBe("nothing");
    else expect([outcome, ran]).toEqual(["library", 0]);
  });

  it("of a key that is dead reaches nothing", async () => {
    const { outcome, ran, value, codes } = await run(query, moment, () => null);
    expect(outcome).toBe(isBefore(moment) ? "UNAUTHENTICATED" : "nothing");
    // As if it were out of reach: an item less, null, or a refusal where there can be none.
    if (moment === "item") expect(value).toEqual([]);
    if (isLocked(moment) || /must|thing/.test(query)) expect(codes).toEqual(["UNAUTHORIZED"]);
    expect(ran).toBe(isBefore(moment) || isLocked(moment) ? 0 : 1);
  });

  it("while the store fails reaches nothing", async () => {
    const { outcome, asked, ran } = await run(query, moment, () => {
      throw new ApiKeyError("UNAVAILABLE", "The store of API keys failed.");
    });
    expect([outcome, asked]).toEqual([isBefore(moment) ? "UNAVAILABLE" : "nothing", 1]);
    expect(ran).toBe(isBefore(moment) || isLocked(moment) ? 0 : 1);
  });
});

it.each([
  ["check", "UNAVAILABLE"],
  ["lock", "nothing"],
] as const)(
  "a lease that is always over at the %s is asked for three times",
  async (moment, answer) => {
    let asked = 0;
    const stale = (): Caller => {
      asked++;
      return callerOf(TABLE, 1, { isFresh: () => false }, stale);
    };
    const { outcome, ran } = await run(NAMED, moment, stale);
    expect([outcome, asked, ran]).toEqual([answer, 3, 0]);
  },
);

it("a lease that has not ended asks nobody", async () => {
  for (const [, query] of moments) {
    const { outcome, asked } = await run(query, "never", () => null);
    expect([outcome, asked]).toEqual(["data", 0]);
  }
});
