import type { InLibrary } from "./args.js";
import type { Asset, Data } from "./data.js";

/**
 * The resolvers of subscriptions. None asks again who may listen: the guard looks at the key before each event and while
 * there is none, and closes the source once the key is dead or reaches less.
 */
export function createSubscriptions(data: Data) {
  return {
    assetAdded: {
      subscribe(_: unknown, args: InLibrary): AsyncIterable<Asset> {
        return data.library(args.organizationId, args.libraryId).additions.listen();
      },
      resolve: (asset: Asset) => asset,
    },
  };
}
