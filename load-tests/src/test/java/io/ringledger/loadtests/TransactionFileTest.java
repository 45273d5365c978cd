package io.ringledger.loadtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;

class TransactionFileTest {
    private static final String ROW = "17,576,1993-01-01,credit,900,901,cash_deposit\n";

    @TempDir
    private Path directory;

    @Test
    void shouldReadPlainAndGzippedFilesAlike() throws Exception {
        final String text =
                TransactionFile.HEADER + "\n" + ROW + "18,576,1993-01-02,withdraw,5,-896,interest";
        final Path plain = write(text.getBytes(StandardCharsets.UTF_8));
        final var fromPlain = TransactionFile.read(plain);
        final Path gzipped = write(gzip(text));

        assertThat(TransactionFile.read(gzipped)).isEqualTo(fromPlain).hasSize(2);
        assertThat(fromPlain.getFirst())
                .isEqualTo(new BankTransaction(
                        2,
                        "17",
                        "576",
                        LocalDate.of(1993, 1, 1),
                        BankTransaction.Type.CREDIT,
                        900,
                        901,
                        "cash_deposit"));
        assertThat(fromPlain.getLast().signedAmountMinor()).isEqualTo(-5);
        assertThat(fromPlain.getLast().bankBalanceMinor()).isEqualTo(-896);
    }

    @Test
    void shouldReadLinesThatEndAsOnWindows() throws Exception {
        final String text = (TransactionFile.HEADER + "\n" + ROW).replace("\n", "\r\n");
        assertThat(TransactionFile.read(write(text.getBytes(StandardCharsets.UTF_8))))
                .hasSize(1);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    18,576,1993-01-01,credit,1,1                     | expected 7 columns, found 6
                    18,576,1993-01-01,credit,1,1,interest,x          | expected 7 columns, found 8
                    1 8,576,1993-01-01,credit,1,1,interest           | transaction_id "1 8"
                    17,576,1993-01-01,credit,1,1,interest            | stands on line 2 too
                    18,,1993-01-01,credit,1,1,interest               | account_id ""
                    18,5/6,1993-01-01,credit,1,1,interest            | account_id "5/6"
                    18,576,1993-02-30,credit,1,1,interest            | date "1993-02-30"
                    18,576,1992-12-31,credit,1,1,interest            | before 1993-01-01
                    18,576,1993-01-01,debit,1,1,interest             | type "debit"
                    18,576,1993-01-01,credit,0,1,interest            | amount_minor 0
                    18,576,1993-01-01,credit,-1,1,interest           | amount_minor -1
                    18,576,1993-01-01,credit,1.5,1,interest          | amount_minor "1.5"
                    18,576,1993-01-01,credit,9007199254740992,1,x    | amount_minor 9007199254740992
                    18,576,1993-01-01,credit,99999999999999999,1,x   | amount_minor "99999999999999999"
                    18,576,1993-01-01,credit,1,,interest             | bank_balance_minor ""
                    18,576,1993-01-01,credit,1,-9007199254740992,x   | bank_balance_minor -9007199254740992
                    18,576,1993-01-01,credit,1,1,Interest            | operation "Interest"
                    """)
    void shouldNameTheLineAndTheCauseOfABadRow(final String row, final String cause)
            throws IOException {
        final String text = TransactionFile.HEADER + "\n" + ROW + row + "\n";
        final Path file = write(text.getBytes(StandardCharsets.UTF_8));

        assertThatThrownBy(() -> TransactionFile.read(file))
                .isInstanceOf(TransactionFileException.class)
                .hasMessageContaining(file + ", line 3: ")
                .hasMessageContaining(cause);
    }

    @Test
    void shouldRefuseFilesOfAnotherKind() throws IOException {
        assertRefused(new byte[0], "line 1: the file is empty");
        assertRefused(
                "id,amount\n".getBytes(StandardCharsets.UTF_8), "line 1: expected the header");
        assertRefused(
                (TransactionFile.HEADER + "\n").getBytes(StandardCharsets.UTF_8),
                "line 2: no transactions after the header");
        assertRefused("x".repeat(600).getBytes(StandardCharsets.UTF_8), "longer than 512");
        assertRefused(new byte[] {'a', (byte) 0xff, '\n'}, "not UTF-8 text");
        final byte[] gzipped = gzip(TransactionFile.HEADER + "\n" + ROW);
        assertRefused(Arrays.copyOf(gzipped, gzipped.length - 9), "damaged or cut short");
        gzipped[gzipped.length - 5]++;
        assertRefused(gzipped, "damaged or cut short");
    }

    private void assertRefused(final byte[] content, final String cause) throws IOException {
        final Path file = write(content);
        assertThatThrownBy(() -> TransactionFile.read(file))
                .isInstanceOf(TransactionFileException.class)
                .hasMessageContaining(cause);
    }

    private Path write(final byte[] content) throws IOException {
        return Files.write(Files.createTempFile(directory, "transactions", ".csv"), content);
    }

    private static byte[] gzip(final String text) throws IOException {
        final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }
}
