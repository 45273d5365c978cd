package io.ringledger.torture;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringledger.model.frame.FrameReader;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The check finds each kind of lie: a harness that cannot fail proves nothing. */
final class AnswerCheckTest {
    private static final Ask OPEN = new Ask(0, 1, Op.OPEN, 100);
    private static final Ask CREDIT = new Ask(1, 1, Op.CREDIT, 50);
    private static final Ask WITHDRAW = new Ask(2, 1, Op.WITHDRAW, 400);
    private static final Ask LIMIT = new Ask(3, 1, Op.LIMIT, 90);
    private static final Ask[] ALL = {OPEN, CREDIT, WITHDRAW, LIMIT};

    @TempDir
    private Path folder;

    private final List<byte[]> records = new ArrayList<>();
    private final WrittenLog log = new WrittenLog();

    @AfterEach
    void close() {
        log.close();
    }

    private Findings check(final List<Ask> asked, final List<Answer> answers) throws Exception {
        final Path path = folder.resolve("journal");
        try (Journal journal = new Journal(path)) {
            journal.asked(asked);
            journal.answered(asked.subList(0, answers.size()), answers);
        }
        final History history = History.read(path);
        final LogOracle oracle = new LogOracle("none", 1, history.count());
        try (FrameReader reader = new FrameReader()) {
            records.forEach(record -> oracle.onRecord(reader, record));
        }
        oracle.verify();
        final Findings findings = new Findings();
        final AnswerCheck.Unknowns _ = AnswerCheck.check(history, oracle, findings);
        return findings;
    }

    private static List<String> kinds(final Findings findings) {
        return findings.list().stream()
                .filter(finding -> finding.found() > 0)
                .map(Findings.Finding::name)
                .toList();
    }

    @Test
    void shouldFindNothingInATrueHistory() throws Exception {
        final List<Answer> answers = log.frame(1, 1_000, records, ALL);
        records.add(records.getFirst());
        records.add(WrittenLog.marker(2));
        final Findings findings = check(Arrays.asList(ALL), answers);
        assertThat(findings.examples()).isEmpty();
        assertThat(findings.isClean()).isTrue();
        assertThat(findings.list())
                .contains(new Findings.Finding(AnswerCheck.LOST, 0, 4))
                .contains(new Findings.Finding(AnswerCheck.DOUBLED, 0, 4));
        assertThat(answers.get(2).code()).isEqualTo("insufficient_funds");
    }

    @Test
    void shouldFindWhatIsNotInTheLog() throws Exception {
        final List<Answer> answers = new ArrayList<>(log.frame(1, 1_000, records, OPEN, CREDIT));
        answers.addAll(log.frame(1, 1_000, records, WITHDRAW, LIMIT));
        records.removeLast();
        final Findings findings = check(Arrays.asList(ALL), answers);
        assertThat(kinds(findings)).containsExactly(AnswerCheck.LOST);
        assertThat(findings.found(AnswerCheck.LOST)).isEqualTo(2);
    }

    @Test
    void shouldFindAnAnswerOutOfADroppedFrame() throws Exception {
        final List<Answer> answers = new ArrayList<>(log.frame(1, 1_000, records, OPEN));
        records.add(WrittenLog.marker(2));
        answers.addAll(log.frame(1, 1_000, records, CREDIT));
        final Findings findings = check(List.of(OPEN, CREDIT), answers);
        assertThat(kinds(findings)).containsExactly(AnswerCheck.ZOMBIE);
    }

    @Test
    void shouldFindTwoEffectsOfOneKey() throws Exception {
        final List<Answer> answers;
        try (WrittenLog forgetful = new WrittenLog(1_000)) {
            answers = forgetful.frame(1, 1_000, records, OPEN, CREDIT);
            forgetful.frame(1, 9_000, records, CREDIT);
        }
        final Findings findings = check(List.of(OPEN, CREDIT), answers);
        // The production model sees it too.
        assertThat(kinds(findings))
                .contains(AnswerCheck.DOUBLED)
                .isSubsetOf(AnswerCheck.DOUBLED, AnswerCheck.CONTRADICTION);
    }

    @Test
    void shouldFindAnotherOutcomeThanTold() throws Exception {
        final List<Answer> answers = new ArrayList<>(log.frame(1, 1_000, records, OPEN, CREDIT));
        final Answer told = answers.getLast();
        answers.set(
                1,
                new Answer(
                        told.kind(), 201, 0, told.sequence(), told.balance() + 1, 100, false, ""));
        assertThat(kinds(check(List.of(OPEN, CREDIT), answers))).containsExactly(AnswerCheck.OTHER);
    }

    @Test
    void shouldFindAnEffectThatIsNotTheCommands() throws Exception {
        final List<Answer> answers = log.frame(1, 1_000, records, OPEN, CREDIT);
        final Ask other = new Ask(CREDIT.number(), 1, Op.CREDIT, 51);
        assertThat(kinds(check(List.of(OPEN, other), answers))).containsExactly(AnswerCheck.HALF);
    }

    @Test
    void shouldFindWhatNobodyAskedFor() throws Exception {
        final List<Answer> answers = log.frame(1, 1_000, records, OPEN, CREDIT);
        assertThat(kinds(check(List.of(OPEN), answers.subList(0, 1))))
                .containsExactly(AnswerCheck.FOREIGN);
    }

    @Test
    void shouldFindWhatNeverGotAnOutcome() throws Exception {
        final List<Answer> answers = log.frame(1, 1_000, records, OPEN, CREDIT);
        assertThat(kinds(check(List.of(OPEN, CREDIT), answers.subList(0, 1))))
                .containsExactly(AnswerCheck.OPEN);
    }

    @Test
    void shouldFindAForkedLog() throws Exception {
        final List<Answer> answers = log.frame(1, 1_000, records, OPEN);
        try (WrittenLog other = new WrittenLog()) {
            other.frame(1, 1_000, records, CREDIT, OPEN);
        }
        assertThat(kinds(check(List.of(OPEN), answers))).containsExactly(AnswerCheck.CONTRADICTION);
    }
}
