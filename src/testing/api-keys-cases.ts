import { createApiKeys, type ApiKeys, type IssuedKey } from "../core/api-keys.js";
import { isApiKeyError } from "../core/errors.js";
import { ORGANIZATION, together, TRIALS, type Handles, type Requirement } from "./case.js";
import { equal } from "./expect.js";

const organizationId = ORGANIZATION;

/** One key that two instances manage at once. */
interface Duel {
  readonly issued: IssuedKey;
  readonly ref: { readonly organizationId: string; readonly id: string };
  readonly instances: readonly [ApiKeys, ApiKeys];
}

function duel(id: string, name: string, run: (duel: Duel) => Promise<void>): Requirement {
  return [
    id,
    name,
    async ({ store, other }: Handles) => {
      const instances = [createApiKeys({ store }), createApiKeys({ store: other })] as const;
      for (let n = 1; n <= TRIALS; n++) {
        const issued = await instances[0].create({ organizationId, name: `Key ${n}` });
        await run({ issued, ref: { organizationId, id: issued.apiKey.id }, instances });
      }
      // Uses are written behind the calls: not after the case has closed its store.
      for (const apiKeys of instances) await apiKeys.close();
    },
  ];
}

/** How a call ends: its answer, or the code of its error. */
async function outcomeOf<T>(call: Promise<T>): Promise<T | string> {
  try {
    return await call;
  } catch (error) {
    if (isApiKeyError(error)) return error.code;
    throw error;
  }
}

async function expectKey({ instances }: Duel, key: string, isValid: boolean): Promise<void> {
  for (const apiKeys of instances) {
    equal("authenticate", (await apiKeys.authenticate(key)).ok, isValid);
  }
}

/** The same store behind createApiKeys, in two instances. */
export const API_KEYS_CASES: readonly Requirement[] = [
  duel(
    "keys-regenerate",
    "of regenerations at once exactly one MUST win, and only its key be valid",
    async (duel) => {
      const { instances, issued, ref } = duel;
      const [a, b] = instances;
      await expectKey(duel, issued.key, true);
      const outcomes = await together(
        [a, b, a].map((apiKeys) => () => outcomeOf(apiKeys.regenerate({ ...ref, version: 1 }))),
      );
      const winners = outcomes.filter((outcome) => typeof outcome === "object");
      equal("winners", winners.length, 1);
      equal("losers", outcomes.filter((outcome) => outcome === "CONFLICT").length, 2);
      await expectKey(duel, issued.key, false);
      await expectKey(duel, winners[0]!.key, true);
    },
  ),
  duel(
    "keys-set-access",
    "of tables that are set at once exactly one MUST win, and stay",
    async ({ instances, ref }) => {
      const tables = [{ a: "read" }, { b: "write" }] as const;
      const outcomes = await together(
        tables.map(
          (table, i) => () => outcomeOf(instances[i]!.setAccess({ ...ref, version: 1 }, table)),
        ),
      );
      const winner = outcomes.findIndex((outcome) => typeof outcome === "object");
      equal("loser", outcomes[1 - winner], "CONFLICT");
      const apiKey = await instances[0].get(ref);
      equal("access", [apiKey?.access, apiKey?.version], [tables[winner], 2]);
    },
  ),
  duel("keys-grant", "grants at once MUST all arrive", async ({ instances, ref }) => {
    const ids = ["a", "b", "c", "d", "e", "f"];
    await together(
      ids.map((libraryId, i) => () => instances[i % 2]!.grant(ref, { libraryId, level: "read" })),
    );
    const apiKey = await instances[1].get(ref);
    const access = Object.fromEntries(ids.map((id) => [id, "read"]));
    equal("access", [apiKey?.access, apiKey?.version], [access, 7]);
  }),
  duel(
    "keys-delete",
    "a key MUST be refused from when its deletion has resolved, whatever changes overlap it",
    async (duel) => {
      const { instances, issued, ref } = duel;
      const [a, b] = instances;
      const [regenerated, , deleted] = await together<unknown>([
        () => outcomeOf(a.regenerate(ref)),
        () => b.authenticate(issued.key),
        () => b.delete(ref),
        () => outcomeOf(a.grant(ref, { libraryId: "a", level: "read" })),
      ]);
      equal("deleted", deleted, true);
      await expectKey(duel, issued.key, false);
      if (typeof regenerated === "object")
        await expectKey(duel, (regenerated as IssuedKey).key, false);
      equal("get", await a.get(ref), null);
    },
  ),
  [
    "keys-pages",
    "cursors MUST lead through every key once",
    async ({ store, other }) => {
      let nowMs = 1000;
      const [a, b] = [store, other].map((each) => createApiKeys({ store: each, now: () => nowMs }));
      const created: string[] = [];
      for (let n = 0; n < 12; n++) {
        nowMs += n % 3 === 0 ? 1 : 0;
        created.push((await a!.create({ organizationId, name: "Key" })).apiKey.id);
      }
      const ids: string[] = [];
      let after: string | null = null;
      do {
        const page: Awaited<ReturnType<ApiKeys["list"]>> = await b!.list({
          organizationId,
          first: 5,
          after,
        });
        ids.push(...page.apiKeys.map(({ id }) => id));
        after = page.endCursor;
      } while (after !== null);
      equal("ids", [...ids].sort(), [...created].sort());
    },
  ],
];
