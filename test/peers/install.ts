import { fileURLToPath } from "node:url";
import { installFolder } from "../support/install.js";
import { trees } from "./trees.js";

/** Installs each folder beside this file, one after the other: npm keeps every processor busy. */
export default async function install(): Promise<void> {
  for (const { folder } of trees) {
    const path = fileURLToPath(new URL(`${folder}/`, import.meta.url));
    const isThere = await installFolder(path, `test/peers/${folder}`, (line) =>
      console.error(line),
    );
    if (!isThere) throw new Error(`The peers of test/peers/${folder} are missing.`);
  }
}
