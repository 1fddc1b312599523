// The private services: what lies at 10.0.1.50 and 10.0.5.42. Prints its ports as one line of JSON.
//
//   node origin.mjs free KEYS     on free ports of 127.0.0.1, for whoever maps ports
//   node origin.mjs fixed KEYS    at the addresses and ports themselves, which must be this machine's
//
// KEYS is a PKCS #12 file whose password is "password".
import { readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import net from "node:net";
import { gzipSync } from "node:zlib";
import { WebSocketServer } from "ws";

const fixed = process.argv[2] === "fixed";
const keys = { pfx: readFileSync(process.argv[3]), passphrase: "password" };
let aborted = 0;

const paths = {
  "/data": (request, response) => response.setHeader("X-Origin", "yes").end("hello from a private service"),
  "/seen": (request, response) =>
    response.end(JSON.stringify({ method: request.method, url: request.url, fields: request.headers })),
  "/echo": (request, response) => {
    response.writeHead(200, { "Content-Type": "application/octet-stream" });
    request.pipe(response);
  },
  "/redirect": (request, response, url) => {
    const left = Number(url.searchParams.get("left"));
    left === 0 ? response.end("arrived") : response.writeHead(302, { Location: `/redirect?left=${left - 1}` }).end();
  },
  "/other": (request, response) => response.writeHead(303, { Location: "/seen" }).end(),
  "/same": (request, response) => response.writeHead(307, { Location: "/echo" }).end(),
  "/cut": (request, response) => {
    response.writeHead(200, { "Content-Length": 100 });
    response.write("short", () => response.socket.destroy());
  },
  "/reset": (request, response) => response.socket.resetAndDestroy(),
  "/cookies": (request, response) => response.setHeader("Set-Cookie", ["a=1; Path=/", "b=2"]).end(),
  "/gzip": (request, response) => response.setHeader("Content-Encoding", "gzip").end(gzipSync("unpacked")),
  "/none": (request, response) => response.writeHead(204).end(),
  "/unchanged": (request, response) => response.writeHead(304, { ETag: '"1"' }).end(),
  "/missing": (request, response) => response.writeHead(404, "Not Here").end("no such thing"),
  "/large": (request, response, url) => {
    let left = Number(url.searchParams.get("octets"));
    const part = Buffer.alloc(64 * 1024, "x");
    const more = () => {
      while (left > 0) {
        const now = part.subarray(0, Math.min(left, part.length));
        left -= now.length;
        if (!response.write(now)) return response.once("drain", more);
      }
      response.end();
    };
    more();
  },
  "/endless": (request, response) => {
    const timer = setInterval(() => response.write("tick "), 5);
    response.on("close", () => {
      clearInterval(timer);
      aborted++;
    });
  },
  "/aborted": (request, response) => response.end(String(aborted)),
};

function answer(request, response) {
  const url = new URL(request.url, "http://origin");
  (paths[url.pathname] ?? paths["/missing"])(request, response, url);
}

const sockets = new WebSocketServer({ noServer: true, handleProtocols: (offered) => offered.values().next().value });
function upgrade(request, socket, head) {
  if (request.url !== "/socket") {
    return socket.end("HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\nnone");
  }
  sockets.handleUpgrade(request, socket, head, (web) =>
    web.on("message", (data, binary) => {
      if (!binary && String(data) === "bye") web.close(4001, "so long");
      else web.send(data, { binary });
    }),
  );
}

const web = http.createServer({ requireHostHeader: true }, answer).on("upgrade", upgrade);
const secure = https.createServer(keys, answer).on("upgrade", upgrade);
const echo = net.createServer({ allowHalfOpen: true }, (socket) => socket.on("error", () => {}).pipe(socket));
const greeting = net.createServer((socket) => socket.on("error", () => {}).end("welcome\n"));
const database = http.createServer((request, response) => response.end("a database"));

const listeners = [
  ["10.0.1.50", 80, web],
  ["10.0.1.50", 443, secure],
  ["10.0.1.50", 7, echo],
  ["10.0.1.50", 13, greeting],
  ["10.0.5.42", 5432, database],
];
const ports = {};
for (const [address, port, server] of listeners) {
  await new Promise((listening) =>
    fixed ? server.listen(port, address, listening) : server.listen(0, "127.0.0.1", listening),
  );
  ports[`${address}:${port}`] = server.address().port;
}
console.log(JSON.stringify(ports));
