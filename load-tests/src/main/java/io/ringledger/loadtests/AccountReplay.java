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
        check.equal(answer, "accountId", accountId);
        check.equal(answer, "currency", CURRENCY);
        check.equal(answer, "status", "open");
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
        check.equal(answer, "accountId", accountId);
        check.equal(answer, "type", transaction.type().text());
        check.equal(answer, "amount", transaction.amountMinor());
        check.equal(answer, "currency", CURRENCY);
        check.equal(answer, "reference", transaction.operation());
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
        meter.refusals().equal(answer, "outcome", "not_applied");
        meter.refusals().equal(answer, "retry", "new_key");
        meter.refused(transaction.transactionId());
    }

    /** Reads the views until they have the last write, and compares everything in them. */
    void checkViews() throws ReplayException {
        final Position last = position();
        final String path = "/v1/accounts/" + accountId;
        final Answer balance = requireOk(client.read(path + "/balance?after=" + last));
        final Check check = meter.views();
        check.equal(balance, "accountId", accountId);
        check.equal(balance, "currency", CURRENCY);
        check.equal(balance, "balance", balanceMinor);
        check.equal(balance, "held", 0L);
        check.equal(balance, "available", balanceMinor + creditLimitMinor);
        checkShows(balance, last);
        viewBalanceMinor = balance.number("balance");

        final Answer limit = requireOk(client.read(path + "/creditLimit?after=" + last));
        final long usedMinor = Math.max(0, -balanceMinor);
        check.equal(limit, "creditLimit", creditLimitMinor);
        check.equal(limit, "used", usedMinor);
        check.equal(limit, "remaining", creditLimitMinor - usedMinor);
        checkShows(limit, last);
        checkEntries(path, last);
        checkSamples();
    }

    private void checkEntries(final String path, final Position last) throws ReplayException {
        final Check check = meter.entries();
        int remaining = postings.size();
        @Nullable String cursor = null;
        do {
            final String at = cursor == null ? "" : "&cursor=" + URLEncoder.encode(cursor, UTF_8);
            final Answer page = requireOk(
                    client.read(path + "/entries?limit=" + PAGE_SIZE + "&after=" + last + at));
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
        final boolean isEqual =
                entry.text("transactionId").equals(posting.position().toString())
                        && entry.text("type").equals(transaction.type().text())
                        && entry.number("amount") == transaction.amountMinor()
                        && entry.number("balance") == posting.balanceMinor()
                        && entry.text("reference").equals(transaction.operation());
        check.that(
                isEqual,
                () -> entry.request() + ": " + entry.members() + " stands where " + posting
                        + " belongs");
    }

    /** A sample shows the balance after the last own write at or before the position it names. */
    private void checkSamples() throws ReplayException {
        for (final LagSampler.Sample sample : samples) {
            final Answer read = sample.await();
            checkShows(read, sample.after());
            final Position shown = Position.of(read, "position");
            final long expectedMinor =
                    balanceBySequence.floorEntry(shown.sequence()).getValue();
            meter.ownWrites().equal(read, "balance", expectedMinor);
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
        check.equal(answer, "balance", balanceMinor);
        check.equal(answer, "held", 0L);
        check.equal(answer, "creditLimit", creditLimitMinor);
        check.equal(answer, "available", balanceMinor + creditLimitMinor);
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
