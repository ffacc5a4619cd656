/** Clients of graphql-ws over real sockets. */
import { once } from "node:events";
import { WebSocket } from "ws";
import { expectNoKeys } from "../support/canary.js";
import { HOST, type Subject } from "./subject.js";

/** What a server sent, or the code with which it closed the socket. */
export interface Message {
  readonly type: string;
  readonly id?: string;
  readonly payload?: any;
  readonly code?: number;
}

export interface Client {
  send(message: object): void;
  /** The next message; once the socket is closed, `{ type: "closed", code }`. */
  next(): Promise<Message>;
  /** Sends an operation and answers all of it: its results, then `complete`, its error, or how the socket was closed. */
  run(query: string, variables?: object): Promise<readonly Message[]>;
  close(): Promise<void>;
}

export interface Opening {
  /** `connectionParams` of the first message; null: no message is sent. */
  readonly params?: Readonly<Record<string, unknown>> | null;
  /** Headers of the upgrade. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly plain?: boolean;
  /** Default: `/graphql`. */
  readonly path?: string;
}

/** Opens a socket and sends the first message. */
export async function openSocket(
  subject: Pick<Subject, "port" | "plainPort" | "cert">,
  opening: Opening = {},
): Promise<Client> {
  const { params = {}, headers = {}, plain = false, path = "/graphql" } = opening;
  const url = plain ? `ws://${HOST}:${subject.plainPort}` : `wss://${HOST}:${subject.port}`;
  const options = { headers, ...(plain ? {} : { ca: subject.cert }) };
  const socket = new WebSocket(`${url}${path}`, "graphql-transport-ws", options);
  const received: Message[] = [];
  const waiting: ((message: Message) => void)[] = [];
  const take = (message: Message) => {
    expectNoKeys("A message", JSON.stringify(message));
    const first = waiting.shift();
    if (first) first(message);
    else received.push(message);
  };
  socket.on("message", (data: Buffer) => take(JSON.parse(data.toString()) as Message));
  socket.on("close", (code: number, reason: Buffer) => {
    expectNoKeys("The reason", reason.toString());
    take({ type: "closed", code });
  });
  await once(socket, "open");
  let ids = 0;

  const client: Client = {
    send: (message) => socket.send(JSON.stringify(message)),
    next: () =>
      new Promise((resolve) => {
        const first = received.shift();
        if (first) resolve(first);
        else waiting.push(resolve);
      }),
    async run(query, variables) {
      const id = `${++ids}`;
      client.send({ id, type: "subscribe", payload: { query, variables } });
      const messages: Message[] = [];
      for (;;) {
        const message = await client.next();
        messages.push(message);
        if (message.type !== "next") return messages;
      }
    },
    async close() {
      if (socket.readyState === WebSocket.CLOSED) return;
      socket.close();
      await once(socket, "close");
    },
  };
  if (params !== null) client.send({ type: "connection_init", payload: params });
  return client;
}
