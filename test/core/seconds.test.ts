import { expect, it, vi } from "vitest";
import { createSeconds } from "../../src/core/seconds.js";
import { NOW_MS } from "../support/fixture.js";
import { pass, useVirtualTime } from "../support/virtual-time.js";

useVirtualTime();

it("is read once a second, by timers that go on only while somebody asks", async () => {
  const now = vi.fn(() => Date.now());
  const seconds = createSeconds(now);
  const first = Math.floor(NOW_MS / 1000);
  for (let s = 0; s < 10; s++) {
    expect([1, 2, 3].map(seconds)).toEqual(Array(3).fill(first + s));
    await pass(1000);
  }
  expect([now.mock.calls.length, vi.getTimerCount()]).toEqual([10, 0]);
});

it("is late for fifteen answers at most where timers stand still", () => {
  let nowMs = NOW_MS;
  const seconds = createSeconds(() => nowMs);
  const first = seconds();
  nowMs += 3_600_000;
  const answers = Array.from({ length: 17 }, seconds);
  expect(answers).toEqual([...Array(15).fill(first), first + 3600, first + 3600]);
  expect(vi.getTimerCount()).toBe(1);
});

it("holds no process open", () => {
  const timer = { unref: vi.fn() };
  vi.spyOn(globalThis, "setTimeout").mockReturnValue(timer as never);
  createSeconds(Date.now)();
  vi.restoreAllMocks();
  expect(timer.unref).toHaveBeenCalled();
});

it("says nothing by a broken clock", () => {
  expect(createSeconds(() => NaN)()).toBeNaN();
});
