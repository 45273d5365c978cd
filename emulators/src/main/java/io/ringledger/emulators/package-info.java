/**
 * The ground that tests and the local stack stand on, on one machine: Kinesis (a child process),
 * DynamoDB (in process) and Postgres (a child process). Each starts on a free loopback port, keeps
 * nothing once closed, and leaves nothing behind when this process is killed.
 */
@NullMarked
package io.ringledger.emulators;

import org.jspecify.annotations.NullMarked;
