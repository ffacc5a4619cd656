import { describe, it } from "vitest";
import { casesFor } from "./cases.js";
import { graphqlHttpServer } from "./graphql-http-server.js";
import { runCase } from "./subject.js";

describe("graphql-http", () => {
  it.each(casesFor(graphqlHttpServer.capabilities))("$id: $name", (test) =>
    runCase(graphqlHttpServer, test),
  );
});
