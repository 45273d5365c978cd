package io.ringledger.snapshots;

import static io.ringledger.snapshots.Models.CONTEXT;
import static io.ringledger.snapshots.Models.PARTITION;
import static io.ringledger.snapshots.Models.PARTITIONS;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringledger.model.ModelContext;
import io.ringledger.snapshots.SnapshotLoader.Found;
import io.ringledger.snapshots.SnapshotLoader.Refusal;
import io.ringledger.snapshots.SnapshotLoader.Refused;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;

/** What every store does, on the real thing. */
abstract class SnapshotStoreContract {
    private SnapshotStore store;

    /** An empty store. */
    abstract SnapshotStore newStore() throws Exception;

    /** Everything that is there, under any name. */
    abstract List<String> everything() throws Exception;

    @BeforeEach
    void open() throws Exception {
        store = newStore();
    }

    @AfterEach
    void close() {
        store.close();
    }

    private static SnapshotName name(final long sequence, final long epoch) {
        return new SnapshotName(PARTITION, sequence, epoch);
    }

    private void put(final SnapshotName name, final byte[] bytes) {
        store.write(name, sink -> {
            sink.write(bytes, 0, bytes.length);
            return bytes.length;
        });
    }

    private byte[] get(final SnapshotName name) {
        final ByteArrayOutputStream out = new ByteArrayOutputStream();
        final byte[] buffer = new byte[777];
        try (SnapshotStore.Reading reading = store.open(name)) {
            for (int n = reading.read(buffer, 0, buffer.length);
                    n > 0;
                    n = reading.read(buffer, 0, buffer.length)) {
                out.write(buffer, 0, n);
            }
        }
        return out.toByteArray();
    }

    private Found load() {
        return new SnapshotLoader(store).load(PARTITION, PARTITIONS, CONTEXT);
    }

    @Test
    void shouldGiveBackWhatWasWritten() throws Exception {
        final byte[] bytes = new byte[100_000];
        new java.util.Random(1).nextBytes(bytes);
        put(name(5, 1), bytes);
        assertThat(get(name(5, 1))).isEqualTo(bytes);
        assertThat(everything()).hasSize(1);
        put(name(5, 1), new byte[] {1, 2, 3});
        assertThat(get(name(5, 1))).containsExactly(1, 2, 3);
        assertThat(everything()).hasSize(1);
    }

    @Test
    void shouldListTheNewestFirstAndOnlyOnePartition() {
        assertThat(store.list(PARTITION)).isEmpty();
        put(name(9, 1), new byte[] {1});
        put(name(100, 1), new byte[] {1});
        put(name(100, 12), new byte[] {1});
        put(name(Long.MAX_VALUE, Long.MAX_VALUE), new byte[] {1});
        put(new SnapshotName(PARTITION + 10, 1_000, 1), new byte[] {1});
        assertThat(store.list(PARTITION))
                .containsExactly(
                        name(Long.MAX_VALUE, Long.MAX_VALUE),
                        name(100, 12),
                        name(100, 1),
                        name(9, 1));
        store.delete(name(100, 12));
        store.delete(name(100, 12));
        assertThat(store.list(PARTITION)).hasSize(3);
        assertThat(store.list(PARTITION + 10)).hasSize(1);
    }

    @Test
    void shouldSayThatASnapshotHasGone() {
        assertThatThrownBy(() -> store.open(name(1, 1)))
                .isInstanceOfSatisfying(
                        SnapshotStoreException.class,
                        e -> assertThat(e.isMissing()).isTrue());
    }

    @Test
    void shouldLeaveNothingOfAWriteThatFails() throws Exception {
        put(name(1, 1), new byte[] {1});
        assertThatThrownBy(() -> store.write(name(2, 1), sink -> {
                    final byte[] bytes = new byte[300_000];
                    for (int i = 0; i < 30; i++) {
                        sink.write(bytes, 0, bytes.length);
                    }
                    throw new IllegalStateException("died in the middle");
                }))
                .hasMessageContaining("died in the middle");
        assertThat(store.list(PARTITION)).containsExactly(name(1, 1));
        assertThat(everything()).hasSize(1);
    }

    @Test
    void shouldShowNothingBeforeItIsWhole() {
        store.write(name(2, 1), sink -> {
            sink.write(new byte[100], 0, 100);
            assertThat(store.list(PARTITION)).isEmpty();
            return 100;
        });
        assertThat(store.list(PARTITION)).containsExactly(name(2, 1));
    }

    @Test
    void shouldLoadTheNewestValidSnapshot() {
        final Models models = new Models().grow(50);
        final SnapshotKeeper keeper = new SnapshotKeeper(store, 3);
        assertThat(load().loaded()).isNull();
        keeper.write(models.header(), models.model());
        models.grow(2_000);
        final long length = keeper.write(models.header(), models.model());
        assertThat(get(SnapshotName.of(models.header()))).hasSize((int) length);
        final Found found = load();
        assertThat(found.refused()).isEmpty();
        assertThat(found.loaded()).isNotNull();
        assertThat(Models.loaded(found).header()).isEqualTo(models.header());
        assertThat(Models.loaded(found).model().stateHash())
                .isEqualTo(models.model().stateHash());
        // The same state behind a marker is newer.
        keeper.write(models.header(8), models.model());
        assertThat(Models.loaded(load()).header().epoch()).isEqualTo(8);
    }

    @Test
    void shouldRefuseTheDamagedAndTakeTheOneBefore() {
        final Models models = new Models().grow(20);
        final byte[] good = models.bytes();
        final long at = models.header().sequence();
        put(SnapshotName.of(models.header()), good);
        // Whole, but not what its name says.
        put(name(at + 1, 8), good);
        final byte[] flipped = models.grow(1).bytes();
        final SnapshotName flippedName = SnapshotName.of(models.header());
        flipped[flipped.length / 2] ^= 1;
        put(flippedName, flipped);
        final byte[] whole = models.grow(1).bytes();
        put(SnapshotName.of(models.header()), Arrays.copyOf(whole, whole.length - 40));
        final byte[] future = models.grow(1).bytes();
        future[4] = 99;
        put(SnapshotName.of(models.header()), future);
        put(name(1_000, 7), "something else".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        put(name(1_001, 7), new byte[0]);

        final Found found = load();
        assertThat(found.loaded()).isNotNull();
        assertThat(Models.loaded(found).header().sequence()).isEqualTo(at);
        assertThat(found.refused().stream().map(Refusal::why))
                .containsExactly(
                        Refused.TORN,
                        Refused.FOREIGN,
                        Refused.UNKNOWN_VERSION,
                        Refused.TORN,
                        Refused.FOREIGN,
                        Refused.DAMAGED);
        assertThat(found.isInDoubt()).isFalse();
        assertThat(found.refused()).allSatisfy(refusal -> {
            assertThat(refusal.message()).isNotBlank();
        });
    }

    @Test
    void shouldRefuseWhatBelongsToAnotherLedger() {
        final Models models = new Models().grow(20);
        put(SnapshotName.of(models.header()), models.bytes());
        final Found others = new SnapshotLoader(store).load(PARTITION, PARTITIONS * 2, CONTEXT);
        assertThat(others.loaded()).isNull();
        assertThat(others.refused().getFirst().why()).isEqualTo(Refused.FOREIGN);
        assertThat(others.refused().getFirst().message())
                .isEqualTo("snapshot of another ledger: partitions 8, expected 16");
        final ModelContext window = new ModelContext(5, 10, 100, 10, 100, 1, 1);
        assertThat(new SnapshotLoader(store)
                        .load(PARTITION, PARTITIONS, window)
                        .refused()
                        .getFirst()
                        .message())
                .isEqualTo("snapshot of another ledger: idempotency window (ms) 86400000,"
                        + " expected 5");
    }

    @Test
    void shouldKeepSoManyAndNeverDeleteTheNewestValid() {
        final Models models = new Models();
        final SnapshotKeeper keeper = new SnapshotKeeper(store, 2);
        // Left over from a ledger that was farther: no reason to delete ours.
        put(name(900, 1), new byte[] {1});
        put(name(901, 1), new byte[] {1});
        for (int i = 0; i < 5; i++) {
            models.grow(10);
            keeper.write(models.header(), models.model());
        }
        assertThat(store.list(PARTITION))
                .containsExactly(name(901, 1), name(900, 1), name(50, 7), name(40, 7));
        assertThat(Models.loaded(load()).header().sequence()).isEqualTo(50);
    }
}
