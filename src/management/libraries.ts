import { checkInteger, checkObject, checkString, checkText } from "../core/check.js";
import type { MaybePromise } from "../core/maybe-promise.js";
import { askHost } from "./failure.js";

/** Which libraries to list. */
export interface LibrariesQuery {
  /** The manager's organization. */
  readonly organizationId: string;
  /** Part of a name or an id, as someone typed it; null: all. */
  readonly search: string | null;
  /** At most so many, 1 to 500. */
  readonly first: number;
  /** The `endCursor` of the page before; null: from the start. It comes from the client. */
  readonly after: string | null;
}

/** A page of libraries. */
export interface LibraryPage {
  /** At most `first`. */
  readonly libraries: readonly { readonly id: string; readonly name: string }[];
  /** Names the place after the last one; null when there are no more. */
  readonly endCursor: string | null;
}

/** Lists the libraries that access can be given to. What it throws is an outage (`UNAVAILABLE`). */
export type ListLibraries = (query: LibrariesQuery) => MaybePromise<LibraryPage>;

/** What a page answers to GraphQL. */
interface Page {
  readonly nodes: readonly { readonly id: string; readonly name: string }[];
  readonly endCursor: string | null;
}

const MAX_PAGE = 500;
const MAX_SEARCH = 200;
const MAX_CURSOR = 1024;

/** Asks the host for libraries. Without its function there are none to choose from. */
export async function listLibraries(
  list: ListLibraries | undefined,
  query: LibrariesQuery,
): Promise<Page> {
  const { search, after } = query;
  checkInteger("first", query.first, 1, MAX_PAGE);
  if (search !== null && search !== "") checkText("search", search, MAX_SEARCH);
  if (after !== null) checkText("after", after, MAX_CURSOR);
  if (list === undefined) return { nodes: [], endCursor: null };
  return askHost(async () => checkPage(await list({ ...query, search: search || null })));
}

function checkPage(page: LibraryPage): Page {
  const { libraries, endCursor } = checkObject("libraries()", page) as LibraryPage;
  const nodes = Array.from(libraries, ({ id, name }) => {
    return { id: checkString("id", id), name: checkString("name", name) };
  });
  if (endCursor !== null) checkString("endCursor", endCursor);
  return { nodes, endCursor };
}
