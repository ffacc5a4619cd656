import { describe, expectTypeOf, it } from "vitest";
import type { GraphQLSchema } from "graphql";
import type { LibraryRef } from "../../src/index.js";
import { apiKey, inLibrary, library, targets, type GuardOptions } from "../../src/graphql/index.js";
import { proveAccess, type Proof, type ProofOptions } from "../../src/graphql/testing.js";

declare const schema: GraphQLSchema;

describe("proveAccess", () => {
  it("takes a schema and promises a proof", () => {
    expectTypeOf(proveAccess).parameter(0).toEqualTypeOf<GraphQLSchema>();
    expectTypeOf(proveAccess(schema)).toEqualTypeOf<Promise<Proof>>();
    expectTypeOf<Proof["fields"]>().toEqualTypeOf<readonly string[]>();
    expectTypeOf<Proof["unproved"][number]>().toEqualTypeOf<{
      readonly coordinate: string;
      readonly why: string;
    }>();
    // @ts-expect-error what was proved cannot be changed
    void proveAccess(schema).then((proof) => (proof.operations = 0));
  });

  it("takes the options of createGuard", () => {
    expectTypeOf<ProofOptions>().toExtend<GuardOptions>();
    void proveAccess(schema, {
      rules: {
        "Query.assets(libraryId:)": library(),
        "Query.viewer": apiKey(),
        Asset: inLibrary({ id: "l" }),
      },
      organization: "callers",
      types: "none",
      libraryIds: "global",
    });
    // @ts-expect-error a rule that does not fit its coordinate
    void proveAccess(schema, { rules: { "Query.assets(libraryId:)": apiKey() } });
    // @ts-expect-error no such option
    void proveAccess(schema, { sample: {} });
  });

  it("takes samples", () => {
    void proveAccess(schema, {
      rules: { "Mutation.deleteAsset": targets(() => null) },
      samples: {
        context: () => ({ db: {} }),
        targets: {
          "Mutation.deleteAsset": (of) => {
            expectTypeOf(of).toEqualTypeOf<LibraryRef>();
            return { id: of.libraryId };
          },
        },
        objects: { Asset: (of) => ({ of }) },
        values: { "Query.asset(assetId:)": 7, LibraryKey: (id: string) => `key:${id}` },
      },
    });
    // @ts-expect-error arguments are an object
    void proveAccess(schema, { samples: { targets: { "Mutation.deleteAsset": () => 7 } } });
    // @ts-expect-error objects are objects
    void proveAccess(schema, { samples: { objects: { Asset: () => "asset" } } });
  });
});
