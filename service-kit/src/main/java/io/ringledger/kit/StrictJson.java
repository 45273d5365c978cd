package io.ringledger.kit;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.io.JsonEOFException;

import java.io.IOException;
import java.util.Arrays;

/**
 * Reads a JSON document of known objects, strictly, pulled member by member. One per event loop,
 * opened for one document after the other; not thread-safe. Every error is a {@link
 * ProblemException} with the code and the JSON Pointer of the first one in the order of the
 * document:
 *
 * <ul>
 *   <li>{@code malformed_json}: not UTF-8 (UTF-16, UTF-32 and a byte order mark neither), not JSON of
 *       RFC 8259 (comments, single quotes, NaN, leading zeros …), bytes after the document, nesting
 *       beyond 16;
 *   <li>{@code duplicate_member}, {@code unknown_member}, {@code missing_member};
 *   <li>{@code invalid_value}: another type, out of range, not an integer as JSON writes it: {@code
 *       1.0}, {@code 1e3}, {@code "5"}, {@code -0} and numbers of more than 20 characters are
 *       refused.
 * </ul>
 *
 * <p>The length of a document is the business of whoever collected it; names, numbers and strings
 * are bounded by that. Jackson's own check for duplicates is off: it costs a set for every object,
 * and here a member is either known, and marked as seen, or refused.
 *
 * <p>A parser is never closed, except by itself at the end of a document. Closing it would merge the
 * names that it met into a table that all parsers share and copy: made-up names would make that
 * table large and every parser slow. At the end, only known names have been met.
 *
 * <pre>{@code
 * json.open(bytes, offset, length);
 * json.beginObject(MEMBERS);
 * for (int member = json.nextMember(); member >= 0; member = json.nextMember()) {
 *     switch (member) {
 *         case AMOUNT -> amount = json.readLong(1, MAX);
 *         default -> reference = json.readText();
 *     }
 * }
 * json.end();
 * }</pre>
 */
public final class StrictJson {
    /** What {@link #nextMember} answers at the end of the object. */
    public static final int END_OF_OBJECT = -1;

    /** Deepest nesting of a document, ours or not. */
    public static final int MAX_DEPTH = 16;

    private static final int MAX_NUMBER_CHARS = 20;
    private static final int MAX_SHOWN = 160;

    private static final NamedFactory FACTORY = new NamedFactory(factory());
    private static final JsonParser NOTHING = nothing();

    private final Members[] members = new Members[MAX_DEPTH + 1];
    private final int[] seen = new int[MAX_DEPTH + 1];
    private JsonParser parser = NOTHING;
    private int depth;

    /**
     * The members that an object may have, in the order of their indexes, and which it must have.
     * Immutable.
     */
    public static final class Members {
        private final String[] names;
        private final int required;

        private Members(final String[] names, final int required) {
            if (names.length > 31) {
                throw new IllegalArgumentException("too many members: count=" + names.length);
            }
            this.names = names;
            this.required = required;
        }

        /** Members that must be there; their indexes are their places, from 0. */
        public static Members required(final String... names) {
            return new Members(names.clone(), (1 << names.length) - 1);
        }

        /** Members that may be there; their indexes follow those before. */
        public Members optional(final String... more) {
            final String[] all = Arrays.copyOf(names, names.length + more.length);
            System.arraycopy(more, 0, all, names.length, more.length);
            return new Members(all, required);
        }

        private int indexOf(final String name) {
            for (int i = 0; i < names.length; i++) {
                if (names[i].equals(name)) {
                    return i;
                }
            }
            return -1;
        }
    }

    /** Starts with another document, up to the next call; the bytes must not change meanwhile. */
    public void open(final byte[] bytes, final int offset, final int length)
            throws ProblemException {
        parser = NOTHING;
        depth = 0;
        if (!Utf8.isValid(bytes, offset, offset + length)) {
            throw malformed("the body is not valid UTF-8");
        }
        try {
            parser = FACTORY.createParser(bytes, offset, length);
        } catch (final IOException e) {
            throw malformed(e);
        }
        if (next() == null) {
            throw malformed("the body is empty");
        }
    }

    /** Expects an object here, with these members. */
    public void beginObject(final Members expected) throws ProblemException {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            throw wrongType("an object");
        }
        depth++;
        members[depth] = expected;
        seen[depth] = 0;
    }

    /**
     * Goes to the value of the next member of the object and answers the member's index, or {@link
     * #END_OF_OBJECT}: then every required member has been there, and the object is done.
     */
    public int nextMember() throws ProblemException {
        if (next() == JsonToken.END_OBJECT) {
            final int missing = members[depth].required & ~seen[depth];
            if (missing != 0) {
                throw missing(Integer.numberOfTrailingZeros(missing));
            }
            depth--;
            return END_OF_OBJECT;
        }
        final int member;
        try {
            member = members[depth].indexOf(parser.currentName());
        } catch (final IOException e) {
            throw malformed(e);
        }
        if (member < 0) {
            throw at(ProblemCode.UNKNOWN_MEMBER, "is not a member of this object");
        }
        final int bit = 1 << member;
        if ((seen[depth] & bit) != 0) {
            throw at(ProblemCode.DUPLICATE_MEMBER, "occurs twice");
        }
        seen[depth] |= bit;
        next();
        return member;
    }

    /**
     * Which members the object had that has just ended, a bit for each index: for objects whose
     * members depend on each other.
     */
    public int seenMembers() {
        return seen[depth + 1];
    }

    /** Expects an array here. */
    public void beginArray() throws ProblemException {
        if (parser.currentToken() != JsonToken.START_ARRAY) {
            throw wrongType("an array");
        }
    }

    /** Goes to the next element of the array; false at its end. */
    public boolean nextElement() throws ProblemException {
        return next() != JsonToken.END_ARRAY;
    }

    /** Expects a JSON integer within the bounds, both included. */
    public long readLong(final long min, final long max) throws ProblemException {
        if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT) {
            throw wrongType("an integer from " + min + " to " + max);
        }
        try {
            if (parser.getTextLength() <= MAX_NUMBER_CHARS
                    && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER) {
                final long value = parser.getLongValue();
                final boolean negativeZero = value == 0 && parser.getTextLength() > 1;
                if (value >= min && value <= max && !negativeZero) {
                    return value;
                }
            }
        } catch (final IOException e) {
            throw malformed(e);
        }
        throw at(ProblemCode.INVALID_VALUE, "must be an integer from " + min + " to " + max);
    }

    /** Expects a string. */
    public String readText() throws ProblemException {
        if (parser.currentToken() != JsonToken.VALUE_STRING) {
            throw wrongType("a string");
        }
        try {
            return parser.getText();
        } catch (final IOException e) {
            throw malformed(e);
        }
    }

    /** Expects the end of the document, and lets go of it. */
    public void end() throws ProblemException {
        if (next() != null) {
            throw malformed("there is more after the end of the document");
        }
        parser = NOTHING;
    }

    /** The JSON Pointer of the current value; allocates. */
    public String pointer() {
        return parser.getParsingContext().pathAsPointer().toString();
    }

    /** An error of the current value, to be thrown. */
    public ProblemException at(final ProblemCode code, final String detail) {
        return new ProblemException(Problem.ofMember(code, pointer(), detail));
    }

    /** An error that the current object lacks its member {@code index}, to be thrown. */
    private ProblemException missing(final int index) {
        final String name = members[depth].names[index];
        // At the end of an object Jackson's context is the one around it.
        return new ProblemException(
                Problem.ofMember(ProblemCode.MISSING_MEMBER, pointer() + "/" + name, "is missing"));
    }

    /** An object or array that stands where it must not is still read, for its syntax and depth. */
    private ProblemException wrongType(final String expected) throws ProblemException {
        final ProblemException wrong = at(ProblemCode.INVALID_VALUE, "must be " + expected);
        try {
            parser.skipChildren();
        } catch (final IOException e) {
            throw malformed(e);
        }
        return wrong;
    }

    private JsonToken next() throws ProblemException {
        try {
            return parser.nextToken();
        } catch (final IOException e) {
            throw malformed(e);
        }
    }

    private static ProblemException malformed(final IOException e) {
        if (e instanceof StreamConstraintsException) {
            return malformed("the body is nested deeper than " + MAX_DEPTH);
        }
        if (e instanceof JsonEOFException) {
            return malformed("the body ends in the middle of a value");
        }
        if (!(e instanceof final JsonProcessingException cause)) {
            return malformed("the body cannot be read");
        }
        final String reason = Texts.presentable(cause.getOriginalMessage(), MAX_SHOWN);
        final var location = cause.getLocation();
        return malformed(
                location == null
                        ? reason
                        : "line " + location.getLineNr() + ", column " + location.getColumnNr()
                                + ": " + reason);
    }

    private static ProblemException malformed(final String detail) {
        return new ProblemException(Problem.of(ProblemCode.MALFORMED_JSON, detail));
    }

    private static JsonParser nothing() {
        try {
            return FACTORY.createParser(new byte[0]);
        } catch (final IOException e) {
            throw new IllegalStateException("a parser of no bytes failed", e);
        }
    }

    private static JsonFactoryBuilder factory() {
        return new JsonFactoryBuilder()
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(MAX_DEPTH)
                        // Bounded by the length of the body; their own limits are invalid_value.
                        .maxDocumentLength(-1)
                        .maxNumberLength(Integer.MAX_VALUE)
                        .maxStringLength(Integer.MAX_VALUE)
                        .maxNameLength(Integer.MAX_VALUE)
                        .build())
                // Always UTF-8; names that clients make up do not stay in the JVM's string table.
                .disable(JsonFactory.Feature.CHARSET_DETECTION)
                .disable(JsonFactory.Feature.INTERN_FIELD_NAMES);
    }

    /** How many names the table holds that all parsers share. */
    static int sharedNames() {
        return FACTORY.sharedNames();
    }

    /** A factory that tells about its table of names. */
    private static final class NamedFactory extends JsonFactory {
        private static final long serialVersionUID = 1;

        NamedFactory(final JsonFactoryBuilder builder) {
            super(builder);
        }

        int sharedNames() {
            return _byteSymbolCanonicalizer.size();
        }
    }
}
