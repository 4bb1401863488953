// Questions that the page can do without an answer to: whatever becomes of them, none fails.

const ANSWER_MS = 5000;

// The status of what a path answers with, and the answer as an object, or null: where there is none,
// as behind a proxy that leaves the path out, or under a name that the API does not answer to. The
// status is 0 if nobody answers.
export async function answerOf(path, credentials = "same-origin") {
  const signal = AbortSignal.timeout(ANSWER_MS);
  try {
    const response = await fetch(path, { cache: "no-store", credentials, signal });
    return { status: response.status, answer: response.ok ? await response.json() : null };
  } catch {
    // A browser that has no credentials waits for its user to type them. Without any, it does not.
    const mayWait = signal.aborted && credentials !== "omit";
    const isRefused = mayWait && (await answerOf(path, "omit")).status === 401;
    return { status: isRefused ? 401 : 0, answer: null };
  }
}
