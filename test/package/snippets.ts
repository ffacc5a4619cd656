const OPENING = /^\s*```(?:ts|typescript)\b\s*(.*?)\s*$/;
const OPENING_TSX = /^\s*```tsx\b\s*(.*?)\s*$/;

/**
 * The TypeScript of a Markdown file, or of the doc comments of a source, as modules to compile.
 *
 * Each `ts` block is a module of its own; a block marked `ts continued` goes on where the one before it stopped; and what
 * a block takes for granted can stand in front of it, unseen by readers:
 *
 *     <!-- given
 *     declare const apiKeys: ApiKeys;
 *     -->
 *
 * @param text - the file.
 * @param language - what the fences say: `ts`, or `tsx` for what is React's.
 * @returns first line of the module → module. Every line keeps its number, so that an error points into the file.
 */
export function snippetsOf(
  text: string,
  language: "ts" | "tsx" = "ts",
): ReadonlyMap<number, string> {
  const opening = language === "ts" ? OPENING : OPENING_TSX;
  const modules = new Map<number, string[]>();
  let current: string[] = [];
  let given: string[] = [];
  let collecting: "block" | "given" | undefined;
  for (const [index, raw] of text.split("\n").entries()) {
    const line = raw.replace(/^\s*\* ?/, "");
    const fence = opening.exec(line);
    if (collecting === "block" && /^\s*```\s*$/.test(line)) collecting = undefined;
    else if (collecting === "given" && /^\s*-->\s*$/.test(line)) collecting = undefined;
    else if (collecting === "block") current[index] = line;
    else if (collecting === "given") given[index] = line;
    else if (/^\s*<!-- given\s*$/.test(line)) collecting = "given";
    else if (fence !== null) {
      if (fence[1] !== "continued" || modules.size === 0) {
        current = [];
        modules.set(index + 1, current);
      }
      Object.assign(current, given);
      given = [];
      collecting = "block";
    }
  }
  return new Map([...modules].map(([line, module]) => [line, module.join("\n")]));
}
