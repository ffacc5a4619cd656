import { readFileSync } from "node:fs";
import { GraphQLSchemaHost } from "@nestjs/graphql";
import { graphql, lexicographicSortSchema } from "graphql";
import { afterEach, describe, expect, it } from "vitest";
import { keysIn } from "../support/canary.js";
import { logged } from "./apollo-server.js";
import { casesFor } from "./cases.js";
import { ASSETS, VIEWER } from "./cases/documents.js";
import { createGuardedNest, listenerOf } from "./nestjs-server.js";
import { assertRefused, withSubject } from "./subject.js";

afterEach(() => {
  expect(keysIn(logged.splice(0))).toEqual([]);
});

describe("NestJS on Express, by the driver of the example", () => {
  it.each(casesFor(["get", "batch", "cors", "pages"]))("$id: $name", ({ run, trustProxy }) =>
    withSubject(async (parts) => {
      const all = { ...parts, ...(trustProxy !== undefined && { trustProxy }) };
      return listenerOf(await createGuardedNest(all, { allowBatchedHttpRequests: true }));
    }, run),
  );

  it("guards what Nest's own transforms leave, and hands out nothing else", () => {
    let app: Awaited<ReturnType<typeof createGuardedNest>>;
    return withSubject(
      async (parts) => {
        const transformed = { sortSchema: true, transformSchema: lexicographicSortSchema };
        app = await createGuardedNest(parts, transformed);
        return listenerOf(app);
      },
      async ({ key, send, service }) => {
        expect((await send({ key, query: VIEWER })).status).toBe(200);
        const porto = { query: ASSETS, variables: { library: "porto" } };
        assertRefused(await send({ key, ...porto }), 403, "UNAUTHORIZED");
        service.ran.length = 0;
        const { schema } = app.get(GraphQLSchemaHost);
        const { data } = await graphql({ schema, source: VIEWER, contextValue: {} });
        expect([data, service.ran]).toEqual([null, []]);
      },
    );
  });

  it("is what docs/adapters.md says to paste", () => {
    const read = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");
    expect(read("docs/adapters.md")).toContain(read("examples/nestjs/driver.ts"));
  });
});
