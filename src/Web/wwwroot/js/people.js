// A field of recipients: each becomes a chip at a comma, semicolon, Enter or when one leaves the field; Backspace takes the last one back.
const address = /^[^\s@<>(),;:"[\]\\]+@(?:[^\s@<>(),;:"[\]\\]+|\[[^\s\]]+\])$/u;

export function bareAddress(text) {
  const inner = /<([^<>]+)>\s*$/.exec(text);
  return (inner ? inner[1] : text).trim();
}

export function isAddress(text) {
  return address.test(bareAddress(text));
}

// Splits at separators that stand in no quotes and no brackets.
export function split(text) {
  const parts = [];
  let part = "", isQuoted = false, depth = 0;
  for (const c of text) {
    if (c === '"') isQuoted = !isQuoted;
    else if (c === "<") depth++;
    else if (c === ">") depth = Math.max(0, depth - 1);
    if (!isQuoted && depth === 0 && /[,;，；\n]/.test(c)) {
      parts.push(part);
      part = "";
    } else part += c;
  }
  return [...parts, part].map(x => x.trim()).filter(x => x);
}

export function people(field, words, changed) {
  const input = field.querySelector("input");
  let all = [];

  function draw() {
    field.querySelectorAll(".person").forEach(x => x.remove());
    for (const [i, text] of all.entries()) {
      const chip = document.createElement("span");
      chip.className = isAddress(text) ? "person" : "person is-bad";
      chip.title = text;
      const name = document.createElement("span");
      name.textContent = text.replace(/\s*<[^<>]*>\s*$/, "").replace(/^"|"$/g, "") || bareAddress(text);
      const remove = document.createElement("button");
      remove.type = "button";
      remove.textContent = "×";
      remove.setAttribute("aria-label", `${words.remove}: ${text}`);
      remove.addEventListener("click", () => {
        all.splice(i, 1);
        draw();
        changed();
        input.focus();
      });
      chip.append(name, remove);
      field.insertBefore(chip, input);
    }
  }

  function take() {
    const found = split(input.value);
    if (found.length === 0) return;
    input.value = "";
    for (const one of found) {
      if (!all.some(x => bareAddress(x).toLowerCase() === bareAddress(one).toLowerCase())) all.push(one);
    }
    draw();
    changed();
  }

  input.addEventListener("keydown", e => {
    if (e.isComposing) return;
    if ((e.key === "Enter" || e.key === "," || e.key === ";") && input.value.trim()) {
      if (e.key !== "Enter" && (input.value.match(/"/g)?.length ?? 0) % 2 === 1) return;
      e.preventDefault();
      take();
    } else if (e.key === "Tab" && input.value.trim()) take();
    else if (e.key === "Backspace" && input.value === "" && all.length > 0) {
      e.preventDefault();
      input.value = all.pop();
      draw();
      changed();
    }
  });
  input.addEventListener("blur", take);
  input.addEventListener("paste", () => setTimeout(() => { if (/[,;\n]/.test(input.value)) take(); }));
  field.addEventListener("click", e => { if (e.target === field) input.focus(); });

  return {
    input,
    get: () => [...all, ...split(input.value)],
    set(values) {
      all = [...values];
      draw();
    },
  };
}
