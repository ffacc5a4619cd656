import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startRaster, type Sent } from "./client.js";

/** The settings page without a browser: who gets in. What people do there is in test/browser. */
let raster: Awaited<ReturnType<typeof startRaster>>;

beforeAll(async () => {
  raster = await startRaster();
});
afterAll(() => raster.stop());
beforeEach(() => raster.reset());

const OWN = { "sec-fetch-site": "same-origin" };
const FORM = { "content-type": "application/x-www-form-urlencoded" };
const KEYS = "query ($id: ID!) { apiKeys(organizationId: $id) { nodes { name hint } } }";

/** Signs in and answers the cookie. */
async function signIn(organization: string, headers: Sent["headers"] = OWN) {
  const body = `organization=${organization}`;
  const path = "/settings/sign-in";
  const answer = await raster.send({ path, body, headers: { ...FORM, ...headers } });
  const [cookie = ""] = (answer.headers["set-cookie"] ?? []) as readonly string[];
  return { status: answer.status, cookie, pair: cookie.replace(/;.*/, "") };
}

/** Lists keys through the management API. */
function list(id: string, headers: NonNullable<Sent["headers"]>) {
  return raster.send({ path: "/settings/graphql", query: KEYS, variables: { id }, headers });
}

describe("the sign-in", () => {
  it("sets a cookie that only this host gets, over HTTPS only, and no script reads", async () => {
    const { status, cookie } = await signIn("acme-co");
    expect(status).toBe(303);
    expect(cookie).toMatch(
      /^__Host-session=acme-co\.[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Lax$/,
    );
  });

  it.each([
    ["another site", "acme-co", { "sec-fetch-site": "cross-site" }, 403],
    ["nobody knows who", "acme-co", {}, 403],
    ["its own page, for an organization that does not exist", "nobody", OWN, 400],
  ])("refuses %s", async (_, organization, headers, status) => {
    expect(await signIn(organization, headers)).toMatchObject({ status, cookie: "" });
  });
});

describe("the page", () => {
  it("sends to the sign-in, and then shows the organization, with nothing inline", async () => {
    const away = await raster.send({ method: "GET", path: "/settings" });
    expect(away).toMatchObject({ status: 303, headers: { location: "/settings/sign-in" } });
    const { pair } = await signIn("monogram-labs");
    const page = await raster.send({ method: "GET", path: "/settings", headers: { cookie: pair } });
    expect(page.text).toContain('organization="monogram-labs"');
    expect(page.text).not.toMatch(/<style|style=|<script(?! type="module" src=)|\son\w+=/);
    expect(page.headers["content-security-policy"]).toContain(
      "script-src 'self'; style-src 'self'",
    );
    expect(page.headers["access-control-allow-origin"]).toBeUndefined();
  });

  it.each(["/settings", "/settings/sign-in", "/settings/graphql"])(
    "refuses %s over plain HTTP",
    async (path) => {
      const { pair } = await signIn("monogram-labs");
      const answer = await raster.sendPlain({ method: "GET", path, headers: { cookie: pair } });
      expect(answer).toMatchObject({ status: 403, text: "" });
    },
  );
});

describe("the management API", () => {
  it("answers its own page, for the organization that is signed in and no other", async () => {
    await raster.createKey({ barcelona: "read" });
    const { pair } = await signIn("monogram-labs");
    const { body } = await list("monogram-labs", { ...OWN, cookie: pair });
    expect(body?.data.apiKeys.nodes).toEqual([{ name: "Test", hint: expect.any(String) }]);
    const other = await list("acme-co", { ...OWN, cookie: pair });
    expect(other.body?.errors?.[0]?.extensions?.code).toBe("UNAUTHORIZED");
  });

  it.each([
    ["no cookie", () => ""],
    [
      "another organization under its signature",
      (pair: string) => pair.replace("monogram-labs", "acme-co"),
    ],
    ["a shorter signature", (pair: string) => pair.slice(0, -1)],
    ["another signature", (pair: string) => pair.replace(/\.[\w-]{4}/, ".AAAA")],
    ["a name that cannot be decoded", (pair: string) => pair.replace("monogram-labs", "%")],
  ])("refuses %s", async (_, change) => {
    const { pair } = await signIn("monogram-labs");
    const answer = await list("acme-co", { ...OWN, cookie: change(pair) });
    expect(answer.body?.errors?.[0]?.extensions?.code).toBe("UNAUTHENTICATED");
  });

  it("refuses a session from another site, and an API key", async () => {
    const { pair } = await signIn("monogram-labs");
    const cross = await list("monogram-labs", { "sec-fetch-site": "cross-site", cookie: pair });
    expect(cross.body?.errors?.[0]?.extensions?.code).toBe("CROSS_SITE");
    const { key } = await raster.createKey({ barcelona: "write" });
    const byKey = await raster.send({
      key,
      path: "/settings/graphql",
      query: KEYS,
      variables: { id: "monogram-labs" },
      headers: { ...OWN, cookie: pair },
    });
    expect(byKey.body?.errors?.[0]?.extensions?.code).toBe("UNAUTHORIZED");
  });
});
