// Shows how the nodes are, and says so when that is not known any more.

const POLL_MS = 10_000;
const ANSWER_MS = 60_000;
const MAX_AGE_SECONDS = 20;

const STATUS = {
  ready: "Ready",
  not_ready: "Not ready",
  error: "Error",
  unknown: "Unknown",
};

const element = (id) => document.getElementById(id);

function show(state, text) {
  element("state").dataset.state = state;
  element("state").textContent = text;
  element("nodes").toggleAttribute("data-stale", state === "stale");
}

function cell(kind, text) {
  const made = document.createElement(kind);
  made.textContent = text;
  return made;
}

function reason(node) {
  if (node.error) {
    return node.error.message;
  }
  return node.status === "ready" ? "" : String(node.ready_probe?.payload?.message ?? "");
}

function snapshot(node) {
  const made = document.createElement("td");
  if (node.stream_available) {
    const link = document.createElement("a");
    link.href = `api/nodes/${encodeURIComponent(node.node_id)}/snapshot.jpg`;
    link.textContent = "Snapshot";
    link.setAttribute("aria-label", `Snapshot of ${node.name}`);
    made.append(link);
  }
  return made;
}

function row(node) {
  const name = cell("th", node.name);
  name.scope = "row";
  name.title = node.node_id;
  const status = cell("td", STATUS[node.status] ?? node.status);
  status.dataset.status = node.status;
  const made = document.createElement("tr");
  made.append(
    name,
    status,
    cell("td", reason(node)),
    cell("td", new Date(node.checked_at).toLocaleTimeString()),
    snapshot(node),
  );
  return made;
}

function showOverview({ nodes, summary }) {
  element("nodes").replaceChildren(...nodes.map(row));
  element("empty").hidden = nodes.length > 0;
  show(
    "live",
    `${summary.stream_available_nodes} of ${summary.total_nodes} live, ` +
      `${summary.unavailable_nodes} unavailable`,
  );
}

async function poll() {
  try {
    const signal = AbortSignal.timeout(ANSWER_MS);
    const url = `api/management/overview?max_age=${MAX_AGE_SECONDS}`;
    const response = await fetch(url, { cache: "no-store", signal });
    const answer = await response.json();
    if (response.ok) {
      showOverview(answer);
    } else {
      show("stale", answer.error.message);
    }
  } catch {
    show("stale", "Disconnected: this is how it was before");
  }
  setTimeout(poll, POLL_MS);
}

element("open").hidden = document.body.dataset.openToNetwork !== "yes";
poll();
