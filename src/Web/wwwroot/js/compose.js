// The compose window. All that is typed is in this browser first (localStorage), in the Drafts folder within two seconds (HTTP), and needs no circuit.
// Saves, uploads and the sending stand in one queue, since each makes the draft's message anew.
import { isAddress, people } from "./people.js";

const saveAfter = 1500;
const token = () => document.querySelector("meta[name=csrf]")?.content ?? "";

class Refused extends Error {
  constructor(status, body) {
    super(body?.message ?? `HTTP ${status}`);
    this.status = status;
    this.body = body;
  }
}

async function ask(method, url, body) {
  const answer = await fetch(url, {
    method,
    headers: { "X-CSRF": token(), ...(body === undefined ? {} : { "Content-Type": "application/json" }) },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const content = answer.headers.get("content-type")?.includes("json") ? await answer.json() : null;
  if (!answer.ok) throw new Refused(answer.status, content);
  return content;
}

export async function attach(root) {
  const words = JSON.parse(root.dataset.words);
  const $ = selector => root.querySelector(selector);
  const stop = new AbortController();
  const on = (target, type, handler, options = {}) => target.addEventListener(type, handler, { signal: stop.signal, ...options });

  const state = { key: null, files: [], uploads: [], isPlain: false, version: 0, saved: 0, isClosed: false, isSending: false, fields: {} };
  let editor = null, queue = Promise.resolve(), timer = 0, spare = null;
  const lists = {};
  for (const name of ["to", "cc", "bcc"]) lists[name] = people($(`[data-f=${name}]`), words, changed);
  const lib = await import(root.dataset.editor);
  if (stop.signal.aborted) return { dispose() {} };
  editor = lib.createEditor($("[data-rich]"));

  // ---- what is shown ----
  function say(text, isBad = false) {
    $("[data-state]").textContent = text;
    $("[data-state]").classList.toggle("is-bad", isBad);
  }
  function fail(text) {
    $("[data-error]").textContent = text ?? "";
    $("[data-error]").hidden = !text;
  }
  function show(name, isShown) { $(`[data-row=${name}]`).hidden = !isShown; }

  function drawFiles() {
    const list = $("[data-files]");
    list.replaceChildren();
    for (const file of [...state.files.filter(f => !f.isInline), ...state.uploads]) {
      const item = document.createElement("li");
      item.className = file.progress === undefined ? "compose-file" : "compose-file is-coming";
      const name = document.createElement("b");
      name.textContent = file.name;
      const size = document.createElement("small");
      size.textContent = file.error ?? amount(file.size);
      item.append(name, size);
      if (file.error) item.classList.add("is-bad");
      if (file.progress !== undefined && !file.error) {
        const bar = document.createElement("progress");
        bar.max = 1;
        bar.value = file.progress;
        bar.setAttribute("aria-label", file.name);
        item.append(bar);
        file.bar = bar;
      }
      const remove = document.createElement("button");
      remove.type = "button";
      remove.className = "tool is-small";
      remove.textContent = "×";
      remove.setAttribute("aria-label", `${words.remove}: ${file.name}`);
      remove.addEventListener("click", () => removeFile(file));
      item.append(remove);
      list.append(item);
    }
  }

  function amount(bytes) {
    if (bytes < 1000) return `${bytes} B`;
    if (bytes < 1000 * 1024) return `${Math.round(bytes / 1024)} KB`;
    return `${(bytes / 1048576).toFixed(1)} MB`;
  }

  function setPlain(isPlain) {
    state.isPlain = isPlain;
    $("[data-rich]").hidden = isPlain;
    $("[data-plain]").hidden = !isPlain;
    $("[data-format]").hidden = isPlain;
    $("[data-c=plain]").setAttribute("aria-pressed", String(isPlain));
  }

  function fill(draft) {
    state.key = draft.key;
    state.files = draft.attachments;
    state.fields = { kind: draft.kind, of: draft.of };
    const from = $("[data-f=from]");
    from.replaceChildren(...draft.addresses.map(a => new Option(a, a, false, a === draft.from)));
    show("from", draft.addresses.length > 1);
    for (const name of ["to", "cc", "bcc"]) lists[name].set(draft[name]);
    const hasCopies = draft.cc.length + draft.bcc.length > 0;
    show("cc", hasCopies);
    show("bcc", hasCopies);
    $("[data-c=copies]").hidden = hasCopies;
    $("[data-f=subject]").value = draft.subject;
    $("[data-plain]").value = draft.text;
    editor.setHTML(draft.isPlain ? lib.htmlOf(draft.text) : draft.html);
    setPlain(draft.isPlain);
    drawFiles();
    title();
    state.filled = editor.getHTML();
    state.isFilled = true;
  }

  function title() {
    const subject = $("[data-f=subject]").value.trim();
    $("[data-title]").textContent = subject || words[root.dataset.kind] || words.new;
  }

  // ---- what is typed ----
  function read() {
    const html = state.isPlain ? null : editor.getHTML();
    return {
      key: state.key, kind: state.fields.kind, of: state.fields.of, from: $("[data-f=from]").value,
      to: lists.to.get(), cc: lists.cc.get(), bcc: lists.bcc.get(), subject: $("[data-f=subject]").value,
      isPlain: state.isPlain, html, text: state.isPlain ? $("[data-plain]").value : lib.textOf(html),
      keep: state.files.map(f => f.id),
    };
  }

  function spareName() { return `draft:${root.dataset.kind}:${root.dataset.of ?? ""}`; }
  function keepHere() {
    try {
      localStorage.setItem(spareName(), JSON.stringify({ at: Date.now(), fields: read() }));
    } catch { /* storage is full or closed: the server's copy remains */ }
  }
  function forgetHere() { try { localStorage.removeItem(spareName()); } catch { /* as above */ } }

  function changed() {
    if (!editor || state.isClosed || !state.isFilled) return;
    state.version++;
    fail(null);
    title();
    clearTimeout(spare);
    spare = setTimeout(keepHere, 300);
    clearTimeout(timer);
    const weight = state.files.reduce((sum, f) => sum + f.size, 0);
    timer = setTimeout(() => save(), weight > 2e6 ? 6000 : saveAfter);
  }

  function enqueue(work) {
    const done = queue.then(work);
    queue = done.catch(() => {});
    return done;
  }

  function took(answer) {
    state.key = answer.key;
    state.files = answer.attachments;
    // The URL names the draft from now on, so that a reload comes back to it.
    if (!state.isClosed) {
      const url = new URL(location.href);
      if (url.searchParams.has("compose")) {
        url.searchParams.set("compose", "draft");
        url.searchParams.set("of", answer.key);
        url.searchParams.set("w", root.dataset.window);
        go(url, true);
      }
    }
    drawFiles();
  }

  function go(url, replaces) {
    try {
      window.Blazor.navigateTo(url.pathname + url.search, { replaceHistoryEntry: replaces });
    } catch {
      history.replaceState(history.state, "", url); // no circuit just now: the page that is loaded next reads the URL
    }
  }

  function save() {
    clearTimeout(timer);
    return enqueue(async () => {
      if (state.saved === state.version || state.isSending) return;
      const version = state.version;
      say(words.saving);
      try {
        took(await ask("POST", "/drafts", read()));
        state.saved = version;
        say(words.saved);
        if (state.version === version) forgetHere();
      } catch (e) {
        say(e instanceof Refused && e.status === 401 ? words.signedout : e instanceof Refused ? (e.body?.message ?? words.failed) : words.unsaved, true);
        keepHere();
        if (!state.isClosed && !(e instanceof Refused && e.status < 500)) timer = setTimeout(() => save(), 5000);
        throw e;
      }
    });
  }

  // ---- files ----
  function upload(file) {
    const entry = { name: file.name, size: file.size, progress: 0 };
    state.uploads.push(entry);
    drawFiles();
    enqueue(async () => {
      if (entry.isRemoved) return;
      if (!state.key || state.saved !== state.version) {
        const version = state.version;
        took(await ask("POST", "/drafts", read()));
        state.saved = version;
      }
      took(await new Promise((resolve, reject) => {
        const request = new XMLHttpRequest();
        entry.request = request;
        request.open("POST", `/drafts/${state.key}/attachments?name=${encodeURIComponent(file.name)}`);
        request.setRequestHeader("X-CSRF", token());
        request.setRequestHeader("Content-Type", file.type || "application/octet-stream");
        request.responseType = "json";
        request.upload.addEventListener("progress", e => {
          entry.progress = e.lengthComputable ? e.loaded / e.total : 0;
          if (entry.bar) entry.bar.value = entry.progress;
        });
        request.addEventListener("load", () => request.status < 300 ? resolve(request.response) : reject(new Refused(request.status, request.response)));
        request.addEventListener("error", () => reject(new Error("network")));
        request.addEventListener("abort", () => reject(new Error("abort")));
        request.send(file);
      }));
      state.uploads = state.uploads.filter(x => x !== entry);
      say(words.saved);
      drawFiles();
    }).catch(e => {
      if (entry.isRemoved) return;
      entry.error = e instanceof Refused && e.status === 413 ? words.large : (e.body?.message ?? words.failed);
      drawFiles();
    });
  }

  function removeFile(file) {
    if (file.progress !== undefined) {
      file.isRemoved = true;
      file.request?.abort();
      state.uploads = state.uploads.filter(x => x !== file);
    } else {
      state.files = state.files.filter(x => x !== file);
      changed();
    }
    drawFiles();
  }

  // ---- the end ----
  function leave() {
    state.isClosed = true;
    clearTimeout(timer);
    clearTimeout(spare);
    const url = new URL(location.href);
    url.searchParams.delete("compose");
    url.searchParams.delete("of");
    url.searchParams.delete("w");
    go(url, false);
  }

  async function close() {
    try {
      await save();
    } catch {
      return; // what was said stays on the screen: nothing is thrown away
    }
    leave();
  }

  async function send() {
    if (state.isSending) return;
    const fields = read();
    const all = [...fields.to, ...fields.cc, ...fields.bcc];
    const bad = all.find(x => !isAddress(x));
    if (all.length === 0) return refuse(words.nobody, () => lists.to.input.focus());
    if (bad) return refuse(words.bad + bad);
    if (state.uploads.some(u => !u.error)) return refuse(words.uploading);
    if (!fields.subject.trim() && !confirm(words.nosubject)) return $("[data-f=subject]").focus();
    clearTimeout(timer);
    $("[data-c=send]").disabled = true;
    say(words.sending);
    try {
      await enqueue(async () => {
        state.isSending = true;
        await ask("POST", "/drafts/send", read());
      });
      forgetHere();
      announce(words.sent);
      leave();
    } catch (e) {
      state.isSending = false;
      $("[data-c=send]").disabled = false;
      say("");
      refuse(e instanceof Refused ? (e.status === 401 ? words.signedout : e.body?.message ?? words.failed) : words.unsaved);
    }
  }

  function refuse(text, then) {
    fail(text);
    then?.();
  }

  function announce(text) {
    const place = document.querySelector(".toasts");
    if (!place) return;
    const toast = document.createElement("div");
    toast.className = "toast is-plain";
    toast.textContent = text;
    place.append(toast);
    setTimeout(() => toast.remove(), 4000);
  }

  async function discard() {
    state.isClosed = true;
    clearTimeout(timer);
    clearTimeout(spare);
    await queue;
    if (state.key) await ask("DELETE", `/drafts/${state.key}`).catch(() => {});
    forgetHere();
    announce(words.discarded);
    leave();
  }

  // ---- handlers ----
  const acts = {
    close, send, discard,
    expand() {
      const isLarge = root.classList.toggle("is-large");
      $("[data-c=expand]").setAttribute("aria-pressed", String(isLarge));
    },
    copies() {
      show("cc", true);
      show("bcc", true);
      $("[data-c=copies]").hidden = true;
      lists.cc.input.focus();
    },
    plain() {
      if (state.isPlain) editor.setHTML(lib.htmlOf($("[data-plain]").value));
      else $("[data-plain]").value = lib.textOf(editor.getHTML());
      setPlain(!state.isPlain);
      changed();
    },
  };
  const formats = {
    bold: e => e.hasFormat("B") ? e.removeBold() : e.bold(),
    italic: e => e.hasFormat("I") ? e.removeItalic() : e.italic(),
    underline: e => e.hasFormat("U") ? e.removeUnderline() : e.underline(),
    list: e => e.hasFormat("UL") ? e.removeList() : e.makeUnorderedList(),
    numbers: e => e.hasFormat("OL") ? e.removeList() : e.makeOrderedList(),
    quote: e => e.hasFormat("BLOCKQUOTE") ? e.decreaseQuoteLevel() : e.increaseQuoteLevel(),
    link(e) {
      if (e.hasFormat("A")) return e.removeLink();
      const url = prompt(words.link, "https://");
      if (url && /^(https?|mailto):/i.test(url)) e.makeLink(url);
    },
    clear: e => e.removeAllFormatting(),
  };
  on(root, "click", e => {
    const act = e.target.closest("[data-c]")?.dataset.c;
    const format = e.target.closest("[data-fmt]")?.dataset.fmt;
    if (act) acts[act]();
    else if (format) {
      formats[format](editor);
      editor.focus();
      marks();
    }
  });
  on($("[data-format]"), "mousedown", e => e.preventDefault());
  function marks() {
    const tags = { bold: "B", italic: "I", underline: "U", list: "UL", numbers: "OL", quote: "BLOCKQUOTE", link: "A" };
    for (const button of root.querySelectorAll("[data-fmt]")) {
      const tag = tags[button.dataset.fmt];
      if (tag) button.setAttribute("aria-pressed", String(editor.hasFormat(tag)));
    }
  }
  editor.addEventListener("input", () => {
    // Filling the editor is told as input too; the first change of one's own differs from what was filled in.
    if (state.version > 0 || editor.getHTML() !== state.filled) changed();
  });
  editor.addEventListener("pathChange", marks);
  editor.addEventListener("pasteImage", e => {
    for (const item of e.detail?.clipboardData?.items ?? []) {
      const file = item.kind === "file" && item.getAsFile();
      if (file) upload(file);
    }
  });
  on($("[data-plain]"), "input", changed);
  on($("[data-f=subject]"), "input", changed);
  on($("[data-f=from]"), "change", changed);
  for (const list of Object.values(lists)) on(list.input, "input", changed);
  on($("[data-pick]"), "change", e => {
    [...e.target.files].forEach(upload);
    e.target.value = "";
  });
  const hasFiles = e => [...(e.dataTransfer?.types ?? [])].includes("Files");
  on(root, "dragover", e => { if (hasFiles(e)) { e.preventDefault(); $("[data-drop]").hidden = false; } });
  on(root, "dragleave", e => { if (!root.contains(e.relatedTarget)) $("[data-drop]").hidden = true; });
  on(root, "drop", e => {
    if (!hasFiles(e)) return;
    e.preventDefault();
    $("[data-drop]").hidden = true;
    [...e.dataTransfer.files].forEach(upload);
  }, { capture: true });
  on(root, "keydown", e => {
    if (e.isComposing) return;
    if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) {
      e.preventDefault();
      send();
    } else if (e.key === "Escape") {
      e.preventDefault();
      e.stopPropagation();
      close();
    }
  });
  on(window, "beforeunload", e => {
    if (state.saved !== state.version || state.uploads.some(u => !u.error)) {
      keepHere();
      e.preventDefault();
    }
  });
  on(window, "online", () => { if (state.saved !== state.version) save().catch(() => {}); });

  // ---- the beginning ----
  const query = new URLSearchParams({ kind: root.dataset.kind });
  if (root.dataset.of) query.set("of", root.dataset.of);
  try {
    fill(await ask("GET", `/drafts/start?${query}`));
    const left = JSON.parse(localStorage.getItem(spareName()) ?? "null");
    if (left && Date.now() - left.at < 30 * 864e5) {
      // The browser has more than the server got: it was closed or offline while something was unsaved.
      const fields = left.fields;
      for (const name of ["to", "cc", "bcc"]) lists[name].set(fields[name]);
      $("[data-f=subject]").value = fields.subject;
      if (fields.isPlain) $("[data-plain]").value = fields.text;
      else editor.setHTML(fields.html ?? "");
      setPlain(fields.isPlain);
      changed();
    } else say(state.key ? words.saved : "");
    if (root.dataset.kind === "new" || root.dataset.kind === "forward" || lists.to.get().length === 0) lists.to.input.focus();
    else if (state.isPlain) {
      $("[data-plain]").focus();
      $("[data-plain]").setSelectionRange(0, 0);
    } else {
      editor.focus();
      editor.moveCursorToStart();
    }
  } catch (e) {
    fail(e instanceof Refused && e.status === 404 ? words.gone : words.failed);
  }
  root.dataset.ready = "true";

  return {
    dispose() {
      if (!state.isClosed && state.saved !== state.version) save().catch(() => {});
      state.isClosed = true;
      stop.abort();
      editor.destroy();
    },
  };
}
