import { expect, it } from "vitest";
import { createSay } from "../../src/settings/texts.js";
import { createTimes } from "../../src/settings/times.js";

it("says a text in other words, with its places filled in", () => {
  const say = createSay({ manageKey: "{name} verwalten ({constructor})" });
  expect(say("manageKey", { name: "$& {name}" })).toBe("$& {name} verwalten ({constructor})");
  expect(say("manage")).toBe("Manage");
});

it.each([
  ["2026-11-23T12:00:30.000Z", "Just now"],
  ["2026-11-23T11:59:59.000Z", "Just now"],
  ["2026-11-23T11:55:00.000Z", "5 minutes ago"],
  ["2026-11-23T09:00:00.000Z", "3 hours ago"],
  ["2026-11-22T11:00:00.000Z", "yesterday"],
  ["2026-10-01T12:00:00.000Z", "Oct 1, 2026"],
])("%s is %s", (iso, expected) => {
  const times = createTimes("en-US", "Just now", () => Date.parse("2026-11-23T12:00:00.000Z"));
  expect(times.ago(iso)).toBe(expected);
});

it.each(["", "no language!", undefined])("takes the browser's language for %j", (language) => {
  expect(createTimes(language, "", Date.now).date("2026-11-23T12:00:00.000Z")).toContain("2026");
});

it("speaks the language of the page", () => {
  const times = createTimes("de", "Eben", () => Date.parse("2026-11-23T12:00:00.000Z"));
  expect(times.ago("2026-11-23T11:55:00.000Z")).toBe("vor 5 Minuten");
});
