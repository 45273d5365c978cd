package io.ringledger.loadtests;

import org.jspecify.annotations.Nullable;

import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * Reads a transactions file, gzipped or plain, and checks every row: the layout is described in
 * {@code load-tests/data/README.md}. A file is either valid as a whole or refused.
 */
public final class TransactionFile {
    /** The largest amount, and the largest balance either way, that the ledger takes: 2^53 - 1. */
    static final long MAX_AMOUNT_MINOR = 9_007_199_254_740_991L;

    /** Rows are kept in memory: about 200 bytes each. */
    static final int MAX_ROWS = 5_000_000;

    static final String HEADER =
            "transaction_id,account_id,date,type,amount_minor,bank_balance_minor,operation";

    private static final int MAX_LINE_LENGTH = 512;
    private static final int COLUMN_COUNT = 7;
    private static final Pattern TRANSACTION_ID = Pattern.compile("[A-Za-z0-9._:-]{1,64}");
    private static final Pattern ACCOUNT_NUMBER = Pattern.compile("[A-Za-z0-9._:-]{1,48}");
    private static final Pattern OPERATION = Pattern.compile("[a-z_]{1,64}");
    private static final Pattern INTEGER = Pattern.compile("-?[0-9]{1,16}");

    private final Path path;
    private final List<BankTransaction> transactions = new ArrayList<>();
    private final Map<String, Integer> lineByTransactionId = new HashMap<>();
    private LocalDate lastDate = LocalDate.MIN;
    private int line;

    private TransactionFile(final Path path) {
        this.path = path;
    }

    /**
     * All rows of a file, in its order.
     *
     * @throws TransactionFileException if the file breaks the layout, or has no row
     * @throws IOException if it cannot be read
     */
    public static List<BankTransaction> read(final Path path)
            throws IOException, TransactionFileException {
        final TransactionFile file = new TransactionFile(path);
        file.readAll();
        return List.copyOf(file.transactions);
    }

    /** The rows by account, accounts in the order of their first row, rows in the file's order. */
    public static Map<String, List<BankTransaction>> byAccount(
            final List<BankTransaction> transactions) {
        final Map<String, List<BankTransaction>> accounts = new LinkedHashMap<>();
        for (final BankTransaction transaction : transactions) {
            accounts.computeIfAbsent(transaction.accountNumber(), _ -> new ArrayList<>())
                    .add(transaction);
        }
        return accounts;
    }

    private void readAll() throws IOException, TransactionFileException {
        line = 1;
        try (Reader reader = open()) {
            final String header = nextLine(reader);
            if (header == null) {
                throw refused("the file is empty; expected the header " + HEADER);
            }
            if (!header.equals(HEADER)) {
                throw refused("expected the header " + HEADER + ", found " + header);
            }
            for (line = 2; ; line++) {
                final String row = nextLine(reader);
                if (row == null) {
                    break;
                }
                if (transactions.size() == MAX_ROWS) {
                    throw refused("more than " + MAX_ROWS + " transactions");
                }
                transactions.add(parse(row));
            }
        } catch (final CharacterCodingException e) {
            throw refused("not UTF-8 text");
        } catch (final EOFException | ZipException e) {
            throw refused("the gzipped file is damaged or cut short: " + e.getMessage());
        }
        if (transactions.isEmpty()) {
            throw refused("no transactions after the header");
        }
    }

    private Reader open() throws IOException {
        final InputStream file = new BufferedInputStream(Files.newInputStream(path), 1 << 16);
        try {
            file.mark(2);
            final boolean isGzipped = file.read() == 0x1f && file.read() == 0x8b;
            file.reset();
            final InputStream text = isGzipped ? new GZIPInputStream(file, 1 << 16) : file;
            return new BufferedReader(new InputStreamReader(
                    text,
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .onMalformedInput(CodingErrorAction.REPORT)
                            .onUnmappableCharacter(CodingErrorAction.REPORT)));
        } catch (final IOException e) {
            file.close();
            throw e;
        }
    }

    /** As BufferedReader.readLine, with a limit on the length of a line. */
    private @Nullable String nextLine(final Reader reader)
            throws IOException, TransactionFileException {
        final StringBuilder text = new StringBuilder(96);
        for (int c = reader.read(); c != '\n'; c = reader.read()) {
            if (c < 0) {
                if (text.isEmpty()) {
                    return null;
                }
                break;
            }
            if (text.length() == MAX_LINE_LENGTH) {
                throw refused("longer than " + MAX_LINE_LENGTH + " characters");
            }
            text.append((char) c);
        }
        final int length = text.length();
        if (length > 0 && text.charAt(length - 1) == '\r') {
            text.setLength(length - 1);
        }
        return text.toString();
    }

    private BankTransaction parse(final String row) throws TransactionFileException {
        final String[] columns = row.split(",", -1);
        if (columns.length != COLUMN_COUNT) {
            throw refused("expected " + COLUMN_COUNT + " columns, found " + columns.length);
        }
        final String transactionId = text("transaction_id", columns[0], TRANSACTION_ID);
        final Integer earlierLine = lineByTransactionId.putIfAbsent(transactionId, line);
        if (earlierLine != null) {
            throw refused(
                    "transaction_id " + transactionId + " stands on line " + earlierLine + " too");
        }
        final String accountNumber = text("account_id", columns[1], ACCOUNT_NUMBER);
        final LocalDate date = date(columns[2]);
        return new BankTransaction(
                line,
                transactionId,
                accountNumber,
                date,
                type(columns[3]),
                integer("amount_minor", columns[4], 1),
                integer("bank_balance_minor", columns[5], -MAX_AMOUNT_MINOR),
                text("operation", columns[6], OPERATION));
    }

    private String text(final String column, final String value, final Pattern pattern)
            throws TransactionFileException {
        if (!pattern.matcher(value).matches()) {
            throw refused(column + " \"" + value + "\" is not of the form " + pattern);
        }
        return value;
    }

    private LocalDate date(final String value) throws TransactionFileException {
        final LocalDate date;
        try {
            date = LocalDate.parse(value);
        } catch (final DateTimeParseException e) {
            throw refused("date \"" + value + "\" is not an ISO date");
        }
        if (date.isBefore(lastDate)) {
            throw refused("date " + date + " is before " + lastDate + " of the row above");
        }
        lastDate = date;
        return date;
    }

    private BankTransaction.Type type(final String value) throws TransactionFileException {
        return switch (value) {
            case "credit" -> BankTransaction.Type.CREDIT;
            case "withdraw" -> BankTransaction.Type.WITHDRAW;
            default -> throw refused("type \"" + value + "\" is neither credit nor withdraw");
        };
    }

    private long integer(final String column, final String value, final long min)
            throws TransactionFileException {
        if (!INTEGER.matcher(value).matches()) {
            throw refused(column + " \"" + value + "\" is not an integer of at most 16 digits");
        }
        final long number = Long.parseLong(value);
        if (number < min || number > MAX_AMOUNT_MINOR) {
            throw refused(
                    column + " " + number + " is not within " + min + " to " + MAX_AMOUNT_MINOR);
        }
        return number;
    }

    private TransactionFileException refused(final String cause) {
        return new TransactionFileException(path + ", line " + line + ": " + cause);
    }
}
