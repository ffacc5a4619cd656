import { afterEach, describe, it } from "vitest";
import { casesFor } from "./cases.js";
import { runCase } from "./subject.js";
import { takeLog, yogaServer } from "./yoga-server.js";

afterEach(() => void takeLog());

describe("Yoga", () => {
  it.for(casesFor(yogaServer.capabilities))("$id $name", (test) => runCase(yogaServer, test));
});
