/** The ways around an authorization layer, each through `execute` and through Yoga: tables in scenarios/. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { cases } from "./scenarios/cases.js";
import { holdOpen, paths } from "./scenarios/paths.js";
import { rows } from "./scenarios/rows.js";
import type { Ask, PathName, Stage } from "./scenarios/row.js";
import { HIDDEN, serviceScene } from "./scenarios/service.js";
import { takeLog } from "./yoga-server.js";

afterEach(() => void takeLog());

async function expectVerdict(stage: Stage, asked: Ask): Promise<void> {
  const { query, variables, operationName, access, verdict, data, codes = {} } = asked;
  const key = asked.key ?? (await stage.createKey(access)).key;
  stage.ran.length = 0;
  const outcome = await stage.ask(key, {
    query,
    ...(variables && { variables }),
    ...(operationName !== undefined && { operationName }),
  });
  expect(verdict, `${query} ${outcome.text}`).toContain(outcome.verdict);
  if (outcome.verdict === "runs" || outcome.verdict === "partly") {
    expect([outcome.data, outcome.codes]).toEqual([data, codes]);
  } else {
    expect([outcome.data, stage.ran]).toEqual([undefined, []]);
  }
  if (access === undefined) expect(outcome.text).not.toContain(HIDDEN);
}

describe.each(["execute", "Yoga"] satisfies PathName[])("by %s", (name) => {
  const own = rows.filter(({ paths: of = [name] }) => of.includes(name));
  const promised = cases.filter(({ path }) => path === name);

  it.each(promised)("scenario $number: $title", ({ run }) => run());

  // Rows change nothing in the service as it is: one guard, and one server, are enough for all of them.
  let service: Awaited<ReturnType<typeof holdOpen>>;
  beforeAll(async () => void (service = await holdOpen(name, serviceScene())));
  afterAll(() => service.close());

  it.each(own)("scenario $number: $title", async ({ scene, asks = [], run }) => {
    const use = async (stage: Stage) => {
      stage.ran.length = 0;
      for (const asked of asks) await expectVerdict(stage, asked);
      await run?.(stage);
    };
    await (scene ? paths[name](scene(), use) : use(service.stage));
  });
});

it.each(rows.filter(({ asks }) => asks))(
  "scenario $number allows and refuses: $title",
  ({ asks = [] }) => {
    const allowed = asks.filter(({ verdict }) => verdict.includes("runs"));
    expect([allowed.length > 0, asks.length > 1]).toEqual([true, true]);
  },
);
