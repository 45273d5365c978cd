package io.ringledger.loadtests;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonGenerator;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * One account of the file: opens it, sends its transactions strictly in order, and knows by its own
 * arithmetic what every balance must be. One thread at a time.
 */
final class AccountReplay {
    static final String CURRENCY = "CZK";
    private static final int PAGE_SIZE = 25;

    private final String accountId;
    private final long creditLimitMinor;
    private final List<BankTransaction> transactions;
    private final LedgerClient client;
    private final ReplayMeter meter;
    private final LagSampler lagSampler;

    /** What the service accepted, in the order of its answers. */
    private final List<Posting> postings = new ArrayList<>();

    /** The balance after each sequence that changed it; sequence 0 stands for the beginning. */
    private final TreeMap<Long, Long> balanceBySequence = new TreeMap<>(Map.of(0L, 0L));

    private final List<LagSampler.Sample> samples = new ArrayList<>();
    private long balanceMinor;
    private boolean isAllAccepted = true;
    private @Nullable Position lastPosition;
    private long viewBalanceMinor;

    /** A transaction that the service booked, where, and the balance after it. */
    private record Posting(BankTransaction transaction, Position position, long balanceMinor) {}

    AccountReplay(
            final ReplayOptions options,
            final String accountNumber,
            final List<BankTransaction> transactions,
            final LedgerClient client,
            final ReplayMeter meter,
            final LagSampler lagSampler) {
        this.accountId = options.accountPrefix() + accountNumber;
        this.creditLimitMinor = options.creditLimitMinor();
        this.transactions = transactions;
        this.client = client;
        this.meter = meter;
        this.lagSampler = lagSampler;
    }

    /** The balance that the views gave in the end. */
    long viewBalanceMinor() {
        return viewBalanceMinor;
    }

    /** Opens the account and sends its transactions, each once the one before it has an outcome. */
    void send() throws ReplayException {
        open();
        for (final BankTransaction transaction : transactions) {
            send(transaction);
        }
    }

    private void open() throws ReplayException {
        final byte[] body = json(generator -> {
            generator.writeStringField("accountId", accountId);
            generator.writeStringField("currency", CURRENCY);
            generator.writeNumberField("creditLimit", creditLimitMinor);
        });
        final String key = "open-" + accountId + "-" + creditLimitMinor;
        final Answer answer = meter.timed(() -> client.write("POST", "/v1/accounts", key, body));
        if (answer.status() != 201) {
            throw answer.error();
        }
        movedTo(Position.of(answer, "position"), answer);
        final Check check = meter.answers();
        check.equal(answer.request() + ": accountId", accountId, answer.text("accountId"));
        check.equal(answer.request() + ": currency", CURRENCY, answer.text("currency"));
        check.equal(answer.request() + ": status", "open", answer.text("status"));
        checkBalance(check, answer);
        meter.opened(answer.isReplayed());
    }

    private void send(final BankTransaction transaction) throws ReplayException {
        final byte[] body = json(generator -> {
            generator.writeNumberField("amount", transaction.amountMinor());
            generator.writeStringField("reference", transaction.operation());
        });
        final String path =
                "/v1/accounts/" + accountId + "/" + transaction.type().text();
        final String key = transaction.transactionId();
        final Answer answer = meter.timed(() -> client.write("POST", path, key, body));
        final long answeredNs = System.nanoTime();
        final boolean isCovered =
                balanceMinor + transaction.signedAmountMinor() + creditLimitMinor >= 0;
        if (answer.status() == 201) {
            accepted(transaction, answer, isCovered);
        } else if (answer.status() == 422 && answer.code().equals("insufficient_funds")) {
            refused(transaction, answer, isCovered);
        } else {
            throw answer.error();
        }
        meter.outcome(answer.isReplayed());
        if (!answer.isReplayed()) {
            lagSampler.sample(accountId, position(), answeredNs, samples);
        }
    }

    private void accepted(
            final BankTransaction transaction, final Answer answer, final boolean isCovered)
            throws ReplayException {
        meter.refusals()
                .that(
                        isCovered || transaction.type() == BankTransaction.Type.CREDIT,
                        () -> answer.request() + ": accepted, though it passes the credit limit");
        balanceMinor += transaction.signedAmountMinor();
        final Position position = Position.of(answer, "transactionId");
        movedTo(position, answer);
        postings.add(new Posting(transaction, position, balanceMinor));
        balanceBySequence.put(position.sequence(), balanceMinor);
        final Check check = meter.answers();
        final String request = answer.request();
        check.equal(request + ": accountId", accountId, answer.text("accountId"));
        check.equal(request + ": type", transaction.type().text(), answer.text("type"));
        check.equal(request + ": amount", transaction.amountMinor(), answer.number("amount"));
        check.equal(request + ": currency", CURRENCY, answer.text("currency"));
        check.equal(request + ": reference", transaction.operation(), answer.text("reference"));
        checkBalance(check, answer);
        if (isAllAccepted) {
            meter.bankBalance(transaction, answer.number("balance"));
        }
        meter.accepted();
    }

    private void refused(
            final BankTransaction transaction, final Answer answer, final boolean isCovered)
            throws ReplayException {
        isAllAccepted = false;
        movedTo(Position.of(answer, "position"), answer);
        meter.refusals()
                .that(
                        !isCovered && transaction.type() == BankTransaction.Type.WITHDRAW,
                        () -> answer.request()
                                + ": refused, though "
                                + balanceMinor
                                + " and a credit limit of "
                                + creditLimitMinor
                                + " cover it");
        meter.refusals()
                .equal(answer.request() + ": outcome", "not_applied", answer.text("outcome"));
        meter.refusals().equal(answer.request() + ": retry", "new_key", answer.text("retry"));
        meter.refused(transaction.transactionId());
    }

    /** Reads the views until they have the last write, and compares everything in them. */
    void checkViews() throws ReplayException {
        final Position last = position();
        final String path = "/v1/accounts/" + accountId;
        final Answer balance = requireOk(client.read(path + "/balance?after=" + last));
        final Check check = meter.views();
        check.equal(balance.request() + ": accountId", accountId, balance.text("accountId"));
        check.equal(balance.request() + ": currency", CURRENCY, balance.text("currency"));
        check.equal(balance.request() + ": balance", balanceMinor, balance.number("balance"));
        check.equal(balance.request() + ": held", 0L, balance.number("held"));
        check.equal(
                balance.request() + ": available",
                balanceMinor + creditLimitMinor,
                balance.number("available"));
        checkShows(balance, last);
        viewBalanceMinor = balance.number("balance");

        final Answer limit = requireOk(client.read(path + "/creditLimit?after=" + last));
        final long usedMinor = Math.max(0, -balanceMinor);
        check.equal(
                limit.request() + ": creditLimit", creditLimitMinor, limit.number("creditLimit"));
        check.equal(limit.request() + ": used", usedMinor, limit.number("used"));
        check.equal(
                limit.request() + ": remaining",
                creditLimitMinor - usedMinor,
                limit.number("remaining"));
        checkShows(limit, last);
        checkEntries(path);
        checkSamples();
    }

    private void checkEntries(final String path) throws ReplayException {
        final Check check = meter.entries();
        int remaining = postings.size();
        @Nullable String cursor = null;
        do {
            final String at = cursor == null ? "" : "&cursor=" + URLEncoder.encode(cursor, UTF_8);
            final Answer page = requireOk(client.read(path + "/entries?limit=" + PAGE_SIZE + at));
            final List<Answer> entries = page.list("entries");
            for (final Answer entry : entries) {
                remaining--;
                if (remaining < 0) {
                    break;
                }
                checkEntry(check, postings.get(remaining), entry);
            }
            cursor = page.textOrNull("nextCursor");
            check.that(
                    entries.size() == PAGE_SIZE || cursor == null,
                    () -> page.request() + ": " + entries.size() + " entries before the last page");
        } while (cursor != null && remaining >= 0);
        final int missing = remaining;
        check.that(
                missing == 0,
                () -> accountId
                        + ": "
                        + (missing > 0
                                ? missing + " of " + postings.size() + " entries missing"
                                : "more entries than the " + postings.size() + " sent"));
    }

    private static void checkEntry(final Check check, final Posting posting, final Answer entry)
            throws ReplayException {
        final BankTransaction transaction = posting.transaction();
        final String what = entry.request() + ": transaction " + transaction.transactionId() + ": ";
        check.equal(
                what + "transactionId", posting.position().toString(), entry.text("transactionId"));
        check.equal(what + "type", transaction.type().text(), entry.text("type"));
        check.equal(what + "amount", transaction.amountMinor(), entry.number("amount"));
        check.equal(what + "balance", posting.balanceMinor(), entry.number("balance"));
        check.equal(what + "reference", transaction.operation(), entry.text("reference"));
    }

    /** A sample shows the balance after the last own write at or before the position it names. */
    private void checkSamples() throws ReplayException {
        for (final LagSampler.Sample sample : samples) {
            final Answer read = sample.await();
            checkShows(read, sample.after());
            final Position shown = Position.of(read, "position");
            meter.ownWrites()
                    .equal(
                            read.request() + " (shows " + shown + "): balance",
                            balanceBySequence.floorEntry(shown.sequence()).getValue(),
                            read.number("balance"));
        }
    }

    private void checkShows(final Answer read, final Position after) throws ReplayException {
        final Position shown = Position.of(read, "position");
        meter.ownWrites()
                .that(
                        shown.partition() == after.partition()
                                && shown.sequence() >= after.sequence(),
                        () -> read.request() + ": shows " + shown + ", which is before " + after);
    }

    private void checkBalance(final Check check, final Answer answer) throws ReplayException {
        final String request = answer.request();
        check.equal(request + ": balance", balanceMinor, answer.number("balance"));
        check.equal(request + ": held", 0L, answer.number("held"));
        check.equal(request + ": creditLimit", creditLimitMinor, answer.number("creditLimit"));
        check.equal(
                request + ": available",
                balanceMinor + creditLimitMinor,
                answer.number("available"));
    }

    /** Outcomes of one account stand in one partition, each behind the one before it. */
    private void movedTo(final Position position, final Answer answer) {
        final Position before = lastPosition;
        meter.order()
                .that(
                        before == null
                                || (before.partition() == position.partition()
                                        && before.sequence() < position.sequence()),
                        () -> answer.request() + ": at " + position + ", the one before " + before);
        lastPosition = position;
    }

    private Position position() {
        if (lastPosition == null) {
            throw new IllegalStateException("account not opened yet: accountId=" + accountId);
        }
        return lastPosition;
    }

    private static Answer requireOk(final Answer answer) throws ReplayException {
        if (answer.status() != 200) {
            throw answer.error();
        }
        return answer;
    }

    /** Writes the members of an object. */
    private interface Members {
        void write(JsonGenerator generator) throws IOException;
    }

    private static byte[] json(final Members members) {
        final ByteArrayOutputStream bytes = new ByteArrayOutputStream(128);
        try (JsonGenerator generator = Json.FACTORY.createGenerator(bytes)) {
            generator.writeStartObject();
            members.write(generator);
            generator.writeEndObject();
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
