// Runs Workers against an entrance and prints a line for each row: "row", its name and "ok" or what is wrong, by tabs.
//
//   node driver.mjs FOLDER PROXY FAR [reference]
//
// With the last one, wrangler's own remote side stands between Miniflare and the entrance, as a Worker whose binding
// goes to the entrance as to a proxy: what the rows want is what the original gives.
//
// FOLDER has wrangler.jsonc, page.ts, dev.mjs, probe.mjs and rows.mjs; PROXY is HOST:PORT of `vpc4j proxy`; FAR is JSON.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { transformSync } from "esbuild";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import workerd from "workerd";
import { unstable_getMiniflareWorkerOptions } from "wrangler";
import { rows } from "./rows.mjs";

const PATIENCE_MS = 60_000;
const [folder, proxy, farText, compared] = process.argv.slice(2);
const far = JSON.parse(farText);

/** Runs one row; never throws. */
async function row(name, steps) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done in ${PATIENCE_MS} ms`)), PATIENCE_MS);
  });
  try {
    await Promise.race([steps(), late]);
    console.log(`row\t${name}\tok`);
  } catch (e) {
    console.log(`row\t${name}\t${String(e.message).replaceAll(/\s+/g, " ")}`);
  } finally {
    clearTimeout(timer);
  }
}

async function probe(base, door) {
  for (const { name, want, only } of rows) {
    if (only && !only.includes(door)) continue;
    await row(`${door}: ${name}`, async () => {
      const query = new URLSearchParams({ row: name, door, far: farText });
      const answer = await (await fetch(`${base}/?${query}`)).json();
      const expected = typeof want === "function" ? want(door, far) : want;
      assert.deepEqual(answer, { got: expected }, `${JSON.stringify(answer)}, not ${JSON.stringify(expected)}`);
    });
  }
}

/** Miniflare with the bindings that wrangler makes of the real configuration, their other side being the entrance. */
function miniflare(modules, otherSide = new URL(`http://${proxy}`)) {
  const { workerOptions } = unstable_getMiniflareWorkerOptions(join(folder, "wrangler.jsonc"), undefined, {
    remoteProxyConnectionString: otherSide,
  });
  workerOptions.vpcNetworks.NOPE = workerOptions.vpcNetworks.MY_VPC;
  return new Miniflare(
    convertV4MiniflareOptions({ ...workerOptions, name: "worker", modules, rootPath: folder, host: "127.0.0.1", port: 0 }),
  );
}

const module = (name, contents = readFileSync(join(folder, name), "utf8")) => ({
  type: "ESModule",
  path: join(folder, name),
  contents,
});

// The product page's own handler.
await row("the page's own Worker", async () => {
  const source = readFileSync(join(folder, "page.ts"), "utf8");
  const page = miniflare([module("page.mjs", transformSync(source, { loader: "ts" }).code)]);
  try {
    const response = await fetch(await page.ready);
    assert.equal(await response.text(), "hello from a private service");
    assert.equal(response.status, 200);
  } finally {
    await page.dispose();
  }
});

// What docs/workers.md tells to run, with ports of ours.
await row("the guide's own lines", async () => {
  const lines = readFileSync(join(folder, "dev.mjs"), "utf8");
  assert.match(lines, /127\.0\.0\.1:8118.*port: 8787/s);
  writeFileSync(join(folder, "dev.mjs"), lines.replace("127.0.0.1:8118", proxy).replace("port: 8787", "port: 0"));
  writeFileSync(
    join(folder, "worker.mjs"),
    'export default { fetch: (request, env) => env.MY_VPC.fetch("http://10.0.1.50/data") };',
  );
  const guided = spawn("node", ["dev.mjs"], { cwd: folder, stdio: ["ignore", "pipe", "inherit"] });
  try {
    const url = await new Promise((resolve, reject) => {
      createInterface({ input: guided.stdout }).once("line", resolve);
      guided.on("exit", (code) => reject(new Error(`it ended with ${code}`)));
    });
    assert.equal(await (await fetch(url)).text(), "hello from a private service");
  } finally {
    guided.kill();
  }
});

// Everything else that a Worker does with a binding.
{
  const worker = miniflare([module("probe.mjs"), module("rows.mjs")]);
  try {
    await probe((await worker.ready).origin, "miniflare");
  } finally {
    await worker.dispose();
  }
}

// The same through the original of our other side, which lies in the wrangler that is installed.
if (compared === "reference") {
  const bundle = readFileSync(createRequire(import.meta.url).resolve("wrangler"), "utf8");
  const [, literal] = bundle.match(/ProxyServerWorker_default = ('(?:[^'\\\n]|\\.)*');/);
  const original = new Miniflare(
    convertV4MiniflareOptions({
      name: "original",
      compatibilityDate: "2025-04-28",
      modules: [module("original.mjs", new Function(`return ${literal}`)())],
      serviceBindings: { MY_VPC: { external: { address: proxy, http: { style: 1 } } } }, // HttpOptions.Style.PROXY
      host: "127.0.0.1",
      port: 0,
    }),
  );
  const worker = miniflare([module("probe.mjs"), module("rows.mjs")], await original.ready);
  try {
    await probe((await worker.ready).origin, "reference");
  } finally {
    await worker.dispose();
    await original.dispose();
  }
}

// workerd alone: the binding is an external service with the entrance as its HTTP proxy.
{
  writeFileSync(
    join(folder, "raw.capnp"),
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "worker", worker = (
      modules = [ (name = "probe.mjs", esModule = embed "probe.mjs"), (name = "rows.mjs", esModule = embed "rows.mjs") ],
      compatibilityDate = "2026-11-01",
      bindings = [ (name = "MY_VPC", service = "vpc") ],
    )),
    (name = "vpc", external = (address = "${proxy}", http = (style = proxy))),
  ],
  sockets = [ (name = "http", address = "127.0.0.1:0", http = (), service = "worker") ],
);
`,
  );
  const runtime = spawn(workerd.default, ["serve", join(folder, "raw.capnp"), "--control-fd=3"], {
    stdio: ["ignore", "inherit", "inherit", "pipe"],
  });
  try {
    const port = await new Promise((resolve, reject) => {
      createInterface({ input: runtime.stdio[3] }).on("line", (line) => {
        const said = JSON.parse(line);
        if (said.event === "listen") resolve(said.port);
      });
      runtime.on("exit", (code) => reject(new Error(`workerd ended with ${code}`)));
    });
    await probe(`http://127.0.0.1:${port}`, "proxy");
  } finally {
    runtime.kill();
  }
}
console.log("rows are done");
process.exit(0);
