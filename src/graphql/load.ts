import type { FieldNode, GraphQLResolveInfo } from "graphql";
import type { Level } from "../core/access.js";
import type { Caller } from "../core/caller.js";
import { isPromiseLike } from "../core/maybe-promise.js";
import { addCall, findCall, type Call, type OpenCalls } from "./calls.js";
import type { Loaded, LoadedByField } from "./contexts.js";
import { judgePairs } from "./judge.js";
import type { TargetsRule } from "./rules.js";

type Args = Readonly<Record<string, unknown>>;

/** Called with what a loader threw, or with its being late. The client learns nothing of it. */
export type OnLoadFailure = (coordinate: string, error: unknown) => void;

const answers = new WeakMap<object, readonly unknown[]>();

/**
 * What was loaded for a call of a field that has `targets`, so that its resolver need not load it again.
 *
 * @param info - The fourth argument of the resolver.
 * @returns What the loader answered; of several loaders, an array of their answers.
 * @throws TypeError when the field has no `targets`.
 */
export function loadedOf<Answer = unknown>(info: GraphQLResolveInfo): Answer {
  const loaded = answers.get(info);
  if (loaded === undefined)
    throw new TypeError("Nothing was loaded for this field: give it targets().");
  return (loaded.length === 1 ? loaded[0] : loaded) as Answer;
}

/** Makes what was loaded available to the resolver that gets this info. */
export function provide(info: object, loaded: readonly Loaded[]): void {
  answers.set(
    info,
    loaded.map(({ answer }) => answer),
  );
}

/** Asks a loader. What it throws, and what does not come in time, is null: out of reach. */
export async function load(
  rule: TargetsRule,
  args: Args,
  context: unknown,
  coordinate: string,
  onFailure: OnLoadFailure,
): Promise<Loaded> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    const question = rule.load(args as never, context as never);
    const answer: unknown = isPromiseLike(question)
      ? await Promise.race([
          question,
          new Promise((_, reject) => {
            const late = new Error(`The targets of ${coordinate} took over ${rule.timeoutMs} ms.`);
            timer = setTimeout(() => reject(late), rule.timeoutMs);
          }),
        ])
      : question;
    return { rule, args, answer };
  } catch (error) {
    onFailure(coordinate, error);
    return { rule, args, answer: null };
  } finally {
    clearTimeout(timer);
  }
}

/** Whether the caller reaches all that was loaded. Nothing, an empty list and a list with a null are out of reach. */
export function isWithinReach(loaded: Loaded, level: Level, caller: Caller): boolean {
  return judgePairs(loaded.answer, loaded.rule.level ?? level, caller) === null;
}

/** Loads for one operation, each target of a field once: a field of an interface is one of every type behind it. */
export function createLoads(
  context: unknown,
  onFailure: OnLoadFailure,
): {
  readonly load: (
    rule: TargetsRule,
    args: Args,
    node: FieldNode,
    coordinate: string,
  ) => Promise<Loaded>;
  readonly loaded: LoadedByField;
} {
  const begun: OpenCalls<Call & { readonly answer: Promise<Loaded> }> = new Map();
  const loaded: OpenCalls<Loaded> = new Map();
  return {
    loaded,
    load(rule, args, node, coordinate) {
      const same = findCall(begun, node, { rule, args });
      if (same !== undefined) return same.answer;
      const answer = load(rule, args, context, coordinate, onFailure).then((one) => {
        addCall(loaded, node, one);
        return one;
      });
      addCall(begun, node, { rule, args, answer });
      return answer;
    },
  };
}

/** What was loaded before execution by a rule for this very field of the document and these very arguments. */
export function findLoaded(
  loaded: LoadedByField,
  info: GraphQLResolveInfo,
  rule: TargetsRule,
  args: Args,
): Loaded | undefined {
  return findCall(loaded, info.fieldNodes[0]!, { rule, args }); // executors take the arguments of the first
}
