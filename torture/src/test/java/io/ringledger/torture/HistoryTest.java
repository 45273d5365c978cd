package io.ringledger.torture;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.List;

/** What the journal's reader finds by itself, without the log. */
final class HistoryTest {
    private static final Ask CREDIT = new Ask(0, 7, Op.CREDIT, 50);
    private static final Ask WITHDRAW = new Ask(1, 8, Op.WITHDRAW, 60);

    @TempDir
    private Path folder;

    /** Writes lines, and reads them back. */
    @FunctionalInterface
    private interface Script {
        void write(Journal journal);
    }

    private History read(final Script script) throws Exception {
        final Path path = folder.resolve("journal");
        try (Journal journal = new Journal(path)) {
            journal.asked(List.of(CREDIT, WITHDRAW));
            script.write(journal);
        }
        return History.read(path);
    }

    private static Answer decided(final long sequence, final boolean isReplayed) {
        return new Answer(Answer.Kind.DECIDED, 201, 1, sequence, 5_000, 300, isReplayed, "");
    }

    private static void answer(final Journal journal, final Ask ask, final Answer answer) {
        journal.answered(List.of(ask), List.of(answer));
    }

    @Test
    void shouldGiveBackWhatWasWritten() throws Exception {
        final History history = read(journal -> {
            answer(journal, CREDIT, Answer.none());
            answer(journal, CREDIT, decided(12, true));
            answer(journal, CREDIT, decided(12, true));
            journal.forged(CREDIT);
            journal.forgedAnswer(
                    CREDIT, Answer.problem(Answer.Kind.REUSED, 422, "idempotency_key_reused"));
        });
        assertThat(history.violations()).isEmpty();
        assertThat(history.count()).isEqualTo(2);
        assertThat(history.asked()).isEqualTo(2);
        assertThat(history.repeated()).isEqualTo(1);
        assertThat(history.forged()).isEqualTo(1);
        assertThat(history.isUnknown(0)).isTrue();
        assertThat(history.isFirstReplayed(0)).isTrue();
        assertThat(history.account(0)).isEqualTo(7);
        assertThat(history.op(0)).isEqualTo('C');
        assertThat(history.amount(0)).isEqualTo(50);
        assertThat(history.partition(0)).isEqualTo(1);
        assertThat(history.sequence(0)).isEqualTo(12);
        assertThat(history.balance(0)).isEqualTo(5_000);
        assertThat(history.limit(0)).isEqualTo(300);
        assertThat(history.code(0)).isEqualTo("accepted");
        assertThat(history.isAnswered(1)).isFalse();
        assertThat(history.unknownBy()).containsEntry("no_answer", 1L);
    }

    @Test
    void shouldFindTwoOutcomesOfOneKey() throws Exception {
        final History history = read(journal -> {
            answer(journal, CREDIT, decided(12, false));
            answer(journal, CREDIT, decided(13, true));
        });
        assertThat(history.violations()).containsOnlyKeys("two outcomes of one key");
    }

    @Test
    void shouldFindASecondFirstDecision() throws Exception {
        final History history = read(journal -> {
            answer(journal, CREDIT, decided(12, false));
            answer(journal, CREDIT, decided(12, false));
        });
        assertThat(history.violations()).containsOnlyKeys("two outcomes of one key");
    }

    @Test
    void shouldFindWhatWasAppliedAlthoughTheAnswerDeniedIt() throws Exception {
        final History history = read(journal -> {
            answer(journal, CREDIT, Answer.problem(Answer.Kind.NOT_APPLIED, 503, "no_owner"));
            answer(journal, CREDIT, decided(12, true));
        });
        assertThat(history.violations()).containsOnlyKeys("said not applied, and was");
    }

    @Test
    void shouldFindAKeyThatTookAnotherContent() throws Exception {
        final History history = read(journal -> {
            answer(journal, CREDIT, decided(12, false));
            journal.forged(CREDIT);
            journal.forgedAnswer(CREDIT, decided(14, false));
        });
        assertThat(history.violations()).containsOnlyKeys("a key took another content");
    }

    @Test
    void shouldFindAnswersThatMustNotBe() throws Exception {
        final History history = read(journal ->
                answer(journal, WITHDRAW, Answer.problem(Answer.Kind.UNEXPECTED, 400, "invalid")));
        assertThat(history.violations()).containsOnlyKeys("unexpected answers");
    }
}
