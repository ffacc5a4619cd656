/** The service of the scenarios: assets in libraries of two organizations, named in every way there is. */
import type { GraphQLEnumType, GraphQLSchema } from "graphql";
import { library, targets } from "../../../src/graphql/index.js";
import type { Scene } from "./row.js";
import { echo, setParser } from "./scene.js";
import { SDL } from "./sdl.js";

export const OWN = "monogram-labs";
export const OTHER = "acme-co";
/** The name of all that a key with barcelona and lisbon must not see. */
export const HIDDEN = "out-of-reach";

export interface Asset {
  readonly __typename: "Asset";
  readonly id: string;
  readonly organizationId: string;
  libraryId: string;
  readonly name: string;
}

/** An asset; only what is in barcelona or lisbon of one's own has a name to be seen. */
export function assetIn(libraryId: string, id: string, organizationId = OWN): Asset {
  const isSeen = organizationId === OWN && libraryId !== "porto";
  return { __typename: "Asset", id, organizationId, libraryId, name: isSeen ? id : HIDDEN };
}

export const createAssets = (): readonly Asset[] => [
  assetIn("barcelona", "b1"),
  assetIn("barcelona", "b2"),
  assetIn("lisbon", "l1"),
  assetIn("porto", "p1"),
  assetIn("lisbon", "x1", OTHER),
];

/** Places in this order are the libraries lisbon and porto. */
function prepare(schema: GraphQLSchema): void {
  const place = schema.getType("Place") as GraphQLEnumType;
  for (const [name, value] of [
    ["NEAR", "lisbon"],
    ["FAR", "porto"],
  ] as const) {
    place.getValue(name)!.value = value;
    // Enums of graphql 16 keep their values in a map of their own.
    (place as any)._valueLookup?.set(value, place.getValue(name));
  }
  setParser(schema, "Strict", (value) => {
    if (value !== "lisbon" && value !== "porto") throw new TypeError("no such place");
    return value;
  });
}

interface ById {
  readonly id: string;
}

/** The service, over assets that a row may move. */
export function serviceScene(more: Partial<Scene> = {}, assets = createAssets()): Scene {
  const get = (id: string) => assets.find((each) => each.id === id) ?? null;
  const byId = (_source: unknown, { id }: ById) => get(id);
  const libraries = ["barcelona", "lisbon", "porto"].flatMap((id) =>
    [OWN, OTHER].map((organizationId) => ({ __typename: "Library", id, organizationId })),
  );
  const nodeOf = (id: string) =>
    id === "note"
      ? { __typename: "Note", id }
      : (get(id) ?? libraries.find((each) => each.id === id) ?? null);
  const echoes = (...fields: readonly string[]) =>
    Object.fromEntries(fields.map((name) => [name, echo]));
  const uploaded = () => ({ asset: get("b1"), query: {} });

  const resolvers = {
    Query: {
      ...echoes(
        "one",
        "defaulted",
        "nullable",
        "list",
        "nested",
        "place",
        "strict",
        "filtered",
        "soft",
      ),
      ...echoes("by", "publish", "both"),
      viewer: () => ({ name: "somebody", first: get("p1"), must: get("p1") }),
      query: () => ({}),
      library: () => ({}),
      assets: (
        _source: unknown,
        { organizationId, lib }: { organizationId: string; lib: string },
      ) =>
        assets.filter((each) => each.organizationId === organizationId && each.libraryId === lib),
      search: (_source: unknown, { libs }: { libs?: readonly string[] }) => {
        const found = libs ? assets.filter(({ libraryId }) => libs.includes(libraryId)) : assets;
        return { hits: found, found: libs?.length ?? -1 };
      },
      libraries: () => libraries,
      asset: byId,
      must: byId,
      loaded: byId,
      node: (_source: unknown, { id }: ById) => nodeOf(id),
      nodes: (_source: unknown, { ids }: { ids: readonly string[] }) => ids.map(nodeOf),
      found: () => [...assets, nodeOf("note")],
      shelf: () => ({ __typename: "Yard", books: "of the yard" }),
      rack: () => ({ __typename: "Den" }),
    },
    Mutation: {
      ...echoes("uploadAll", "transfer", "preview", "create", "pause"),
      upload: uploaded,
      signup: uploaded,
      library: () => ({}),
      require: (_source: unknown, { other }: { other: string }, { caller }: any) => {
        caller.require("write", { organizationId: OWN, libraryId: other });
        return other;
      },
    },
    Viewer: { one: echo },
    Uploaded: { related: echo },
    LibraryQueries: { count: echo },
    LibraryMutations: { delete: echo, look: echo },
    Asset: { near: echo, tags: () => [{ assets }] },
    Library: {
      assets: ({ id }: ById) => assets.filter(({ libraryId }) => libraryId === id),
    },
    Den: { books: echo },
    Hall: { books: echo },
    ...more.resolvers,
  };
  const rules = {
    "Query.both(lib:)": library({ level: "write" }),
    "Query.loaded": targets(({ id }: ById) => get(id)),
    "Mutation.transfer": targets(
      ({ source, assetIds }: { source: string; assetIds: readonly string[] }) =>
        assetIds.map(get).map((found) => (found?.libraryId === source ? found : null)),
    ),
    ...more.guard?.rules,
  };
  return { sdl: SDL, prepare, ...more, resolvers, guard: { ...more.guard, rules } };
}
