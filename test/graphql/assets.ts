/** A schema with a marked type, and objects of it in and out of reach. */
import { expect } from "vitest";
import { fixtureOf, OTHER, OWN, type Answer, type FixtureOptions } from "./fixtures.js";

export const SDL = /* GraphQL */ `
  type Query {
    one: Asset
    must: Asset!
    list: [Asset]
    full: [Asset!]!
    nested: [[Asset!]!]
    holder: Holder @apiKey
  }
  type Mutation {
    one: Asset @apiKey
    nested: [[Asset]] @apiKey
  }
  type Holder {
    must: Asset!
    page: Page
    edges: [Edge!]!
    loose: [LooseEdge]
  }
  type Page {
    hits: [Asset!]!
    found: Int!
  }
  type Edge {
    node: Asset!
    cursor: String
  }
  type LooseEdge {
    node: Asset
  }
  type Asset @inLibrary(organization: "org", id: "lib") {
    id: Int
    lib: String
    other: Asset
  }
`;

export const at = (lib: unknown, id = 1, org: unknown = OWN) => ({ id, lib, org });
export const lisbon = at("lisbon", 1);
export const barcelona = at("barcelona", 2);
export const porto = at("porto", 3);
export const foreign = at("lisbon", 4, OTHER);

/** Sends a query for one field of Query, which resolves to this. */
export async function resolve(
  field: string,
  resolve: () => unknown,
  options: FixtureOptions = {},
): Promise<Answer & { events: unknown[] }> {
  const { send, events } = fixtureOf(SDL, {
    resolvers: { Query: { [field]: resolve } },
    ...options,
  });
  const answer = await send(`{ ${field} { id } }`);
  expect(answer.outcome).toBe("runs");
  return { ...answer, events };
}

/** The ids of objects, in the form they were in. */
export const ids = (items: unknown): unknown =>
  Array.isArray(items) ? items.map(ids) : items === null ? null : (items as { id: number }).id;
