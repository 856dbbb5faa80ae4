// Starts on every page: keeps the time zone's cookie, busy forms, the theme switch; on interactive pages it starts Blazor and speaks of lost connections.
const year = 60 * 60 * 24 * 365;
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const secure = location.protocol === "https:" ? ";secure" : "";
if (zone && !document.cookie.includes(`tz=${encodeURIComponent(zone)}`)) {
  document.cookie = `tz=${encodeURIComponent(zone)};path=/;max-age=${year};samesite=lax${secure}`;
}

export function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  document.cookie = `theme=${theme};path=/;max-age=${year};samesite=lax${secure}`;
  document.dispatchEvent(new CustomEvent("themechange"));
}

export function isDark() {
  const theme = document.documentElement.dataset.theme;
  return theme === "dark" || (theme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
}

document.addEventListener("submit", e => {
  if (e.target.matches("form[data-busy]")) e.target.classList.add("is-busy");
});

document.addEventListener("click", e => {
  const act = e.target.closest("[data-act]")?.dataset.act;
  if (act === "theme") setTheme(isDark() ? "light" : "dark");
  else if (act === "nav") toggleNav();
  else if (act === "skip") document.getElementById("main")?.focus();
  else if (act === "reload") location.reload();
  else if (act === "reconnect") window.Blazor?.reconnect?.().then(ok => { if (!ok) location.reload(); }, () => location.reload());
  // A menu closes when something in it was chosen, and when one clicks elsewhere.
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(e.target) || e.target.closest(".menu-item")) menu.open = false;
  }
});

function toggleNav(open) {
  const app = document.querySelector(".app");
  const isOpen = app?.classList.toggle("is-nav", open);
  document.querySelector(".nav-toggle")?.setAttribute("aria-expanded", String(!!isOpen));
  if (isOpen) document.querySelector(".side a")?.focus();
}

document.addEventListener("click", e => {
  if (e.target.closest(".side a") && document.querySelector(".app.is-nav")) toggleNav(false);
});

document.addEventListener("keydown", e => {
  if (e.key === "Escape" && document.querySelector(".app.is-nav")) toggleNav(false);
  // Escape closes a dialog also while the focus has not reached it yet.
  const dialogs = document.querySelectorAll(".dialog");
  if (e.key === "Escape" && dialogs.length > 0 && !e.target.closest?.(".dialog")) {
    dialogs[dialogs.length - 1].querySelector(".dialog-head .tool").click();
    e.preventDefault();
    return;
  }
  const menu = e.target.closest?.("details.menu[open]");
  if (!menu) return;
  if (e.key === "Escape") {
    menu.open = false;
    menu.querySelector("summary").focus();
    e.stopPropagation();
  } else if (e.key === "ArrowDown" || e.key === "ArrowUp") {
    const items = [...menu.querySelectorAll(".menu-item")];
    const at = items.indexOf(document.activeElement) + (e.key === "ArrowDown" ? 1 : -1);
    items[(at + items.length) % items.length]?.focus();
    e.preventDefault();
    e.stopPropagation();
  }
});

// Components' parts in the browser (Live/BrowserPart.cs). The element may have been taken out of the page again when the server's call arrives.
window.parts = {
  async attach(script, element, ...rest) {
    const module = await import(`./${script}.js`);
    const part = element?.isConnected ? await module.attach(element, ...rest) : null;
    return { call: (method, ...values) => part?.[method](...values) };
  },
};

const modal = document.getElementById("components-reconnect-modal");
if (modal && window.Blazor) {
  // A circuit that the server let go of can't be had back: load the page again, where the URL says what was shown.
  modal.addEventListener("components-reconnect-state-changed", e => {
    if (e.detail?.state === "rejected") location.reload();
  });
  addEventListener("offline", () => modal.classList.add("is-offline"));
  addEventListener("online", () => modal.classList.remove("is-offline"));
  window.Blazor.start({
    circuit: {
      reconnectionOptions: { maxRetries: 60, retryIntervalMilliseconds: n => Math.min(250 * 2 ** Math.min(n, 5), 5000) },
    },
  });
}
