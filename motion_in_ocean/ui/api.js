// Talks to the manager, and tells in one way what went wrong.

import { words } from "./dashboard-strings.js";

const PATIENCE_MS = 60_000;

export class Refused extends Error {
  constructor(status, { code = "NO_MANAGER", message, details = {} }) {
    super(message);
    Object.assign(this, { status, code, details });
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
    throw new Refused(0, { message: words.noManager });
  }
}

export async function answerOf(response) {
  try {
    return await response.json();
  } catch {
    // What a proxy in between has to say is not for us.
    throw new Refused(response.status, { message: words.stranger(response.status) });
  }
}

export const refusal = (status, answer) =>
  new Refused(status, answer?.error ?? { message: words.stranger(status) });

export async function request(path, options) {
  const response = await send(path, options);
  if (!response.ok) {
    throw refusal(response.status, await answerOf(response));
  }
  return response;
}

export const ask = async (path, options) => answerOf(await request(path, options));
