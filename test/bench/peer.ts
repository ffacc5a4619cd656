/** Compares operations with a peer and without it, once it is known to do what it is measured for. */
import { isDeepStrictEqual } from "node:util";
import type { ExecutionResult } from "graphql";
import { compare, type Batch } from "./measure.js";
import {
  ACCESS,
  calls,
  createAssets,
  FIELD_OPERATIONS,
  LAST_FORBIDDEN,
  LIST,
  type Asset,
  type FieldOperation,
} from "./operations.js";
import { answer, ratioRow, type Row } from "./rows.js";

/** Runs an operation; a peer may also throw its refusal. */
export type Host = (
  operation: Pick<FieldOperation, "document" | "variableValues">,
) => ExecutionResult | Promise<ExecutionResult>;

/** A way to guard the API of the bench. */
export interface Peer {
  readonly id: string;
  /** What its users write. */
  readonly what: string;
  /** The same host without the peer and with it, over these assets; `results`: it judges every asset that leaves. */
  create(
    assets: readonly Asset[],
    results: boolean,
  ): { readonly bare: Host; readonly guarded: Host };
  /** Whether it can judge what leaves. */
  readonly seesResults: boolean;
}

/** What a rule of a peer is given: the key as a host would keep it. */
export const key = { organizationId: "monogram-labs", access: new Map(Object.entries(ACCESS)) };

/** Prints the comparison of one peer. */
export async function measurePeer(peer: Peer): Promise<void> {
  const { id: name } = peer;
  const { bare, guarded } = peer.create(createAssets(), false);
  const rows: Row[] = [];
  for (const operation of FIELD_OPERATIONS) {
    await checkPeer(name, bare, guarded, operation);
    rows.push(
      await rowOf(`peers.${name}.${operation.id}`, operation.what, bare, guarded, operation),
    );
  }
  if (peer.seesResults) {
    const all = peer.create(createAssets(), true);
    await checkPeer(name, all.bare, all.guarded, LIST);
    rows.push(
      await rowOf(`peers.${name}.results`, "100 objects judged", all.bare, all.guarded, LIST),
    );
  }
  const note = await characterOf(peer);
  answer(rows.map((row) => ({ ...row, peer: { name: peer.what, note } })));
}

async function rowOf(
  id: string,
  what: string,
  bare: Host,
  guarded: Host,
  operation: FieldOperation,
) {
  return ratioRow(
    id,
    what,
    await compare(repeat(bare, operation), repeat(guarded, operation), 101),
    null,
  );
}

function repeat(host: Host, operation: FieldOperation): Batch {
  return async (times) => {
    let result: ExecutionResult | undefined;
    for (let i = 0; i < times; i++) {
      result = await host(operation);
      // A refusal would be fast.
      if (result.errors !== undefined || !result.data)
        throw new Error("the bench's own operation failed");
    }
    return result;
  };
}

/** A peer that lets everything through would be fast as well. */
async function checkPeer(
  name: string,
  bare: Host,
  guarded: Host,
  operation: FieldOperation,
): Promise<void> {
  const { id, forbidden } = operation;
  const expected = plain(await bare(operation));
  if (!isDeepStrictEqual(plain(await guarded(operation)), expected)) {
    throw new Error(`${name} does not answer ${id}`);
  }
  const refused = await outcomeOf(guarded, { ...operation, variableValues: forbidden });
  if (refused !== null) throw new Error(`${name} does not refuse ${id}`);
}

/** What an operation answers; null: an error, and nothing of any field. */
async function outcomeOf(host: Host, operation: FieldOperation): Promise<unknown> {
  try {
    const { data, errors } = plain(await host(operation));
    if (errors === undefined) return data;
    return Object.values(data ?? {}).every((value) => value === null) ? null : data;
  } catch {
    return null;
  }
}

/** When a peer refuses, and what it does with objects out of reach. */
async function characterOf(peer: Peer): Promise<string> {
  const { guarded } = peer.create(createAssets(), false);
  calls.resolved = 0;
  await outcomeOf(guarded, LAST_FORBIDDEN);
  const ran = calls.resolved;
  const when = ran === 0 ? "before any resolver" : `after ${ran} of 19 other resolvers ran`;
  return `refuses ${when}; objects out of reach: ${await resultsOf(peer)}`;
}

async function resultsOf({ create, seesResults }: Peer): Promise<string> {
  const { guarded } = create(createAssets("berlin"), seesResults);
  const data = (await outcomeOf(guarded, LIST)) as { assets?: readonly unknown[] } | null;
  const count = data?.assets?.filter((asset) => asset !== null).length;
  if (count === undefined) return "the whole list is refused";
  return count === 50 ? "filtered" : "not seen";
}

function plain(result: ExecutionResult): ExecutionResult {
  return JSON.parse(JSON.stringify(result)) as ExecutionResult;
}
