import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import ts from "typescript";
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
  const text = readFileSync(join(root, file), "utf8");
  const errors = [
    ...compileIn(file, snippetsOf(text), "mts", { lib: ["lib.es2023.d.ts"], types: ["node"] }),
    // For React, in a browser.
    ...compileIn(file, snippetsOf(text, "tsx"), "tsx", {
      lib: ["lib.es2023.d.ts", "lib.dom.d.ts"],
      types: ["react"],
      jsx: ts.JsxEmit.ReactJSX,
    }),
  ];
  return errors.map((error) => relative(root, error).replace(/\.\d+\.(?:mts|tsx):/, ":"));
}

function compileIn(
  file: string,
  snippets: ReadonlyMap<number, string>,
  ending: string,
  options: ts.CompilerOptions,
): string[] {
  if (snippets.size === 0) return [];
  const modules = [...snippets].map(
    ([line, text]) => [`${join(root, file)}.${line}.${ending}`, text] as const,
  );
  const typeRoots = [join(root, "node_modules/@types")];
  return compile(new Map(modules), { typeRoots, skipLibCheck: true, ...options });
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

it("tells what is React's from what is not", () => {
  const text = ["```tsx", "a", "```", "```ts", "b", "```"].join("\n");
  expect([...snippetsOf(text, "tsx")]).toEqual([[1, "\na"]]);
  expect([...snippetsOf(text)]).toEqual([[4, "\n\n\n\nb"]]);
});

it("reports a paste for React with a wrong property", () => {
  const paste = [...snippetsOf(readFileSync(join(root, "docs/management.md"), "utf8"), "tsx")];
  expect(paste).toHaveLength(1);
  const wrong = paste[0]![1].replace("organization={organizationId}", "organization={1}");
  const errors = compileIn("docs/management.md", new Map([[paste[0]![0], wrong]]), "tsx", {
    lib: ["lib.es2023.d.ts", "lib.dom.d.ts"],
    types: ["react"],
    jsx: ts.JsxEmit.ReactJSX,
  });
  expect(errors).toEqual([expect.stringMatching(/'number' is not assignable to type 'string'/)]);
});

it("reports a block that does not compile, by file and line", () => {
  const name = join(root, "docs", "wrong.md.1.mts");
  expect(compile(new Map([[name, "\nexport const key: number = 'pk_';"]]), {})).toEqual([
    `${name}:2: Type 'string' is not assignable to type 'number'.`,
  ]);
});
