package io.ringledger.model;

import io.ringledger.model.event.AccountOpenedDecoder;
import io.ringledger.model.event.CommandRefusedDecoder;
import io.ringledger.model.event.CommandType;
import io.ringledger.model.event.CreditLimitChangedDecoder;
import io.ringledger.model.event.Flag;
import io.ringledger.model.event.TransactionPostedDecoder;
import io.ringledger.model.event.TransactionType;
import io.ringledger.model.frame.EventBatch;
import io.ringledger.model.frame.EventHandler;
import io.ringledger.model.frame.EventReader;
import io.ringledger.model.snapshot.SnapshotHeader;
import io.ringledger.model.snapshot.StateInput;
import io.ringledger.model.snapshot.StateOutput;

import org.jspecify.annotations.Nullable;

/**
 * The accounts of one partition as a deterministic state machine: a command, a time and the next
 * position give an event, and only applying an event changes the state.
 *
 * <p>A live command goes the same way as a replayed one: its event is encoded into the batch and
 * then applied from those very bytes. So the live state, the replayed state and what readers of the
 * log compute cannot drift apart without a check failing. Every event is checked before it is
 * written, by the ladder of {@link Decider}, and after it is read, here.
 *
 * <p>Not thread-safe: one thread owns a model. A failed check throws {@link InvariantViolation};
 * the state is then undefined and the process must stop.
 */
public final class AccountModel implements EventHandler {
    /** Most commands that {@link #lookAhead} takes at once. */
    public static final int LOOK_AHEAD = 16;

    private static final byte[] NO_BYTES = {};

    private final Accounts accounts;
    private final IdempotencyKeys keys;
    private final Decider decider;
    private final EventEncoder encoder = new EventEncoder();
    private final EventReader reader = new EventReader();
    private final PackedKey eventKey = new PackedKey();
    private final Outcome recorded = new Outcome();
    private final byte[] eventId = new byte[LedgerLimits.MAX_ACCOUNT_ID_LENGTH];
    private final byte[] eventReference = new byte[LedgerLimits.MAX_REFERENCE_BYTES];
    private final int[] aheadIdHashes = new int[LOOK_AHEAD];
    private final int[] aheadKeyHashes = new int[LOOK_AHEAD];
    private final int maxKeys;
    private final int maxAccounts;
    private long lastSequence;
    private long lastTimeMs;
    /** The command whose event is being applied; null while somebody else's is. */
    private @Nullable Command decided;

    /** An empty model: nothing has happened yet. */
    public AccountModel(final ModelContext context) {
        accounts =
                new Accounts(context.expectedAccounts(), context.hashSeed0(), context.hashSeed1());
        keys = new IdempotencyKeys(
                accounts,
                context.idempotencyWindowMs(),
                context.expectedKeys(),
                context.hashSeed1(),
                context.hashSeed0());
        decider = new Decider(accounts, keys);
        maxKeys = context.maxKeys();
        maxAccounts = context.maxAccounts();
    }

    /**
     * Prepares for commands that will be submitted next: hashes their ids and keys, which they keep
     * until they are set anew, and loads what the decisions will look at in the tables, for all of
     * them at once. Changes nothing of the state and decides nothing; a command that is never
     * submitted, or one that was not looked ahead of, does no harm.
     *
     * @param count how many, at most {@link #LOOK_AHEAD}
     */
    public void lookAhead(final Command[] commands, final int count) {
        for (int i = 0; i < count; i++) {
            final Command command = commands[i];
            command.hashFor(keys);
            aheadIdHashes[i] = (int) command.idHash();
            aheadKeyHashes[i] = command.keyHash();
        }
        accounts.touch(aheadIdHashes, count);
        keys.touch(aheadKeyHashes, count);
    }

    /**
     * Decides a command; a first decision is appended to the batch and applied.
     *
     * @param command what is asked
     * @param clockMs the time of day, in milliseconds since 1970 UTC; the ledger's own time never
     *     goes back, whatever the clock does
     * @param batch has room ({@link EventBatch#hasRoomFor})
     * @param outcome filled in
     */
    public void submit(
            final Command command,
            final long clockMs,
            final EventBatch batch,
            final Outcome outcome) {
        final long timeMs = ledgerTimeMs(clockMs);
        decider.decide(command, timeMs, outcome);
        if (!outcome.needsEvent()) {
            return;
        }
        // From here on nothing can fail: the event is written and applied.
        final long sequence = lastSequence + 1;
        final int offset = batch.length();
        encoder.encode(batch, sequence, timeMs, command, outcome.code(), decider, accounts.count());
        decided = command;
        final int end = reader.read(batch.buffer(), offset, sequence, batch.baseTimeMs(), this);
        decided = null;
        keys.settle();
        require(end == batch.length(), "event ends elsewhere", end, batch.length());
        require(lastSequence == sequence, "event was not applied", lastSequence, sequence);
        outcome.copyFrom(recorded);
    }

    /** The time that the ledger gives a command: the clock's, but never before the last event. */
    public long ledgerTimeMs(final long clockMs) {
        return Math.max(clockMs, lastTimeMs);
    }

    /**
     * True if the model holds as many idempotency keys as its memory allows and none of them has
     * expired. Whoever submits refuses new commands then; the model itself does not decide by it,
     * since the limit is configuration and not part of the log.
     */
    public boolean isFullOfKeys(final long clockMs) {
        return keys.size() >= maxKeys && !keys.isOldestExpired(ledgerTimeMs(clockMs));
    }

    /** True if no account can be opened any more; the same holds of it. */
    public boolean isFullOfAccounts() {
        return accounts.count() >= maxAccounts;
    }

    /** Sequence of the last event; 0 before the first. */
    public long lastSequence() {
        return lastSequence;
    }

    /** Ledger time of the last event, in milliseconds since 1970 UTC. */
    public long lastTimeMs() {
        return lastTimeMs;
    }

    /** Number of accounts, the {@code @world} accounts included. */
    public int accountCount() {
        return accounts.count();
    }

    /** Number of idempotency keys in memory. */
    public int keyCount() {
        return keys.size();
    }

    /** Number of idempotency keys that have not expired, which is what a snapshot holds. */
    public int unexpiredKeyCount() {
        return keys.unexpiredCount(lastTimeMs);
    }

    /** How long, in ledger time, a key keeps its first outcome. */
    public long idempotencyWindowMs() {
        return keys.windowMs();
    }

    /** Writes everything that decides; what the header of a snapshot has is not repeated. */
    public void writeState(final StateOutput output) {
        accounts.write(output);
        keys.write(output, lastTimeMs);
    }

    /**
     * A model with the state that {@link #writeState} wrote.
     *
     * @throws InvariantViolation if the state is none that events could have made
     */
    public static AccountModel readState(final StateInput input, final ModelContext context) {
        final SnapshotHeader header = input.header();
        final AccountModel model = new AccountModel(context);
        model.lastSequence = header.sequence();
        model.lastTimeMs = header.lastTimeMs();
        model.accounts.read(input, header.accounts());
        model.keys.read(input, header.keys(), header.sequence(), header.lastTimeMs());
        return model;
    }

    /** Balance of an account, in minor units; for checks. */
    public long balance(final int number) {
        require(accounts.exists(number), "no such account", number, accounts.count());
        return accounts.balance(number);
    }

    /** Shows every account, in the order of the numbers; for checks. */
    public void forEachAccount(final AccountVisitor visitor) {
        for (int number = 0; number < accounts.count(); number++) {
            visitor.onAccount(
                    number,
                    accounts.id(number),
                    accounts.currency(number),
                    accounts.isWorld(number),
                    accounts.balance(number),
                    accounts.held(number),
                    accounts.creditLimit(number));
        }
    }

    /** SHA-256, in hexadecimal, over everything that decides. Slow: for checks, not for use. */
    public String stateHash() {
        final StateHash hash = new StateHash();
        hash.addLong(lastSequence);
        hash.addLong(lastTimeMs);
        hash.addLong(accounts.count());
        for (int number = 0; number < accounts.count(); number++) {
            final byte[] id = accounts.id(number);
            hash.addBytes(id, 0, id.length);
            hash.addLong(accounts.currency(number));
            hash.addLong(accounts.world(number));
            hash.addLong(accounts.balance(number));
            hash.addLong(accounts.held(number));
            hash.addLong(accounts.creditLimit(number));
        }
        keys.hashInto(hash, lastTimeMs);
        return hash.hex();
    }

    /**
     * Checks the whole state: the balances of every currency sum to zero and no account has passed
     * its credit limit. Slow: for checks, not for use.
     */
    public void verify() {
        keys.settle();
        final long[] sums = new long[accounts.count()];
        for (int number = 0; number < sums.length; number++) {
            sums[accounts.world(number)] += accounts.balance(number);
            require(
                    accounts.isWorld(number) || accounts.available(number) >= 0,
                    "credit limit passed",
                    number,
                    accounts.available(number));
        }
        for (int number = 0; number < sums.length; number++) {
            require(sums[number] == 0, "balances do not sum to zero", number, sums[number]);
        }
    }

    @Override
    public void onAccountOpened(
            final long sequence, final long timeMs, final AccountOpenedDecoder event) {
        begin(sequence, timeMs);
        final int currency = event.currency(0) | event.currency(1) << 8 | event.currency(2) << 16;
        final long creditLimit = event.creditLimit();
        requireLimit(creditLimit);
        final int world;
        if (event.worldOpened() == Flag.YES) {
            world = accounts.openWorld(currency);
        } else {
            world = event.worldAccountNumber();
        }
        require(
                world == event.worldAccountNumber(),
                "world account has another number",
                world,
                event.worldAccountNumber());
        eventKey.set(event.keyFormat(), event.idempotencyKeyLength());
        event.getIdempotencyKey(eventKey.bytes(), 0, eventKey.length());
        final int idLength = readId(event.accountIdLength());
        event.getAccountId(eventId, 0, idLength);
        final int account = accounts.open(eventId, idLength, currency, world, creditLimit);
        require(
                account == event.accountNumber(),
                "account has another number",
                account,
                event.accountNumber());
        record(CommandType.OPEN_ACCOUNT, ResultCode.ACCEPTED, account, currency, creditLimit, 0);
    }

    @Override
    public void onTransactionPosted(
            final long sequence, final long timeMs, final TransactionPostedDecoder event) {
        begin(sequence, timeMs);
        final int account = event.accountNumber();
        final int world = event.contraAccountNumber();
        final long amount = event.amount();
        final boolean isCredit = event.transactionType() == TransactionType.CREDIT;
        requireCustomer(account);
        require(accounts.world(account) == world, "not its world account", account, world);
        require(
                amount >= 1 && amount <= LedgerLimits.MAX_MINOR,
                "amount out of range",
                account,
                amount);

        final long posting = isCredit ? amount : -amount;
        // Both terms are within 2^53: the sum cannot overflow a long.
        final long balance = accounts.balance(account) + posting;
        require(balance == event.balance(), "balance differs", balance, event.balance());
        require(
                Math.abs(balance) <= LedgerLimits.MAX_MINOR,
                "balance out of range",
                account,
                balance);
        require(
                !Decider.wouldOverflow(accounts.balance(world), -posting),
                "balance of the world account out of range",
                accounts.balance(world),
                -posting);

        accounts.balance(account, balance);
        accounts.balance(world, accounts.balance(world) - posting);
        require(
                isCredit || accounts.available(account) >= 0,
                "credit limit passed",
                account,
                accounts.available(account));

        eventKey.set(event.keyFormat(), event.idempotencyKeyLength());
        event.getIdempotencyKey(eventKey.bytes(), 0, eventKey.length());
        final int referenceLength = readReference(event.referenceLength());
        event.getReference(eventReference, 0, referenceLength);
        record(
                isCredit ? CommandType.CREDIT : CommandType.WITHDRAW,
                ResultCode.ACCEPTED,
                account,
                CurrencyCode.NONE,
                amount,
                referenceLength);
    }

    @Override
    public void onCreditLimitChanged(
            final long sequence, final long timeMs, final CreditLimitChangedDecoder event) {
        begin(sequence, timeMs);
        final int account = event.accountNumber();
        final long creditLimit = event.creditLimit();
        requireCustomer(account);
        requireLimit(creditLimit);
        accounts.creditLimit(account, creditLimit);
        require(
                accounts.available(account) >= 0,
                "credit limit passed",
                account,
                accounts.available(account));
        eventKey.set(event.keyFormat(), event.idempotencyKeyLength());
        event.getIdempotencyKey(eventKey.bytes(), 0, eventKey.length());
        record(
                CommandType.SET_CREDIT_LIMIT,
                ResultCode.ACCEPTED,
                account,
                CurrencyCode.NONE,
                creditLimit,
                0);
    }

    @Override
    public void onCommandRefused(
            final long sequence, final long timeMs, final CommandRefusedDecoder event) {
        begin(sequence, timeMs);
        final ResultCode code = ResultCode.of(event.resultCode());
        final CommandType type = event.commandType();
        final int account = event.accountNumber();
        final boolean isUnknown = account == Accounts.NONE;
        require(isRefusalOf(type, code), "no refusal of this command", type.value(), code.number());
        require(
                isUnknown == (code == ResultCode.ACCOUNT_NOT_FOUND),
                "refusal does not fit its account",
                account,
                code.number());
        final int currency = event.currency(0) | event.currency(1) << 8 | event.currency(2) << 16;
        require(
                type == CommandType.OPEN_ACCOUNT
                        ? CurrencyCode.isValid(currency)
                        : currency == CurrencyCode.NONE,
                "currency does not fit the command",
                currency,
                type.value());
        final long amount = event.amount();
        final boolean isTransaction = type == CommandType.CREDIT || type == CommandType.WITHDRAW;
        require(
                amount >= (isTransaction ? 1 : 0) && amount <= LedgerLimits.MAX_MINOR,
                "amount out of range",
                account,
                amount);
        eventKey.set(event.keyFormat(), event.idempotencyKeyLength());
        event.getIdempotencyKey(eventKey.bytes(), 0, eventKey.length());
        final int idLength = isUnknown ? readId(event.accountIdLength()) : event.accountIdLength();
        require(isUnknown || idLength == 0, "id of a known account", account, idLength);
        event.getAccountId(eventId, 0, idLength);
        final int referenceLength = readReference(event.referenceLength());
        require(
                isTransaction || referenceLength == 0,
                "reference does not fit the command",
                type.value(),
                referenceLength);
        event.getReference(eventReference, 0, referenceLength);
        if (isUnknown) {
            recordUnknown(type, currency, amount, idLength, referenceLength);
        } else {
            requireCustomer(account);
            record(type, code, account, currency, amount, referenceLength);
        }
    }

    @Override
    public void onFrameEnd() {
        keys.settle();
    }

    /** The refusals that each command can meet on the ladder of {@link Decider}. */
    private static boolean isRefusalOf(final CommandType type, final ResultCode code) {
        return switch (code) {
            case ACCEPTED, IDEMPOTENCY_KEY_REUSED -> false;
            case ACCOUNT_NOT_FOUND -> type != CommandType.OPEN_ACCOUNT;
            case ACCOUNT_EXISTS -> type == CommandType.OPEN_ACCOUNT;
            case INSUFFICIENT_FUNDS -> type == CommandType.WITHDRAW;
            case CREDIT_LIMIT_IN_USE -> type == CommandType.SET_CREDIT_LIMIT;
            case BALANCE_OUT_OF_RANGE -> type == CommandType.CREDIT || type == CommandType.WITHDRAW;
        };
    }

    private void begin(final long sequence, final long timeMs) {
        require(sequence == lastSequence + 1, "gap in the log", sequence, lastSequence);
        require(timeMs >= lastTimeMs, "ledger time went back", timeMs, lastTimeMs);
        lastSequence = sequence;
        lastTimeMs = timeMs;
        keys.expire(timeMs);
    }

    private void record(
            final CommandType type,
            final ResultCode code,
            final int account,
            final int currency,
            final long amount,
            final int referenceLength) {
        recorded.reset(code, lastTimeMs).recorded(lastSequence);
        recorded.account(
                accounts.balance(account),
                accounts.held(account),
                accounts.creditLimit(account),
                accounts.currency(account));
        final long fingerprint =
                Fingerprint.of(type, currency, amount, eventReference, referenceLength);
        final int hash = keyHash(accounts.idHash(account));
        keys.record(hash, NO_BYTES, 0, account, eventKey, fingerprint, recorded);
    }

    private void recordUnknown(
            final CommandType type,
            final int currency,
            final long amount,
            final int idLength,
            final int referenceLength) {
        recorded.reset(ResultCode.ACCOUNT_NOT_FOUND, lastTimeMs).recorded(lastSequence);
        final long idHash = accounts.hashOf(eventId, idLength);
        require(
                accounts.find(idHash, eventId, idLength) == Accounts.NONE,
                "account is there after all",
                lastSequence,
                idLength);
        final long fingerprint =
                Fingerprint.of(type, currency, amount, eventReference, referenceLength);
        final int hash = keyHash(idHash);
        keys.record(hash, eventId, idLength, Accounts.NONE, eventKey, fingerprint, recorded);
    }

    /** Hash of the event's key: the one that it was decided by, if that was of the same content. */
    private int keyHash(final long idHash) {
        final Command command = decided;
        return command != null
                        && command.idHash() == idHash
                        && command.packedKey().isSame(eventKey)
                ? command.keyHash()
                : keys.hash(idHash, eventKey);
    }

    private int readId(final int length) {
        require(
                length >= 1 && length <= LedgerLimits.MAX_ACCOUNT_ID_LENGTH,
                "length of an account id out of range",
                lastSequence,
                length);
        return length;
    }

    private int readReference(final int length) {
        require(
                length <= LedgerLimits.MAX_REFERENCE_BYTES,
                "reference too long",
                lastSequence,
                length);
        return length;
    }

    private void requireCustomer(final int account) {
        require(
                accounts.exists(account) && !accounts.isWorld(account),
                "no such customer account",
                account,
                accounts.count());
    }

    private void requireLimit(final long creditLimit) {
        require(
                creditLimit >= 0 && creditLimit <= LedgerLimits.MAX_MINOR,
                "credit limit out of range",
                lastSequence,
                creditLimit);
    }

    private static void require(
            final boolean holds, final String what, final long left, final long right) {
        if (!holds) {
            throw new InvariantViolation(what + ": " + left + ", " + right);
        }
    }
}
