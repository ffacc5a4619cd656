/** The data of two organizations whose libraries have the same ids. */

export const ORGANIZATIONS = ["monogram", "acme"] as const;
export const LIBRARIES = ["barcelona", "lisbon", "Barcelona", "5", "constructor"] as const;

/** Leaf types that can name something; the enums have the ids as names. */
export const ENUMS: Readonly<Record<string, readonly string[]>> = {
  OrganizationName: ORGANIZATIONS,
  LibraryName: ["barcelona", "lisbon", "Barcelona", "constructor"],
};

/** What an object says of where it is. */
export interface Spot {
  readonly o?: unknown;
  readonly l?: unknown;
  /** Another library, for types whose objects belong to two. */
  readonly m?: unknown;
}

const everywhere: readonly Spot[] = ORGANIZATIONS.flatMap((o) =>
  LIBRARIES.map((l) => ({ o, l, m: l })),
);

/** Every library of both organizations, then what is odd. */
export const SPOTS: readonly Spot[] = [
  ...everywhere,
  ...everywhere,
  { o: "monogram", l: "barcelona", m: "lisbon" },
  { o: "monogram", l: "lisbon", m: "barcelona" },
  { o: "acme", l: "barcelona", m: "5" },
  { o: "monogram", l: 5, m: 5 },
  { o: "acme", l: 5n, m: "5" },
  { o: "monogram" },
  { l: "barcelona", m: "barcelona" },
  { o: "monogram", l: null, m: null },
  { o: "acme", l: true, m: "barcelona" },
  { o: ["monogram"], l: ["barcelona"], m: ["barcelona"] },
  { o: "monogram", l: "", m: "" },
];

/** What a text such as `"monogram/barcelona"` refers to; null: nothing. */
export function pairOf(ref: unknown): { organizationId: string; libraryId: string } | null {
  const [organizationId, libraryId] = String(ref).split("/");
  return organizationId && libraryId ? { organizationId, libraryId } : null;
}

/** What loaders and selectors answer for texts such as `"monogram/barcelona"`. */
export function pairsOf(refs: unknown): unknown {
  return Array.isArray(refs)
    ? refs.map((ref) => (ref === null ? null : pairOf(ref)))
    : refs && pairOf(refs);
}
