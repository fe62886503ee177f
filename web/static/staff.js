// What open pages of the staff desk do by themselves. Every page works without it, by its forms.
const token = document.querySelector("meta[name=csrf-token]")?.content ?? "";
const LATER = 3000; // milliseconds before something that failed is tried again

function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

function post(path, body) {
  const headers = { "Content-Type": "application/json", "X-CSRF-Token": token };
  return fetch(`/staff/api/${path}`, { method: "POST", headers, body: JSON.stringify(body ?? {}) });
}

// Whoever has a page open is there; the desk takes them for away when this stops.
function beat() {
  const tell = () => post("availability/heartbeat").catch(() => {});
  tell();
  setInterval(tell, 30_000);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) tell(); }); // a laptop that was opened again
}

// The list is put in anew by htmx; what changed in it is said, once.
function watchQueue() {
  const news = document.getElementById("queue-news");
  let count = Number(document.getElementById("queue").dataset.count);
  document.body.addEventListener("htmx:afterSettle", () => {
    const now = Number(document.getElementById("queue").dataset.count);
    if (now !== count) news.textContent = now > count ? `Something new. ${now} in the queue.` : `${now} in the queue.`;
    count = now;
  });
}

// One conversation
function followConversation(box) {
  const { id } = box.dataset;
  const log = document.getElementById("log");
  const messages = document.getElementById("messages");
  const form = document.getElementById("reply-form");
  const { text, client_id: clientId, last_seen_seq: lastSeen } = form.elements;
  const problem = document.getElementById("problem");
  const keep = `desk-reply-${id}`;
  let seen = Number(box.dataset.last);
  let shown = { owner: box.dataset.owner, notes: Number(box.dataset.notes) };
  let typedAt = 0;

  function add(message) {
    if (message.seq <= seen) return;
    seen = message.seq;
    lastSeen.value = seen;
    const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
    messages.insertAdjacentHTML("beforeend", message.item); // made by the desk's own template, which escapes what was typed
    if (atEnd) log.scrollTop = log.scrollHeight;
    if (message.from === "resident") suggest();
  }

  async function renew(part) {
    const place = document.getElementById(`${part}-part`);
    const answer = await fetch(`/staff/conversations/${id}/parts/${part}`);
    if (!answer.ok) return;
    const focused = place.contains(document.activeElement) ? document.activeElement.id : "";
    place.innerHTML = await answer.text();
    if (focused) (document.getElementById(focused) ?? document.getElementById("standing")).focus();
  }

  function stand(standing) {
    const before = shown;
    shown = standing;
    renew("standing");
    if (standing.notes !== before.notes) renew("notes");
    if (standing.owner === before.owner) return;
    renew("actions");
    const who = { bot: "The assistant has", queue: "Nobody has" }[standing.owner] ?? (standing.mine ? "You have" : `${standing.owner_name} has`);
    document.getElementById("desk-news").textContent = `${who} this conversation.`;
  }

  function follow() {
    const stream = new EventSource(`/staff/api/conversations/${id}/events?after=${seen}`);
    stream.onmessage = (event) => add(JSON.parse(event.data));
    stream.addEventListener("standing", (event) => stand(JSON.parse(event.data)));
    stream.onerror = () => {
      // A stream that was cut connects again by itself; one that was refused does not.
      if (stream.readyState === EventSource.CLOSED) setTimeout(follow, LATER);
    };
  }

  function warn(sentence, missed = []) {
    const items = missed.map((message) => make("li", { dir: "auto", textContent: message.text }));
    const box = make("div", { className: "error-summary", tabIndex: -1 },
      make("h2", { textContent: "Not sent" }), make("p", { textContent: sentence }),
      ...(items.length ? [make("h3", { textContent: "This came in" }), make("ul", {}, ...items)] : []),
      make("p", {}, make("a", { href: "#text", textContent: "Your reply is kept: go to it" })));
    problem.replaceChildren(box);
    box.focus();
  }

  async function send() {
    const words = text.value;
    let answer, body;
    try {
      answer = await post(`conversations/${id}/reply`, { client_id: clientId.value, text: words, last_seen_seq: Number(lastSeen.value) });
      body = await answer.json();
    } catch {
      warn("The desk cannot be reached just now. Try again in a moment.");
      return;
    }
    if (answer.ok) {
      problem.replaceChildren();
      clientId.value = Array.from(crypto.getRandomValues(new Uint8Array(12)), (b) => b.toString(16).padStart(2, "0")).join("");
      if (text.value === words) write("");
      text.focus();
      return;
    }
    // What is shown here has been seen: sent once more, the reply goes.
    if (body.missed) lastSeen.value = Math.max(Number(lastSeen.value), ...body.missed.map((message) => message.seq));
    warn(body.error?.message ?? "The desk could not take it.", body.missed);
  }

  function write(words) {
    text.value = words;
    keepDraft();
  }

  function keepDraft() {
    try { text.value ? sessionStorage.setItem(keep, text.value) : sessionStorage.removeItem(keep); } catch { /* then a reload forgets it */ }
  }

  function insert(words) {
    write([text.value.trim(), words].filter(Boolean).join("\n\n"));
    text.focus();
    text.setSelectionRange(text.value.length, text.value.length);
  }

  // "/code " becomes the canned reply of that code.
  function expand() {
    const typed = text.value.slice(0, text.selectionStart).match(/(^|\s)\/([a-z0-9-]+)\s$/i);
    const canned = typed && form.querySelector(`[data-code="${typed[2].toLowerCase()}"]`);
    if (!canned) return;
    const start = text.selectionStart - typed[0].length + typed[1].length;
    text.setRangeText(canned.dataset.text, start, text.selectionStart, "end");
  }

  async function suggest() {
    const answer = await fetch(`/staff/api/suggestions?conversation=${id}`).catch(() => null);
    if (!answer?.ok) return;
    const { suggestions } = await answer.json();
    document.getElementById("no-suggestions").hidden = suggestions.length > 0;
    document.getElementById("suggestions").replaceChildren(...suggestions.map((each, n) => {
      const button = make("button", { name: "insert", value: `topic:${each.topic}`, className: "button-secondary" },
        `${each.title} `, make("kbd", { textContent: `Alt+${n + 1}` }));
      button.dataset.text = each.text;
      return make("li", {}, button, make("p", { className: "hint", dir: "auto", textContent: each.text.length > 200 ? `${each.text.slice(0, 200)}…` : each.text }));
    }));
  }

  const tell = (typing) => post(`conversations/${id}/presence`, { typing }).catch(() => {});

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (event.submitter?.name === "insert") insert(event.submitter.dataset.text);
    else send();
  });
  text.addEventListener("input", () => {
    expand();
    keepDraft();
    if (Date.now() - typedAt > LATER) { typedAt = Date.now(); tell(true); }
  });
  document.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.target === text && event.ctrlKey && event.key === "Enter") form.requestSubmit(document.getElementById("send"));
    const number = event.altKey && !event.ctrlKey && /^Digit([1-3])$/.exec(event.code)?.[1];
    const button = number && document.getElementById("suggestions").querySelectorAll("button")[number - 1];
    if (button) { event.preventDefault(); insert(button.dataset.text); }
  });
  try { if (!text.value) text.value = sessionStorage.getItem(keep) ?? ""; } catch { /* nothing was kept */ }
  log.scrollTop = log.scrollHeight;
  document.getElementById("problem-summary")?.focus();
  follow();
  tell(false);
  setInterval(() => tell(Date.now() - typedAt < 2 * LATER), 5000);
}

// Keys of quiet hours. They can be turned off, and never act while somebody types (WCAG 2.1.4).
function listenForKeys(keys) {
  const on = document.getElementById("keys-on");
  on.checked = localStorage.getItem("desk-keys") !== "off";
  on.addEventListener("change", () => localStorage.setItem("desk-keys", on.checked ? "on" : "off"));
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("textarea, select, input:not([type=radio], [type=checkbox])");
    if (!on.checked || typing || event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.repeat) return;
    const wanted = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (event.key === "?") keys.open = !keys.open;
    else if (!wanted) return;
    else { wanted.focus(); wanted.click(); }
    event.preventDefault();
  });
}

if (document.querySelector("form.duty")) beat();
if (document.getElementById("queue")) watchQueue();
const conversation = document.getElementById("conversation");
if (conversation) followConversation(conversation);
const keys = document.getElementById("keys");
if (keys) listenForKeys(keys);
