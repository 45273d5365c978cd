package io.ringledger.simulation;

import java.util.List;

/** The bugs that the simulation has to find, each alone. */
@SuppressWarnings("StringConcatToTextBlock") // what stands in a line there stands in a line here
final class PlantedBugs {
    private static final String MODEL = "account-model/src/main/java/io/ringledger/model/";
    private static final String FRAME = MODEL + "frame/";
    private static final String LEDGER = "ledger/src/main/java/io/ringledger/ledger/";
    private static final String PARTITION = LEDGER + "partition/";
    private static final String OWNERSHIP = LEDGER + "ownership/";
    private static final String CONSUMER = "kinesis-consumer/src/main/java/io/ringledger/consumer/";
    private static final String SIMULATION = "simulation/src/main/java/io/ringledger/simulation/";

    static final List<PlantedBug> ALL = List.of(
            PlantedBug.of("acknowledged before durable: the answer does not wait for the log")
                    .in(
                            PARTITION + "FrameAppender.java",
                            "        attempt(frame, record);\n    }",
                            "        log.append(record, lastPosition, timeoutMs);\n"
                                    + "        appended(frame, record, lastPosition);\n    }"),
            PlantedBug.of("acknowledged before durable: a failed append is taken for done")
                    .in(
                            PARTITION + "FrameAppender.java",
                            "                        retry(frame, record, failure);",
                            "                        appended(frame, record, lastPosition);"),
            PlantedBug.of("retry out of order: the next frame goes while one is tried again")
                    .in(
                            PARTITION + "FrameAppender.java",
                            "        listener.onRetry(cause);\n",
                            "        listener.onRetry(cause);\n        isBusy = false;\n"
                                    + "        listener.onAppended(frame, 0);\n"),
            PlantedBug.of("epoch read before the append instead of after")
                    .in(
                            PARTITION + "FrameAppender.java",
                            "    private int confirming;",
                            "    private int confirming;\n"
                                    + "    private java.util.concurrent.CompletionStage<Boolean>"
                                    + " early = java.util.concurrent.CompletableFuture"
                                    + ".completedFuture(true);")
                    .in(
                            PARTITION + "FrameAppender.java",
                            "        attempts = 0;\n",
                            "        attempts = 0;\n        early = ownership.confirm();\n")
                    .in(
                            PARTITION + "FrameAppender.java",
                            "        ownership\n                .confirm()\n",
                            "        early\n")
                    .in(
                            PARTITION + "FrameAppender.java",
                            "schedule(this::confirm, CONFIRM_RETRY_MS);",
                            "early = ownership.confirm();\n"
                                    + "                        schedule(this::confirm, 1);"),
            PlantedBug.of("lost lease keeps answering: nobody asks whether it is still the owner")
                    .in(
                            PARTITION + "FrameAppender.java",
                            "                    } else if (isOwner) {",
                            "                    } else if (isOwner || !isClosed) {"),
            PlantedBug.of("one confirmation answers for frames that were appended after it began")
                    .in(
                            PARTITION + "FrameAppender.java",
                            "        for (; confirming > 0; confirming--) {",
                            "        confirming = unconfirmed.size();\n"
                                    + "        for (; confirming > 0; confirming--) {"),
            PlantedBug.of("answer from undurable state: a replay is answered at once")
                    .in(
                            PARTITION + "PartitionWriter.java",
                            "        frame.addReply(reply, index);",
                            "        if (frame.nextOutcome().isReplayed()) {\n"
                                    + "            reply.onOutcome(index, frame.nextOutcome());\n"
                                    + "            return;\n        }\n"
                                    + "        frame.addReply(reply, index);"),
            PlantedBug.of("epoch compared the wrong way")
                    .in(
                            FRAME + "FrameChain.java",
                            "header.epoch() < epoch && header.frameNumber() > frameNumber",
                            "header.epoch() > epoch && header.frameNumber() > frameNumber"),
            PlantedBug.of("epoch ignored in replay: recovery passes over markers")
                    .in(
                            PARTITION + "RecoveryFold.java",
                            "        chain.passMarker(marker);\n        return false;",
                            "        return false;"),
            PlantedBug.of("takeover without raising the epoch")
                    .in(
                            OWNERSHIP + "LeaseKeeper.java",
                            "from.epoch() + 1",
                            "Math.max(1, from.epoch())"),
            PlantedBug.of("marker not read back: recovery stops where the log seems to end")
                    .in(
                            PARTITION + "PartitionRecovery.java",
                            "if (into.addUntilMarker(page.records())) {",
                            "if (into.addUntilMarker(page.records()) || page.isAtEnd()) {")
                    .in(
                            PARTITION + "RecoveryFold.java",
                            " || chain.epoch() != ownMarker.epoch()) {",
                            ") {"),
            PlantedBug.of("no marker: the new owner reads to the end and serves")
                    .in(
                            PARTITION + "PartitionRecovery.java",
                            "            lastProgressNs = startNs;\n",
                            "            lastProgressNs = startNs;\n"
                                    + "            markerPosition ="
                                    + " new LogPosition(\"none\", \"none\");\n")
                    .in(
                            PARTITION + "PartitionRecovery.java",
                            "if (into.addUntilMarker(page.records())) {",
                            "if (into.addUntilMarker(page.records()) || page.isAtEnd()) {")
                    .in(
                            PARTITION + "RecoveryFold.java",
                            " || chain.epoch() != ownMarker.epoch()) {",
                            ") {"),
            PlantedBug.of("refusal not recorded")
                    .in(
                            MODEL + "Outcome.java",
                            "return !replayed && code != ResultCode.IDEMPOTENCY_KEY_REUSED;",
                            "return !replayed && code == ResultCode.ACCEPTED;"),
            PlantedBug.of("hash-order iteration in the state hash")
                    .in(
                            MODEL + "AccountModel.java",
                            "        for (int number = 0; number < accounts.count(); number++) {\n"
                                    + "            final byte[] id = accounts.id(number);",
                            "        final java.util.List<Integer> order ="
                                    + " new java.util.ArrayList<>();\n"
                                    + "        for (int i = 0; i < accounts.count(); i++) {\n"
                                    + "            order.add(i);\n        }\n"
                                    + "        order.sort(java.util.Comparator"
                                    + ".comparingLong(accounts::idHash));\n"
                                    + "        for (final int number : order) {\n"
                                    + "            final byte[] id = accounts.id(number);"),
            PlantedBug.of("unchecked addition: a credit past the largest balance")
                    .in(
                            MODEL + "Decider.java",
                            "balance > LedgerLimits.MAX_MINOR || wouldOverflow",
                            "wouldOverflow"),
            PlantedBug.of("overdraft: the limit counts twice")
                    .in(
                            MODEL + "Decider.java",
                            "if (accounts.available(account) < amount) {",
                            "if (accounts.available(account) + accounts.creditLimit(account)"
                                    + " < amount) {"),
            PlantedBug.of("fingerprint without the amount")
                    .in(
                            MODEL + "Fingerprint.java",
                            "SipHash.hash(amountMinor, typeAndCurrency",
                            "SipHash.hash(0, typeAndCurrency"),
            PlantedBug.of("fingerprint without the reference")
                    .in(
                            MODEL + "Fingerprint.java",
                            "typeAndCurrency, reference, 0, referenceLength)",
                            "typeAndCurrency, reference, 0, 0)"),
            PlantedBug.of("key expiry by wall clock instead of ledger time")
                    .in(
                            MODEL + "AccountModel.java",
                            "        return Math.max(clockMs, lastTimeMs);",
                            "        return clockMs;"),
            PlantedBug.of("keys expire too soon in the table, not in the search")
                    .in(
                            MODEL + "IdempotencyKeys.java",
                            "            if (!isExpired(address, nowMs)) {\n                return;",
                            "            if (!isExpired(address, nowMs + windowMs / 2)) {\n"
                                    + "                return;"),
            PlantedBug.of("a retry gets today's balance")
                    .in(
                            MODEL + "IdempotencyKeys.java",
                            "        outcome.account(balance, held, creditLimit, currency);",
                            "        outcome.account(isScopedById ? balance"
                                    + " : accounts.balance(records.account(address)),"
                                    + " held, creditLimit, currency);"),
            PlantedBug.of("half applied: the world account does not pay")
                    .in(
                            MODEL + "AccountModel.java",
                            "        accounts.balance(world, accounts.balance(world) - posting);\n",
                            ""),
            PlantedBug.of("duplicate frame applied twice in the views")
                    .in(
                            CONSUMER + "FrameProjector.java",
                            "            if (verdict != FrameChain.Verdict.NEXT) {",
                            "            if (verdict == FrameChain.Verdict.FENCED) {"),
            PlantedBug.of("fence not kept in the progress row")
                    .in(CONSUMER + "ViewBatch.java", "        to = to.withEpoch(epoch);", ""),
            PlantedBug.of("marker alone does not move the views")
                    .in(
                            CONSUMER + "ViewBatch.java",
                            "return frames > 0 || to.epoch() != from.progress().epoch();",
                            "return frames > 0;"),
            PlantedBug.of("checkpoint before commit")
                    .in(
                            CONSUMER + "ProjectorProcessor.java",
                            "            if (project(records)) {",
                            "            committed = records.getLast().sequenceNumber();\n"
                                    + "            checkpointIfDue(input.checkpointer());\n"
                                    + "            if (project(records)) {"),
            PlantedBug.of("exception let out into KCL")
                    .in(
                            CONSUMER + "ProjectorProcessor.java",
                            "                metrics.retried();\n",
                            "                if (metrics != null) {\n"
                                    + "                    throw e;\n                }\n")
                    .in(
                            CONSUMER + "ProjectorProcessor.java",
                            "            LOG.error(\"shard {}: {} failed\", shardId, what, e);\n",
                            "            if (e instanceof ViewUnavailableException) {\n"
                                    + "                throw (ViewUnavailableException) e;\n"
                                    + "            }\n"),
            PlantedBug.of("gap ignored")
                    .noted("with an exception let out into KCL, which makes the gap")
                    .in(
                            CONSUMER + "ProjectorProcessor.java",
                            "                metrics.retried();\n",
                            "                if (metrics != null) {\n"
                                    + "                    throw e;\n                }\n")
                    .in(
                            CONSUMER + "ProjectorProcessor.java",
                            "            LOG.error(\"shard {}: {} failed\", shardId, what, e);\n",
                            "            if (e instanceof ViewUnavailableException) {\n"
                                    + "                throw (ViewUnavailableException) e;\n"
                                    + "            }\n")
                    .in(
                            CONSUMER + "FrameProjector.java",
                            "            final FrameChain.Verdict verdict =",
                            "            if (opened.frameNumber()"
                                    + " > partition.chain.frameNumber() + 1) {\n"
                                    + "                return Folded.DUPLICATE;\n            }\n"
                                    + "            final FrameChain.Verdict verdict ="),
            PlantedBug.of("keys missing from the snapshot")
                    .in(
                            MODEL + "AccountModel.java",
                            "        keys.hashInto(hash, lastTimeMs);\n",
                            "")
                    .in(
                            MODEL + "AccountModel.java",
                            "        keys.write(output, lastTimeMs);\n",
                            "")
                    .in(
                            MODEL + "AccountModel.java",
                            "        return keys.unexpiredCount(lastTimeMs);",
                            "        return 0;"),
            PlantedBug.of("snapshot taken in mid-frame: its position is one event short")
                    .in(
                            CONSUMER + "SnapshotFollower.java",
                            "                followee.chain.advance(reader, header);",
                            "                final int cut = Math.max(1, header.eventCount() - 1);\n"
                                    + "                followee.chain.advance(new FrameHeader("
                                    + "header.partitions(), header.partition(), header.epoch(),"
                                    + " header.frameNumber(), header.firstSequence(), cut,"
                                    + " header.baseTimeMs(), header.eventLength(),"
                                    + " header.recordLength()), reader.hash());")
                    .in(
                            MODEL + "snapshot/SnapshotHeader.java",
                            "        if (model.lastSequence() != chain.sequence()) {",
                            "        if (model.lastSequence() < chain.sequence()) {")
                    .in(
                            MODEL + "snapshot/SnapshotWriter.java",
                            "        if (model.lastSequence() != header.sequence()) {",
                            "        if (model.lastSequence() < header.sequence()) {"),
            PlantedBug.of("fence missing in the snapshot")
                    .in(
                            MODEL + "snapshot/SnapshotHeader.java",
                            "                chain.epoch(),\n",
                            "                chain.epoch() - chain.epoch(),\n"),
            PlantedBug.of("fence of the snapshot not restored")
                    .in(
                            MODEL + "snapshot/SnapshotHeader.java",
                            "                sequence,\n                epoch,\n",
                            "                sequence,\n                0,\n"),
            PlantedBug.of(
                            "tail read from the wrong place: a record behind the snapshot is left out")
                    .in(
                            PARTITION + "RecoveryFold.java",
                            "                requireLastRecord(record);\n",
                            "                requireLastRecord(record);\n"
                                    + "                isSecond = isAnchored && snapshotSequence > 0;\n"
                                    + "            } else if (isSecond) {\n"
                                    + "                isSecond = false;\n"
                                    + "                continue;\n")
                    .in(
                            PARTITION + "RecoveryFold.java",
                            "    private boolean isFirst = true;",
                            "    private boolean isFirst = true;\n    private boolean isSecond;"),
            PlantedBug.of("outcome of a replay differs after a restore")
                    .in(
                            MODEL + "IdempotencyKeys.java",
                            "            sequence += step;\n",
                            "            sequence += step;\n            sequence = Math.min("
                                    + "lastSequence, sequence + (i == 2 ? 1 : 0));\n"),
            PlantedBug.of("snapshot loaded after the own marker was appended")
                    .noted("a bug that the simulation found, planted again")
                    .in(
                            PARTITION + "PartitionRecovery.java",
                            "            if (ownership.requiredSequence() == 0) {\n"
                                    + "                lookFirst(log.reader(null), 0);\n"
                                    + "            } else {\n"
                                    + "                loadSnapshot(Long.MAX_VALUE);\n"
                                    + "            }\n",
                            "            appendMarker(Optional.empty());\n")
                    .in(
                            PARTITION + "PartitionRecovery.java",
                            "                        gotOn();\n"
                                    + "                        beginToRead(snapshot);",
                            "                        loadSnapshot(Long.MAX_VALUE);"),
            PlantedBug.of("progress in another transaction")
                    .noted("in the simulated Postgres: the statement itself is held by other tests")
                    .in(
                            SIMULATION + "SimViewStore.java",
                            "            target.progress = batch.to();",
                            "            world.in(20_000_000, null,"
                                    + " () -> target.progress = batch.to());"));

    private PlantedBugs() {}
}
