package io.ringledger.readmodel;

/** Where the password of a role comes from. Thread-safe. */
interface PasswordSource {
    /** The one for a connection that is made now; blocks where {@link #isFixed} is false. */
    String password();

    /** True if it is always the same, and there at once. */
    boolean isFixed();

    /**
     * One that somebody has set.
     *
     * @param password part of no text of this object
     */
    record Fixed(String password) implements PasswordSource {
        @Override
        public boolean isFixed() {
            return true;
        }

        @Override
        public String toString() {
            return "a password";
        }
    }
}
