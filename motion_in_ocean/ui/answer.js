// What a path answers with, as an object; null where there is none, as behind a proxy that leaves it
// out, or under a name that the API does not answer to. Rejected if there is no answer at all.

export async function answerOf(path, signal) {
  const response = await fetch(path, { cache: "no-store", signal });
  return response.ok ? response.json().catch(() => null) : null;
}
