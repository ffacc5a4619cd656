import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { choose, done, generate, look, save, startBrowser, type Started } from "./browser.js";

/** The page of the specification, step by step, and the key that it makes in use. */
let started: Started;

beforeAll(async () => {
  started = await startBrowser();
});
afterAll(() => started?.stop());
beforeEach(() => started.raster.reset());

const LIBRARIES = 'query { libraries(organizationId: "monogram-labs") { id } }';
const DELETE =
  'mutation { deleteAssets(organizationId: "monogram-labs", libraryId: "barcelona", assets: ["barceloneta"]) { success } }';

/** What a key may see, or why it may not. */
async function reach(key: string): Promise<string> {
  const { status, body } = await started.raster.send({ key, query: LIBRARIES });
  if (body?.errors) return `${status} ${body.errors[0]?.extensions?.code}`;
  return body!.data.libraries.map(({ id }: { id: string }) => id).join(" ");
}

it("creates, scopes, regenerates and deletes a key that counts at once", async () => {
  const { page, complaints } = await started.open();
  await look(page, "empty");

  await page.getByRole("button", { name: "Generate key" }).click();
  await look(page, "generate");
  await page.keyboard.press("Escape");

  const key = await generate(page, "Website");
  expect(key).toMatch(/^pk_[0-9A-Za-z]{32}$/);
  await look(page, "secret");
  await page.getByRole("button", { name: "Copy", exact: true }).click();
  await page.getByRole("button", { name: "Copied" }).waitFor();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(key);
  await look(page, "secret-copied");
  await done(page);

  expect(await reach(key)).toBe("");
  await look(page, "access-none");
  await choose(page, "Barcelona", "Read");
  await choose(page, "Lisbon", "Read");
  await look(page, "access-unsaved");
  expect(await reach(key)).toBe("");
  await save(page);
  await look(page, "access-saved");
  expect(await reach(key)).toBe("barcelona lisbon");
  expect(
    (await started.raster.send({ key, query: DELETE })).body?.errors?.[0]?.extensions?.code,
  ).toBe("UNAUTHORIZED");

  await choose(page, "Barcelona", "Write");
  await choose(page, "Lisbon", "None");
  await save(page);
  await look(page, "access-write");
  expect(await reach(key)).toBe("barcelona");
  expect((await started.raster.send({ key, query: DELETE })).body?.data.deleteAssets.success).toBe(
    true,
  );

  await page.getByRole("button", { name: "All keys" }).click();
  await look(page, "list");
  await page.getByRole("button", { name: "Manage Website" }).click();

  await page.getByRole("button", { name: "Regenerate key" }).click();
  await look(page, "regenerate");
  await page.getByRole("dialog").getByRole("button", { name: "Regenerate key" }).click();
  const next = await page.getByRole("textbox", { name: "Key for Website" }).inputValue();
  expect(next).not.toBe(key);
  expect(await reach(key)).toBe("401 UNAUTHENTICATED");
  expect(await reach(next)).toBe("barcelona");
  await done(page);

  await page.getByRole("button", { name: "Delete key" }).click();
  await page.getByRole("dialog").getByText("Barcelona: Write").waitFor();
  await look(page, "delete");
  await page.getByRole("dialog").getByRole("button", { name: "Delete key" }).click();
  await page.getByText("Website was deleted.").waitFor();
  expect(await reach(next)).toBe("401 UNAUTHENTICATED");
  await look(page, "deleted");
  expect(complaints).toEqual([]);
});
