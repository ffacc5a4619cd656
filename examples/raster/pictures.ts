import type { IncomingMessage } from "node:http";
import type { TLSSocket } from "node:tls";
import type { Plugin } from "graphql-yoga";
import type { Asset, Data } from "./data.js";

const PATH = "/pictures/";
const INLINE = [
  "image/svg+xml",
  "image/png",
  "image/jpeg",
  "image/gif",
  "image/webp",
  "image/avif",
];

/** Where the picture of an asset is. */
export function pictureUrl(base: string, asset: Asset): string {
  return new URL(PATH + asset.pictureId, base).href;
}

/**
 * Serves the pictures. An `<img>` sends no Authorization header, so here the address itself is the permission: 128
 * random bits that only a caller with access to the asset has ever seen. Paths of library and asset ids would show
 * everybody every library. An address works until its asset is deleted, also when the key that read it is gone; where
 * that is too long, sign addresses with an expiry instead.
 */
export function usePictures(data: Data): Plugin<object, { req?: IncomingMessage }> {
  return {
    onRequest({ url, serverContext, fetchAPI, endResponse }) {
      if (!url.pathname.startsWith(PATH)) return;
      const socket = serverContext.req?.socket as Partial<TLSSocket> | undefined;
      if (socket?.encrypted !== true) {
        return endResponse(new fetchAPI.Response("HTTPS is required.\n", { status: 403 }));
      }
      const asset = data.picture(url.pathname.slice(PATH.length));
      if (asset === undefined) {
        return endResponse(new fetchAPI.Response("Not found.\n", { status: 404 }));
      }
      const headers = {
        "cache-control": "private, max-age=300",
        "content-type": INLINE.includes(asset.contentType)
          ? asset.contentType
          : "application/octet-stream",
        // What people upload, SVGs with scripts among it, must not run in this origin.
        "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
        "x-content-type-options": "nosniff",
      };
      endResponse(new fetchAPI.Response(asset.bytes, { headers }));
    },
  };
}
