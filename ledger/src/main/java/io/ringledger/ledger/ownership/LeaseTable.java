package io.ringledger.ledger.ownership;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * The port to where ownership is kept. What it must give is linearizability: a compare-and-set of one
 * item, and reads that show every write that ended before they began. A call that fails may have
 * taken effect, now or later. Implementations are thread-safe.
 */
public interface LeaseTable {
    /**
     * Everything that is in the table.
     *
     * @param leases of the partitions that were ever owned
     * @param members the processes that announced themselves and did not leave
     */
    record Book(List<Lease> leases, List<Member> members) {
        /** Copies the lists. */
        public Book {
            leases = List.copyOf(leases);
            members = List.copyOf(members);
        }
    }

    /** All leases and members, each as of some moment after this call began. */
    CompletionStage<Book> readAll();

    /** The lease of a partition, as of some moment after this call began; null if there is none. */
    CompletionStage<@Nullable Lease> read(int partition);

    /**
     * Takes a lease over, if the item still is what was seen.
     *
     * @param seen what was read; null: there was no item
     * @param mine what shall stand there, of a higher epoch
     * @return true if it stands there now
     */
    CompletionStage<Boolean> take(@Nullable Lease seen, Lease mine);

    /**
     * Writes heartbeat and sequence of a lease, if it still has this owner and epoch.
     *
     * @return false if it has not: another process has taken it
     */
    CompletionStage<Boolean> renew(Lease mine);

    /**
     * Gives a lease back, with its sequence, if it still has this owner and epoch.
     *
     * @return false if it has not
     */
    CompletionStage<Boolean> release(Lease mine);

    /** Announces a process, or its next heartbeat. */
    CompletionStage<?> announce(Member member);

    /** Removes a process that has ended. */
    CompletionStage<?> remove(Member member);
}
