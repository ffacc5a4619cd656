import { GraphQLError, Location, type DocumentNode } from "graphql";

/**
 * Refuses a document that no parser makes: one in which a name is no text. Some servers take documents as JSON from
 * clients. Where a name in it is `["x"]`, executors find `x`, since they look names up as properties of objects; whoever
 * compares names, or keeps them in a `Map`, finds nothing.
 *
 * @throws GraphQLError when it is one.
 */
export function assertParsed(document: DocumentNode): void {
  if (document.loc instanceof Location) return; // no JSON has one
  const nodes: object[] = [document];
  for (const node of nodes) {
    const { name, alias } = node as { readonly name?: unknown; readonly alias?: unknown };
    if (!isName(name) || !isName(alias)) {
      throw new GraphQLError("The document has a name that is no text.");
    }
    for (const [property, child] of Object.entries(node) as [string, unknown][]) {
      // Where a copy of a parsed document was in its text is nothing that runs.
      if (typeof child === "object" && child !== null && property !== "loc") nodes.push(child);
    }
  }
}

/** Whether there is no name, or one as parsers make it, whatever kind it says it is of. */
function isName(node: unknown): boolean {
  return !node || typeof (node as { readonly value?: unknown }).value === "string";
}
