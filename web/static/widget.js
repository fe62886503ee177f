// The chat as a panel on the library's page. Without it the link to /chat does the same by forms.
"use strict";
(() => {
  const KEEP = "desk-chat";
  const link = document.getElementById("open-chat");
  if (!link || !window.fetch) return;

  const WORDS = {
    title: "Ask the library", close: "Close", send: "Send", label: "Your question", clear: "Clear this chat",
    hint: "Use your own words. Please leave out passwords, bank details and NHS numbers.",
    bot: "Library assistant", resident: "You", staff: "Library staff", system: "Notice",
    failed: "Not sent.", again: "Try again", wait: "Looking for an answer…", chosen: "You chose:",
    helped: "Did this help?", yes: "Yes", no: "No", thanks: "Thank you for telling us.",
    lost: "The desk cannot be reached just now. Your words are kept here: try again in a moment.",
    starting: "The assistant is still starting. Answers come from our help pages until it is ready.",
    down: "The assistant is not at its best just now. Answers come from our help pages.",
    log: "What was said", person: (phone, hours) => `To talk to a person, ring ${phone} (${hours}).`,
  };

  let chat = read();
  let seen = 0;
  let polite = 0;
  let timer = 0;

  function read() {
    try { return JSON.parse(sessionStorage.getItem(KEEP)) || {}; } catch { return {}; }
  }
  function keep() {
    try { sessionStorage.setItem(KEEP, JSON.stringify(chat)); } catch { /* a browser that keeps nothing still chats */ }
  }
  function make(tag, properties = {}, ...children) {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  }

  const log = make("ol", { className: "log" });
  log.setAttribute("aria-label", WORDS.log);
  const person = make("p", { className: "person" });
  const state = make("p", { className: "note", hidden: true });
  const waiting = make("p", { className: "hint", hidden: true, textContent: WORDS.wait });
  const scroll = make("div", { className: "scroll", tabIndex: 0 }, log, waiting);
  scroll.setAttribute("role", "region");
  scroll.setAttribute("aria-label", WORDS.log);
  // Two regions, used in turn, so that the same words twice are spoken twice. They stand apart from what is seen.
  const live = [0, 1].map(() => {
    const region = make("div", { className: "visually-hidden" });
    region.setAttribute("aria-live", "polite");
    return region;
  });
  const text = make("textarea", { id: "desk-text", rows: 2, dir: "auto", value: chat.draft || "" });
  text.setAttribute("aria-describedby", "desk-hint");
  const form = make("form", { className: "ask" },
    make("label", { htmlFor: "desk-text", textContent: WORDS.label }),
    make("p", { className: "hint", id: "desk-hint", textContent: WORDS.hint }),
    text,
    make("div", { className: "buttons" }, make("button", { textContent: WORDS.send }),
      make("button", { type: "button", className: "quiet", textContent: WORDS.clear, onclick: clear })));
  const title = make("h2", { id: "desk-title", textContent: WORDS.title, tabIndex: -1 });
  const panel = make("section", { className: "desk-panel", hidden: true },
    make("header", {}, title, make("button", { type: "button", textContent: WORDS.close, onclick: close })),
    person, state, scroll, ...live, form);
  panel.setAttribute("aria-labelledby", "desk-title");
  document.body.append(panel);

  function say(words) {
    polite = 1 - polite;
    live[1 - polite].textContent = "";
    live[polite].textContent = words;
  }

  async function call(path, options = {}) {
    const headers = { "Content-Type": "application/json", ...(chat.token && { Authorization: `Bearer ${chat.token}` }) };
    const answer = await fetch(`/api${path}`, { headers, ...options });
    const body = answer.status === 204 ? {} : await answer.json();
    if (!answer.ok) throw Object.assign(new Error(body.error?.message || WORDS.lost), { status: answer.status, said: body.error?.message });
    return body;
  }

  function show(message) {
    if (message.seq <= seen) return;
    seen = message.seq;
    const who = make("p", { className: "who", textContent: WORDS[message.from] + " " },
      make("time", { dateTime: message.at, textContent: new Date(message.at).toLocaleTimeString([], { hour: "numeric", minute: "2-digit" }) }));
    const item = make("li", { className: `message ${message.from}` }, who);
    if (message.html) item.insertAdjacentHTML("beforeend", message.html); // made safe by the desk's own templates
    else item.append(make("p", { dir: "auto", textContent: message.text }));
    if (message.choices) item.append(choices(message));
    if (message.kind === "answer") item.append(helped(message));
    log.append(item);
    if (message.from !== "resident") say(`${WORDS[message.from]}: ${message.text}`);
    item.scrollIntoView({ block: "nearest" });
  }

  function choices(message) {
    const box = make("div", { className: "choices" });
    for (const choice of message.choices) {
      box.append(make("button", {
        type: "button", textContent: choice.title,
        onclick: (event) => {
          if (box.dataset.chosen) return;
          box.dataset.chosen = choice.id;
          for (const button of box.children) button.setAttribute("aria-disabled", "true");
          event.currentTarget.setAttribute("aria-pressed", "true");
          send({ choice: choice.id }, choice.title);
        },
      }));
    }
    return box;
  }

  function helped(message) {
    const box = make("div", { className: "helped" }, make("span", { textContent: WORDS.helped }));
    for (const [words, helpful] of [[WORDS.yes, true], [WORDS.no, false]]) {
      box.append(make("button", {
        type: "button", textContent: words,
        onclick: async () => {
          try {
            await call(`/conversations/${chat.id}/feedback`, { method: "POST", body: JSON.stringify({ seq: message.seq, helpful }) });
            say(WORDS.thanks);
            box.replaceChildren(make("span", { textContent: WORDS.thanks }));
          } catch (error) { say(error.message); }
        },
      }));
    }
    return box;
  }

  async function begin() {
    if (chat.id) {
      try {
        await catchUp();
        return;
      } catch (error) {
        if (error.status !== 401 && error.status !== 404) throw error;
        forget();
      }
    }
    const opened = await call("/conversations", { method: "POST", body: JSON.stringify({ language: "en", page: location.pathname }) });
    chat = { ...chat, id: opened.conversation, token: opened.token };
    keep();
    opened.messages.forEach(show);
  }

  async function catchUp() {
    const { events } = await call(`/conversations/${chat.id}/events?after=${seen}`);
    events.forEach(show);
  }

  async function send(what, words) {
    const clientId = (chat.pending && chat.pending.clientId) || Array.from(crypto.getRandomValues(new Uint8Array(12)), (b) => b.toString(16).padStart(2, "0")).join("");
    chat.pending = { what, words, clientId };
    keep();
    waiting.hidden = false;
    try {
      await begin();
      await call(`/conversations/${chat.id}/messages`, { method: "POST", body: JSON.stringify({ client_id: clientId, ...what }) });
      delete chat.pending;
      delete chat.draft;
      keep();
      await catchUp();
    } catch (error) {
      if (error.status === 422) { delete chat.pending; keep(); text.value = words; }
      failed(error, what, words);
    } finally {
      waiting.hidden = true;
    }
  }

  function failed(error, what, words) {
    const sentence = error.said || WORDS.lost;
    const item = make("li", { className: "message system" },
      make("p", { className: "failed", textContent: `${WORDS.failed} ${sentence}` }), make("p", { dir: "auto", textContent: words }));
    if (error.status !== 422) item.append(make("button", { type: "button", textContent: WORDS.again, onclick: () => { item.remove(); send(what, words); } }));
    log.append(item);
    say(`${WORDS.failed} ${sentence}`);
    item.scrollIntoView({ block: "nearest" });
  }

  async function look() {
    try {
      const status = await call("/status");
      person.textContent = WORDS.person(status.phone, status.hours);
      state.hidden = status.assistant === "ready";
      state.textContent = WORDS[status.assistant] || "";
      if (chat.id) await catchUp();
    } catch { /* shown when something is sent */ }
    timer = panel.hidden ? 0 : setTimeout(look, 5000);
  }

  function open() {
    panel.hidden = false;
    title.focus();
    begin().then(() => {
      if (chat.pending) failed({}, chat.pending.what, chat.pending.words);
    }).catch((error) => failed(error, {}, ""));
    if (!timer) look();
    chat.open = true;
    keep();
  }

  function close() {
    panel.hidden = true;
    clearTimeout(timer);
    timer = 0;
    chat.open = false;
    keep();
    link.focus();
  }

  function forget() {
    chat = { open: chat.open, draft: chat.draft };
    seen = 0;
    log.replaceChildren();
    keep();
  }

  async function clear() {
    try {
      if (chat.id) await call(`/conversations/${chat.id}`, { method: "DELETE" });
    } catch (error) {
      if (error.status !== 404) { failed(error, {}, ""); return; }
    }
    forget();
    text.value = "";
    begin().catch((error) => failed(error, {}, ""));
    text.focus();
  }

  link.addEventListener("click", (event) => { event.preventDefault(); open(); });
  panel.addEventListener("keydown", (event) => { if (event.key === "Escape") close(); });
  text.addEventListener("input", () => { chat.draft = text.value; keep(); });
  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); form.requestSubmit(); }
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const words = text.value.trim();
    if (!words) return;
    text.value = "";
    delete chat.pending;
    send({ text: words }, words);
  });
  if (chat.open) open();
})();
