-- The views of the ledger: what the projector built from the log, and how far it got.
--
-- Written by the projector alone (kinesis-consumer), a batch of frames in one transaction (D9); read
-- by read-model, one statement a query. Amounts are minor units of the account's currency, times are
-- ledger time in milliseconds since 1970-01-01T00:00:00Z. No foreign keys: each would cost a lookup
-- per row on the write path, and the projector checks what they would.
--
-- Rules of change: a migration only ever adds (a table, a nullable column, an index built
-- concurrently), so that a service of the version before goes on working beside it.
--
-- Columns stand in the order of their alignment (8, 4, 2 bytes, then text), which saves padding in
-- every row: insert by name.

-- The one fact about the ledger that is fixed when it is created.
CREATE TABLE ledger (
    singleton  boolean NOT NULL DEFAULT true PRIMARY KEY CHECK (singleton),
    partitions integer NOT NULL CHECK (partitions BETWEEN 1 AND 32767)
);

-- How far the views of each partition have got: the compare-and-set of the projector, and the
-- position that every read shows. Rewritten with every batch: nearly empty pages keep it in place.
CREATE TABLE progress (
    frame          bigint   NOT NULL DEFAULT 0 CHECK (frame >= 0),
    sequence       bigint   NOT NULL DEFAULT 0 CHECK (sequence >= 0),
    epoch          bigint   NOT NULL DEFAULT 0 CHECK (epoch >= 0),
    recorded_at_ms bigint   NOT NULL DEFAULT 0 CHECK (recorded_at_ms >= 0),
    partition      smallint NOT NULL PRIMARY KEY CHECK (partition >= 0),
    -- SHA-256 of the last frame; zeros before the first.
    frame_hash     bytea    NOT NULL DEFAULT decode(repeat('00', 32), 'hex')
                            CHECK (octet_length(frame_hash) = 32)
) WITH (
    fillfactor = 10,
    autovacuum_vacuum_threshold = 200,
    autovacuum_vacuum_scale_factor = 0
);

-- The last state of each account. No index holds a column that a posting changes and half of each
-- page is left free, so that an update of every account of a page stays in that page (HOT) and
-- touches no index.
CREATE TABLE accounts (
    balance        bigint   NOT NULL,
    held           bigint   NOT NULL CHECK (held >= 0),
    credit_limit   bigint   NOT NULL CHECK (credit_limit >= 0),
    -- The last event that changed it.
    sequence       bigint   NOT NULL CHECK (sequence > 0),
    recorded_at_ms bigint   NOT NULL CHECK (recorded_at_ms >= 0),
    account_number integer  NOT NULL CHECK (account_number >= 0),
    partition      smallint NOT NULL CHECK (partition >= 0),
    system_account boolean  NOT NULL DEFAULT false,
    -- Byte order ("C") compares faster than a language's, and ids are ASCII.
    account_id     text COLLATE "C" NOT NULL CHECK (octet_length(account_id) BETWEEN 1 AND 80),
    currency       text COLLATE "C" NOT NULL CHECK (octet_length(currency) = 3),
    status         text COLLATE "C" NOT NULL DEFAULT 'open'
                                    CHECK (status IN ('open', 'frozen', 'closed')),
    PRIMARY KEY (partition, account_number),
    CONSTRAINT accounts_account_id_key UNIQUE (account_id),
    -- Promise 3 of the design, held here once more: a projector with a defect stops.
    CONSTRAINT accounts_within_limit CHECK (system_account OR balance - held + credit_limit >= 0),
    CONSTRAINT accounts_system_name CHECK (system_account = starts_with(account_id, '@'))
) WITH (
    fillfactor = 50,
    autovacuum_vacuum_threshold = 5000,
    autovacuum_vacuum_scale_factor = 0.05
);

-- Every posting, for ever. The primary key, read backwards, is an account's newest-first page; no
-- other index pays on every insert. Rows never change: pages are filled to the brim, and vacuum comes
-- every million rows whatever the table's size, freezing what it visits at once, so that no
-- wraparound vacuum ever has to read the whole table.
CREATE TABLE entries (
    sequence       bigint   NOT NULL CHECK (sequence > 0),
    -- Signed: what the posting added to the balance.
    amount         bigint   NOT NULL CHECK (amount <> 0),
    -- After the posting.
    balance        bigint   NOT NULL,
    recorded_at_ms bigint   NOT NULL CHECK (recorded_at_ms >= 0),
    account_number integer  NOT NULL CHECK (account_number >= 0),
    partition      smallint NOT NULL CHECK (partition >= 0),
    -- What the client asked for: 1 credit, 2 withdraw.
    type           smallint NOT NULL CHECK (type IN (1, 2)),
    reference      text,
    PRIMARY KEY (partition, account_number, sequence)
) WITH (
    fillfactor = 100,
    autovacuum_vacuum_insert_threshold = 1000000,
    autovacuum_vacuum_insert_scale_factor = 0,
    autovacuum_freeze_min_age = 0,
    autovacuum_analyze_threshold = 100000,
    autovacuum_analyze_scale_factor = 0.02
);
-- A reference is short: never move it out of the row.
ALTER TABLE entries ALTER COLUMN reference SET STORAGE MAIN;
