// The MDN HTTP Observatory's own scan of `https://HOST/PATH`, answered by this machine. Arguments: host and path,
// the ports that stand for 80 and 443. Prints the scan as JSON.

import { mkdirSync, writeFileSync, existsSync } from "node:fs";
import net from "node:net";
import { fileURLToPath } from "node:url";

const [target, http, https] = process.argv.slice(2);
const ports = { 80: Number(http), 443: Number(https) };

const connect = net.Socket.prototype.connect;
net.Socket.prototype.connect = function (...given) {
  const options = Array.isArray(given[0]) ? given[0][0] : given[0];
  if (!(options.port in ports)) throw new Error(`a request to port ${options.port}`);
  options.port = ports[options.port];
  options.host = "127.0.0.1";
  return connect.apply(this, given);
};

// The list of preloaded hosts is fetched when the package is installed; here nobody is on it.
const observatory = new URL("../../node_modules/@mdn/mdn-http-observatory/", import.meta.url);
const list = new URL("conf/hsts-preload.json", observatory);
mkdirSync(new URL("conf/", observatory), { recursive: true });
if (!existsSync(list)) writeFileSync(list, "{}");

const { scan } = await import(fileURLToPath(new URL("src/scanner/index.js", observatory)));
const { scan: result, tests } = await scan(target);
console.log(JSON.stringify({ ...result, tests }, null, 1));
process.exit(0);
