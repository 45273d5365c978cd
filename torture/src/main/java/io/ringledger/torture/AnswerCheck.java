package io.ringledger.torture;

import io.ringledger.model.ResultCode;

/** Holds what a client was told against what the log says. Stateless. */
final class AnswerCheck {
    static final String LOST = "lost: acknowledged, not in the log";
    static final String ZOMBIE = "zombie: acknowledged, in a frame that readers drop";
    static final String DOUBLED = "doubled: more than one effect";
    static final String OTHER = "other outcome in the log than acknowledged";
    static final String HALF = "half applied: an effect that is not the command's";
    static final String FOREIGN = "foreign: in the log, never asked for";
    static final String OPEN = "unresolved: asked for to the end without an outcome";
    static final String CONTRADICTION = "partitions whose log contradicts itself";
    static final String WRONG_REFUSAL = "refused against the balance";

    private AnswerCheck() {}

    /**
     * Share of commands that once had no answer.
     *
     * @param unanswered had at least one attempt without an outcome before the first one
     * @param tookEffect of those had been decided by such an attempt
     */
    record Unknowns(long unanswered, long tookEffect) {}

    static Unknowns check(final History history, final LogOracle log, final Findings findings) {
        final Effects effects = log.effects();
        long acknowledged = 0;
        long unanswered = 0;
        long tookEffect = 0;
        for (int number = 0; number < history.count(); number++) {
            final int count = effects.count(number);
            if (count > 1) {
                findings.add(DOUBLED, text(number, history) + ", effects " + count);
            }
            if (count > 0) {
                requireSameCommand(number, history, effects, findings);
            }
            if (history.isAnswered(number)) {
                acknowledged++;
                requireSameOutcome(number, history, effects, findings);
            } else {
                findings.add(OPEN, text(number, history) + ", effects " + count);
            }
            if (history.isUnknown(number)) {
                unanswered++;
                if (history.isAnswered(number) ? history.isFirstReplayed(number) : count > 0) {
                    tookEffect++;
                }
            }
        }
        findings.checked(LOST, acknowledged);
        findings.checked(ZOMBIE, acknowledged);
        findings.checked(DOUBLED, history.asked());
        findings.checked(OTHER, acknowledged);
        findings.checked(HALF, history.asked());
        findings.checked(FOREIGN, history.asked());
        findings.checked(OPEN, history.asked());
        findings.checked(WRONG_REFUSAL, acknowledged);
        findings.addAll(FOREIGN, effects.foreign(), "events with keys of no command");
        findings.checked(CONTRADICTION, log.folds().size());
        for (final PartitionFold fold : log.folds()) {
            if (!fold.contradiction().isEmpty()) {
                findings.add(CONTRADICTION, fold.contradiction());
            }
            findings.addAll(
                    WRONG_REFUSAL, fold.wrongRefusals(), "in partition " + fold.partition());
        }
        history.violations()
                .forEach((name, count) ->
                        findings.addAll(name, count, history.examples().toString()));
        for (final String name : new String[] {
            "two outcomes of one key", "said not applied, and was", "unexpected answers",
        }) {
            findings.checked(name, history.answers());
        }
        findings.checked("a key took another content", history.forged());
        return new Unknowns(unanswered, tookEffect);
    }

    private static void requireSameCommand(
            final int number,
            final History history,
            final Effects effects,
            final Findings findings) {
        if (effects.account(number) != history.account(number)
                || effects.op(number) != history.op(number)
                || effects.amount(number) != history.amount(number)) {
            findings.add(HALF, text(number, history) + ", log " + log(number, effects));
        }
    }

    private static void requireSameOutcome(
            final int number,
            final History history,
            final Effects effects,
            final Findings findings) {
        final boolean isThere = effects.count(number) > 0;
        if (isThere && isSame(number, history, effects)) {
            return;
        }
        final String what = text(number, history) + ", log " + log(number, effects);
        if (effects.fencedSequence(number) == history.sequence(number)) {
            findings.add(ZOMBIE, what);
        } else {
            findings.add(isThere ? OTHER : LOST, what);
        }
    }

    private static boolean isSame(final int number, final History history, final Effects effects) {
        if (effects.partition(number) != history.partition(number)
                || effects.sequence(number) != history.sequence(number)) {
            return false;
        }
        final boolean isAccepted = effects.resultCode(number) == ResultCode.ACCEPTED.number();
        if (!isAccepted) {
            return nameOf(effects.resultCode(number)).equals(history.code(number));
        }
        return history.code(number).equals("accepted")
                && effects.balance(number) == history.balance(number)
                && effects.limit(number) == history.limit(number);
    }

    private static String nameOf(final int number) {
        for (final ResultCode code : ResultCode.values()) {
            if (code.number() == number) {
                return code.wireName();
            }
        }
        return "code " + number;
    }

    private static String text(final int number, final History history) {
        return "command " + number + " (" + history.op(number) + " " + history.amount(number)
                + " on " + Ask.accountId(history.account(number)) + ") was told "
                + (history.isAnswered(number)
                        ? history.code(number) + " at " + history.partition(number) + "-"
                                + history.sequence(number) + ", balance "
                                + history.balance(number)
                        : "nothing");
    }

    private static String log(final int number, final Effects effects) {
        if (effects.count(number) == 0) {
            return "nothing, dropped at " + effects.fencedSequence(number);
        }
        return nameOf(effects.resultCode(number)) + " at " + effects.partition(number) + "-"
                + effects.sequence(number) + " (" + effects.op(number) + " "
                + effects.amount(number) + " on " + Ask.accountId(effects.account(number))
                + "), balance " + effects.balance(number);
    }
}
