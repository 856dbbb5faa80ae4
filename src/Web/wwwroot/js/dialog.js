// Keeps the focus inside an open dialog and gives it back afterwards. Dialogs nest: the last one holds.
const held = [];

export function attach(dialog) {
  const entry = { dialog, before: document.activeElement };
  held.push(entry);
  dialog.addEventListener("keydown", wrap);
  (dialog.querySelector("[autofocus]") ?? dialog.querySelector("input:not([type=hidden]), textarea, select") ?? dialog).focus();
  return {
    dispose() {
      const wasLast = held.at(-1) === entry;
      held.splice(held.indexOf(entry), 1);
      if (wasLast && entry.before?.isConnected) entry.before.focus();
    },
  };
}

function wrap(e) {
  if (e.key !== "Tab") return;
  const all = [...e.currentTarget.querySelectorAll("a[href], button:not(:disabled), input:not([type=hidden]):not(:disabled), select, textarea, [tabindex='0']")]
    .filter(x => x.offsetParent !== null);
  if (all.length === 0) return;
  const [first, last] = [all[0], all[all.length - 1]];
  if (e.shiftKey && (document.activeElement === first || document.activeElement === e.currentTarget)) {
    last.focus();
    e.preventDefault();
  } else if (!e.shiftKey && document.activeElement === last) {
    first.focus();
    e.preventDefault();
  }
}
