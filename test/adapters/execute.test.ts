import { describe, it } from "vitest";
import { casesFor } from "./cases.js";
import { executeServer } from "./execute-server.js";
import { runCase } from "./subject.js";

describe("execute", () => {
  it.for(casesFor(executeServer.capabilities))("$id $name", (test) => runCase(executeServer, test));
});
