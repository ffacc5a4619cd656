/** Which objects can be the context of an operation, and that no other object takes the place of one. */
import { describe, expect, it } from "vitest";
import { createCaller } from "../../src/index.js";
import { renew, stateOf, tie } from "../../src/graphql/contexts.js";
import { callerOf } from "./fixtures.js";

class Context {
  readonly #user = "ada";

  get user(): string {
    return this.#user;
  }
}

const CONTEXTS: readonly (readonly [kind: string, context: object])[] = [
  ["a plain object", { user: "ada" }],
  ["one without a prototype", Object.assign(Object.create(null) as object, { user: "ada" })],
  ["an instance of a class", new Context()],
  ["a frozen object", Object.freeze({ user: "ada" })],
  ["a sealed object", Object.seal({ user: "ada" })],
  ["a proxy", new Proxy({ user: "ada" }, {})],
  ["a proxy of a frozen object", new Proxy(Object.freeze({ user: "ada" }), {})],
];

describe("the state of a context", () => {
  const guard = { reportOnly: false };
  const caller = callerOf();

  it.each(CONTEXTS)("is found again: %s", (_, context) => {
    expect(stateOf(context)).toBeUndefined();
    const before = Reflect.ownKeys(context);
    tie(context, caller, guard);
    expect(stateOf(context)).toMatchObject({ caller, guards: [guard], dead: false });
    expect(Reflect.ownKeys(context)).toEqual(before);
  });

  it("of a key that died serves no other operation", async () => {
    const context = {};
    const dead = createCaller({
      id: "user-7",
      version: 1,
      organizationId: "monogram-labs",
      access: {},
      current: () => null,
    });
    tie(context, dead, guard);
    expect(await renew(stateOf(context)!)).toBe(false);
    expect(() => tie(context, dead, guard)).toThrow("a key that is dead");
  });

  it("is found in a context that was frozen since", () => {
    const context = {};
    tie(context, caller, guard);
    expect(stateOf(Object.freeze(context))?.caller).toBe(caller);
  });

  it.each(CONTEXTS)("is not that of a copy: %s", (_, context) => {
    tie(context, caller, guard);
    const copies = [{ ...context }, Object.create(context), new Proxy(context, {})];
    copies.push(
      Object.create(Object.getPrototypeOf(context), Object.getOwnPropertyDescriptors(context)),
    );
    expect(copies.map(stateOf)).toEqual(copies.map(() => undefined));
  });
});
