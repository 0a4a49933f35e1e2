// SPDX-License-Identifier: MIT
// The search of the documentation: sections that have all the words, those with the words in their title first. The texts
// are in texts.js, which is loaded when somebody begins to type.
"use strict";
(() => {
  const form = document.getElementById("search");
  const input = form.querySelector("input");
  const found = document.getElementById("found");
  const MOST = 30;
  let loading;

  const load = () => {
    loading ??= new Promise((done) => {
      const script = document.createElement("script");
      script.src = "texts.js";
      script.onload = done;
      document.head.append(script);
    });
    return loading;
  };

  const rank = (section, words) => {
    const title = section.title.toLowerCase(), text = section.text.toLowerCase();
    let sum = 0;
    for (const word of words) {
      if (title.includes(word)) sum += 10;
      else if (text.includes(word)) sum += 1;
      else return 0;
    }
    return sum + (section.is_page ? 1 : 0);
  };

  const excerpt = (text, word) => {
    const at = Math.max(0, text.toLowerCase().indexOf(word) - 40);
    return (at > 0 ? "…" : "") + text.slice(at, at + 120) + (at + 120 < text.length ? "…" : "");
  };

  const entry = (section, words) => {
    const link = document.createElement("a"), text = document.createElement("span");
    link.href = section.url;
    link.textContent = section.title;
    text.textContent = excerpt(section.text, words[0]);
    link.append(text);
    return link;
  };

  const show = async () => {
    await load();
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    const ranked = words.length === 0 ? [] : window.botapi_texts.map((section) => [rank(section, words), section])
      .filter(([sum]) => sum > 0).sort((a, b) => b[0] - a[0]).slice(0, MOST);
    found.replaceChildren(...ranked.map(([, section]) => entry(section, words)));
    if (words.length > 0 && ranked.length === 0) found.textContent = "Nothing has all these words.";
    found.hidden = words.length === 0;
  };

  const close = () => {
    found.hidden = true;
  };

  input.addEventListener("input", show);
  input.addEventListener("focus", show);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    await show();
    found.querySelector("a")?.click();
  });
  found.addEventListener("click", close);
  document.addEventListener("click", (event) => {
    if (!form.contains(event.target) && !found.contains(event.target)) close();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
    if (event.key === "/" && document.activeElement !== input) {
      event.preventDefault();
      input.focus();
    }
  });
  form.hidden = false;
})();
