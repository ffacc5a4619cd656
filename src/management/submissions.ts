/** Keeps a form that is submitted twice from making two keys. */
export interface Submissions {
  /**
   * Makes a key unless the submission has made one already.
   *
   * @param make - Answers the id of the API key that it made.
   * @returns The id of the API key that an earlier submission made, or null: `make` did.
   */
  once(
    organizationId: string,
    submissionId: string,
    make: () => Promise<string>,
  ): Promise<string | null>;
}

const REMEMBERED_MS = 600_000;
const MAX_REMEMBERED = 10_000;

interface Submission {
  readonly atMs: number;
  /** Id of the API key, never the key; null when none was made. */
  readonly made: Promise<string | null>;
}

/** Remembers the submissions of ten minutes, at most 10,000, in this process. */
export function createSubmissions(now: () => number): Submissions {
  const remembered = new Map<string, Submission>();

  function find(name: string): Promise<string | null> | undefined {
    const found = remembered.get(name);
    return found && now() - found.atMs < REMEMBERED_MS ? found.made : undefined;
  }

  return {
    async once(organizationId, submissionId, make) {
      const name = JSON.stringify([organizationId, submissionId]);
      for (let earlier; (earlier = find(name)) !== undefined;) {
        const id = await earlier;
        if (id !== null) return id;
      }
      const making = make();
      const made = making.catch(() => {
        remembered.delete(name); // nothing was made: it may be corrected and sent again
        return null;
      });
      remembered.delete(name);
      remembered.set(name, { atMs: now(), made });
      if (remembered.size > MAX_REMEMBERED) {
        const [oldest] = remembered.keys();
        remembered.delete(oldest!);
      }
      await making;
      return null;
    },
  };
}
