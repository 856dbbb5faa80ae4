// The mail page's part in the browser: tells the server which rows are near the screen, which row was clicked and which key was pressed.
import "./app.js";

const phone = matchMedia("(max-width: 759px)");

export function attach(root, page) {
  const stop = new AbortController();
  const on = (target, type, handler, options = {}) => target.addEventListener(type, handler, { signal: stop.signal, ...options });
  const rowHeight = () => parseFloat(getComputedStyle(root).getPropertyValue("--row")) || 76;
  const scroller = () => root.querySelector("[data-list]");
  const call = (name, ...args) => page.invokeMethodAsync(name, ...args).catch(() => {});

  // One question is under way at a time; the newest place wins, so that a fling asks for where it ends and not for all that it passes.
  let asked = { first: 0, last: 14 };
  let isAsking = false;
  async function look() {
    const list = scroller();
    if (!list || isAsking) return;
    const height = rowHeight();
    const first = Math.floor(list.scrollTop / height);
    const screen = Math.ceil(list.clientHeight / height) + 1;
    const isNear = first - screen / 2 >= asked.first || asked.first === 0;
    const isFar = first + screen * 1.5 <= asked.last;
    const isShort = asked.last >= Number(list.querySelector("[aria-setsize]")?.getAttribute("aria-setsize") ?? 0);
    if (isNear && first >= asked.first && (isFar || (isShort && first + screen <= asked.last + 1))) return;
    asked = { first: Math.max(0, first - screen), last: first + 2 * screen };
    isAsking = true;
    await call("Window", asked.first, asked.last - asked.first);
    isAsking = false;
    look();
  }

  let frame = 0;
  on(root, "scroll", e => {
    if (!e.target.matches?.("[data-list]")) return;
    hideTools();
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(look);
  }, { capture: true, passive: true });
  const sizes = new ResizeObserver(() => { asked = { first: 0, last: 0 }; look(); });
  sizes.observe(root);

  // Clicks on what stands in rows.
  function rowOf(element) {
    const row = element.closest?.("[data-k]");
    return row && { key: row.dataset.k, index: Number(row.dataset.i) };
  }
  on(root, "click", e => {
    const button = e.target.closest("[data-do]");
    const row = rowOf(e.target);
    if (button && row) {
      if (button.type !== "checkbox") e.preventDefault();
      call("Do", button.dataset.do, row.key, row.index, e.shiftKey);
    } else if (row && e.target.closest(".row-link") && (e.ctrlKey || e.metaKey || e.shiftKey) && e.button === 0) {
      e.preventDefault();
      e.stopPropagation();
      call("Do", "pick", row.key, row.index, e.shiftKey);
    }
  }, { capture: true });

  // One set of buttons for all rows, put over the row under the pointer.
  function tools() { return root.querySelector("[data-row-tools]"); }
  function hideTools() { const t = tools(); if (t) t.hidden = true; }
  if (matchMedia("(hover: hover)").matches) {
    on(root, "pointerover", e => {
      const t = tools();
      if (!t || t.contains(e.target)) return;
      const row = e.target.closest(".row[data-k]");
      t.hidden = !row;
      if (!row) return;
      t.dataset.k = row.dataset.k;
      t.dataset.i = row.dataset.i;
      t.style.setProperty("--i", row.dataset.i);
    });
    on(root, "pointerleave", hideTools);
  }

  // Keys. A message's frame has a document of its own, which hands its keys on to here.
  let goes = 0;
  function key(e) {
    if (e.defaultPrevented || e.ctrlKey || e.metaKey || e.altKey || e.isComposing) return;
    const at = e.target;
    if (at.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable=true], [role=dialog], .compose")) {
      if (e.key === "Escape" && at.matches("input[type=search]")) at.blur();
      return;
    }
    let act = null;
    // By when it was pressed, not by when a busy browser comes to it.
    if (goes && e.timeStamp - goes < 2000) act = { i: "go-inbox", d: "go-drafts", t: "go-sent", a: "go-archive", b: "go-trash", j: "go-junk" }[e.key];
    goes = 0;
    act ??= {
      j: "next", k: "previous", o: "open", u: "list", c: "compose", r: "reply", a: "reply-all", f: "forward", e: "archive", "#": "delete", Delete: "delete",
      "!": "junk", v: "move", s: "star", x: "pick", z: "undo", "?": "help", I: "seen", U: "unseen",
    }[e.key];
    if (e.key === "g") goes = e.timeStamp;
    else if (e.key === "/") {
      document.querySelector(".search-box")?.focus();
      document.querySelector(".search-box")?.select();
    } else if (e.key === "Escape") act = document.querySelector(".list-tools") ? "unpick" : "list";
    else if (e.key === "Enter" && !at.closest?.("a, button, summary, input")) act = "open";
    else if (!act) return;
    e.preventDefault();
    if (act) call("Key", act);
  }
  on(document, "keydown", key);
  on(document, "mailkey", e => key(e.detail));

  on(phone, "change", () => call("Wide", !phone.matches));
  call("Wide", !phone.matches);
  look();
  root.dataset.live = "true";

  return {
    reveal(index) {
      const list = scroller();
      if (!list) return;
      const height = rowHeight();
      const top = index * height;
      if (top < list.scrollTop + height / 2) list.scrollTop = top - height;
      else if (top + height > list.scrollTop + list.clientHeight - height / 2) list.scrollTop = top + 2 * height - list.clientHeight;
    },
    toTop() {
      const list = scroller();
      if (list) list.scrollTop = 0;
      asked = { first: 0, last: 14 };
      requestAnimationFrame(look);
    },
    // New mail came in above: what one looks at stays where it is.
    arrived(count) {
      const list = scroller();
      if (list && list.scrollTop > rowHeight() / 2) list.scrollTop += count * rowHeight();
      else look();
    },
    dispose() {
      stop.abort();
      sizes.disconnect();
    },
  };
}
