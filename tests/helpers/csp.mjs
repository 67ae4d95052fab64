// Google's csp_evaluator on each policy of the JSON list on standard input: a list of findings each.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const require = createRequire(import.meta.url);
const { CspParser } = require("csp_evaluator/dist/parser.js");
const { CspEvaluator } = require("csp_evaluator/dist/evaluator.js");

const evaluate = (policy) => new CspEvaluator(new CspParser(policy).csp).evaluate();
const found = JSON.parse(readFileSync(0, "utf8")).map((policy) =>
  evaluate(policy).map(({ severity, directive, value, description }) =>
    `${severity} ${directive} ${value ?? ""}: ${description}`));
console.log(JSON.stringify(found));
