// Lighthouse on addresses of this machine. Argument: JSON {chromium, flags, runs, urls}; prints one line of JSON a run:
// {url, scores: {category: 0…100}, failed: {category: [audit]}, metrics: {name: milliseconds, shift or bytes}, version}.

import { launch } from "chrome-launcher";
import lighthouse from "lighthouse";

const { chromium, flags, runs, urls } = JSON.parse(process.argv[2]);
const metrics = {
  fcp: "first-contentful-paint",
  lcp: "largest-contentful-paint",
  tbt: "total-blocking-time",
  cls: "cumulative-layout-shift",
  bytes: "total-byte-weight",
};

/** One visit with a browser of its own, so with an empty cache. A trace that Chromium lost is taken again. */
async function visit(url, tries = 4) {
  const chrome = await launch({ chromePath: chromium, chromeFlags: flags, logLevel: "silent" });
  try {
    const { lhr } = await lighthouse(url, { port: chrome.port, logLevel: "silent" }); // the default: mobile
    if (!lhr.runtimeError) return lhr;
    if (tries === 1) throw new Error(`${url}: ${lhr.runtimeError.message}`);
  } finally {
    await chrome.kill();
  }
  return visit(url, tries - 1);
}

for (let run = 0; run < runs; run += 1) {
  for (const url of urls) {
    const { audits, categories, lighthouseVersion } = await visit(url);
    const scores = {};
    const failed = {};
    for (const [id, { score, auditRefs }] of Object.entries(categories)) {
      scores[id] = Math.round(score * 100);
      failed[id] = auditRefs
        .filter(({ weight, id: audit }) => weight && (audits[audit].score ?? 1) < 0.995)
        .map(({ id: audit }) => audit);
    }
    const numbers = Object.fromEntries(
      Object.entries(metrics).map(([name, id]) => [name, audits[id].numericValue]),
    );
    console.log(JSON.stringify({ url, scores, failed, metrics: numbers, version: lighthouseVersion }));
  }
}
