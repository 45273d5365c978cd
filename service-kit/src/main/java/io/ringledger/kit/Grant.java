package io.ringledger.kit;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;

/** What the sender of a request may do, to which accounts, and how fast. Thread-safe. */
public final class Grant {
    /** Everything, to every account: what everybody has where nobody is asked who they are. */
    public static final Grant EVERYTHING = new Grant("", Set.of(Scope.values()), "");

    private final String clientId;
    private final Set<Scope> scopes = EnumSet.noneOf(Scope.class);
    private final boolean hasAccounts;
    private final String accountPrefix;
    private final byte[] accountPrefixBytes;
    private final @Nullable ClientRate rate;

    /** The same for a client that may ask as fast as it can. */
    public Grant(
            final String clientId, final Set<Scope> scopes, final @Nullable String accountPrefix) {
        this(clientId, scopes, accountPrefix, null);
    }

    /**
     * A grant.
     *
     * @param clientId who it was given to
     * @param scopes what they may do
     * @param accountPrefix what the ids of their accounts begin with, in ASCII; empty: every account;
     *     null: none
     * @param rate how fast they may ask, null: as fast as they can
     */
    public Grant(
            final String clientId,
            final Set<Scope> scopes,
            final @Nullable String accountPrefix,
            final @Nullable ClientRate rate) {
        this.clientId = clientId;
        this.rate = rate;
        this.scopes.addAll(scopes);
        this.hasAccounts = accountPrefix != null;
        this.accountPrefix = accountPrefix == null ? "" : accountPrefix;
        this.accountPrefixBytes = this.accountPrefix.getBytes(StandardCharsets.US_ASCII);
    }

    /** Who it was given to; empty for {@link #EVERYTHING}. */
    public String clientId() {
        return clientId;
    }

    /** True if its holder may do this. */
    public boolean has(final Scope scope) {
        return scopes.contains(scope);
    }

    /** How fast its holder may ask, or null. */
    public @Nullable ClientRate rate() {
        return rate;
    }

    /** Says that a request that was let in has so many commands. */
    public void charge(final int commands) {
        if (rate != null && commands > 1) {
            rate.charge(commands - 1, System.nanoTime());
        }
    }

    /** True if its holder may touch the account, whether there is one with this id or not. */
    public boolean covers(final String accountId) {
        return hasAccounts && accountId.startsWith(accountPrefix);
    }

    /** The same for an id in ASCII, of which the first {@code length} bytes count. */
    public boolean covers(final byte[] accountId, final int length) {
        final int prefixLength = accountPrefixBytes.length;
        return hasAccounts
                && length >= prefixLength
                && Arrays.equals(accountId, 0, prefixLength, accountPrefixBytes, 0, prefixLength);
    }
}
