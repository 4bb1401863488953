// Talks to the manager, and tells in one way what went wrong.

import { adviceOn } from "./nodes.js";
import { words } from "./dashboard-strings.js";

const PATIENCE_MS = 60_000;

export class Refused extends Error {
  // What a proxy in between has to say, in words of its own, is not for us.
  constructor(status, answer) {
    const { code, message, details } = answer?.error ?? {};
    super(message ?? words.stranger(status));
    Object.assign(this, { status, code: code ?? "NO_MANAGER", details });
  }
}

export const pathOf = (id, rest = "") => `api/nodes/${encodeURIComponent(id)}${rest}`;

// Whatever the status of the answer is.
export async function send(path, { method = "GET", body, etag, signal } = {}) {
  const headers = {
    ...(body && { "Content-Type": "application/json" }),
    ...(etag && { "If-Match": etag }),
  };
  signal ??= AbortSignal.timeout(PATIENCE_MS);
  try {
    body = body && JSON.stringify(body);
    return await fetch(path, { method, headers, body, cache: "no-store", signal });
  } catch {
    throw new Refused(0, { error: { message: words.noManager } });
  }
}

// What went wrong, and what to try. What is no refusal was an answer that made no sense.
export function explain(error) {
  const refused = error instanceof Refused ? error : new Refused(200);
  return `${refused.message} ${adviceOn(refused)}`.trim();
}

// null where it is none.
export const readJson = (response) => response.json().catch(() => null);

export async function request(path, options) {
  const response = await send(path, options);
  if (!response.ok) {
    throw new Refused(response.status, await readJson(response));
  }
  return response;
}

// What has not that key is no answer of the manager's: guest networks answer too, and with 200.
export async function ask(path, key, options) {
  const response = await request(path, options);
  const answer = await readJson(response);
  if (answer?.[key] === undefined) {
    throw new Refused(response.status);
  }
  return answer;
}
