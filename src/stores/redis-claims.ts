import { join, split, type createLayout } from "./redis-layout.js";
import { BEGIN, CLAIM, RELEASE, RESOLVE } from "./redis-scripts.js";
import { textOf, textsOf, type Run } from "./redis-wire.js";

/** Longer than the longest wait for a store. A write that is slower fails, and that is all that happens. */
export const INTENT_SECONDS = "600";
// How often a writer looks whether a rival finishes before it stops the rival. Each look is two round trips.
const PATIENCE = 8;
const MAX_LOOKS = 100;

/** A write after which a record carries a digest that it did not carry before. */
export interface Claim {
  /** The record's id, escaped. */
  readonly id: string;
  readonly hash: string;
  /** Digest that the record carries until then; null: there is no record. */
  readonly from: string | null;
  /** Names this attempt. */
  readonly token: string;
  /** What else has to be there before the record is. */
  readonly before?: () => Promise<unknown>;
  /** Runs the script that writes, over the record and the intent. */
  readonly commit: (keys: readonly string[]) => Promise<unknown>;
}

/** What became of a write; `taken`: another record carries the digest. */
export type Verdict = "done" | "no" | "taken";

/**
 * Keeps digests unique, although a digest's pointer and the records are in different slots.
 *
 * What decides is the record; a pointer is a hint that is believed only if the record carries the digest. But: **a record
 * that carries a digest is the owner of its pointer**, and whoever crashes when, that holds, because a pointer is claimed
 * before the record is written and released after the record has another digest. So who finds no pointer knows that no
 * record carries the digest, and who owns it knows that no other does.
 *
 * Somebody else's pointer is taken only when that owner's record does not carry the digest and never will. An owner says
 * first, in the slot of its record, that it intends to write (BEGIN); its write goes through only while that stands
 * (COMMIT); so a rival that takes the intent away (RESOLVE) knows that the write fails, and so does one that finds it
 * expired. Every owner has a token that is used once: to take or release a pointer of long ago never hits a new one, and
 * a command that a client sends twice is recognized.
 */
export function createClaims(run: Run, layout: ReturnType<typeof createLayout>) {
  const { recordKey, intentKey, pointerKey } = layout;

  async function claim(hash: string, owner: string): Promise<boolean> {
    let stale = "";
    for (let looks = 1; looks <= MAX_LOOKS; looks++) {
      const current = textOf(await run(CLAIM, [pointerKey(hash)], owner, stale));
      if (current === owner) return true;
      const [token, id] = split(current);
      const how = looks < PATIENCE ? "" : "cancel";
      const keys = [recordKey(id), intentKey(id, token)];
      const state = textOf(await run(RESOLVE, keys, token, how));
      if (state === "held") return false;
      stale = state === "free" ? current : "";
    }
    throw new Error("too many writers want one digest");
  }

  /** Gives a pointer back. Best effort: the write is done, and a pointer that stays is believed by nobody. */
  async function release(hash: string, owner: string): Promise<void> {
    await run(RELEASE, [pointerKey(hash)], owner).catch(() => {});
  }

  async function write({ id, hash, from, token, before, commit }: Claim): Promise<Verdict> {
    const owner = join(token, id);
    textOf(await run(BEGIN, [intentKey(id, token)], INTENT_SECONDS));
    const [isOwner] = await Promise.all([claim(hash, owner), before?.()]);
    if (!isOwner) return "taken";
    // Should this fail, it may have been written all the same, and the pointer has to stay.
    const { verdict, former } = outcomeOf(await commit([recordKey(id), intentKey(id, token)]));
    if (verdict === "no") await release(hash, owner);
    else if (from !== null && former !== "") await release(from, join(former, id));
    return verdict;
  }

  return { write, release };
}

/** Reads what COMMIT and TOUCH answer. */
export function outcomeOf(answer: unknown): { verdict: "done" | "no"; former: string } {
  const [verdict, former = ""] = textsOf(answer);
  if (verdict === "done" || verdict === "no") return { verdict, former };
  throw new Error("nothing was written: it took too long, or a rival wanted the same digest");
}
