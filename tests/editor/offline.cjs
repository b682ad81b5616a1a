// Loaded before the language server: it ends at once if it wants to speak with anybody but the test.
const { Socket } = require("node:net");

Socket.prototype.connect = (...given) => {
  process.stderr.write(`The language server wanted to connect: ${JSON.stringify(given[0])}\n`);
  process.exit(70);
};
