// A chat for any web page: <script src="https://HOST/support/widget.js" defer></script>
// data-language: zh or en; data-theme: light or dark; data-open: at once. It sets no cookie and loads nothing else.
"use strict";
(() => {
  const script = document.currentScript;
  const base = new URL(".", script.src).href;
  const told = script.dataset;
  const zh = (told.language || navigator.language || "en").toLowerCase().startsWith("zh");
  const say = zh
    ? {
        title: "在线客服", close: "关闭", field: "您的问题", send: "发送", you: "您", assistant: "智能助手",
        person: "人工客服", talk: "转人工", asked: "我想转人工客服。", hello: "您好，请问有什么可以帮您？", waiting: "正在为您转接人工客服，请稍候。",
        taken: "人工客服正在为您服务。", closed: "本次对话已结束；再次提问即开始新的对话。", start: "打开在线客服", answering: "正在回答…", good: "有帮助", bad: "没有帮助",
        rate: "这个回答有帮助吗？", sources: "来源", lost: "网络不通，消息没有发出。", busy: "消息太多，请稍等片刻再发。", failed: "暂时无法回答。",
        long: "消息太长，请缩短后再发。", again: "重新发送", gone: "网络不通，收不到新消息；正在重试。", fresh: "条新消息",
      }
    : {
        title: "Customer service", start: "Open customer service", close: "Close", field: "Your question", send: "Send", you: "You",
        assistant: "Assistant", person: "Customer service", talk: "Talk to a person", asked: "I want to talk to a person.",
        hello: "Hello, how can we help?", waiting: "A person will be with you soon.", taken: "A person is with you now.",
        closed: "This conversation is over; another question begins a new one.", answering: "Answering…", good: "Helpful",
        bad: "Not helpful", rate: "Did this help?", sources: "Sources", lost: "No connection: the message was not sent.",
        busy: "That was many messages: wait a moment, then send it again.", failed: "No answer can be given just now.",
        long: "The message is too long: shorten it.", again: "Send again",
        gone: "No connection: new messages cannot come in; trying again.", fresh: "new messages",
      };

  const KEPT = "argosy-support";
  const [SOON, LATE, IDLE] = [3000, 15000, 30000]; // milliseconds between looks for new messages
  const chance = () => Array.from(crypto.getRandomValues(new Uint8Array(24)), (one) => one.toString(16).padStart(2, "0")).join("");
  const kept = { token: chance(), conversation: "", open: "open" in told };
  try {
    Object.assign(kept, JSON.parse(sessionStorage.getItem(KEPT) || "{}"));
  } catch {
    // a browser that keeps nothing: the conversation ends with the page
  }
  const keep = () => {
    try {
      sessionStorage.setItem(KEPT, JSON.stringify(kept));
    } catch {
      return; // the same
    }
  };

  const make = (name, more = {}, ...inside) => {
    const { label, ...rest } = more;
    const element = Object.assign(document.createElement(name), rest);
    if (label) element.setAttribute("aria-label", label);
    element.append(...inside);
    return element;
  };

  const thumb = (helped) => {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    const more = { viewBox: "0 0 24 24", width: 18, height: 18, "aria-hidden": true, fill: "currentColor" };
    for (const [name, value] of Object.entries(helped ? more : { ...more, transform: "rotate(180)" })) svg.setAttribute(name, value);
    path.setAttribute("d", "M2 10h4v11H2zM8 10l4-8a3 3 0 0 1 3 3v4h6a2 2 0 0 1 2 2.500l-2 8a2 2 0 0 1-2 1.500H8z");
    svg.append(path);
    return svg;
  };

  const style = new CSSStyleSheet();
  style.replaceSync(`
:host { all: initial; color-scheme: light dark; position: fixed; right: 0; bottom: 0; z-index: 2147483000;
  --accent: var(--support-accent, light-dark(#0d6470, #6cc3cb)); --on: var(--support-on-accent, light-dark(#fff, #0c1a1c));
  --paper: light-dark(#fff, #1b2124); --ink: light-dark(#1f262b, #e6e5e1); --muted: light-dark(#596167, #a2abb0);
  --wash: light-dark(#f1f3f3, #273034); --edge: light-dark(#858b8e, #737d82); --bad: light-dark(#a3271d, #f29d92); }
:host([data-theme=light]) { color-scheme: light } :host([data-theme=dark]) { color-scheme: dark }
* { box-sizing: border-box; font: inherit; color: inherit; margin: 0 } [hidden] { display: none !important }
:is(.launch, .panel) { font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; }
button { cursor: pointer; border: 1px solid transparent; border-radius: 8px; background: none; padding: 8px 12px; min-height: 44px; min-width: 44px }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
.launch { position: fixed; right: 16px; bottom: 16px; background: var(--accent); color: var(--on); border-radius: 28px; min-height: 56px; padding: 0 20px; font-weight: 600; box-shadow: 0 2px 12px rgb(0 0 0 / .25) }
.panel { position: fixed; right: 16px; bottom: 16px; width: 384px; height: min(620px, calc(100dvh - 32px)); display: flex; flex-direction: column; overflow: hidden; background: var(--paper); color: var(--ink); border: 1px solid var(--edge); border-radius: 14px; box-shadow: 0 8px 32px rgb(0 0 0 / .25) }
.top { display: flex; align-items: center; gap: 4px; padding: 6px 6px 6px 16px; background: var(--accent); color: var(--on) } .top h2 { flex: 1; font-weight: 650 }
.top :focus-visible { outline-color: currentColor; outline-offset: -3px } .top button { text-decoration: underline; text-underline-offset: 3px } .top .close { text-decoration: none; font-size: 22px; line-height: 1 }
.log { flex: 1; overflow-y: auto; overscroll-behavior: contain; padding: 16px; display: flex; flex-direction: column; gap: 14px }
.log:focus-visible { outline-offset: -3px }
.turn { max-width: 88%; align-self: flex-start } .turn.user { align-self: flex-end } .who { font-size: 13px; color: var(--muted); margin-bottom: 2px } .user > .who { text-align: right }
.text { background: var(--wash); padding: 9px 13px; border-radius: 4px 14px 14px 14px; white-space: pre-wrap; overflow-wrap: anywhere } .user > .text { background: var(--accent); color: var(--on); border-radius: 14px 4px 14px 14px }
.person > .text { box-shadow: inset 3px 0 var(--accent) } sup { font-size: 11px; line-height: 0; vertical-align: super; padding-left: 2px; color: var(--muted) }
.sources, .rate, .state, .sent { font-size: 13px; color: var(--muted) } .sources { margin-top: 6px } .sources ol { margin: 0; padding-left: 20px } .sources li { overflow-wrap: anywhere }
.rate { display: flex; flex-wrap: wrap; align-items: center; gap: 0 4px; margin-top: 2px } .rate button { padding: 4px 8px; min-height: 36px; color: var(--ink) } .rate [aria-pressed=true] { background: var(--wash); border-color: var(--accent) }
.state { padding: 0 16px 8px } .state:empty { display: none } .state.bad, .sent { color: var(--bad) } .sent button { text-decoration: underline; font-weight: 600; padding: 4px 8px; min-height: 36px }
form { display: flex; gap: 8px; align-items: end; padding: 10px; border-top: 1px solid var(--wash) }
textarea { flex: 1; resize: none; min-height: 44px; max-height: 132px; field-sizing: content; padding: 9px 12px; border: 1px solid var(--edge); border-radius: 10px; background: var(--paper) }
.send { background: var(--accent); color: var(--on); font-weight: 600 } .send:disabled { opacity: .55; cursor: default }
@media (max-width: 479px) { .panel { inset: 0; width: 100%; height: 100dvh; border: 0; border-radius: 0 } }
@media print { :host { display: none } }`);

  const log = make("div", { className: "log", role: "log", tabIndex: 0, label: say.title });
  const state = make("p", { className: "state", role: "status" });
  const field = make("textarea", { rows: 1, maxLength: 10000, placeholder: say.field, label: say.field, enterKeyHint: "send" });
  const send = make("button", { className: "send", type: "submit" }, say.send);
  const form = make("form", {}, field, send);
  const talk = make("button", { type: "button" }, say.talk);
  const close = make("button", { type: "button", className: "close", label: say.close }, "×");
  const heading = make("h2", { id: "title" }, say.title);
  const panel = make("section", { className: "panel", role: "dialog", hidden: true }, make("div", { className: "top" }, heading, talk, close), log, state, form);
  panel.setAttribute("aria-labelledby", "title");
  const launch = make("button", { type: "button", className: "launch", label: say.start }, say.title);
  launch.setAttribute("aria-haspopup", "dialog");
  const host = make("div", { lang: zh ? "zh-CN" : "en" });
  if (told.theme) host.dataset.theme = told.theme;
  const root = host.attachShadow({ mode: "open" });
  root.adoptedStyleSheets = [style];
  root.append(launch, panel);

  const hello = make("div", { className: "turn" }, make("p", { className: "text" }, say.hello));
  const turns = new Map(); // index of a turn: what it was shown as
  let [last, now, fresh, wait, timer] = [-1, "open", 0, SOON, 0];

  async function ask(path, body) {
    const head = { authorization: `Bearer ${kept.token}`, "accept-language": zh ? "zh-CN" : "en" };
    const post = { method: "POST", headers: { ...head, "content-type": "application/json" }, body: JSON.stringify(body) };
    const options = { ...(body ? post : { headers: head }), credentials: "omit", cache: "no-store", signal: AbortSignal.timeout(30000) };
    const answer = await fetch(base + path, options);
    if (!answer.ok) throw Object.assign(new Error(), { status: answer.status });
    return answer.json();
  }

  function wrong(error) {
    if (error.status === 429) return say.busy;
    if (error.status === 413) return say.long;
    return error.status ? say.failed : say.lost;
  }

  function marked(text, sources) {
    const letters = Array.from(text); // places are counted in characters, not in halves of them
    const parts = [];
    let from = 0;
    for (const [at, stop] of sources) {
      parts.push(letters.slice(from, stop).join(""), make("sup", {}, `[${at}]`));
      from = stop;
    }
    return [...parts, letters.slice(from).join("")];
  }

  function draw(turn) {
    const names = [...new Set(turn.sources.map((one) => [one.title, one.where].filter(Boolean).join(", ")))];
    const at = (one) => names.indexOf([one.title, one.where].filter(Boolean).join(", ")) + 1;
    const marks = turn.sources.map((one) => [at(one), one.stop]).sort((one, other) => one[1] - other[1]);
    const who = { user: say.you, assistant: say.assistant, person: say.person }[turn.role];
    const text = make("div", { className: "text" }, ...marked(turn.text, marks));
    const shown = make("div", { className: `turn ${turn.role}` }, make("p", { className: "who" }, who), text);
    if (names.length) {
      const list = make("ol", {}, ...names.map((name) => make("li", {}, name)));
      shown.append(make("div", { className: "sources" }, make("p", {}, say.sources), list));
    }
    if (turn.answers) shown.append(rating(turn));
    return shown;
  }

  function rating(turn) {
    const buttons = [[true, say.good], [false, say.bad]].map(([helped, label]) => {
      const button = make("button", { type: "button", label, title: label }, thumb(helped));
      const press = (value) => button.setAttribute("aria-pressed", value === helped);
      press(turn.helped);
      button.onclick = async () => {
        try {
          const said = await ask("ratings", { conversation: kept.conversation, turn: turn.id, helped });
          for (const one of buttons) one.press(said.helped);
        } catch (error) {
          tell(wrong(error), true);
        }
      };
      return Object.assign(button, { press });
    });
    return make("div", { className: "rate", role: "group", label: say.rate }, make("span", {}, say.rate), ...buttons);
  }

  function tell(text, bad = false) {
    state.textContent = text;
    state.classList.toggle("bad", bad);
  }

  function show(answer) {
    if (answer.conversation !== kept.conversation) {
      kept.conversation = answer.conversation;
      last = -1;
      turns.clear(); // what was said before stays on the page; its indices are another conversation's
      keep();
    }
    let more = 0;
    for (const turn of answer.turns) {
      if (turns.has(turn.index)) continue;
      turns.set(turn.index, log.appendChild(draw(turn)));
      last = Math.max(last, turn.index);
      more += turn.role !== "user";
    }
    if (answer.turns.length) log.scrollTop = log.scrollHeight;
    if (panel.hidden && more) {
      fresh += more;
      launch.textContent = `${say.title} (${fresh})`;
      launch.setAttribute("aria-label", `${say.start}, ${fresh} ${say.fresh}`);
    }
    now = answer.state;
    talk.hidden = now === "waiting" || now === "taken";
    tell(say[now] || "");
    return more;
  }

  function later() {
    clearTimeout(timer);
    const pace = now === "waiting" || now === "taken" ? wait : IDLE;
    if (kept.conversation && now !== "closed" && !(panel.hidden && pace === IDLE)) timer = setTimeout(look, pace);
  }

  async function look() {
    if (document.hidden) return;
    try {
      const asked = kept.conversation;
      const answer = await ask(`messages?conversation=${encodeURIComponent(asked)}&after=${last}`);
      if (asked === kept.conversation) wait = show(answer) ? SOON : Math.min(wait * 1.3, LATE);
    } catch (error) {
      if (error.status === 404) {
        kept.conversation = ""; // it is not kept any more
        keep();
      } else {
        tell(error.status ? wrong(error) : say.gone, true);
        wait = Math.min(wait * 2, IDLE);
      }
    }
    later();
  }

  async function deliver(id, text, shown) {
    const answering = make("p", { className: "who" }, say.answering);
    log.append(answering);
    log.scrollTop = log.scrollHeight;
    send.disabled = true;
    try {
      const body = { id, text, after: last, ...(kept.conversation ? { conversation: kept.conversation } : {}) };
      const answer = await ask("messages", body);
      shown.remove(); // the logged turn takes its place
      show(answer);
      wait = SOON;
    } catch (error) {
      const again = make("button", { type: "button" }, say.again);
      const note = make("p", { className: "sent", role: "alert" }, wrong(error), " ", again);
      shown.append(note);
      again.onclick = () => {
        note.remove();
        field.focus();
        deliver(id, text, shown);
      };
    }
    answering.remove();
    log.scrollTop = log.scrollHeight;
    send.disabled = false;
    later();
  }

  function put(text) {
    const shown = draw({ role: "user", text, sources: [] });
    log.append(shown);
    return deliver(chance(), text, shown);
  }

  function toggle(open, focus = true) {
    panel.hidden = !open;
    launch.hidden = open;
    kept.open = open;
    keep();
    if (open) {
      fresh = 0;
      launch.textContent = say.title;
      launch.setAttribute("aria-label", say.start);
      log.scrollTop = log.scrollHeight;
      later();
    }
    if (focus) (open ? field : launch).focus();
  }

  form.onsubmit = (event) => {
    event.preventDefault();
    const text = field.value.trim();
    if (!text || send.disabled) return;
    field.value = "";
    put(text);
  };
  field.onkeydown = (event) => {
    // Enter also ends a word that is being composed, in Chinese say: that sends nothing
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    form.requestSubmit();
  };
  talk.onclick = async () => {
    field.focus();
    if (!kept.conversation && !send.disabled) await put(say.asked);
    if (!kept.conversation || now !== "open") return;
    try {
      show(await ask("person", { conversation: kept.conversation }));
      wait = SOON;
      look();
    } catch (error) {
      tell(wrong(error), true);
    }
  };
  close.onclick = () => toggle(false);
  launch.onclick = () => toggle(true);
  panel.onkeydown = (event) => {
    if (event.key === "Escape" && !event.isComposing) toggle(false);
  };
  document.addEventListener("visibilitychange", () => document.hidden || later());
  addEventListener("online", () => kept.conversation && look());

  const start = () => {
    document.body.append(host);
    log.append(hello);
    toggle(kept.open, false);
    if (kept.conversation) look();
  };
  if (document.body) start();
  else addEventListener("DOMContentLoaded", start);
})();
