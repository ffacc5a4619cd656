import type { Script } from "./redis-scripts.js";

/** Sends one command, its name and arguments, and answers what the server answers. */
export type Command = (args: readonly string[]) => PromiseLike<unknown>;

/** Runs a script over keys of one slot. */
export type Run = (
  script: Script,
  keys: readonly string[],
  ...values: readonly string[]
) => Promise<unknown>;

/** Makes the function that runs scripts: by their digest, and in full where the server does not know them (any more). */
export function createRun(command: Command): Run {
  return async (script, keys, ...values) => {
    const args = [String(keys.length), ...keys, ...values];
    const sha1 = await script.sha1();
    try {
      return await command(["EVALSHA", sha1, ...args]);
    } catch (error) {
      // The second is how GLIDE says it. Nothing was run.
      if (!/NOSCRIPT|NoScriptError/.test(String(error))) throw error;
      return command(["EVAL", script.text, ...args]);
    }
  };
}

/**
 * Reads a text of an answer, whichever way the client hands it out.
 *
 * @throws TypeError for anything else: no answer must not become "no such key".
 */
export function textOf(answer: unknown): string {
  if (typeof answer === "string") return answer;
  if (answer instanceof Uint8Array) return new TextDecoder().decode(answer);
  throw new TypeError("the command answered something other than the script's answer");
}

/** Reads a list of texts. */
export function textsOf(answer: unknown): string[] {
  if (!Array.isArray(answer)) return [textOf(undefined)];
  return answer.map(textOf);
}

/** Reads an integer of which every digit counts. */
export function integerOf(text: string): number {
  const value = Number(text);
  if (text === "" || !Number.isSafeInteger(value)) throw new TypeError("not an integer in Redis");
  return value;
}
