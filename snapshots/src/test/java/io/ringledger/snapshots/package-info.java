@NullMarked
package io.ringledger.snapshots;

import org.jspecify.annotations.NullMarked;
