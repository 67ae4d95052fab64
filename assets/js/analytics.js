// Calls Google after a grant: in the hidden frame that js/consent.js adds, where the stored choice is asked once
// more; or, with `analytics.isolation: page`, in the page itself, where js/consent.js says when.

const { src, id, cookieExpires } = document.getElementById("analytics").dataset;

const agreed = () => {
  try {
    const { categories } = JSON.parse(localStorage.getItem("consent"));
    return categories.analytics === true && navigator.globalPrivacyControl !== true;
  } catch {
    return false;
  }
};

function gtag() {
  window.dataLayer.push(arguments); // gtag.js wants the arguments object itself
}

const start = (page) => {
  window.dataLayer = [];
  gtag("consent", "default", {
    ad_storage: "denied",
    ad_user_data: "denied",
    ad_personalization: "denied",
    analytics_storage: "denied",
    functionality_storage: "denied",
    personalization_storage: "denied",
    security_storage: "granted",
  });
  gtag("consent", "update", { analytics_storage: "granted" });
  gtag("js", new Date());
  gtag("config", id, {
    allow_google_signals: false,
    allow_ad_personalization_signals: false,
    cookie_expires: Number(cookieExpires),
    cookie_flags: "SameSite=Lax;Secure",
    page_location: page.URL,
    page_title: page.title,
    page_referrer: page.referrer,
  });
  const script = document.createElement("script");
  script.async = true;
  script.src = `${src}?id=${encodeURIComponent(id)}`;
  document.head.append(script);
};

// The frame is never focused, so gtag.js cannot tell how long the page was read: count visible time here.
const count = () => {
  let since = performance.now();
  document.addEventListener("visibilitychange", () => {
    const now = performance.now();
    if (document.visibilityState === "hidden") {
      gtag("event", "user_engagement", { engagement_time_msec: Math.round(now - since), transport_type: "beacon" });
    }
    since = now;
  });
};

const withdraw = () => {
  window[`ga-disable-${id}`] = true;
};

window.withdraw = withdraw; // called by js/consent.js; other tabs hear of it from the storage
addEventListener("storage", () => agreed() || withdraw());
if (window.parent === window) {
  addEventListener("granted", () => start(document));
} else if (agreed()) {
  start(window.parent.document);
  count();
}
