package io.ringledger.model;

import io.ringledger.model.event.CommandType;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What a client asks of one account, with its idempotency key. Mutable and reused: a slot of the
 * ring holds one for ever. Not thread-safe; whoever holds the slot owns it.
 *
 * <p>Amounts are minor units. Texts are bytes: ids and keys ASCII, the reference UTF-8. The edge has
 * validated every member before it gets here; the setters check the bounds again, because a value
 * out of bounds would stop the ledger.
 */
public final class Command {
    private static final byte[] NO_BYTES = {};

    private final byte[] accountId = new byte[LedgerLimits.MAX_ACCOUNT_ID_LENGTH];
    // Packed by whoever makes the command: there are many of them, and only one writer thread.
    private final PackedKey key = new PackedKey();
    private byte[] reference = NO_BYTES;

    private CommandType type = CommandType.NULL_VAL;
    private int accountIdLength;
    private int referenceLength;
    private int currency;
    private long amountMinor;

    // Whose trace it belongs to; a span of 0: nobody's. No part of what is decided.
    private long traceIdHigh;
    private long traceIdLow;
    private long spanId;

    // What the keys of one model have hashed ahead of the decision; each model has its own seeds.
    private @Nullable IdempotencyKeys hashedFor;
    private long idHash;
    private int keyHash;

    /** Opens an account in {@code currency} (see {@link CurrencyCode}) with a credit limit. */
    public Command openAccount(
            final String accountId, final String key, final int currency, final long creditLimit) {
        if (!CurrencyCode.isValid(currency)) {
            throw new IllegalArgumentException("invalid currency: packed=" + currency);
        }
        requireRange(creditLimit, 0);
        return set(CommandType.OPEN_ACCOUNT, accountId, key, currency, creditLimit, "");
    }

    /** Brings {@code amount} into the account; an empty reference is none. */
    public Command credit(
            final String accountId, final String key, final long amount, final String reference) {
        requireRange(amount, 1);
        return set(CommandType.CREDIT, accountId, key, CurrencyCode.NONE, amount, reference);
    }

    /** Takes {@code amount} out of the account; an empty reference is none. */
    public Command withdraw(
            final String accountId, final String key, final long amount, final String reference) {
        requireRange(amount, 1);
        return set(CommandType.WITHDRAW, accountId, key, CurrencyCode.NONE, amount, reference);
    }

    /** Gives the account another credit limit. */
    public Command setCreditLimit(
            final String accountId, final String key, final long creditLimit) {
        requireRange(creditLimit, 0);
        return set(
                CommandType.SET_CREDIT_LIMIT, accountId, key, CurrencyCode.NONE, creditLimit, "");
    }

    /**
     * Has the event of this command carry a W3C trace context, for its readers; whatever sets the
     * command anew takes it off again. Changes nothing of the decision.
     *
     * @param spanId of the span that sends the command; not 0
     */
    public Command trace(final long traceIdHigh, final long traceIdLow, final long spanId) {
        if (spanId == 0) {
            throw new IllegalArgumentException("no span: spanId=0");
        }
        this.traceIdHigh = traceIdHigh;
        this.traceIdLow = traceIdLow;
        this.spanId = spanId;
        return this;
    }

    /** Makes this command equal to another one; allocates only for a reference that outgrows it. */
    public void copyFrom(final Command other) {
        hashedFor = null;
        type = other.type;
        currency = other.currency;
        amountMinor = other.amountMinor;
        traceIdHigh = other.traceIdHigh;
        traceIdLow = other.traceIdLow;
        spanId = other.spanId;
        accountIdLength = other.accountIdLength;
        System.arraycopy(other.accountId, 0, accountId, 0, accountIdLength);
        key.copyFrom(other.key);
        referenceLength = other.referenceLength;
        if (reference.length < referenceLength) {
            reference = new byte[referenceLength];
        }
        System.arraycopy(other.reference, 0, reference, 0, referenceLength);
    }

    /** What is asked for. */
    public CommandType type() {
        return type;
    }

    /** The amount of a credit or withdrawal, in minor units; else the credit limit. */
    public long amountMinor() {
        return amountMinor;
    }

    /** Packed currency of an opening, else {@link CurrencyCode#NONE}. */
    public int currency() {
        return currency;
    }

    /** The id's bytes, valid up to {@link #accountIdLength()}; not a copy. */
    public byte[] accountIdBytes() {
        return accountId;
    }

    /** Length of the account id in bytes. */
    public int accountIdLength() {
        return accountIdLength;
    }

    /** The account id as text; allocates. */
    public String accountId() {
        return new String(accountId, 0, accountIdLength, StandardCharsets.US_ASCII);
    }

    /** The idempotency key as text; allocates. */
    public String key() {
        return new String(key.text(), StandardCharsets.US_ASCII);
    }

    /** The reference as text, empty for none; allocates. */
    public String reference() {
        return new String(reference, 0, referenceLength, StandardCharsets.UTF_8);
    }

    boolean isTraced() {
        return spanId != 0;
    }

    long traceIdHigh() {
        return traceIdHigh;
    }

    long traceIdLow() {
        return traceIdLow;
    }

    long spanId() {
        return spanId;
    }

    PackedKey packedKey() {
        return key;
    }

    /** Hashes id and key as these keys do, unless that has been done since they were set. */
    void hashFor(final IdempotencyKeys keys) {
        if (hashedFor != keys) {
            idHash = keys.hashOfId(accountId, accountIdLength);
            keyHash = keys.hash(idHash, key);
            hashedFor = keys;
        }
    }

    /** Hash of the account id, as {@link #hashFor} left it. */
    long idHash() {
        return idHash;
    }

    /** Hash of the key on that account, as {@link #hashFor} left it. */
    int keyHash() {
        return keyHash;
    }

    byte[] referenceBytes() {
        return reference;
    }

    int referenceLength() {
        return referenceLength;
    }

    private Command set(
            final CommandType type,
            final String accountId,
            final String key,
            final int currency,
            final long amountMinor,
            final String reference) {
        hashedFor = null;
        spanId = 0;
        this.type = type;
        requireAscii(accountId, LedgerLimits.MAX_ACCOUNT_ID_LENGTH);
        accountIdLength = accountId.length();
        for (int i = 0; i < accountIdLength; i++) {
            this.accountId[i] = (byte) accountId.charAt(i);
        }
        requireAscii(key, LedgerLimits.MAX_KEY_LENGTH);
        this.key.pack(key);
        this.currency = currency;
        this.amountMinor = amountMinor;
        this.reference =
                reference.isEmpty() ? NO_BYTES : reference.getBytes(StandardCharsets.UTF_8);
        this.referenceLength = this.reference.length;
        if (referenceLength > LedgerLimits.MAX_REFERENCE_BYTES) {
            throw new IllegalArgumentException("reference too long: bytes=" + referenceLength
                    + ", max=" + LedgerLimits.MAX_REFERENCE_BYTES);
        }
        return this;
    }

    private static void requireAscii(final String text, final int maxLength) {
        final int length = text.length();
        if (length < 1 || length > maxLength) {
            throw new IllegalArgumentException(
                    "text length out of range: length=" + length + ", max=" + maxLength);
        }
        for (int i = 0; i < length; i++) {
            final char character = text.charAt(i);
            if (character <= ' ' || character >= 0x7F) {
                throw new IllegalArgumentException("not printable ASCII: char=" + (int) character);
            }
        }
    }

    private static void requireRange(final long amount, final long min) {
        if (amount < min || amount > LedgerLimits.MAX_MINOR) {
            throw new IllegalArgumentException("amount out of range: amount=" + amount + ", min="
                    + min + ", max=" + LedgerLimits.MAX_MINOR);
        }
    }

    @Override
    public String toString() {
        // No ids, keys or references: those are customer data and must not reach a log.
        return "Command{type=" + type + ", accountIdLength=" + accountIdLength + ", keyHash="
                + Arrays.hashCode(Arrays.copyOf(key.bytes(), key.length())) + '}';
    }
}
