import type { FieldNode } from "graphql";
import { expect, it } from "vitest";
import { addCall, findCall, type Call, type OpenCalls } from "../../src/graphql/calls.js";
import { targets } from "../../src/graphql/index.js";

const node = {} as FieldNode;
const rule = targets(() => null);
const callOf = (args: object): Call => ({ rule, args: args as Call["args"] });

it("finds a call by field, rule and arguments", () => {
  const calls: OpenCalls<Call> = new Map();
  const call = callOf({ id: "1", more: [{ a: null }] });
  addCall(calls, node, call);
  expect(findCall(calls, node, callOf({ id: "1", more: [{ a: null }] }))).toBe(call);
  for (const other of [{ id: "2" }, { id: "1" }, { id: "1", more: [{ a: undefined }] }]) {
    expect(findCall(calls, node, callOf(other))).toBeUndefined();
  }
  expect(findCall(calls, {} as FieldNode, call)).toBeUndefined();
  expect(findCall(calls, node, { ...call, rule: targets(() => null) })).toBeUndefined();
});

it("tells apart what has the same text, or none", () => {
  const calls: OpenCalls<Call> = new Map();
  const values = [1n, 2n, new Map([[1, 1]]), new Map([[2, 2]]), NaN, null, Infinity];
  const all = values.map((value) => callOf({ value }));
  for (const call of all) addCall(calls, node, call);
  for (const call of all) expect(findCall(calls, node, callOf({ ...call.args }))).toBe(call);
  expect(findCall(calls, node, callOf({ value: new Map([[1, 1]]) }))).toBeUndefined();
});

it("takes no longer for a call where there are many", () => {
  const calls: OpenCalls<Call> = new Map();
  // By looking at each of the others it would take a minute.
  const all = Array.from({ length: 60_000 }, (_, i) => callOf({ id: `${i}` }));
  for (const call of all) addCall(calls, node, call);
  for (const call of all) expect(findCall(calls, node, call) === call).toBe(true);
});
