package io.ringledger.kit;

/**
 * A request that is refused before anything was done. Carries no stack trace: it is an answer, not
 * a fault.
 */
public final class ProblemException extends Exception {
    private static final long serialVersionUID = 1;

    private final transient Problem problem;

    /** Refuses with {@code problem}. */
    public ProblemException(final Problem problem) {
        super(problem.detail(), null, false, false);
        this.problem = problem;
    }

    /** The answer. */
    public Problem problem() {
        return problem;
    }
}
