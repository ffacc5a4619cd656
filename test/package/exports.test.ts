import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync, realpathSync } from "node:fs";
import { dirname, join, resolve, sep } from "node:path";
import ts from "typescript";
import { describe, expect, inject, it } from "vitest";
import tsup from "../../tsup.config.js";
import { compile } from "./compile.js";
import { manifest, root, specifierOf, subpaths } from "./manifest.js";

const consumer = realpathSync(inject("consumer"));

/** The subpath a source is: src/http/index.ts → "./http". */
const subpathOf = (source: string): string =>
  source
    .replace(/^src/, ".")
    .replace(/\.ts$/, "")
    .replace(/\/index$/, "");

/** Runs a script in the consumer's project and reads the JSON it prints. */
function run<T>(type: "module" | "commonjs", script: string): T {
  const printed = execFileSync(process.execPath, [`--input-type=${type}`, "--eval", script], {
    cwd: consumer,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
  return JSON.parse(printed) as T;
}

const specifiers = subpaths.map(specifierOf);
const load = {
  import: { type: "module", expression: (id: string) => `await import("${id}")` },
  require: { type: "commonjs", expression: (id: string) => `require("${id}")` },
} as const;

describe("lists that must agree", () => {
  it("tsup builds exactly the subpaths of package.json", () => {
    if (!Array.isArray(tsup)) throw new TypeError("tsup.config.ts is expected to be a list");
    const entries = tsup.flatMap(({ entry }) => (Array.isArray(entry) ? entry : []));
    expect(entries.map(subpathOf).toSorted()).toEqual(subpaths.toSorted());
  });

  it("typedoc documents exactly the subpaths of package.json", () => {
    const { config } = ts.readConfigFile(`${root}tsconfig.json`, (name) =>
      readFileSync(name, "utf8"),
    ) as {
      config: { typedocOptions: { entryPoints: string[] } };
    };
    expect(config.typedocOptions.entryPoints.map(subpathOf).toSorted()).toEqual(
      subpaths.toSorted(),
    );
  });

  it.each(subpaths)("%s is named like its source and its files", (subpath) => {
    const conditions = manifest.exports[subpath];
    if (typeof conditions !== "object") throw new TypeError(`"${subpath}" has no conditions`);
    const file = conditions.import.default.replace(/\.js$/, "");
    expect(subpathOf(file.replace("./dist", "src"))).toBe(subpath);
    expect(conditions).toEqual({
      import: { types: `${file}.d.ts`, default: `${file}.js` },
      require: { types: `${file}.d.cts`, default: `${file}.cjs` },
    });
  });
});

describe("the installed package", () => {
  it.each(specifiers)("%s gives import and require the same names", (id) => {
    const names = (how: "import" | "require") => {
      const { type, expression } = load[how];
      const script = `console.log(JSON.stringify(Object.keys(${expression(id)}).sort()))`;
      return run<string[]>(type, script).filter((name) => name !== "module.exports");
    };
    const imported = names("import");
    expect(imported).not.toEqual([]);
    expect(imported).not.toContain("default");
    expect(names("require")).toEqual(imported);
  });

  it.each([".js.map", ".cjs.map"])("has every source once (*%s)", (ending) => {
    const dist = join(consumer, "node_modules", manifest.name, "dist");
    const sources = readdirSync(dist, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(ending))
      .flatMap((file) => {
        const map = JSON.parse(readFileSync(join(dist, file), "utf8")) as { sources: string[] };
        return map.sources.map((source) => resolve(dirname(join(dist, file)), source));
      });
    expect(sources).not.toEqual([]);
    // Twice would mean two error classes, two registries of checked contexts: a caller of one entry is a stranger to another.
    expect(sources.filter((source, index) => sources.indexOf(source) !== index)).toEqual([]);
    expect(sources.filter((source) => !source.includes(`${sep}src${sep}`))).toEqual([]);
  });

  it("lets package.json be read", () => {
    const id = `${manifest.name}/package.json`;
    expect(run("commonjs", `console.log(JSON.stringify(require("${id}")))`)).toMatchObject({
      name: manifest.name,
    });
  });

  it.each(["mts", "cts"])(
    "has declarations that need neither @types/node nor @types of ours (.%s)",
    (extension) => {
      const name = join(consumer, `user.${extension}`);
      const text = specifiers.map((id, index) => `import * as m${index} from "${id}";`).join("\n");
      const errors = compile(new Map([[name, text]]), {
        lib: ["lib.es2023.d.ts", "lib.dom.d.ts"],
        types: [],
        skipLibCheck: false,
      });
      // Dependencies are links out of the consumer's folder; what their own declarations need is their affair.
      expect(errors.filter((error) => error.startsWith(consumer))).toEqual([]);
    },
  );
});
