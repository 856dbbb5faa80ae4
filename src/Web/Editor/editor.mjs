// Squire with DOMPurify in front of whatever comes in: pasted, loaded from a draft, or quoted. The server cleans once more what is sent.
import DOMPurify from "dompurify";
import Squire from "squire-rte";

const rules = {
  RETURN_DOM_FRAGMENT: true,
  FORBID_TAGS: ["style", "form", "input", "button", "textarea", "select", "option", "iframe", "object", "embed", "video", "audio", "svg", "math", "link", "meta", "base"],
  FORBID_ATTR: ["id", "class", "name", "srcset", "background"],
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  ALLOWED_URI_REGEXP: /^(?:https?|mailto|tel|cid|blob):|^data:image\/(?:png|jpeg|gif|webp);base64,|^\/content\//i,
};

function fragment(html) {
  const clean = DOMPurify.sanitize(html, rules);
  return document.importNode(clean, true);
}

export function createEditor(root) {
  return new Squire(root, {
    sanitizeToDOMFragment: fragment,
    blockTag: "DIV",
    tagAttributes: { a: { rel: "noopener noreferrer" } },
    undo: { documentSizeThreshold: 500000, undoLimit: 100 },
    didError: error => console.error(error),
  });
}

// Plain text as one would have typed it, for the text part and for switching to plain.
export function textOf(html) {
  const holder = document.createElement("div");
  holder.append(fragment(html));
  return blocks(holder, "").replace(/\u200b/g, "").replace(/[ \t]+\n/g, "\n").replace(/\n{3,}/g, "\n\n").trim();
}

function blocks(node, prefix) {
  let out = "";
  for (const child of node.childNodes) {
    if (child.nodeType === Node.TEXT_NODE) out += child.data.replace(/[\s\u00a0]+/g, " ");
    else if (child.nodeType !== Node.ELEMENT_NODE) continue;
    else if (child.tagName === "BR") out += "\n";
    else if (child.tagName === "BLOCKQUOTE") out += `\n${blocks(child, "").trim().replace(/^/gm, "> ")}\n`;
    else if (child.tagName === "LI") {
      const mark = child.parentElement?.tagName === "OL" ? `${[...child.parentElement.children].indexOf(child) + 1}. ` : "- ";
      out += `\n${mark}${blocks(child, "").trim()}`;
    } else if (/^(DIV|P|H[1-6]|UL|OL|TABLE|TR|PRE|HR|SECTION|ARTICLE)$/.test(child.tagName)) {
      out = out.replace(/\n?$/, out ? "\n" : "") + (child.tagName === "PRE" ? child.textContent : blocks(child, "")).replace(/\n$/, "") + "\n";
    } else if (child.tagName === "IMG") out += child.alt ? `[${child.alt}]` : "";
    else out += blocks(child, "");
  }
  return prefix + out;
}

export function htmlOf(text) {
  const escape = line => line.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
  return text.split(/\r?\n/).map(line => `<div>${escape(line) || "<br>"}</div>`).join("");
}
