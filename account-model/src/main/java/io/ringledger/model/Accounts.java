package io.ringledger.model;

import io.ringledger.model.snapshot.StateInput;
import io.ringledger.model.snapshot.StateOutput;

import java.util.Arrays;

/**
 * The accounts of one partition, by dense number in the order of their opening: pages of {@code
 * long}s, one row an account, so that a command touches one or two cache lines and nothing is
 * allocated per account. The {@code @world} accounts stand among them without an id. Not
 * thread-safe.
 */
final class Accounts {
    /** Number of no account; stands in events too. */
    static final int NONE = -1;

    private static final int PAGE_BITS = 12;
    private static final int PAGE_MASK = (1 << PAGE_BITS) - 1;
    private static final int ROW = 6;
    private static final int BALANCE = 0;
    private static final int HELD = 1;
    private static final int CREDIT_LIMIT = 2;
    private static final int ID_HASH = 3;
    private static final int ID_ADDRESS = 4;
    // currency in the low half, number of the @world account in the high half
    private static final int CURRENCY_AND_WORLD = 5;

    // Small enough not to be humongous to G1, which would take twice the memory.
    private static final int ID_CHUNK_BITS = 18;
    private static final int ID_CHUNK_BYTES = 1 << ID_CHUNK_BITS;

    private final long seed0;
    private final long seed1;
    private final HashIndex byId;
    private long[][] pages = new long[16][];
    private byte[][] idChunks = new byte[16][];
    private int count;
    private int idChunk = -1;
    private int idOffset = ID_CHUNK_BYTES;
    private int[] worldNumbers = new int[0];

    Accounts(final int expectedAccounts, final long seed0, final long seed1) {
        this.seed0 = seed0;
        this.seed1 = seed1;
        byId = new HashIndex(expectedAccounts);
    }

    /** Number of accounts, the {@code @world} accounts included. */
    int count() {
        return count;
    }

    long hashOf(final byte[] id, final int length) {
        return hashOf(id, 0, length);
    }

    long hashOf(final byte[] id, final int offset, final int length) {
        return SipHash.hash(seed0, seed1, id, offset, length);
    }

    /** The number of the account with this id, or {@link #NONE}. */
    int find(final long idHash, final byte[] id, final int length) {
        final int hash = (int) idHash;
        for (int slot = byId.start(hash); !byId.isFree(slot); slot = byId.next(slot)) {
            if (byId.hasHash(slot, hash) && hasId(byId.value(slot), id, 0, length)) {
                return byId.value(slot);
            }
        }
        return NONE;
    }

    /** Loads what searches for ids of these hashes look at first; changes nothing. */
    void touch(final int[] hashes, final int count) {
        byId.touch(hashes, count);
    }

    /** The {@code @world} account of a currency, or {@link #NONE}. */
    int worldOf(final int currency) {
        for (final int number : worldNumbers) {
            if (currency(number) == currency) {
                return number;
            }
        }
        return NONE;
    }

    /** Opens the {@code @world} account of a currency. */
    int openWorld(final int currency) {
        require(CurrencyCode.isValid(currency), "invalid currency", currency);
        require(worldOf(currency) == NONE, "world account opened twice: currency", currency);
        final int number = addRow(currency, count, 0, 0, -1);
        worldNumbers = Arrays.copyOf(worldNumbers, worldNumbers.length + 1);
        worldNumbers[worldNumbers.length - 1] = number;
        return number;
    }

    /** Opens a customer's account with a balance of zero. */
    int open(
            final byte[] id,
            final int length,
            final int currency,
            final int world,
            final long creditLimit) {
        final long idHash = hashOf(id, length);
        require(find(idHash, id, length) == NONE, "account opened twice: count", count);
        require(isWorld(world) && currency(world) == currency, "not its world account", world);
        final int number = addRow(currency, world, creditLimit, idHash, storeId(id, length));
        byId.add((int) idHash, number);
        return number;
    }

    /** Writes every account, in the order of the numbers. */
    void write(final StateOutput output) {
        for (int number = 0; number < count; number++) {
            output.row();
            if (isWorld(number)) {
                final int currency = currency(number);
                output.putByte(0);
                output.putByte(currency);
                output.putByte(currency >>> 8);
                output.putByte(currency >>> 16);
                output.putSigned(balance(number));
            } else {
                final long address = pages[number >> PAGE_BITS][row(number) + ID_ADDRESS];
                final int length = idLengthOf(address);
                output.putByte(length);
                output.putBytes(idChunks[idChunkOf(address)], idOffsetOf(address), length);
                output.putNumber(world(number));
                output.putSigned(balance(number));
                output.putNumber(held(number));
                output.putNumber(creditLimit(number));
            }
        }
    }

    /** Reads accounts into this, which is empty; each has to be one that events could have made. */
    void read(final StateInput input, final int expectedCount) {
        require(count == 0, "accounts are there already", count);
        final byte[] id = new byte[LedgerLimits.MAX_ACCOUNT_ID_LENGTH];
        while (count < expectedCount) {
            input.row();
            final int length = input.getByte();
            if (length == 0) {
                final int currency = input.getByte() | input.getByte() << 8 | input.getByte() << 16;
                final int number = openWorld(currency);
                balance(number, input.getSigned());
            } else {
                input.getBytes(id, length);
                readCustomer(input, id, length);
            }
        }
    }

    private void readCustomer(final StateInput input, final byte[] id, final int length) {
        final int world = (int) Math.min(input.getCount(), Integer.MAX_VALUE);
        final long balance = input.getSigned();
        final long held = input.getCount();
        final long creditLimit = input.getCount();
        require(isWorld(world), "no such world account", world);
        require(
                balance >= -LedgerLimits.MAX_MINOR
                        && balance <= LedgerLimits.MAX_MINOR
                        && held <= LedgerLimits.MAX_MINOR
                        && creditLimit <= LedgerLimits.MAX_MINOR,
                "amounts of an account out of range",
                count);
        final int number = open(id, length, currency(world), world, creditLimit);
        balance(number, balance);
        pages[number >> PAGE_BITS][row(number) + HELD] = held;
    }

    boolean exists(final int number) {
        return number >= 0 && number < count;
    }

    boolean isWorld(final int number) {
        return exists(number) && world(number) == number;
    }

    long balance(final int number) {
        return pages[number >> PAGE_BITS][row(number) + BALANCE];
    }

    void balance(final int number, final long balance) {
        pages[number >> PAGE_BITS][row(number) + BALANCE] = balance;
    }

    long held(final int number) {
        return pages[number >> PAGE_BITS][row(number) + HELD];
    }

    long creditLimit(final int number) {
        return pages[number >> PAGE_BITS][row(number) + CREDIT_LIMIT];
    }

    void creditLimit(final int number, final long creditLimit) {
        pages[number >> PAGE_BITS][row(number) + CREDIT_LIMIT] = creditLimit;
    }

    /** Cannot overflow: each part is within {@link LedgerLimits#MAX_MINOR}. */
    long available(final int number) {
        return balance(number) - held(number) + creditLimit(number);
    }

    long idHash(final int number) {
        return pages[number >> PAGE_BITS][row(number) + ID_HASH];
    }

    int currency(final int number) {
        return (int) pages[number >> PAGE_BITS][row(number) + CURRENCY_AND_WORLD];
    }

    /** The {@code @world} account of the same currency; a {@code @world} account is its own. */
    int world(final int number) {
        return (int) (pages[number >> PAGE_BITS][row(number) + CURRENCY_AND_WORLD] >>> 32);
    }

    /** The bytes of the id, none for a {@code @world} account; allocates. */
    byte[] id(final int number) {
        final long address = pages[number >> PAGE_BITS][row(number) + ID_ADDRESS];
        if (address < 0) {
            return new byte[0];
        }
        final int from = idOffsetOf(address);
        return Arrays.copyOfRange(idChunks[idChunkOf(address)], from, from + idLengthOf(address));
    }

    /** True if these bytes are the id of a customer's account. */
    boolean hasId(final int number, final byte[] id, final int offset, final int length) {
        final long address = pages[number >> PAGE_BITS][row(number) + ID_ADDRESS];
        final int from = idOffsetOf(address);
        return idLengthOf(address) == length
                && Arrays.equals(
                        idChunks[idChunkOf(address)],
                        from,
                        from + length,
                        id,
                        offset,
                        offset + length);
    }

    private int addRow(
            final int currency,
            final int world,
            final long creditLimit,
            final long idHash,
            final long idAddress) {
        require(count < Integer.MAX_VALUE, "too many accounts", count);
        final int number = count++;
        final int page = number >> PAGE_BITS;
        if (page == pages.length) {
            pages = Arrays.copyOf(pages, page * 2);
        }
        if (pages[page] == null) {
            pages[page] = new long[(PAGE_MASK + 1) * ROW];
        }
        final long[] rows = pages[page];
        final int row = row(number);
        rows[row + CREDIT_LIMIT] = creditLimit;
        rows[row + ID_HASH] = idHash;
        rows[row + ID_ADDRESS] = idAddress;
        rows[row + CURRENCY_AND_WORLD] = (long) world << 32 | currency;
        return number;
    }

    private long storeId(final byte[] id, final int length) {
        if (idOffset + length > ID_CHUNK_BYTES) {
            idChunk++;
            if (idChunk == idChunks.length) {
                idChunks = Arrays.copyOf(idChunks, idChunk * 2);
            }
            idChunks[idChunk] = new byte[ID_CHUNK_BYTES];
            idOffset = 0;
        }
        System.arraycopy(id, 0, idChunks[idChunk], idOffset, length);
        final long address = (long) idChunk << 28 | (long) idOffset << 8 | length;
        idOffset += length;
        return address;
    }

    private static int idChunkOf(final long address) {
        return (int) (address >>> 28);
    }

    private static int idOffsetOf(final long address) {
        return (int) (address >>> 8) & (ID_CHUNK_BYTES - 1);
    }

    private static int idLengthOf(final long address) {
        return (int) address & 0xFF;
    }

    private static int row(final int number) {
        return (number & PAGE_MASK) * ROW;
    }

    private static void require(final boolean holds, final String what, final int value) {
        if (!holds) {
            throw new InvariantViolation(what + ": " + value);
        }
    }
}
