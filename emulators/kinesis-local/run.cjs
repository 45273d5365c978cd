// Runs kinesis-local as a child that cannot outlive the process that started it, on free loopback
// ports. Started by io.ringledger.emulators.KinesisLocal, which holds the other end of stdin.
'use strict';

const net = require('node:net');
const path = require('node:path');

// Stand for "any free port" below: main.js listens once for each.
const PLAIN = 1;
const TLS = 2;

// Ctrl-C in a terminal reaches the whole process group. Who started us decides when we end: by
// SIGTERM, or by ending itself, which closes stdin. There is nothing to save, so we go at once.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => process.exit(0));
process.stdin.on('end', () => process.exit(0));
process.stdin.on('error', () => process.exit(0));
process.stdin.resume();

// main.js would handle these two itself, and take its time to close.
const on = process.on;
process.on = process.addListener = function (event, listener) {
  return event === 'SIGINT' || event === 'SIGTERM' ? this : on.call(this, event, listener);
};

// main.js listens on all interfaces, on ports fixed beforehand. We want loopback alone and ports
// that the system picks, so that nobody can take them between the choice and the use.
const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (port, ...rest) {
  if (port !== PLAIN && port !== TLS) {
    throw new Error(`main.js listens in a way that run.cjs does not know: port=${port}`);
  }
  if (port === PLAIN) {
    this.once('listening', () => {
      process.stdout.write(`ringledger:listening ${this.address().port}\n`);
    });
  }
  return listen.call(this, 0, '127.0.0.1', ...rest.filter((r) => typeof r === 'function'));
};

process.env.KINESIS_MOCK_PLAIN_PORT = String(PLAIN);
process.env.KINESIS_MOCK_TLS_PORT = String(TLS);

// It reads its certificate, server.json, from the working directory.
const home = path.join(__dirname, 'node_modules', 'kinesis-local');
process.chdir(home);
require(path.join(home, 'main.js'));
