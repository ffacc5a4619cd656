import { readFile } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { createRequire } from "node:module";
import type { TLSSocket } from "node:tls";
import { pathToFileURL } from "node:url";
import type { ApiKeys } from "graphql-api-keys";
import { createManagementHandler } from "graphql-api-keys/management";
import type { Plugin } from "graphql-yoga";
import type { Data } from "./data.js";
import { settingsPage, signInPage } from "./pages.js";
import { createSessions } from "./session.js";

/** Whether a path is of the settings page, which no other site has to do with. */
export function isSettings(path: string): boolean {
  return path === "/settings" || path.startsWith("/settings/");
}

const STYLES = new URL("settings.css", import.meta.url);
const ELEMENT = new URL(
  "dist/settings/index.js",
  pathToFileURL(createRequire(import.meta.url).resolve("graphql-api-keys/package.json")),
);

const HEADERS = {
  "cache-control": "no-store",
  // Nothing inline and nothing from elsewhere. Lit makes its templates through a policy of that name.
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; form-action 'self'; " +
    "base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types lit-html",
  "referrer-policy": "same-origin",
  "x-content-type-options": "nosniff",
};

/** The settings page of each organization, its management API, and a sign-in for development. */
export function useSettings(
  data: Data,
  apiKeys: ApiKeys,
): Plugin<object, { req?: IncomingMessage }> {
  const sessions = createSessions();

  const manage = createManagementHandler({
    apiKeys,
    authorizeManager(request) {
      const organizationId = sessions.read(request);
      return organizationId === null ? null : { organizationId, actor: "settings page" };
    },
    libraries({ organizationId, search, first, after }) {
      const found = data
        .libraries(organizationId, "every")
        .filter(({ id, name }) =>
          `${name} ${id}`.toLowerCase().includes(search?.toLowerCase() ?? ""),
        );
      const start = Number(after ?? 0);
      const end = start + first;
      return {
        libraries: found.slice(start, end),
        endCursor: end < found.length ? String(end) : null,
      };
    },
  });

  async function answer(request: Request, path: string): Promise<Response> {
    const organizationId = sessions.read(request);
    switch (`${request.method} ${path}`) {
      case "GET /settings":
        if (organizationId === null) return redirect("/settings/sign-in");
        return send("text/html", settingsPage(data.organization(organizationId)));
      case "GET /settings/sign-in":
        return send("text/html", signInPage(data.organizations()));
      case "POST /settings/sign-in": {
        if (request.headers.get("sec-fetch-site") !== "same-origin") return refuse(403);
        const chosen = new URLSearchParams(await request.text()).get("organization");
        const known = data.organizations().find(({ id }) => id === chosen);
        return known ? redirect("/settings", sessions.start(known.id)) : refuse(400);
      }
      case "POST /settings/sign-out":
        return redirect("/settings/sign-in", sessions.end());
      case "GET /settings/settings.css":
        return send("text/css", await readFile(STYLES, "utf8"));
      case "GET /settings/api-keys-settings.js":
        return send("text/javascript", await readFile(ELEMENT, "utf8"));
      case "POST /settings/graphql":
        return manage(request);
      default:
        return refuse(404);
    }
  }

  return {
    async onRequest({ request, url, serverContext, endResponse }) {
      if (!isSettings(url.pathname)) return;
      const socket = serverContext.req?.socket as Partial<TLSSocket> | undefined;
      endResponse(socket?.encrypted ? await answer(request, url.pathname) : refuse(403));
    },
  };
}

function send(type: string, body: string): Response {
  return new Response(body, { headers: { ...HEADERS, "content-type": `${type}; charset=utf-8` } });
}

function redirect(location: string, cookie?: string): Response {
  const headers = new Headers({ ...HEADERS, location });
  if (cookie !== undefined) headers.set("set-cookie", cookie);
  return new Response(null, { status: 303, headers });
}

function refuse(status: 400 | 403 | 404): Response {
  return new Response(null, { status, headers: HEADERS });
}
