import type { ApiKeys } from "graphql-api-keys";
import { isImage, tagsOf, type Asset, type Data, type Library } from "./data.js";
import { createMutations } from "./mutations.js";
import { pictureUrl } from "./pictures.js";
import { createQueries } from "./queries.js";
import { scalars } from "./scalars.js";
import { createSubscriptions } from "./subscriptions.js";

/** What the resolvers work with. */
interface Service {
  readonly data: Data;
  readonly apiKeys: ApiKeys;
  /** Where clients reach the service. */
  readonly url: string;
}

/** The resolvers. None of them asks who may do what: the guard has decided before the first of them runs. */
export function createResolvers(service: Service) {
  const url = (asset: Asset) => pictureUrl(service.url, asset);
  const thumbUrl = (asset: Asset) => (isImage(asset) ? url(asset) : null);

  return {
    ...scalars,
    Query: createQueries(service.data),
    Mutation: createMutations(service.data, service.apiKeys),
    Subscription: createSubscriptions(service.data),

    Library: {
      assetsCount: (library: Library) => library.assets.size,
      photosCount: (library: Library) => [...library.assets.values()].filter(isImage).length,
      tags: tagsOf,
    },

    Asset: {
      type: (asset: Asset) => (isImage(asset) ? "image" : "file"),
      size: (asset: Asset) => asset.bytes.length,
      url,
      thumbUrl,
      views: () => [],
      created: (asset: Asset) => asset.createdAtMs,
      updated: (asset: Asset) => asset.updatedAtMs,
    },

    SearchHit: { url, thumbUrl },

    Photo: {
      url,
      thumbUrl,
      views: () => [],
      createdAt: (asset: Asset) => asset.createdAtMs,
      updatedAt: (asset: Asset) => asset.updatedAtMs,
      metadata: ({ contentType, bytes }: Asset) => ({ contentType, size: bytes.length }),
    },

    UploadedAsset: {
      filename: (asset: Asset) => asset.name,
      url,
      created: (asset: Asset) => asset.createdAtMs,
      status: () => "done",
      progress: () => 1,
    },
  };
}
