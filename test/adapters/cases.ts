/**
 * What every adapter promises, whatever its server. Cases run on any test runner, or none: each gets a server of its
 * own, over real sockets, and throws when a promise is broken.
 */
import { answerCases } from "./cases/answers.js";
import { authenticationCases } from "./cases/authentication.js";
import { bodyCases } from "./cases/bodies.js";
import { operationCases } from "./cases/operations.js";
import { socketCases } from "./cases/sockets.js";
import type { AdapterCase, Capability } from "./subject.js";

export const adapterCases: readonly AdapterCase[] = [
  ...authenticationCases,
  ...bodyCases,
  ...operationCases,
  ...answerCases,
  ...socketCases,
];

/** The cases for a server that can do these things. */
export function casesFor(capabilities: readonly Capability[]): readonly AdapterCase[] {
  return adapterCases.filter(({ needs = [] }) =>
    needs.every((need) => capabilities.includes(need)),
  );
}
