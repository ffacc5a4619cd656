/** The settings that are tried: those in which the promise holds, and those that break one rule each. */
import type { Setting } from "./model.js";

type Settings = Readonly<Record<string, Partial<Setting>>>;

export const holding: Settings = {
  "one instance, two requests at once, slow reads": {},
  "two instances": { instances: 2, requests: 1, horizon: 5 },
  "machines that sleep, and both clocks": { sleeps: true, requests: 1 },
  "a blackout of a tick that no clock sees, and a margin of one": {
    blackout: 1,
    waitTicks: 3,
    requests: 1,
  },
  "a writer that dies, and a retry that waits": { crashes: true, requests: 1 },
  "a replica that is a tick behind, and a writer that waits as much longer": {
    lag: 1,
    waitTicks: 3,
    requests: 1,
  },
  "a store that loses commits, and a writer that looks": { losesWithin: 2, requests: 1 },
  "different leases, and a writer that waits for the longest": {
    instances: 2,
    requests: 1,
    leases: [1, 3],
    waitTicks: 3,
    horizon: 6,
  },
  "an instance that forgets what it changes": { clears: true },
  "pauses between decision and effect, and effects with a fence": {
    promise: "effect",
    fenced: true,
    requests: 1,
  },
  "no leases and no wait, for requests that arrive later and read for themselves": {
    promise: "arrival",
    keeps: false,
    waitBegins: "never",
    waitTicks: 0,
    rechecks: false,
    requests: 1,
  },
  "sleep, crashes and two requests at once": { sleeps: true, crashes: true, horizon: 6 },
};

export const broken: Settings = {
  "no leases and no wait, but reads are shared": {
    promise: "arrival",
    keeps: false,
    waitBegins: "never",
    waitTicks: 0,
    rechecks: false,
  },
  "no leases and no wait, and decisions are promised": {
    keeps: false,
    waitBegins: "never",
    waitTicks: 0,
    rechecks: false,
    requests: 1,
  },
  "the lease begins after the read": { leaseBegins: "after the read" },
  "the writer does not wait": { waitBegins: "never" },
  "the wait begins before the commit": { waitBegins: "at the call" },
  "use prolongs the lease": { leaseBegins: "at each use" },
  "late reads are believed": { rechecks: false },
  "joiners count from their arrival": { joinersCountFrom: "their arrival" },
  "a replica is behind, and the writer does not know": { lag: 1, requests: 1 },
  "machines sleep, and only the monotonic clock is asked": {
    sleeps: true,
    clocks: "monotonic",
    requests: 1,
  },
  "a retry answers at once": { crashes: true, retryWaits: false, requests: 1 },
  "an instance has a longer lease than the writer waits": {
    instances: 2,
    requests: 1,
    leases: [2, 3],
    horizon: 6,
  },
  "what is old is used while it is read anew": { staleWhileRead: 5 },
  "what is old is used when the store fails": { staleOnFailure: 5, requests: 1 },
  "messages instead of leases": { messages: true, requests: 1 },
  "all reads see one snapshot": { oneSnapshot: true, requests: 1 },
  "the store loses commits, and nobody looks": { losesWithin: 2, readsBack: false, requests: 1 },
  "a blackout, and no margin": { blackout: 1, requests: 1 },
  "pauses between decision and effect, and no fence": { promise: "effect", requests: 1 },
  "records are kept for ever, and dropped by the writer but for reads under way": {
    clears: true,
    clearsReads: false,
    leases: [99, 99],
    waitBegins: "never",
    requests: 1,
  },
};
