import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, expect, it } from "vitest";
import { compile } from "./compile.js";
import { root } from "./manifest.js";
import { snippetsOf } from "./snippets.js";

/** Every file of a folder that ends like that; none where there is no folder yet. */
function filesIn(folder: string, ending: string): string[] {
  try {
    return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .map((file) => join(folder, file))
      .filter((file) => file.endsWith(ending))
      .toSorted();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

const generated = join("docs", "api");
const guides = filesIn("docs", ".md").filter((file) => !file.startsWith(generated));
const commented = filesIn("src", ".ts").filter(
  (file) => snippetsOf(readFileSync(join(root, file), "utf8")).size > 0,
);

/** The blocks of a file, compiled in its folder: `graphql-api-keys/…` is dist/, through `exports`. */
function errorsOf(file: string): string[] {
  const snippets = snippetsOf(readFileSync(join(root, file), "utf8"));
  const modules = [...snippets].map(
    ([line, text]) => [`${join(root, file)}.${line}.mts`, text] as const,
  );
  const errors = compile(new Map(modules), {
    lib: ["lib.es2023.d.ts"],
    types: ["node"],
    typeRoots: [join(root, "node_modules/@types")],
    skipLibCheck: true,
  });
  return errors.map((error) => relative(root, error).replace(/\.\d+\.mts:/, ":"));
}

describe("TypeScript that users read compiles", () => {
  it.each(["README.md", ...guides])("%s", (file) => {
    expect(errorsOf(file)).toEqual([]);
  });

  it.each(commented)("@example blocks of %s", (file) => {
    expect(errorsOf(file)).toEqual([]);
  });
});

it("finds the blocks, what they are given and what they continue", () => {
  const text = [
    "```ts",
    "a",
    "```",
    "<!-- given",
    "b",
    "-->",
    "```ts",
    "c",
    "```",
    "",
    "```ts continued",
    "d",
    "```",
    "```sh",
    "e",
    "```",
  ];
  expect([...snippetsOf(text.join("\n"))]).toEqual([
    [1, "\na"],
    [7, "\n\n\n\nb\n\n\nc\n\n\n\nd"],
  ]);
});

it("reports a block that does not compile, by file and line", () => {
  const name = join(root, "docs", "wrong.md.1.mts");
  expect(compile(new Map([[name, "\nexport const key: number = 'pk_';"]]), {})).toEqual([
    `${name}:2: Type 'string' is not assignable to type 'number'.`,
  ]);
});
