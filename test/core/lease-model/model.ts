/**
 * The rule of leases as a machine so small that every order of its steps can be tried: instances that verify a key, a
 * store, and a call that kills the key. Time goes in ticks; any number of them may pass between two steps, so that
 * every step may take as long as it likes, up to a horizon.
 */

/** What the machine is like. The default is the design. */
export interface Setting {
  readonly instances: number;
  /** Requests that one instance has under way at most. */
  readonly requests: number;
  /** Ticks that are tried. */
  readonly horizon: number;
  /** The lease of each instance, in ticks. */
  readonly leases: readonly number[];
  readonly waitTicks: number;
  readonly leaseBegins: "before the read" | "after the read" | "at each use";
  readonly waitBegins: "after the commit" | "at the call" | "never";
  /** A read that returns is believed only within its lease. */
  readonly rechecks: boolean;
  readonly joinersCountFrom: "the read" | "their arrival";
  readonly keeps: boolean;
  /** Ticks that a read may be behind. */
  readonly lag: number;
  /** Reads see the store as the first of them did. */
  readonly oneSnapshot: boolean;
  /** Machines sleep: their monotonic clock stands still. */
  readonly sleeps: boolean;
  readonly clocks: "both" | "monotonic";
  /** Ticks that neither clock of an instance sees. */
  readonly blackout: number;
  readonly crashes: boolean;
  readonly retryWaits: boolean;
  /** Age up to which a record is used while it is read anew. */
  readonly staleWhileRead: number;
  /** Age up to which a record is used when a read fails. */
  readonly staleOnFailure: number;
  /** A commit that is younger may be lost. */
  readonly losesWithin: number;
  readonly readsBack: boolean;
  /** No leases: instances are told of the commit, if the message arrives. */
  readonly messages: boolean;
  /** The instance of the writer drops what it keeps. */
  readonly clears: boolean;
  /** And also what a read under way will answer. */
  readonly clearsReads: boolean;
  /**
   * What must not come after the call has resolved: a request that is let in and arrived after it, a decision, or what a
   * resolver does.
   */
  readonly promise: "arrival" | "decision" | "effect";
  /** What a resolver does is conditional on the version of the key. */
  readonly fenced: boolean;
}

export const DESIGN: Setting = {
  instances: 1,
  requests: 2,
  horizon: 7,
  leases: [2, 2],
  waitTicks: 2,
  leaseBegins: "before the read",
  waitBegins: "after the commit",
  rechecks: true,
  joinersCountFrom: "the read",
  keeps: true,
  lag: 0,
  oneSnapshot: false,
  sleeps: false,
  clocks: "both",
  blackout: 0,
  crashes: false,
  retryWaits: true,
  staleWhileRead: 0,
  staleOnFailure: 0,
  losesWithin: 0,
  readsBack: true,
  messages: false,
  clears: false,
  clearsReads: true,
  promise: "decision",
  fenced: false,
};

/** What every order of steps came to. */
export interface Exploration {
  readonly states: number;
  /** The steps to a broken promise; null: there are none. */
  readonly trace: readonly string[] | null;
}

const ALIVE = 1;
const DEAD = 0;
const UNSEEN = -1;
const MAX_SLEEP = 4;

type Seen = typeof ALIVE | typeof DEAD | typeof UNSEEN;
type WriterStep = "idle" | "called" | "committed" | "crashed" | "resolved" | "failed";

/** Two clocks at one moment. */
interface Moment {
  readonly monotonic: number;
  readonly wall: number;
}

interface Kept extends Moment {
  readonly value: Seen;
}

interface Read extends Moment {
  readonly value: Seen;
  readonly forgotten: boolean;
}

/** A request: it waits for a read, or was let in and has not done anything yet. */
interface Request {
  readonly step: "waits" | "acts";
  readonly cameLate: boolean;
  readonly since: Moment | null;
}

interface Instance {
  readonly sleptTicks: number;
  readonly hiddenTicks: number;
  readonly kept: Kept | null;
  readonly read: Read | null;
  readonly snapshot: Seen;
  readonly requests: readonly (Request | null)[];
}

interface State {
  readonly tick: number;
  readonly store: Seen;
  readonly committedAt: number;
  readonly writer: WriterStep;
  readonly waitsSince: number;
  readonly instances: readonly Instance[];
}

interface Step {
  readonly label: string;
  readonly state: State;
  /** Whether it is something that must not come after the call has resolved. */
  readonly counts?: boolean;
}

/** Tries every order of steps, or all until the promise is broken. */
export function explore(changes: Partial<Setting>): Exploration {
  const setting: Setting = { ...DESIGN, ...changes };
  const first = initial(setting);
  const seen = new Set([keyOf(first)]);
  const states: State[] = [first];
  const from: number[] = [-1];
  const labels: string[] = [""];
  for (let at = 0; at < states.length; at++) {
    const state = states[at]!;
    for (const { label, state: next, counts } of stepsFrom(state, setting)) {
      if (counts && state.writer === "resolved") {
        const trace = [`tick ${state.tick}: ${label}`];
        for (let i = at; i > 0; i = from[i]!) {
          trace.push(`tick ${states[from[i]!]!.tick}: ${labels[i]!}`);
        }
        return { states: states.length, trace: trace.reverse() };
      }
      const key = keyOf(next);
      if (seen.has(key)) continue;
      seen.add(key);
      states.push(next);
      from.push(at);
      labels.push(label);
    }
  }
  return { states: states.length, trace: null };
}

function initial({ instances, requests }: Setting): State {
  const instance: Instance = {
    sleptTicks: 0,
    hiddenTicks: 0,
    kept: null,
    read: null,
    snapshot: UNSEEN,
    requests: Array.from({ length: requests }, () => null),
  };
  return {
    tick: 0,
    store: ALIVE,
    committedAt: -1,
    writer: "idle",
    waitsSince: 0,
    instances: Array.from({ length: instances }, () => instance),
  };
}

/** Requests of one instance are alike: their order is nobody's business. */
function keyOf(state: State): string {
  let key = `${state.tick},${state.store},${state.committedAt},${state.writer},${state.waitsSince}`;
  for (const { sleptTicks, hiddenTicks, kept, read, snapshot, requests } of state.instances) {
    key += `|${sleptTicks},${hiddenTicks},${snapshot}`;
    key += kept ? `;k${kept.value},${kept.monotonic},${kept.wall}` : ";";
    key += read ? `;r${read.value},${read.monotonic},${read.wall},${read.forgotten}` : ";";
    key += `;${requests.map(keyOfRequest).sort().join("/")}`;
  }
  return key;
}

function keyOfRequest(request: Request | null): string {
  if (request === null) return "";
  const { step, cameLate, since } = request;
  return `${step}${cameLate}${since ? `${since.monotonic},${since.wall}` : ""}`;
}

function* stepsFrom(state: State, setting: Setting): Generator<Step> {
  yield* passTime(state, setting);
  yield* write(state, setting);
  for (let i = 0; i < state.instances.length; i++) {
    yield* readStore(state, i, setting);
    yield* returnRead(state, i, setting);
    yield* act(state, i, setting);
    yield* arrive(state, i, setting);
  }
}

function* passTime(state: State, { horizon, sleeps, blackout }: Setting): Generator<Step> {
  if (state.tick === horizon) return;
  const later = { ...state, tick: state.tick + 1 };
  yield { label: "time passes", state: later };
  for (const [i, instance] of state.instances.entries()) {
    const sleptTicks = instance.sleptTicks + 1;
    if (sleeps && instance.sleptTicks < MAX_SLEEP) {
      yield { label: `${i} sleeps`, state: put(later, i, { sleptTicks }) };
    }
    if (instance.hiddenTicks < blackout) {
      const hiddenTicks = instance.hiddenTicks + 1;
      yield { label: `${i} is moved`, state: put(later, i, { sleptTicks, hiddenTicks }) };
    }
  }
}

function* write(state: State, setting: Setting): Generator<Step> {
  const { tick, writer, store, committedAt } = state;
  if (writer === "idle") {
    yield {
      label: "the writer is called",
      state: { ...state, writer: "called", waitsSince: tick },
    };
  }
  if (writer === "called") yield* commit(state, setting);
  if (writer === "committed") {
    const isOver = setting.waitBegins === "never" || tick - state.waitsSince >= setting.waitTicks;
    const isLost = setting.readsBack && store === ALIVE;
    if (isOver && isLost)
      yield { label: "the writer fails", state: { ...state, writer: "failed" } };
    if (isOver && !isLost) {
      yield { label: "the writer resolves", state: { ...state, writer: "resolved" } };
    }
    if (setting.crashes) yield { label: "the writer dies", state: { ...state, writer: "crashed" } };
  }
  if (writer === "crashed") {
    yield setting.retryWaits
      ? { label: "a retry waits", state: { ...state, writer: "committed", waitsSince: tick } }
      : { label: "a retry resolves", state: { ...state, writer: "resolved" } };
  }
  if (store === DEAD && tick - committedAt < setting.losesWithin) {
    yield { label: "the store loses the commit", state: { ...state, store: ALIVE } };
  }
}

function* commit(state: State, setting: Setting): Generator<Step> {
  const { tick } = state;
  const waitsSince = setting.waitBegins === "after the commit" ? tick : state.waitsSince;
  let next: State = { ...state, store: DEAD, committedAt: tick, writer: "committed", waitsSince };
  if (setting.clears) {
    const { read } = next.instances[0]!;
    next = put(next, 0, { kept: null, read: read && { ...read, forgotten: true } });
  }
  yield { label: "the writer commits", state: next };
  if (!setting.messages) return;
  const instances = next.instances.map((instance) => ({ ...instance, kept: null }));
  yield { label: "the writer commits, and all hear of it", state: { ...next, instances } };
}

function* readStore(state: State, i: number, setting: Setting): Generator<Step> {
  const { read, snapshot } = state.instances[i]!;
  if (read === null || read.value !== UNSEEN) return;
  const { store, tick, committedAt } = state;
  const isBehind = setting.lag > 0 && committedAt >= 0 && tick - committedAt <= setting.lag;
  const values = new Set<Seen>([store, isBehind ? ALIVE : store]);
  if (setting.oneSnapshot && snapshot !== UNSEEN) {
    values.clear();
    values.add(snapshot);
  }
  for (const value of values) {
    const taken = setting.oneSnapshot ? { snapshot: value } : {};
    const label = `the store answers ${i}: ${value === ALIVE ? "alive" : "dead"}`;
    yield { label, state: put(state, i, { read: { ...read, value }, ...taken }) };
  }
}

function* returnRead(state: State, i: number, setting: Setting): Generator<Step> {
  const { read, kept: before, requests } = state.instances[i]!;
  if (read === null || read.value === UNSEEN) return;
  const { leaseBegins, clearsReads, staleOnFailure, rechecks, joinersCountFrom } = setting;
  const began = leaseBegins === "after the read" ? clocksOf(state, i) : read;
  const isKept = !(read.forgotten && clearsReads);
  const kept = isKept
    ? { value: read.value, monotonic: began.monotonic, wall: began.wall }
    : before;
  const isInTime = ({ since }: Request): boolean => {
    const from = joinersCountFrom === "their arrival" && since !== null ? since : began;
    return !rechecks || ageOf(state, i, from, setting) < setting.leases[i]!;
  };
  const lets = (request: Request) => read.value === ALIVE && isInTime(request);
  yield settle(put(state, i, { read: null, kept }), i, requests, lets, setting, "is answered");
  if (staleOnFailure === 0) return;
  const isUsable = before?.value === ALIVE && ageOf(state, i, before, setting) < staleOnFailure;
  yield settle(
    put(state, i, { read: null }),
    i,
    requests,
    () => isUsable,
    setting,
    "gets no answer",
  );
}

/** All who wait are let in or not. */
function settle(
  state: State,
  i: number,
  requests: readonly (Request | null)[],
  lets: (request: Request) => boolean,
  { promise }: Setting,
  label: string,
): Step {
  let counts = false;
  const after = requests.map((request) => {
    if (request?.step !== "waits") return request;
    if (!lets(request)) return null;
    if (promise === "effect") return { ...request, step: "acts" as const, since: null };
    counts ||= promise === "decision" || request.cameLate;
    return null;
  });
  return { label: `${i} ${label}`, state: put(state, i, { requests: after }), counts };
}

function* act(state: State, i: number, { fenced }: Setting): Generator<Step> {
  const { requests } = state.instances[i]!;
  const at = requests.findIndex((request) => request?.step === "acts");
  if (at === -1) return;
  const counts = !(fenced && state.store === DEAD);
  const after = put(state, i, { requests: requests.with(at, null) });
  yield { label: `a resolver of ${i} acts`, state: after, counts };
}

function* arrive(state: State, i: number, setting: Setting): Generator<Step> {
  const { kept, read, requests } = state.instances[i]!;
  const at = requests.indexOf(null);
  if (at === -1) return;
  const { promise, staleWhileRead, leaseBegins } = setting;
  const cameLate = promise === "arrival" && state.writer === "resolved";
  const now = clocksOf(state, i);
  const ageNow = kept ? ageOf(state, i, kept, setting) : Infinity;
  const isFresh = kept !== null && (setting.messages || ageNow < setting.leases[i]!);
  const beginRead = (): Read => ({ ...now, value: UNSEEN, forgotten: false });
  if (setting.keeps && kept !== null && (isFresh || ageNow < staleWhileRead)) {
    const next = put(state, i, {
      read: isFresh ? read : (read ?? beginRead()),
      kept: leaseBegins === "at each use" ? { ...kept, ...now } : kept,
    });
    const label = `a request to ${i} is answered by what is kept`;
    if (kept.value === DEAD) yield { label, state: next };
    else if (promise !== "effect") {
      yield { label, state: next, counts: promise === "decision" || cameLate };
    } else {
      const acts: Request = { step: "acts", cameLate, since: null };
      yield { label, state: put(next, i, { requests: requests.with(at, acts) }) };
    }
    return;
  }
  const since = setting.joinersCountFrom === "their arrival" && read !== null ? now : null;
  const waits: Request = { step: "waits", cameLate, since };
  const label =
    read === null ? `a request to ${i} begins a read` : `a request to ${i} joins a read`;
  const next = put(state, i, { read: read ?? beginRead(), requests: requests.with(at, waits) });
  yield { label, state: next };
}

function clocksOf({ tick, instances }: State, i: number): Moment {
  const { sleptTicks, hiddenTicks } = instances[i]!;
  return { monotonic: tick - sleptTicks, wall: tick - hiddenTicks };
}

function ageOf(state: State, i: number, since: Moment, { clocks }: Setting): number {
  const now = clocksOf(state, i);
  const monotonic = now.monotonic - since.monotonic;
  return clocks === "both" ? Math.max(monotonic, now.wall - since.wall) : monotonic;
}

function put(state: State, i: number, changes: Partial<Instance>): State {
  const instances = state.instances.with(i, { ...state.instances[i]!, ...changes });
  return { ...state, instances };
}
