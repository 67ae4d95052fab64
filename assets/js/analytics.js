/* Runs in the hidden frame /analytics/, only after a grant: Google Analytics, Consent Mode v2, basic mode. */
const { id, expires } = document.currentScript?.dataset ?? document.querySelector("script[data-id]").dataset;
const facts = new URLSearchParams(location.hash.slice(1));
window.dataLayer = [];
function gtag() {
  window.dataLayer.push(arguments);
}
const denied = {};
for (const name of ["ad_storage", "ad_user_data", "ad_personalization", "analytics_storage", "functionality_storage", "personalization_storage"]) denied[name] = "denied";
gtag("consent", "default", { ...denied, security_storage: "granted" });
gtag("consent", "update", { analytics_storage: "granted" });
gtag("js", new Date());
gtag("config", id, {
  allow_google_signals: false,
  allow_ad_personalization_signals: false,
  cookie_expires: +expires,
  page_location: facts.get("l"),
  page_title: facts.get("t"),
  page_referrer: facts.get("r"),
});
const script = document.createElement("script");
script.async = true;
script.src = "https://www.googletagmanager.com/gtag/js?id=" + id;
document.head.append(script);
