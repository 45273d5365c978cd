package io.ringledger.model.frame;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringledger.model.Partitions;
import io.ringledger.model.event.AccountOpenedDecoder;
import io.ringledger.model.event.CommandRefusedDecoder;
import io.ringledger.model.event.CreditLimitChangedDecoder;
import io.ringledger.model.event.MessageHeaderDecoder;
import io.ringledger.model.event.TransactionPostedDecoder;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Holds the tables of docs/event-format.md against the code. */
class EventFormatDocTest {
    private static final Map<String, Class<?>> EVENTS = Map.of(
            "### AccountOpened (1)", AccountOpenedDecoder.class,
            "### TransactionPosted (2)", TransactionPostedDecoder.class,
            "### CreditLimitChanged (3)", CreditLimitChangedDecoder.class,
            "### CommandRefused (4)", CommandRefusedDecoder.class);
    private static final Map<String, Integer> LENGTHS = Map.of(
            "uint8", 1, "uint16", 2, "int32", 4, "uint32", 4, "int64", 8, "uint64", 8, "char3", 3);

    @Test
    void shouldHaveTheLayoutOfAFrame() {
        final List<String[]> rows = table("## Frame");
        assertThat(rows.stream().map(cells -> cells[0]).limit(14))
                .containsExactly(
                        "" + FrameFormat.MAGIC,
                        "" + FrameFormat.VERSION,
                        "" + FrameFormat.CODEC,
                        "" + FrameFormat.PARTITIONS,
                        "" + FrameFormat.PARTITION,
                        "" + FrameFormat.EVENT_COUNT,
                        "" + FrameFormat.EPOCH,
                        "" + FrameFormat.FRAME_NUMBER,
                        "" + FrameFormat.FIRST_SEQUENCE,
                        "" + FrameFormat.BASE_TIME,
                        "" + FrameFormat.EVENT_LENGTH,
                        "" + FrameFormat.PAYLOAD_LENGTH,
                        "" + FrameFormat.PREVIOUS_HASH,
                        "" + FrameFormat.PAYLOAD);
        int end = 0;
        for (final String[] cells : rows.subList(0, 13)) {
            assertThat(Integer.parseInt(cells[0])).as(cells[2]).isEqualTo(end);
            end += Integer.parseInt(cells[1]);
        }
        assertThat(end + FrameFormat.CHECKSUM_LENGTH).isEqualTo(FrameFormat.OVERHEAD);
    }

    @Test
    void shouldHaveTheLayoutOfEveryEvent() throws ReflectiveOperationException {
        for (final Map.Entry<String, Class<?>> event : EVENTS.entrySet()) {
            final Class<?> decoder = event.getValue();
            assertThat(event.getKey())
                    .contains("(" + decoder.getField("TEMPLATE_ID").getInt(null) + ")")
                    .contains(decoder.getSimpleName().replace("Decoder", ""));
            final int block = decoder.getField("BLOCK_LENGTH").getInt(null);
            int end = 0;
            for (final String[] cells : table(event.getKey())) {
                if (cells[1].equals("bytes")) {
                    assertThat(cells[0]).isIn("", "" + block);
                    assertThat(decoder.getMethod(cells[2] + "Length")).isNotNull();
                    continue;
                }
                assertThat(call(decoder, cells[2] + "EncodingOffset"))
                        .as("%s %s", event.getKey(), cells[2])
                        .isEqualTo(Integer.parseInt(cells[0]))
                        .isEqualTo(end);
                assertThat(call(decoder, cells[2] + "EncodingLength"))
                        .isEqualTo(LENGTHS.get(cells[1]));
                end += call(decoder, cells[2] + "EncodingLength");
            }
            assertThat(end).isEqualTo(block);
        }
    }

    @Test
    void shouldHaveTheHeaderOfEvents() throws ReflectiveOperationException {
        for (final String[] cells : table("## Events")) {
            assertThat(call(MessageHeaderDecoder.class, cells[2] + "EncodingOffset"))
                    .isEqualTo(Integer.parseInt(cells[0]));
        }
        assertThat(table("## Events").get(2)[3])
                .isEqualTo(Integer.toString(MessageHeaderDecoder.SCHEMA_ID));
        assertThat(table("## Events").get(3)[3]).contains("" + MessageHeaderDecoder.SCHEMA_VERSION);
    }

    @Test
    void shouldHaveThePartitionsOfAccounts() {
        final int[] partitions = {2, 3, 16, 1024};
        for (final String[] cells : table("## Partition of an account")) {
            final byte[] id = cells[0].replace("`", "").getBytes(StandardCharsets.US_ASCII);
            for (int i = 0; i < partitions.length; i++) {
                assertThat(Partitions.partitionOf(id, id.length, partitions[i]))
                        .isEqualTo(Integer.parseInt(cells[i + 1]));
            }
        }
    }

    private static int call(final Class<?> decoder, final String method)
            throws ReflectiveOperationException {
        return (int) decoder.getMethod(method).invoke(null);
    }

    /** The rows of the first table under a heading. */
    private static List<String[]> table(final String heading) {
        final Path page = Path.of(System.getProperty("ringledger.root"), "docs/event-format.md");
        final List<String[]> rows = new ArrayList<>();
        boolean isUnder = false;
        try {
            for (final String line : Files.readAllLines(page)) {
                if (line.startsWith("#")) {
                    isUnder = line.equals(heading);
                } else if (isUnder && line.startsWith("|")) {
                    final String[] cells = line.substring(1, line.length() - 1).split("\\|", -1);
                    rows.add(Arrays.stream(cells).map(String::strip).toArray(String[]::new));
                }
            }
        } catch (final IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        assertThat(rows).as("table under %s", heading).hasSizeGreaterThan(2);
        // Without the names of the columns and the line below them.
        return rows.subList(2, rows.size());
    }
}
