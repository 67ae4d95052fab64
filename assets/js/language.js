// Remembers the language a visitor picks, so that `/` leads there again. Only where config.yaml declares the
// cookie `language`; nothing is stored before a click on a language.

addEventListener("click", ({ target }) => {
  const link = target instanceof Element && target.closest("[data-remember] a[hreflang]");
  if (!link) return;
  const seconds = Number(link.closest("[data-remember]").dataset.remember);
  const parts = [`language=${link.hreflang}`, "Path=/", "SameSite=Lax"];
  if (seconds) parts.push(`Max-Age=${seconds}`);
  if (location.protocol === "https:") parts.push("Secure");
  document.cookie = parts.join("; ");
});
