import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";

const NAME = "__Host-session"; // only this host may set it, only over HTTPS
const ATTRIBUTES = "Path=/; Secure; HttpOnly; SameSite=Lax";

/**
 * Sessions of a development sign-in: a cookie that names an organization, signed with a key that lives as long as this
 * process. A real service signs people in, and its sessions end.
 */
export function createSessions() {
  const secret = randomBytes(32);
  const sign = (value: string) => createHmac("sha256", secret).update(value).digest();

  return {
    /** The `Set-Cookie` of someone who manages this organization. */
    start(organizationId: string): string {
      const id = encodeURIComponent(organizationId);
      return `${NAME}=${id}.${sign(id).toString("base64url")}; ${ATTRIBUTES}`;
    },

    /** The `Set-Cookie` that signs out. */
    end(): string {
      return `${NAME}=; Max-Age=0; ${ATTRIBUTES}`;
    },

    /** The organization that is signed in; null: nobody. */
    read(request: Request): string | null {
      const cookies = request.headers.get("cookie")?.split(/; */) ?? [];
      const value = cookies.find((one) => one.startsWith(`${NAME}=`))?.slice(NAME.length + 1);
      const [, id, signature] = /^([\w%-]+)\.([\w-]{43})$/.exec(value ?? "") ?? [];
      if (id === undefined || signature === undefined) return null;
      const isOurs = timingSafeEqual(Buffer.from(signature, "base64url"), sign(id));
      return isOurs ? decodeURIComponent(id) : null;
    },
  };
}
