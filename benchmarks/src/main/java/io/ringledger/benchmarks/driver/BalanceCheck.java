package io.ringledger.benchmarks.driver;

import io.ringledger.model.AccountModel;
import io.ringledger.model.ModelContext;
import io.ringledger.model.frame.EpochMarker;
import io.ringledger.model.frame.FrameChain;
import io.ringledger.model.frame.FrameHeader;
import io.ringledger.model.frame.FrameReader;

import java.util.ArrayList;
import java.util.List;

/**
 * Checks a run against the log: folds its records with the production model and compares every
 * balance with what was acknowledged. Takes in records in portions, so that it can be asked after
 * every round. Not thread-safe.
 */
public final class BalanceCheck implements AutoCloseable {
    private final FrameReader reader = new FrameReader();
    private final List<AccountModel> models = new ArrayList<>();
    private final List<FrameChain> chains = new ArrayList<>();

    /** Of a log that holds nothing yet. */
    public BalanceCheck(final int partitions, final ModelContext context) {
        for (int partition = 0; partition < partitions; partition++) {
            models.add(new AccountModel(context));
            chains.add(new FrameChain(partition, partitions));
        }
    }

    /** Takes in the next record of a shard, a frame or a marker. */
    public void add(final byte[] record) {
        if (EpochMarker.isMarker(record)) {
            final EpochMarker marker = EpochMarker.read(record);
            chains.get(marker.partition()).passMarker(marker);
            return;
        }
        final FrameHeader header = reader.open(record);
        final FrameChain chain = chains.get(header.partition());
        if (chain.judge(reader, header) == FrameChain.Verdict.NEXT) {
            reader.readEvents(models.get(header.partition()));
            chain.advance(reader, header);
        }
    }

    /** How many events have been taken in. */
    public long events() {
        return models.stream().mapToLong(AccountModel::lastSequence).sum();
    }

    /**
     * Compares all balances.
     *
     * @throws IllegalStateException if one is not the sum of what was acknowledged, or an account is
     *     not in the log: the run has no figure
     */
    public void requireEqual(final Acknowledged acknowledged) {
        final boolean[] seen = new boolean[acknowledged.accounts()];
        for (final AccountModel model : models) {
            model.verify();
            model.forEachAccount((number, id, currency, isWorld, balance, held, creditLimit) -> {
                if (isWorld) {
                    return;
                }
                final int account = AccountIds.numberOf(id);
                seen[account] = true;
                if (balance != acknowledged.sum(account)) {
                    throw new IllegalStateException("wrong balance: account="
                            + AccountIds.of(account) + ", log=" + balance + ", acknowledged="
                            + acknowledged.sum(account));
                }
            });
        }
        for (int account = 0; account < seen.length; account++) {
            if (!seen[account]) {
                throw new IllegalStateException("not in the log: " + AccountIds.of(account));
            }
        }
    }

    @Override
    public void close() {
        reader.close();
    }
}
