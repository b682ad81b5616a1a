// Serves the emulator on 127.0.0.1: `node serve.mjs PORT`, with the seed as JSON on stdin. Says "ready" when it is up,
// and ends when its stdin does, so that it does not outlive the test.

import { readSync } from "node:fs";
import { createServer, serve } from "@emulators/core";
import { googlePlugin, seedFromConfig } from "@emulators/google";

const port = Number(process.argv[2]);
const baseUrl = `http://127.0.0.1:${port}`;
const { app, store } = createServer(googlePlugin, { port, baseUrl });
seedFromConfig(store, baseUrl, JSON.parse(firstLine()));
serve({ fetch: app.fetch, port, hostname: "127.0.0.1" }).on("listening", () => console.log("ready"));
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));

function firstLine() {
  const read = [];
  const byte = Buffer.alloc(1);
  while (readSync(0, byte, 0, 1, null) === 1 && byte[0] !== 10) read.push(byte[0]);
  return Buffer.from(read).toString("utf-8");
}
