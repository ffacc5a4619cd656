/** Why a scenario has no row on a path. */
import type { PathName } from "./row.js";

type Reasons = Readonly<Partial<Record<PathName, string>>>;

const START_UP: Reasons = {
  execute: "createGuard throws: there is nothing to execute",
  Yoga: "createGuard throws: there is nothing to serve",
};

const SOCKETS: Reasons = {
  execute: "lets no sockets in: the adapter of graphql-ws does, and is tested by number",
  Yoga: "speaks no WebSocket: the adapter of graphql-ws does, and is tested by number",
};

export const reasons: Readonly<Record<number, Reasons>> = {
  9: START_UP,
  10: START_UP,
  12: START_UP,
  23: { Yoga: "JSON has no undefined" },
  55: { execute: "takes documents: what a hash stands for is found before it" },
  56: { execute: "has no methods: a server of it takes what its author lets in" },
  73: { execute: "takes one operation a call" },
  74: { execute: "takes one operation a call" },
  76: SOCKETS,
  77: SOCKETS,
  78: SOCKETS,
  96: { execute: "keeps no answers" },
  98: START_UP,
  99: START_UP,
  105: {
    execute: "is given the caller: authenticateRequest asks the host, and is tested by number",
  },
  108: START_UP,
  109: START_UP,
};
