// The chat as a panel on the library's page. Without it the link to /chat does the same by forms.
"use strict";
(() => {
  const KEEP = "desk-chat";
  const LONGEST_MESSAGE = 2000; // characters, fixed by the chat API
  const link = document.getElementById("open-chat");
  if (!link || !window.fetch) return;

  const WORDS = {
    title: "Ask the library", close: "Close", send: "Send", label: "Your question", clear: "Clear this chat",
    hint: "Use your own words. Please leave out passwords, bank details and NHS numbers.",
    bot: "Library assistant", resident: "You", staff: "Library staff", system: "Notice",
    failed: "Not sent.", again: "Try again", wait: "Looking for an answer…",
    helped: "Did this help?", yes: "Yes", no: "No", thanks: "Thank you for telling us.",
    blank: "Please type your question first.",
    long: (length, most) => `That is too long for one question. It has ${length} characters, and the desk can read ${most}. Please send it in parts.`,
    lost: "The desk cannot be reached just now. Your words are kept here: try again in a moment.",
    starting: "The assistant is still starting. Answers come from our help pages until it is ready.",
    down: "The assistant is not at its best just now. Answers come from our help pages.",
    talk: "Talk to a person", log: "What was said", person: (phone, hours) => `To talk to a person, ring ${phone} (${hours}).`,
  };

  let chat = read();
  const leftOver = [...chat.unsent]; // from before this page was loaded
  let seen = 0;
  let polite = 0;
  let timer = 0;
  let opening = null;
  let stream = null;
  let onItsWay = Promise.resolve();

  // What the tab keeps: the conversation and its token, the draft, the choices made, and what was not sent yet.
  function read() {
    const empty = { chosen: [], unsent: [] };
    try { return { ...empty, ...JSON.parse(sessionStorage.getItem(KEEP)) }; } catch { return empty; }
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
  text.setAttribute("aria-describedby", "desk-hint desk-problem");
  const problem = make("p", { className: "failed", id: "desk-problem", hidden: true });
  const form = make("form", { className: "ask" },
    make("label", { htmlFor: "desk-text", textContent: WORDS.label }),
    make("p", { className: "hint", id: "desk-hint", textContent: WORDS.hint }),
    text, problem,
    make("div", { className: "buttons" }, make("button", { textContent: WORDS.send }),
      make("button", { type: "button", className: "quiet", textContent: WORDS.talk, onclick: () => send({ choice: "talk_to_staff" }, WORDS.talk) }),
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
    if (message.seq <= seen) return "";
    seen = message.seq;
    const speaker = message.from === "staff" && message.name ? `${message.name}, ${WORDS.staff}` : WORDS[message.from];
    const who = make("p", { className: "who", textContent: speaker + " " },
      make("time", { dateTime: message.at, textContent: new Date(message.at).toLocaleTimeString([], { hour: "numeric", minute: "2-digit" }) }));
    const item = make("li", { className: `message ${message.from}` }, who);
    if (message.html) item.insertAdjacentHTML("beforeend", message.html); // made safe by the desk's own templates
    else item.append(make("p", { dir: "auto", textContent: message.text }));
    if (message.choices) item.append(choices(message));
    if (message.kind === "answer") item.append(helped(message));
    log.append(item);
    return message.from === "resident" ? "" : `${speaker}: ${message.text}`;
  }

  function showAll(messages, aloud) {
    const words = messages.map(show).filter(Boolean).join("\n");
    if (aloud && words) say(words);
  }

  function choices(message) {
    const box = make("div", { className: "choices" });
    const mark = (chosen) => {
      for (const button of box.children) button.setAttribute("aria-disabled", "true");
      chosen.setAttribute("aria-pressed", "true");
    };
    for (const choice of message.choices) {
      const button = make("button", {
        type: "button", textContent: choice.title,
        onclick: () => {
          if (button.getAttribute("aria-disabled")) return;
          mark(button);
          chat.chosen.push(choice.id);
          send({ choice: choice.id }, choice.title);
        },
      });
      box.append(button);
    }
    message.choices.forEach((choice, n) => { if (chat.chosen.includes(choice.id)) mark(box.children[n]); });
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
            const thanks = make("span", { textContent: WORDS.thanks, tabIndex: -1 });
            box.replaceChildren(thanks);
            thanks.focus(); // the button that had the focus is gone
            say(WORDS.thanks);
          } catch (error) { say(error.message); }
        },
      }));
    }
    return box;
  }

  // Whoever asks while the conversation is being opened waits for the same one.
  function begin() {
    opening = opening || start().finally(() => { opening = null; });
    return opening;
  }

  async function start() {
    if (chat.id) {
      try {
        await catchUp();
        return;
      } catch (error) {
        if (error.status !== 401 && error.status !== 404) throw error;
        forget({ draft: chat.draft, unsent: chat.unsent });
      }
    }
    const opened = await call("/conversations", { method: "POST", body: JSON.stringify({ language: "en", page: location.pathname }) });
    chat = { ...chat, id: opened.conversation, token: opened.token };
    keep();
    showAll(opened.messages, true);
  }

  async function catchUp() {
    const aloud = seen > 0; // what was said before a reload is not said again
    const { events } = await call(`/conversations/${chat.id}/events?after=${seen}`);
    showAll(events, aloud);
    if (events.length) log.lastElementChild.scrollIntoView(); // its beginning, however long it is
  }

  // The log as a stream while the panel is open: what staff write is there at once. Where it breaks off, the look every few seconds catches up.
  async function follow() {
    if (stream || panel.hidden || !chat.id || !window.TextDecoderStream) return;
    const following = chat.id;
    stream = new AbortController();
    try {
      const headers = { Accept: "text/event-stream", Authorization: `Bearer ${chat.token}` };
      const answer = await fetch(`/api/conversations/${following}/events?after=${seen}`, { headers, signal: stream.signal });
      const reader = answer.ok ? answer.body.pipeThrough(new TextDecoderStream()).getReader() : null;
      for (let left = ""; reader;) {
        const { value, done } = await reader.read();
        if (done || following !== chat.id) break;
        const events = (left + value).split("\n\n");
        left = events.pop();
        for (const event of events) {
          const data = event.split("\n").find((line) => line.startsWith("data: "));
          if (data) arrive(JSON.parse(data.slice(6)));
        }
      }
    } catch { /* the next look begins it anew */ } finally { stream = null; }
  }

  function arrive(message) {
    if (message.seq <= seen || !waiting.hidden) return; // what comes while something is being sent is shown when that is done
    showAll([message], true);
    log.lastElementChild.scrollIntoView();
  }

  function leave() {
    if (stream) stream.abort();
  }

  function send(what, words) {
    const clientId = Array.from(crypto.getRandomValues(new Uint8Array(12)), (b) => b.toString(16).padStart(2, "0")).join("");
    return deliver({ clientId, what, words });
  }

  // One after the other: two quick messages must not overtake each other on their way.
  function deliver(message) {
    if (!chat.unsent.some(({ clientId }) => clientId === message.clientId)) chat.unsent.push(message);
    keep();
    onItsWay = onItsWay.then(() => post(message));
    return onItsWay;
  }

  // The same client id for every try: the desk takes a message in once, however often it arrives.
  async function post(message) {
    waiting.hidden = false;
    say(WORDS.wait);
    try {
      await begin();
      await call(`/conversations/${chat.id}/messages`, { method: "POST", body: JSON.stringify({ client_id: message.clientId, ...message.what }) });
      delivered(message);
      await catchUp();
    } catch (error) {
      const refused = error.status === 422;
      if (refused) {
        delivered(message);
        if (message.what.text && !text.value) draft(text.value = message.words);
      }
      failed(error, message.words, refused ? null : () => deliver(message));
    } finally {
      waiting.hidden = true;
    }
  }

  function delivered(message) {
    chat.unsent = chat.unsent.filter(({ clientId }) => clientId !== message.clientId);
    keep();
  }

  function failed(error, words, again) {
    const sentence = [words && WORDS.failed, error.said || WORDS.lost].filter(Boolean).join(" ");
    const item = make("li", { className: "message system" }, make("p", { className: "failed", textContent: sentence }));
    if (words) item.append(make("p", { dir: "auto", textContent: words }));
    if (again) item.append(make("button", { type: "button", textContent: WORDS.again, onclick: () => { item.remove(); text.focus(); again(); } }));
    log.append(item);
    say(sentence);
    item.scrollIntoView({ block: "nearest" });
  }

  async function look() {
    try {
      const status = await call("/status");
      person.textContent = WORDS.person(status.phone, status.hours);
      const away = WORDS[status.assistant] || "";
      if (away && away !== state.textContent) say(away);
      state.hidden = !away;
      state.textContent = away;
      if (chat.id) await catchUp();
      follow();
    } catch { /* shown when something is sent */ }
    clearTimeout(timer);
    timer = panel.hidden ? 0 : setTimeout(look, 5000);
  }

  function open() {
    panel.hidden = false;
    title.focus();
    resume();
    if (!timer) look();
    chat.open = true;
    keep();
  }

  async function resume() {
    try {
      await begin();
    } catch (error) {
      failed(error, "", resume);
      return;
    }
    for (const message of leftOver.splice(0)) if (chat.unsent.includes(message)) await deliver(message);
  }

  function close() {
    const within = panel.contains(document.activeElement) || document.activeElement === document.body;
    panel.hidden = true;
    clearTimeout(timer);
    timer = 0;
    leave();
    chat.open = false;
    keep();
    if (within) link.focus();
  }

  function forget(kept = {}) {
    leave();
    chat = { chosen: [], unsent: [], ...kept, open: chat.open };
    seen = 0;
    log.replaceChildren();
    keep();
  }

  async function clear() {
    try {
      if (chat.id) await call(`/conversations/${chat.id}`, { method: "DELETE" });
    } catch (error) {
      if (error.status !== 404) { failed(error, "", clear); return; }
    }
    forget();
    text.value = "";
    warn("");
    resume();
    text.focus();
  }

  function warn(sentence) {
    if (sentence && problem.hidden) say(sentence);
    problem.hidden = !sentence;
    problem.textContent = sentence;
    text.setAttribute("aria-invalid", String(Boolean(sentence)));
  }

  function tooLong(words) {
    const length = [...words].length;
    return length > LONGEST_MESSAGE ? WORDS.long(length.toLocaleString("en-GB"), LONGEST_MESSAGE.toLocaleString("en-GB")) : "";
  }

  function draft(words) {
    chat.draft = words;
    keep();
    warn(tooLong(words.trim()));
  }

  link.addEventListener("click", (event) => { event.preventDefault(); open(); });
  // On the whole page: the panel may cover the link that has the focus.
  document.addEventListener("keydown", (event) => { if (event.key === "Escape" && !event.isComposing && !panel.hidden) close(); });
  text.addEventListener("input", () => draft(text.value));
  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); form.requestSubmit(); }
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const words = text.value.trim();
    warn(words ? tooLong(words) : WORDS.blank);
    if (!problem.hidden) return;
    text.value = "";
    draft("");
    send({ text: words }, words);
  });
  if (chat.open) open();
})();
