// Firefox with or without its real Global Privacy Control signal, on pages of the site; prints one JSON object.
// node firefox.mjs PROGRAM ORIGIN GPC(true|false) PATH…  ->  {PATH: {gpc, asked, boxes, told, choice, cookies, hosts}}
import puppeteer from "puppeteer-core";

const [program, origin, gpc, ...paths] = process.argv.slice(2);

const browser = await puppeteer.launch({
  browser: "firefox",
  executablePath: program,
  headless: true,
  extraPrefsFirefox: {
    "privacy.globalprivacycontrol.enabled": gpc === "true",
    "privacy.globalprivacycontrol.functionality.enabled": true,
    // Whatever is asked of anyone else goes to a port where nobody answers.
    "network.proxy.type": 1,
    "network.proxy.http": "127.0.0.1",
    "network.proxy.http_port": 9,
    "network.proxy.ssl": "127.0.0.1",
    "network.proxy.ssl_port": 9,
    "network.proxy.allow_hijacking_localhost": false,
  },
});

const look = () => ({
  gpc: navigator.globalPrivacyControl === true,
  asked: !document.getElementById("consent").hidden,
});

const settings = () => {
  const banner = document.getElementById("consent");
  document.querySelector(".colophon [data-open=consent]").click();
  const shown = {
    boxes: [...banner.querySelectorAll("input")].map((box) => [box.name, box.checked, box.disabled]),
    told: banner.querySelector(".signal").checkVisibility() ? banner.querySelector(".signal").innerText : "",
  };
  banner.querySelector("[value=accept]").click();
  return shown;
};

const found = {};
try {
  for (const path of paths) {
    const context = await browser.createBrowserContext();
    const page = await context.newPage();
    const hosts = new Set();
    page.on("request", (request) => hosts.add(new URL(request.url()).host));
    await page.goto(origin + path, { waitUntil: "load" });
    const first = await page.evaluate(look);
    const panel = await page.evaluate(settings);
    await new Promise((done) => setTimeout(done, 1000));
    const kept = await page.evaluate(() => [JSON.parse(localStorage.getItem("consent")), document.cookie]);
    found[path] = { ...first, ...panel, choice: kept[0], cookies: kept[1], hosts: [...hosts].sort() };
    await context.close();
  }
} finally {
  await browser.close();
}
console.log(JSON.stringify(found));
