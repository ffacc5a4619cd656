/** A client of server-sent events, and of any other answer that comes in pieces. */
import { request } from "node:https";
import { expectNoKeys } from "../support/canary.js";
import { HOST } from "./subject.js";

/** An answer that is still coming. */
export interface EventStream {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The data of the next `next` event; `"complete"` or `"end"` once there is none. */
  next(): Promise<any>;
  /** Everything to the end. */
  rest(): Promise<readonly any[]>;
  /** Ends the connection, as a client does that goes away. */
  leave(): void;
}

interface Where {
  readonly port: number;
  readonly cert: string;
  /** The key to use unless a request has another. */
  readonly key: string;
}

interface Asked {
  readonly key?: string;
  readonly path?: string;
  readonly query: string;
  readonly operationName?: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly method?: "GET" | "POST";
  readonly accept?: string;
}

/** Asks for a stream over HTTPS, on a connection of its own. */
export function openEvents(
  { port, cert, key: subjectKey }: Where,
  { key = subjectKey, query, operationName, variables, method = "POST", ...asked }: Asked,
): Promise<EventStream> {
  const { accept = "text/event-stream", path: at = "/graphql" } = asked;
  const body = method === "POST" ? JSON.stringify({ query, operationName, variables }) : undefined;
  const path = method === "GET" ? `${at}?query=${encodeURIComponent(query)}` : at;
  const headers = {
    accept,
    authorization: `Bearer ${key}`,
    ...(body !== undefined && { "content-type": "application/json" }),
  };
  return new Promise((resolve, reject) => {
    const options = { port, host: HOST, ca: cert, agent: false, path, method, headers };
    const req = request(options as object, (res) => {
      const pieces: unknown[] = [];
      let text = "";
      let wake = (): void => {};
      const put = (piece: unknown): void => {
        pieces.push(piece);
        wake();
      };
      res.on("data", (chunk: Buffer) => {
        text += chunk.toString();
        const frames = text.split("\n\n");
        text = frames.pop()!;
        for (const frame of frames) {
          expectNoKeys("An event", frame);
          const data = /^data: (.*)$/m.exec(frame)?.[1];
          if (frame.startsWith("event: next") && data !== undefined) put(JSON.parse(data));
          else if (frame.startsWith("event: complete")) put("complete");
        }
      });
      const end = (): void => {
        if (text.trim() !== "" && !text.startsWith(":")) put(text);
        put("end");
      };
      res.once("end", end);
      res.once("error", () => put("end"));

      const next = async (): Promise<unknown> => {
        while (pieces.length === 0) await new Promise<void>((go) => (wake = go));
        return pieces.shift();
      };
      resolve({
        status: res.statusCode!,
        headers: res.headers,
        next,
        async rest() {
          const rest: unknown[] = [];
          for (let piece = await next(); piece !== "end"; piece = await next()) rest.push(piece);
          return rest;
        },
        leave: () => req.destroy(),
      });
    });
    req.on("error", reject);
    req.end(body);
  });
}
