import { describe, expect, it } from "vitest";
import { createTie } from "../../src/core/tie.js";

const OBJECTS: readonly (readonly [string, () => object])[] = [
  ["an object", () => ({})],
  ["one without a prototype", () => Object.create(null) as object],
  ["one that is frozen", () => Object.freeze({})],
  ["one that takes no more properties", () => Object.preventExtensions({ a: 1 })],
  ["a function", () => () => {}],
  ["an instance", () => new Request("https://api.example")],
  ["a proxy", () => new Proxy({}, {})],
];

describe.each(OBJECTS)("%s", (_, make) => {
  it("has nothing tied, then the last that was", () => {
    const tie = createTie<string>();
    const object = make();
    expect(tie.get(object)).toBeUndefined();
    tie.set(object, "a");
    expect(tie.get(object)).toBe("a");
    tie.set(object, "b");
    expect(tie.get(object)).toBe("b");
    expect(tie.get(make())).toBeUndefined();
  });

  it("has what each of two ties has tied to it", () => {
    const [first, second] = [createTie<string>(), createTie<string>()];
    const object = make();
    first.set(object, "a");
    expect(second.get(object)).toBeUndefined();
    second.set(object, "b");
    expect([first.get(object), second.get(object)]).toEqual(["a", "b"]);
  });

  it("shows nothing of it", () => {
    const tie = createTie<string>();
    const object = make();
    const before = [Reflect.ownKeys(object), Object.getPrototypeOf(object)];
    tie.set(object, "a");
    expect([Reflect.ownKeys(object), Object.getPrototypeOf(object)]).toEqual(before);
  });
});

it("is not inherited, not copied, and stays when its object is frozen", () => {
  const tie = createTie<string>();
  const object = {};
  tie.set(object, "a");
  expect(tie.get(Object.create(object))).toBeUndefined();
  expect(tie.get({ ...object })).toBeUndefined();
  expect(tie.get(new Proxy(object, {}))).toBeUndefined();
  Object.freeze(object);
  expect(tie.get(object)).toBe("a");
  tie.set(object, "b");
  expect(tie.get(object)).toBe("b");
});

it.each([undefined, null, "text", 1, Symbol("s")])("%s has nothing tied", (value) => {
  expect(createTie().get(value)).toBeUndefined();
});
