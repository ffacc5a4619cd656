import type { Caller } from "../core/caller.js";

/** What is known of a context object: whose operations run with it, and which guards checked them. */
export interface State {
  caller: Caller;
  readonly guards: object[];
}

/** Makes whatever it is given its instance: a subclass' private field is then that object's. */
class Given {
  constructor(object: object) {
    return object;
  }
}

/**
 * The state is a private field of the context object itself, so that nothing a host or a resolver writes into its
 * context replaces the caller, and a copy of the context has none. A WeakMap says the same, and takes ten times as long
 * for an object that is new to it: a tenth of a small operation.
 */
class Tied extends Given {
  readonly #state: State;

  constructor(context: object, state: State) {
    super(context);
    this.#state = state;
  }

  static stateOf(context: object): State | undefined {
    return #state in context ? context.#state : undefined;
  }
}

// JavaScript is about to refuse private fields to objects that take no more properties.
const ofFrozen = new WeakMap<object, State>();

function setState(context: object, state: State): void {
  if (Object.isExtensible(context)) new Tied(context, state);
  else ofFrozen.set(context, state);
}

/**
 * Ties a context object to the caller whose operation a guard let through.
 *
 * @throws TypeError when another caller's operation uses the same object: concurrent operations would mix.
 */
export function tie(context: object, caller: Caller, guard: object): void {
  const state = stateOf(context);
  if (state === undefined) {
    setState(context, { caller, guards: [guard] });
    return;
  }
  if (state.caller.id !== caller.id || state.caller.organizationId !== caller.organizationId) {
    throw new TypeError(
      "The context object serves two callers: make a new one for every operation.",
    );
  }
  state.caller = caller;
  if (!state.guards.includes(guard)) state.guards.push(guard);
}

/** The state of a context, or undefined if no guard let an operation with it through. */
export function stateOf(context: unknown): State | undefined {
  if (typeof context !== "object" || context === null) return undefined;
  return Tied.stateOf(context) ?? ofFrozen.get(context);
}
