import { isFresh, isSameCaller, type Caller } from "../core/caller.js";
import { andThen, type MaybePromise } from "../core/maybe-promise.js";
import { createTie } from "../core/tie.js";
import type { Call, Calls } from "./calls.js";
import { endError } from "./end.js";

/** What a loader answered for arguments before execution. */
export interface Loaded extends Call {
  readonly answer: unknown;
}

/** What was loaded, by the field of the document. */
export type LoadedByField = Calls<Loaded>;

const NOTHING_LOADED: LoadedByField = new Map();

/** What tells guards apart. */
export interface GuardIdentity {
  /** It refuses nothing. */
  readonly reportOnly: boolean;
}

/** What is known of a context object: whose operations run with it, and which guards checked them. */
export interface State {
  caller: Caller;
  /** Who was authenticated. Read anew through it: what a host's `current` answers may not be able to. */
  readonly origin: Caller;
  /** Nothing resurrects a dead key: what still runs is refused. */
  dead: boolean;
  readonly guards: GuardIdentity[];
  loaded: LoadedByField;
}

// Not a property: a resolver that writes into its context replaces no caller.
const states = createTie<State>();

/**
 * Ties a context object to the caller whose operation a guard let through.
 *
 * @throws TypeError when another caller's operation uses the same object, which would mix them.
 */
export function tie(
  context: object,
  caller: Caller,
  guard: GuardIdentity,
  loaded: LoadedByField = NOTHING_LOADED,
): void {
  const state = stateOf(context);
  if (state === undefined) {
    const origin = caller;
    states.set(context, { caller, origin, dead: false, guards: [guard], loaded });
    return;
  }
  assertFree(context, caller);
  // What was renewed while it ran stays renewed.
  if (caller.version >= state.caller.version) state.caller = caller;
  if (!state.guards.includes(guard)) state.guards.push(guard);
  if (loaded.size > 0) state.loaded = new Map([...state.loaded, ...loaded]); // objects move
}

/**
 * Makes sure that a context object may serve a caller.
 *
 * @throws TypeError when another caller's operation uses it, or one of a key that died meanwhile.
 */
export function assertFree(context: object, caller: Caller): void {
  const state = stateOf(context);
  if (state === undefined) return;
  assertOneCaller(state.origin, caller);
  if (state.dead) throw new TypeError("The context object belongs to a key that is dead.");
}

/**
 * Makes sure that a context object is not handed from one caller to another.
 *
 * @param before - Whom it was made for earlier, if anybody.
 * @throws TypeError when it is.
 */
export function assertOneCaller(before: Caller | undefined, caller: Caller): void {
  if (before === undefined || isSameCaller(before, caller)) return;
  throw new TypeError("The context object serves two callers: make a new one for every operation.");
}

/** The state of a context, or undefined if no guard let an operation with it through. */
export function stateOf(context: unknown): State | undefined {
  return states.get(context);
}

/** Times that a caller is read anew for one decision. Each was too old again before its turn came. */
export const MAX_RENEWALS = 3;

/**
 * Runs what decides by the caller of a context: at once while it may be believed, otherwise after it was read anew.
 *
 * @param dead - What happens instead once its key is dead.
 * @param renewals - How often it was read anew already.
 * @throws GraphQLError `UNAVAILABLE` when it is too old whenever its turn comes.
 */
export function whenAlive<R>(
  state: State,
  decide: () => MaybePromise<R>,
  dead: () => MaybePromise<R>,
  renewals = 0,
): MaybePromise<R> {
  if (isFresh(state.caller)) return decide();
  if (renewals === MAX_RENEWALS) throw endError("UNAVAILABLE");
  return andThen(renew(state), (alive) =>
    alive ? whenAlive(state, decide, dead, renewals + 1) : dead(),
  );
}

/** Reads the caller of a context anew. False: its key is dead. */
export function renew(state: State): MaybePromise<boolean> {
  return andThen(state.origin.current(), (caller) => {
    if (!caller || !isSameCaller(caller, state.origin)) {
      state.dead = true;
      return false;
    }
    if (caller.version >= state.caller.version) state.caller = caller;
    return !state.dead;
  });
}
