/**
 * Bearer tokens: signed JWTs whose keys come from a JSON Web Key Set. Says who sends a request and
 * what they may do, before anything of its body is read.
 */
@NullMarked
package io.ringledger.kit.auth;

import org.jspecify.annotations.NullMarked;
