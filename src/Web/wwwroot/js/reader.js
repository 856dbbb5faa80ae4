// The message's frame: as high as its content, in the page's theme, and handing its keys on. It has no script of its own and may not have any.
import { isDark } from "./app.js";

export function attach(frame) {
  let sizes = null;
  const stop = new AbortController();

  // Mail that was laid out for a desk is wider than a phone: it is drawn smaller, as far as one can still read it.
  function shrink() {
    const page = frame.contentDocument;
    page.body.style.zoom = "";
    const [has, wants] = [page.documentElement.clientWidth, page.documentElement.scrollWidth];
    if (wants > has + 1) page.body.style.zoom = String(Math.max(has / wants, 0.5));
  }

  let width = 0;
  function fit() {
    const page = frame.contentDocument;
    if (!page?.body) return;
    if (frame.clientWidth !== width) {
      width = frame.clientWidth;
      shrink();
    }
    const height = Math.ceil(Math.max(page.documentElement.getBoundingClientRect().height, page.body.scrollHeight * (Number(page.body.style.zoom) || 1)));
    // A table wider than the pane scrolls inside the frame; leave room for its bar.
    const isWide = page.documentElement.scrollWidth > page.documentElement.clientWidth + 1;
    frame.style.height = `${Math.min(height + (isWide ? 18 : 2), 200000)}px`;
  }

  function theme() {
    const page = frame.contentDocument?.documentElement;
    if (page) page.dataset.theme = isDark() ? "dark" : "light";
  }

  function loaded() {
    const page = frame.contentDocument;
    if (!page?.body) return;
    theme();
    sizes?.disconnect();
    sizes = new ResizeObserver(fit);
    sizes.observe(page.body);
    fit();
    frame.classList.add("is-loaded");
    page.addEventListener("keydown", e => {
      const copy = new KeyboardEvent("keydown", { key: e.key, ctrlKey: e.ctrlKey, metaKey: e.metaKey, altKey: e.altKey, shiftKey: e.shiftKey, cancelable: true });
      Object.defineProperty(copy, "target", { value: document.body });
      document.dispatchEvent(new CustomEvent("mailkey", { detail: copy }));
      if (copy.defaultPrevented) e.preventDefault();
    });
    page.addEventListener("click", e => {
      const link = e.target.closest?.("a[href^='mailto:' i]");
      if (!link) return;
      e.preventDefault();
      const url = new URL(location.href);
      url.searchParams.set("compose", "new");
      url.searchParams.set("of", link.href);
      window.Blazor.navigateTo(url.pathname + url.search);
    });
  }

  frame.addEventListener("load", loaded, { signal: stop.signal });
  document.addEventListener("themechange", theme, { signal: stop.signal });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", theme, { signal: stop.signal });
  if (frame.contentDocument?.readyState === "complete" && frame.contentDocument.URL !== "about:blank") loaded();

  return {
    original(isOriginal) {
      const page = frame.contentDocument?.documentElement;
      if (page) page.classList.toggle("is-original", isOriginal);
    },
    dispose() {
      stop.abort();
      sizes?.disconnect();
    },
  };
}
