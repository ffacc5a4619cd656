import { expect, it } from "vitest";
import { createSubmissions } from "../../src/management/submissions.js";

it("remembers the last ten thousand submissions and no more", async () => {
  const submissions = createSubmissions(() => 0);
  const submit = (organizationId: string, n: number) =>
    submissions.once(organizationId, `form-${n}`, async () => `key-${n}`);
  for (let n = 0; n <= 10_000; n++) expect(await submit("monogram-labs", n)).toBeNull();
  expect(await submit("monogram-labs", 1)).toBe("key-1");
  expect(await submit("acme-co", 1)).toBeNull();
  expect(await submit("monogram-labs", 0)).toBeNull();
});

it("passes on what making the key threw, to whoever asked, and tries again", async () => {
  const submissions = createSubmissions(() => 0);
  const failing = submissions.once("a", "form", () => Promise.reject(new Error("no")));
  const waiting = submissions.once("a", "form", async () => "key");
  await expect(failing).rejects.toThrow("no");
  expect(await waiting).toBeNull();
});
