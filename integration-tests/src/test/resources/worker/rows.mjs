// What a Worker does with its binding, and what it must see. Runs in workerd (run) and in node (want).
//
// `far` says what differs between the networks: the name of a service, and the words of what cannot be reached.
const text = (octets) => new TextDecoder().decode(octets);
const octets = (string) => new TextEncoder().encode(string);

async function readAll(readable) {
  let all = "";
  for await (const part of readable) all += text(part);
  return all;
}

async function thrown(promise) {
  try {
    await promise;
    return "nothing";
  } catch (e) {
    return `${e.name}: ${e.message}`;
  }
}

// Doors are "miniflare", "proxy" (workerd alone), and "reference": Miniflare with the original of our side, which has the
// entrance for a proxy.
const isMiniflare = (door) => door !== "proxy";
const saysErrorsInText = (door) => door === "miniflare";
const refusal = (code) => (door, far) =>
  saysErrorsInText(door) ? [500, `ProxyError: ${far[code]}`] : [far.status[far[code]], `vpc4j; error=${far[code]}`];

/** What a failure looks like: through Miniflare its text, at a proxy its field. */
async function refused(vpc, url, door) {
  const response = await vpc.fetch(url);
  const body = await response.text();
  return [response.status, saysErrorsInText(door) ? body : response.headers.get("proxy-status")];
}

export const rows = [
  {
    name: "a GET",
    run: async ({ vpc }) => {
      const response = await vpc.fetch("http://10.0.1.50/data?x=1#fragment");
      return [response.status, await response.text(), response.headers.get("x-origin")];
    },
    want: [200, "hello from a private service", "yes"],
  },
  {
    name: "a name that the far end resolves",
    run: async ({ vpc, far }) => (await vpc.fetch(`http://${far.name}/data`)).text(),
    want: "hello from a private service",
  },
  {
    name: "https, with TLS on our side",
    run: async ({ vpc }) => (await vpc.fetch("https://10.0.1.50/data")).text(),
    want: "hello from a private service",
  },
  {
    name: "the service sees the Worker's request and nothing of ours",
    run: async ({ vpc }) => {
      const seen = await (
        await vpc.fetch("http://10.0.1.50/seen?a=b%20c", {
          method: "PATCH",
          headers: { "X-Test": "v", "X-Repeated": "1", Cookie: "c=d", "User-Agent": "worker" },
          body: "patch",
        })
      ).json();
      const odd = Object.keys(seen.fields).filter((name) => /^(mf-|cf-|proxy-|via|x-forwarded|forwarded)/.test(name));
      return [seen.method, seen.url, seen.fields.host, seen.fields["x-test"], seen.fields.cookie, odd];
    },
    want: ["PATCH", "/seen?a=b%20c", "10.0.1.50", "v", "c=d", []],
  },
  {
    name: "a POST with a length",
    run: async ({ vpc }) => {
      const sent = "0123456789".repeat(50_000);
      const response = await vpc.fetch("http://10.0.1.50/echo", { method: "POST", body: sent });
      return (await response.text()) === sent;
    },
    want: true,
  },
  {
    name: "an empty POST",
    run: async ({ vpc }) => (await vpc.fetch("http://10.0.1.50/echo", { method: "POST" })).text(),
    want: "",
  },
  {
    name: "a stream is answered before it ends",
    run: async ({ vpc }) => {
      const { readable, writable } = new TransformStream();
      const fetching = vpc.fetch("http://10.0.1.50/echo", { method: "POST", body: readable });
      const writer = writable.getWriter();
      const heard = [];
      await writer.write(octets("one"));
      const reader = (await fetching).body.getReader();
      heard.push(text((await reader.read()).value));
      await writer.write(octets("two"));
      heard.push(text((await reader.read()).value));
      await writer.close();
      heard.push((await reader.read()).done);
      return heard;
    },
    want: ["one", "two", true],
  },
  {
    name: "16 MiB come whole",
    run: async ({ vpc }) => {
      let count = 0;
      for await (const part of (await vpc.fetch("http://10.0.1.50/large?octets=16777216")).body) count += part.length;
      return count;
    },
    want: 16_777_216,
  },
  {
    name: "40 fetches at once",
    run: async ({ vpc }) => {
      const answers = await Promise.all(
        Array.from({ length: 40 }, async (_, i) =>
          (await vpc.fetch("http://10.0.1.50/echo", { method: "POST", body: `number ${i}` })).text(),
        ),
      );
      return answers.every((answer, i) => answer === `number ${i}`);
    },
    want: true,
  },
  {
    name: "redirects are followed, a request for each",
    run: async ({ vpc }) => {
      const response = await vpc.fetch("http://10.0.1.50/redirect?left=20");
      return [response.status, response.redirected, await response.text()];
    },
    want: [200, true, "arrived"],
  },
  {
    name: "21 redirects are too many",
    run: async ({ vpc }) => (await thrown(vpc.fetch("http://10.0.1.50/redirect?left=21"))).split(".")[0],
    want: "TypeError: Too many redirects",
  },
  {
    name: "a redirect that is not followed",
    run: async ({ vpc }) => {
      const response = await vpc.fetch("http://10.0.1.50/redirect?left=3", { redirect: "manual" });
      return [response.status, response.headers.get("location")];
    },
    want: [302, "/redirect?left=2"],
  },
  {
    name: "a POST becomes a GET on 303, and is sent again on 307",
    run: async ({ vpc }) => {
      const other = await vpc.fetch("http://10.0.1.50/other", { method: "POST", body: "x" });
      const same = await vpc.fetch("http://10.0.1.50/same", { method: "POST", body: "again" });
      return [(await other.json()).method, await same.text()];
    },
    want: ["GET", "again"],
  },
  {
    name: "each Set-Cookie, and a body unpacked",
    run: async ({ vpc }) => {
      const cookies = await vpc.fetch("http://10.0.1.50/cookies");
      const gzip = await vpc.fetch("http://10.0.1.50/gzip");
      return [cookies.headers.getSetCookie(), await gzip.text()];
    },
    want: [["a=1; Path=/", "b=2"], "unpacked"],
  },
  {
    name: "statuses without a body, and HEAD",
    run: async ({ vpc }) => {
      const none = await vpc.fetch("http://10.0.1.50/none");
      const unchanged = await vpc.fetch("http://10.0.1.50/unchanged");
      const missing = await vpc.fetch("http://10.0.1.50/nothing");
      const head = await vpc.fetch("http://10.0.1.50/data", { method: "HEAD" });
      return [
        [none.status, await none.text()],
        [unchanged.status, unchanged.headers.get("etag"), await unchanged.text()],
        [missing.status, missing.statusText, await missing.text()],
        [head.status, head.headers.get("x-origin"), await head.text()],
      ];
    },
    want: [
      [204, ""],
      [304, '"1"', ""],
      [404, "Not Here", "no such thing"],
      [200, "yes", ""],
    ],
  },
  {
    name: "our mark does not reach the Worker",
    run: async ({ vpc }) =>
      [...(await vpc.fetch("http://10.0.1.50/data")).headers.keys()].filter((name) => name.startsWith("mf-")),
    want: [],
  },
  {
    name: "a WebSocket",
    run: async ({ vpc }) => {
      const response = await vpc.fetch("http://10.0.1.50/socket", {
        headers: { Upgrade: "websocket", "Sec-WebSocket-Protocol": "chat" },
      });
      const socket = response.webSocket;
      const heard = [response.status, response.headers.get("sec-websocket-protocol")];
      socket.accept();
      const next = () =>
        new Promise((resolve) => {
          socket.addEventListener("message", (event) => resolve(event.data), { once: true });
        });
      for (const said of ["hello", "x".repeat(100_000)]) {
        const answer = next();
        socket.send(said);
        heard.push((await answer) === said);
      }
      const answer = next();
      socket.send(octets("binary"));
      const data = await answer;
      heard.push(text(data instanceof Blob ? await data.arrayBuffer() : data));
      const closed = new Promise((resolve) =>
        socket.addEventListener("close", (event) => resolve([event.code, event.reason])),
      );
      socket.send("bye");
      return [...heard, ...(await closed)];
    },
    want: [101, "chat", true, true, "binary", 4001, "so long"],
  },
  {
    name: "a WebSocket that is refused is a response",
    run: async ({ vpc }) => {
      const response = await vpc.fetch("http://10.0.1.50/no-socket", { headers: { Upgrade: "websocket" } });
      return [response.status, response.webSocket, await response.text()];
    },
    want: [404, null, "none"],
  },
  {
    name: "connect",
    run: async ({ vpc }) => {
      const socket = vpc.connect("10.0.1.50:7");
      await socket.opened;
      const writer = socket.writable.getWriter();
      const reader = socket.readable.getReader();
      let heard = "";
      for (const said of ["hello ", "and ", "more"]) {
        await writer.write(octets(said));
        const upTo = heard.length + said.length;
        while (heard.length < upTo) heard += text((await reader.read()).value);
      }
      await socket.close();
      return heard;
    },
    want: "hello and more",
  },
  {
    name: "connect to a server that speaks first and ends",
    run: async ({ vpc }) => readAll(vpc.connect({ hostname: "10.0.1.50", port: 13 }).readable),
    want: "welcome\n",
  },
  {
    name: "connect to where nobody listens",
    run: async ({ vpc, door }) => {
      const socket = vpc.connect("10.0.1.50:81");
      if (!isMiniflare(door)) return thrown(socket.opened);
      await socket.opened;
      try {
        return await readAll(socket.readable);
      } catch (e) {
        return "ended";
      }
    },
    want: (door) =>
      isMiniflare(door) ? "" : "Error: proxy request failed, cannot connect to the specified address",
  },
  {
    name: "a fetch to where nobody listens",
    run: ({ vpc, door }) => refused(vpc, "http://10.0.1.50:81/", door),
    want: refusal("refused"),
  },
  {
    name: "a fetch to an address that the network does not have",
    run: ({ vpc, door }) => refused(vpc, "http://10.9.9.9/", door),
    want: refusal("notThere"),
  },
  {
    name: "a fetch of a name that nobody knows",
    run: ({ vpc, far, door }) => refused(vpc, `http://nobody.${far.name.split(".").at(-1)}/`, door),
    want: refusal("unknown"),
  },
  {
    name: "a fetch to an address that is never allowed",
    run: ({ vpc, door }) => refused(vpc, "http://169.254.169.254/latest/meta-data", door),
    want: refusal("prohibited"),
  },
  {
    name: "a connection that is reset before the response",
    run: ({ vpc, door }) => refused(vpc, "http://10.0.1.50/reset", door),
    want: refusal("reset"),
  },
  {
    name: "a body that is cut short is an error",
    run: async ({ vpc }) => {
      const response = await vpc.fetch("http://10.0.1.50/cut");
      return [response.status, await thrown(response.text())];
    },
    want: [200, "Error: Network connection lost."],
  },
  {
    name: "an aborted fetch ends the service's response",
    run: async ({ vpc }) => {
      const before = Number(await (await vpc.fetch("http://10.0.1.50/aborted")).text());
      const giveUp = new AbortController();
      const response = await vpc.fetch("http://10.0.1.50/endless", { signal: giveUp.signal });
      const reader = response.body.getReader();
      await reader.read();
      giveUp.abort();
      await reader.cancel().catch(() => {});
      for (let look = 0; look < 500; look++) {
        if (Number(await (await vpc.fetch("http://10.0.1.50/aborted")).text()) > before) return "ended";
      }
      return "still sending";
    },
    want: "ended",
  },
  {
    name: "a method that a binding does not have",
    only: ["miniflare"],
    run: ({ vpc }) => thrown(vpc.someMethod(1)),
    want: "TypeError: This binding has fetch() and connect(), and no other method.",
  },
  {
    name: "a binding that the other side does not know",
    only: ["miniflare", "reference"],
    run: async ({ env }) => {
      const response = await env.NOPE.fetch("http://10.0.1.50/data");
      return [response.status, await response.text()];
    },
    want: [400, 'Binding "NOPE" not found'],
  },
  {
    name: "a service's record decides where to",
    only: ["miniflare"],
    run: async ({ env }) => {
      const seen = await (await env.API.fetch("http://whatever.example:9/seen")).json();
      return [seen.url, seen.fields.host.split(":")[0]];
    },
    want: ["/seen", "whatever.example"],
  },
];
