import type { GraphQLError, GraphQLResolveInfo, GraphQLSchema } from "graphql";
import { describe, expectTypeOf, it } from "vitest";
import {
  accessDirectives,
  apiKey,
  createGuard,
  inLibrary,
  library,
  organization,
  targets,
  unmarked,
  withAccess,
  type ApiKeyRule,
  type CallerContext,
  type Guard,
  type GuardEvent,
  type GuardOptions,
  type InLibraryRule,
  type LibraryRule,
  type Manifest,
  type Operation,
  type OrganizationRule,
  type Refusal,
  type RefusalReason,
  type Rules,
  type Verdict,
} from "../../src/graphql/index.js";
import type { Caller, Level, LibraryRef } from "../../src/index.js";

declare const schema: GraphQLSchema;
declare const guard: Guard;
declare const operation: Operation;

describe("createGuard", () => {
  it("makes a guard of a schema", () => {
    expectTypeOf(createGuard(schema)).toEqualTypeOf<Guard>();
    expectTypeOf(
      createGuard(schema, { types: "none", organization: "callers" }),
    ).toEqualTypeOf<Guard>();
    expectTypeOf<Guard["schema"]>().toEqualTypeOf<GraphQLSchema>();
    expectTypeOf<Guard["manifest"]>().returns.toEqualTypeOf<Manifest>();
    // @ts-expect-error a schema, not SDL
    createGuard("type Query { a: Int }");
    // @ts-expect-error the only word is "none"
    createGuard(schema, { types: "some" });
    // @ts-expect-error the only word is "callers"
    createGuard(schema, { organization: "any" });
    // @ts-expect-error the only word is "global"
    createGuard(schema, { libraryIds: "local" });
    // @ts-expect-error the words are "callers" and "none"
    createGuard(schema, { introspection: "some" });
    // @ts-expect-error no such option
    createGuard(schema, { leaseMs: 0 });
    // @ts-expect-error the schema is not to be replaced
    guard.schema = schema;
  });

  it("knows by a coordinate which rules fit there", () => {
    createGuard(schema, {
      rules: {
        "Query.assets(organizationId:)": organization(),
        "Query.assets(libraryId:)": [library(), library({ level: "write" })],
        "Filter.libraryId": library(),
        "Filter.both": [organization(), library()],
        "Mutation.create": apiKey({ level: "write" }),
        "Mutation.change": [apiKey(), apiKey({ level: "read" })],
        Asset: inLibrary((asset: { readonly library: LibraryRef }) => asset.library),
        Library: [inLibrary({ organization: "organizationId", id: "id" })],
      },
    });
    // @ts-expect-error objects are in libraries, arguments name them
    createGuard(schema, { rules: { "Query.assets(libraryId:)": inLibrary({ id: "id" }) } });
    // @ts-expect-error an argument is no field
    createGuard(schema, { rules: { "Query.assets(libraryId:)": apiKey() } });
    // @ts-expect-error not even among others
    createGuard(schema, { rules: { "Query.assets(libraryId:)": [library(), apiKey()] } });
    // @ts-expect-error a field is no object type
    createGuard(schema, { rules: { "Query.assets": inLibrary({ id: "id" }) } });
    // @ts-expect-error a field is either an input's or an output's
    createGuard(schema, { rules: { "Query.assets": [apiKey(), library()] } });
    // @ts-expect-error an object type is no argument
    createGuard(schema, { rules: { Asset: library() } });
    // @ts-expect-error an object type is no field
    createGuard(schema, { rules: { Asset: apiKey() } });
    // @ts-expect-error a rule, not its name
    createGuard(schema, { rules: { "Query.viewer": "apiKey" } });
  });

  it("takes functions whose parameters have no types, and reasons beside a wildcard", () => {
    createGuard(schema, {
      rules: {
        "Mutation.deleteAsset": targets(async ({ id }, { assets }) => assets.load(id)),
        Asset: inLibrary((asset) => asset),
        "*(libraryId:)": library(),
        "*(note:)": unmarked("is for people"),
      },
    });
  });

  it("takes rules that are known only when the program runs", () => {
    const rules: Rules = Object.fromEntries([["Query.viewer", apiKey()]]);
    const options: GuardOptions = { rules, types: "none" };
    createGuard(schema, options);
    createGuard(schema, { rules });
    // @ts-expect-error no rule at all
    const wrong: Rules = { "Query.viewer": "apiKey" };
    void wrong;
  });
});

describe("rules", () => {
  it("have types of their own", () => {
    expectTypeOf(organization()).toEqualTypeOf<OrganizationRule>();
    expectTypeOf(
      library({ level: "write", whenOmitted: "reachable" }),
    ).toEqualTypeOf<LibraryRule>();
    expectTypeOf(apiKey()).toEqualTypeOf<ApiKeyRule>();
    expectTypeOf(inLibrary({ id: "id" })).toEqualTypeOf<InLibraryRule>();
    expectTypeOf(accessDirectives).toBeString();
    // @ts-expect-error an organization is not a list
    organization({ whenOmitted: "reachable" });
    // @ts-expect-error a caller has no library of its own
    library({ whenOmitted: "callers" });
    // @ts-expect-error no such level
    library({ level: "admin" });
    // @ts-expect-error no such level
    apiKey({ level: "WRITE" });
    // @ts-expect-error the id is needed
    inLibrary({ organization: "organizationId" });
  });

  it("of objects answer now", () => {
    inLibrary((asset: { org: string; lib: string }) => ({
      organizationId: asset.org,
      libraryId: asset.lib,
    }));
    inLibrary((asset: { lib: string }) => ({ libraryId: asset.lib }));
    inLibrary(() => null);
    // @ts-expect-error nothing awaits it
    inLibrary(async (asset: LibraryRef) => asset);
    // @ts-expect-error an id is no pair
    inLibrary((asset: { lib: string }) => asset.lib);
  });
});

describe("a verdict", () => {
  it("is promised", () => {
    expectTypeOf(guard.check).returns.toEqualTypeOf<Promise<Verdict>>();
    // @ts-expect-error a promise is not the verdict: this would let everybody in
    void (guard.check(operation).ok === false);
  });

  it("has refusals and errors only if it is not ok", async () => {
    const verdict = await guard.check(operation);
    // @ts-expect-error not known to be refused
    void verdict.errors;
    if (verdict.ok) {
      // @ts-expect-error nothing was refused
      void verdict.refusals;
    } else {
      expectTypeOf(verdict.refusals).toEqualTypeOf<readonly Refusal[]>();
      expectTypeOf(verdict.errors).toEqualTypeOf<readonly GraphQLError[]>();
    }
  });

  it("is of an operation with its caller and its context", () => {
    expectTypeOf<Operation["caller"]>().toEqualTypeOf<Caller>();
    expectTypeOf<Operation["context"]>().toEqualTypeOf<object>();
    expectTypeOf<Operation["fragmentArguments"]>().toEqualTypeOf<boolean | undefined>();
    // @ts-expect-error whose operation?
    void guard.check({ document: operation.document, context: {} });
    // @ts-expect-error what will it run with?
    void guard.check({ document: operation.document, caller: operation.caller });
  });

  it("tells reasons and levels of closed sets", () => {
    expectTypeOf<Refusal["level"]>().toEqualTypeOf<Level>();
    expectTypeOf<RefusalReason>().toEqualTypeOf<
      "organization" | "library" | "level" | "missing" | "unreadable" | "introspection"
    >();
    expectTypeOf<GuardEvent["type"]>().toEqualTypeOf<
      "refused" | "wouldRefuse" | "loadFailed" | "misconfigured"
    >();
  });
});

describe("withAccess", () => {
  interface Context extends CallerContext {
    readonly tenant: string;
  }

  it("keeps the types of a resolver", () => {
    const resolve = withAccess(
      "write",
      (args: { id: string }, context: Context) => ({
        organizationId: context.tenant,
        libraryId: args.id,
      }),
      (source: { name: string }, args, context, info) => {
        expectTypeOf(args).toEqualTypeOf<{ id: string }>();
        expectTypeOf(context).toEqualTypeOf<Context>();
        expectTypeOf(context.caller).toEqualTypeOf<Caller>();
        expectTypeOf(info).toEqualTypeOf<GraphQLResolveInfo>();
        return Promise.resolve(source.name.length);
      },
    );
    expectTypeOf(resolve).parameters.toEqualTypeOf<
      [{ name: string }, { id: string }, Context, GraphQLResolveInfo]
    >();
    expectTypeOf(resolve).returns.toEqualTypeOf<Promise<number>>();
  });

  it("takes a selector that answers pairs, now", () => {
    const resolve = () => 1;
    withAccess("read", (args: LibraryRef) => args, resolve);
    withAccess("read", (args: { all: readonly LibraryRef[] }) => args.all, resolve);
    withAccess("read", () => null, resolve);
    // @ts-expect-error nothing awaits it
    withAccess("read", async (args: LibraryRef) => args, resolve);
    // @ts-expect-error an id is no pair
    withAccess("read", (args: { id: string }) => args.id, resolve);
    // @ts-expect-error half a pair
    withAccess("read", (args: { libraryId: string }) => ({ libraryId: args.libraryId }), resolve);
    // @ts-expect-error no such level
    withAccess("admin", () => null, resolve);
  });
});
